// SPDX-License-Identifier: Apache-2.0
// Configurations and commits in their envelope, and the hash chain.
#include "core/codec/config_codec.hpp"

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "core/base/limits.hpp"
#include "core/codec/config_wire.hpp"
#include "core/codec/envelope.hpp"

namespace duet {

namespace {

/// Length before content: no two different lists of fields give the same bytes.
void put_counted(ByteWriter& out, ByteView data) {
  out.put_le(static_cast<std::uint64_t>(data.size()));
  out.put(data);
}

Bytes body_of(const ClusterConfig& config) {
  v1::ClusterConfig wire;
  put(wire, config);
  Bytes out(wire.ByteSizeLong());
  wire.SerializeWithCachedSizesToArray(out.data());
  return out;
}

}  // namespace

Bytes encode(const ClusterConfig& config) {
  v1::ClusterConfig wire;
  put(wire, config);
  return v1::seal(v1::Kind::config, wire);
}

Result<ClusterConfig> decode_config(ByteView bytes) {
  return v1::unseal<v1::ClusterConfig, ClusterConfig>(v1::Kind::config, bytes, limits::snapshot_total, "configuration");
}

Bytes encode(const ConfigEntry& entry) {
  v1::ConfigEntry wire;
  put(wire, entry);
  return v1::seal(v1::Kind::entry, wire);
}

Result<ConfigEntry> decode_entry(ByteView bytes) {
  return v1::unseal<v1::ConfigEntry, ConfigEntry>(v1::Kind::entry, bytes, limits::snapshot_total, "commit");
}

std::string entry_hash(const ConfigEntry& entry) {
  ByteWriter out;
  put_counted(out, as_bytes("duet commit 1"));  // what is hashed and how; another form would get another name
  put_counted(out, as_bytes(entry.previous_hash));
  out.put_le(entry.position.epoch);
  out.put_le(entry.position.index);
  put_counted(out, as_bytes(entry.author));
  put_counted(out, as_bytes(entry.command));
  out.put_le(static_cast<std::uint64_t>(entry.unix_ms));
  put_counted(out, body_of(entry.config));
  return to_hex(sha256(out.bytes()));
}

Result<void> verify_entry(const ConfigEntry& entry) {
  if (entry.hash == entry_hash(entry)) return {};
  return fail(Errc::malformed, fmt::format("commit {}.{} refused", entry.position.epoch, entry.position.index),
              "hash: it does not fit the content");
}

Result<void> verify_chain(std::span<const ConfigEntry> entries) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (Result<void> own = verify_entry(entries[i]); !own) return own;
    if (i == 0) continue;
    const ConfigEntry& before = entries[i - 1];
    const auto subject = [&] {
      return fmt::format("commit {}.{} refused", entries[i].position.epoch, entries[i].position.index);
    };
    if (entries[i].position <= before.position) {
      return fail(Errc::malformed, subject(), "position: not after the commit before it");
    }
    if (entries[i].previous_hash != before.hash) {
      return fail(Errc::malformed, subject(), "previous_hash: not the hash of the commit before it");
    }
  }
  return {};
}

}  // namespace duet
