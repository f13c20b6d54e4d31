// SPDX-License-Identifier: Apache-2.0
// The request datagram: 176 bytes, little endian, signed with a keyed digest. docs/protocol/fence-xvm.md has the
// layout.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/xvm/address.hpp"
#include "core/xvm/secret.hpp"

namespace duet::xvm {

inline constexpr std::size_t request_bytes = 176;
inline constexpr std::size_t domain_length_max = 63;  ///< 64 bytes on the wire, the last one is NUL
inline constexpr std::uint16_t default_port = 1229;   ///< UDP; the originals also listen there for the call-back (TCP)
inline constexpr std::string_view default_group_ipv4 = "225.0.0.12";
inline constexpr std::string_view default_group_ipv6 = "ff05::3:1";
inline constexpr int multicast_hops = 2;  ///< TTL of the originals: one bridge or router away

/// The numbers are those of the wire. Metadata and validate-all are never sent.
enum class Operation : std::uint8_t { null = 0, off = 1, reboot = 2, on = 3, status = 4, monitor = 5, list = 6 };

/// "null", "off", "reboot", "on", "status", "monitor", "list".
[[nodiscard]] std::string_view to_string(Operation operation);

struct Request {
  std::uint8_t operation = 0;  ///< any byte: an unknown one goes through the TCP phase and is answered with "failure"
  HashType hash = HashType::sha256;
  bool uuid_flag = false;   ///< set by agents, ignored by hosts: a UUID is recognised by its form
  std::string domain = {};  ///< name or UUID, at most 63 bytes without NUL, may be empty; foreign text, not validated
  Address callback = {};    ///< where the agent listens, TCP
  std::uint16_t port = 0;
  std::array<std::uint8_t, 6> random = {};  ///< new for each datagram; all zero with HashType::none
  std::uint32_t seqno = 0;                  ///< the same for all datagrams of one run of an agent
  friend bool operator==(const Request&, const Request&) = default;
};

/// The operation if its number is known.
[[nodiscard]] std::optional<Operation> operation_of(const Request& request);

using Datagram = std::array<std::uint8_t, request_bytes>;

/// The request as bytes, with its MAC. `secret` may be nullptr with HashType::none only (invariant).
/// The domain must have at most 63 bytes and no NUL (invariant: whoever reads options checks that).
[[nodiscard]] Datagram encode_request(const Request& request, const Secret* secret);

/// What the check of a datagram came to.
enum class MacVerdict : std::uint8_t {
  good,
  wrong_size,    ///< not 176 bytes
  unknown_hash,  ///< hash type above sha512
  too_weak,      ///< weaker than the minimum
  no_key,        ///< signed, and we have no key
  mismatch,      ///< another key, or changed on its way
};
/// For a log: "wrong size", ...
[[nodiscard]] std::string_view to_string(MacVerdict verdict);

/// Checks a datagram as it came in, before anything else is read from it: size, hash type against `minimum`, MAC in
/// constant time over all 64 bytes. Allocates nothing. Stronger than the minimum is fine. A HashType::none datagram is
/// good only if the minimum is none.
[[nodiscard]] MacVerdict verify_request(ByteView datagram, HashType minimum, const Secret* secret);

/// The fields of a datagram that was verified. Errors: Errc::malformed for another size, an unknown family or hash
/// type, a domain without NUL, port 0. Bytes that the originals do not look at (address length, other flags, what is
/// behind a NUL) are ignored.
[[nodiscard]] Result<Request> decode_request(ByteView datagram);

/// The 64 bytes of the MAC: what a replay memory keeps. Precondition: 176 bytes (invariant).
[[nodiscard]] Block mac_of(ByteView datagram);

}  // namespace duet::xvm
