// SPDX-License-Identifier: Apache-2.0
// The store: what was said to be durable is there after it is opened again.
#include "platform/store/store_file.hpp"

#include <algorithm>

#include "tests/unit/platform/store/store_samples.hpp"

namespace duet::test {
namespace {

TEST_CASE("store: a new one is empty and not damaged", "[store]") {
  const TemporaryDirectory directory;
  for (int start = 0; start < 2; ++start) {
    const StoreImage image = open_store(directory.path()).take_image();
    CHECK(image.damaged.empty());
    CHECK(image.entries.empty());
    CHECK(image.committed == ConfigPosition{});
  }
}

TEST_CASE("store: every kind of record comes back as it was written", "[store]") {
  const TemporaryDirectory directory;
  const auto entries = chain(3);
  {
    StoreFile store = open_store(directory.path());
    REQUIRE(store.write(every_record()));
  }
  const StoreImage image = open_store(directory.path()).take_image();
  CHECK(image.damaged.empty());
  CHECK(image.entries == entries);
  CHECK(image.committed == ConfigPosition{1, 2});
  CHECK(image.solo.epoch == 2);
  CHECK(image.solo.base == ConfigPosition{1, 2});
  CHECK(image.solo.boot == boot('a'));
  CHECK(image.solo.evidence == "E3-1");
  REQUIRE(image.joins.size() == 2);
  CHECK(image.joins[1].incarnation == Incarnation{boot('b'), 1});
  CHECK(image.evidence == std::vector{evidence(1)});
  REQUIRE(image.stop_failed.size() == 1);
  CHECK(image.stop_failed[0].resource == "web");
  REQUIRE(image.overrides.size() == 1);
  CHECK(image.overrides[0].command == "stonith update vmfence");
  REQUIRE(image.fencing.size() == 1);
  CHECK(image.fencing[0].id == "F-1-1");
  CHECK(image.verified_devices == std::vector<ObjectId>{"vmfence"});
}

TEST_CASE("store: later records replace, clear and abandon earlier ones", "[store]") {
  const TemporaryDirectory directory;
  {
    StoreFile store = open_store(directory.path());
    REQUIRE(store.write(every_record()));
    REQUIRE(store.write({StoreJoin{NodeId{2}, {boot('c'), 1}}, StoreStopFailed{"web", boot('b'), false},
                         StoreClearOverrides{}, StoreAbandon{{1, 2}}}));
  }
  const StoreImage image = open_store(directory.path()).take_image();
  CHECK(image.damaged.empty());
  CHECK(image.entries.size() == 2);
  CHECK(image.joins.back().incarnation.boot == boot('c'));
  CHECK(image.stop_failed.empty());
  CHECK(image.overrides.empty());
}

TEST_CASE("store: a prepared entry of the same position is replaced", "[store]") {
  const TemporaryDirectory directory;
  auto entries = chain(2);
  {
    StoreFile store = open_store(directory.path());
    REQUIRE(store.write({StoreEntry{entries[0]}, StoreCommitted{{1, 1}}, StoreEntry{entries[1]}}));
    entries[1].command = "another one";
    entries[1].hash = entry_hash(entries[1]);
    REQUIRE(store.write({StoreEntry{entries[1]}}));
  }
  CHECK(open_store(directory.path()).take_image().entries == entries);
}

TEST_CASE("store: one of a newer version is refused and left as it is", "[store][S17]") {
  const TemporaryDirectory directory;
  { REQUIRE(open_store(directory.path()).write(every_record())); }
  {
    auto database = Sqlite::open(directory.file("store.db"));
    REQUIRE(database);
    REQUIRE(database->run("PRAGMA user_version=2"));
  }
  auto state = StateDirectory::open(directory.path());
  REQUIRE(state);
  const auto refused = StoreFile::open(std::move(*state));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::refused);
  CHECK_FALSE(std::filesystem::exists(directory.file("store.db.damaged")));
}

TEST_CASE("store: the newest hundred commits are kept", "[store]") {
  const TemporaryDirectory directory;
  const auto entries = chain(120);
  {
    StoreFile store = open_store(directory.path());
    for (const ConfigEntry& entry : entries) {
      REQUIRE(store.write({StoreEntry{entry}, StoreCommitted{entry.position}}));
    }
  }
  const StoreImage image = open_store(directory.path()).take_image();
  CHECK(image.damaged.empty());
  REQUIRE(image.entries.size() == StoreFile::history);
  CHECK(image.entries.front().position.index == 21);
  CHECK(image.entries.back() == entries.back());
}

TEST_CASE("store: evidence and fence events stay bounded", "[store][S22]") {
  const TemporaryDirectory directory;
  {
    StoreFile store = open_store(directory.path());
    std::vector<StoreRecord> records;
    for (std::uint32_t i = 0; i < StoreFile::evidence_kept + 50; ++i) records.emplace_back(StoreEvidence{evidence(i)});
    REQUIRE(store.write(records));
  }
  const StoreImage image = open_store(directory.path()).take_image();
  REQUIRE(image.evidence.size() == StoreFile::evidence_kept);
  CHECK(image.evidence.back() == evidence(StoreFile::evidence_kept + 49));
}

}  // namespace
}  // namespace duet::test
