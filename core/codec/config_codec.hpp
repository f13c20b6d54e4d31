// SPDX-License-Identifier: Apache-2.0
// Configurations and commits as bytes, and the hash chain over them (docs/protocol/store.md). Equal configurations give
// equal bytes: no map fields, fields in order of their numbers. Pure; from any thread.
#pragma once

#include <span>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/model/config.hpp"

namespace duet {

[[nodiscard]] Bytes encode(const ClusterConfig& config);
/// Checks syntax, lengths, counts, ranges; not what the objects mean to each other (that is validate()).
/// Errors: Errc::malformed, Errc::limit; `why` names the field.
[[nodiscard]] Result<ClusterConfig> decode_config(ByteView bytes);

[[nodiscard]] Bytes encode(const ConfigEntry& entry);
/// As decode_config(). The hash is checked for its form only: see verify_entry().
[[nodiscard]] Result<ConfigEntry> decode_entry(ByteView bytes);

/// SHA-256, 64 lower-case hexadecimal digits, over everything in the entry but `hash` itself.
[[nodiscard]] std::string entry_hash(const ConfigEntry& entry);
/// Error Errc::malformed if `hash` is not entry_hash(entry).
[[nodiscard]] Result<void> verify_entry(const ConfigEntry& entry);
/// Each entry verified, positions strictly ascending, each `previous_hash` the hash of the one before. The first one's
/// predecessor is the caller's to compare.
[[nodiscard]] Result<void> verify_chain(std::span<const ConfigEntry> entries);

}  // namespace duet
