// SPDX-License-Identifier: Apache-2.0
// What the two halves of duet-virtd say to each other over their socket pair: the parser (no rights) gives typed
// orders, the helper (may power domains) answers. One message is one packet. With off, on and reboot the parser passes
// the connection of the requester along, so that the helper can look whether it is still open. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/xvm/address.hpp"
#include "core/xvm/host_list.hpp"

namespace duet::fencehost {

inline constexpr std::size_t power_message_max = 32 * 1024;  ///< far below what a socket pair takes in one packet
inline constexpr std::size_t power_text_max = 1024;          ///< a libvirt error is a line or two
inline constexpr std::size_t list_part_max = 200;            ///< records in one message: 26 KiB
inline constexpr std::size_t listed_domains_max = 10'000;    ///< far above what one host runs

enum class Verb : std::uint8_t {
  probe = 1,  ///< is a hypervisor connected?
  lookup,     ///< does the domain exist, may the source act on it, which lane has it?
  status,     ///< lookup, and its state
  list,       ///< what the source may see
  off,
  on,
  reboot,
};
[[nodiscard]] std::string_view to_string(Verb verb);
/// off, on, reboot: those that take a lane.
[[nodiscard]] bool changes_power(Verb verb);

struct Order {
  std::uint64_t id = 0;
  Verb verb = Verb::probe;
  xvm::Address source;  ///< for the groups
  std::string domain;   ///< name or UUID, as the agent sent it; empty for probe and list
  Instant issued{};     ///< boot-time clock of this machine, shared by both halves; an old order is not carried out
  friend bool operator==(const Order&, const Order&) = default;
};

enum class OutcomeCode : std::uint8_t {
  done = 1,
  failed,
  unknown_domain,
  denied,
  requester_gone,  ///< its connection was closed before the hypervisor was called: nothing was done
  unreachable,     ///< no hypervisor answers
  off_verified,    ///< of a reboot: the fencing is done, the domain is being started; another Outcome follows
};
[[nodiscard]] std::string_view to_string(OutcomeCode code);

struct Outcome {
  std::uint64_t id = 0;
  OutcomeCode code = OutcomeCode::failed;
  std::uint32_t lane = 0;  ///< of lookup
  std::uint8_t state = 0;  ///< of status: libvirt's domain state
  std::string text;        ///< for the log: what happened, or why not; may be empty
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

struct ListPart {
  std::uint64_t id = 0;
  std::vector<xvm::HostRecord> records;
  friend bool operator==(const ListPart&, const ListPart&) = default;
};  ///< an Outcome ends the list

enum class NoteLevel : std::uint8_t { info = 1, warning, error };
struct Note {  ///< a line for the log: only the parser has one
  NoteLevel level = NoteLevel::info;
  std::string text;
  friend bool operator==(const Note&, const Note&) = default;
};

struct Backend {
  std::uint32_t connected = 0;
  std::uint32_t configured = 0;
  friend bool operator==(const Backend&, const Backend&) = default;
};

using PowerReply = std::variant<Outcome, ListPart, Note, Backend>;

/// Texts that are too long are cut.
[[nodiscard]] Bytes encode(const Order& order);
[[nodiscard]] Bytes encode(const PowerReply& reply);
/// Errors: Errc::malformed, Errc::limit.
[[nodiscard]] Result<Order> decode_order(ByteView bytes);
[[nodiscard]] Result<PowerReply> decode_power_reply(ByteView bytes);

}  // namespace duet::fencehost
