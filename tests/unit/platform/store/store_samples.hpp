// SPDX-License-Identifier: Apache-2.0
// Records for the tests of the store, and a state directory of their own.
#pragma once

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "core/codec/config_codec.hpp"
#include "core/codec/ledger_codec.hpp"
#include "platform/store/store_file.hpp"

namespace duet::test {

/// 0700, removed at the end. In memory: a killed process loses nothing there either, and syncs cost nothing.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(const std::string& parent = "/dev/shm") {
    path_ = parent + "/duet-store-XXXXXX";
    REQUIRE(mkdtemp(path_.data()) != nullptr);
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline StoreFile open_store(const std::string& path) {
  auto directory = StateDirectory::open(path);
  REQUIRE(directory);
  auto store = StoreFile::open(std::move(*directory));
  if (!store) FAIL(store.error().what + ": " + store.error().why);
  return std::move(*store);
}

inline BootId boot(char digit) {
  return BootId{std::string(64, digit)};
}

/// A chain of entries in epoch 1, from index 1; each names a cluster of its own, so that bodies differ.
inline std::vector<ConfigEntry> chain(std::uint64_t count, std::size_t filling = 0) {
  std::vector<ConfigEntry> entries;
  std::string previous;
  for (std::uint64_t index = 1; index <= count; ++index) {
    ConfigEntry entry;
    entry.position = {1, index};
    entry.previous_hash = previous;
    entry.author = "root@server1";
    entry.command = "property set x=" + std::to_string(index);
    entry.unix_ms = 1'700'000'000'000 + static_cast<std::int64_t>(index);
    entry.config.name = "tutorial";
    entry.config.nodes = {{NodeId{1}, "server1", {}}, {NodeId{2}, "server4", {}}};
    entry.config.properties["x"] = std::to_string(index);
    for (std::size_t i = 0; i < filling; ++i) {
      entry.config.nodes[0].attributes["filling" + std::to_string(i)] = std::string(4000, 'f');
    }
    entry.hash = previous = entry_hash(entry);
    entries.push_back(std::move(entry));
  }
  return entries;
}

inline Evidence evidence(std::uint32_t number) {
  return {EvidenceKind::fenced, NodeId{2}, boot('b'), "E3-" + std::to_string(number), "vmfence", {}};
}

/// One of each kind, on top of three commits of which two are committed.
inline std::vector<StoreRecord> every_record() {
  std::vector<StoreRecord> records;
  const auto entries = chain(3);
  for (const ConfigEntry& entry : entries) records.emplace_back(StoreEntry{entry});
  records.emplace_back(StoreCommitted{entries[1].position});
  records.emplace_back(StoreJoin{NodeId{1}, {boot('a'), 3}});
  records.emplace_back(StoreJoin{NodeId{2}, {boot('b'), 1}});
  records.emplace_back(StoreEvidence{evidence(1)});
  records.emplace_back(StoreSolo{2, {1, 2}, boot('a'), "E3-1"});
  records.emplace_back(StoreStopFailed{"web", boot('b'), true});
  AdminRequest request;
  request.author = "root@server1";
  request.command = "stonith update vmfence";
  request.body = std::vector<ConfigEdit>{UpdateResource{"vmfence", {{"port", "x"}}, {}, {}}};
  records.emplace_back(StoreOverride{request});
  FenceEvent event;
  event.id = "F-1-1";
  event.target = NodeId{2};
  event.by = NodeId{1};
  event.boot = boot('b');
  records.emplace_back(StoreFenceEvent{event});
  records.emplace_back(StoreDevice{"vmfence", true});
  records.emplace_back(StoreDevice{"deleted", true});
  records.emplace_back(StoreDevice{"deleted", false});
  return records;
}

/// Everything in an image as bytes, to compare; without the text of damage.
inline Bytes bytes_of(const StoreImage& image) {
  ByteWriter writer;
  const auto add = [&writer](const StoreRecord& record) { writer.put(encode(record)); };
  for (const auto& one : image.entries) add(StoreEntry{one});
  add(StoreCommitted{image.committed});
  add(image.solo);
  for (const auto& one : image.joins) add(one);
  for (const auto& one : image.evidence) add(StoreEvidence{one});
  for (const auto& one : image.stop_failed) add(one);
  for (const auto& one : image.overrides) add(StoreOverride{one});
  for (const auto& one : image.fencing) add(StoreFenceEvent{one});
  for (const auto& one : image.verified_devices) add(StoreDevice{one, true});
  return writer.take();
}

}  // namespace duet::test
