// SPDX-License-Identifier: Apache-2.0
// Telling the neighbours that an address is here now, and asking whether another host has it.
#pragma once

#include <optional>
#include <span>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "platform/net/network.hpp"

namespace duet::net {

/// True if `link` is one on which neighbours keep tables of addresses: Ethernet, not loopback, ARP not switched off.
/// On others announcing and probing do nothing.
[[nodiscard]] bool can_announce(const Link& link);

/// Sends one round: for IPv4 a gratuitous ARP request and a reply, for IPv6 an unsolicited neighbour advertisement.
/// Needs CAP_NET_RAW. Errors: not_permitted, backend.
[[nodiscard]] Result<void> announce(const Link& link, const IpAddress& address);

/// How long probe_duplicate() listens, counted from its first packet. RFC 5227 waits 1 to 2 s and more; that would be
/// the longest part of a take-over. A host on the same segment answers within a few milliseconds, so three probes at
/// 0, 50 and 100 ms and 50 ms after the last one find it even when two of them are lost.
inline constexpr Duration probe_limit = 150ms;

/// Asks the link whether another host has `address` (RFC 5227 probe, or a solicitation as in RFC 4862 5.4), without
/// disturbing its neighbours' tables. Returns the MAC of the first host that says so, or that asks in the same way,
/// as soon as it does; nothing if nobody has after probe_limit. `own` are MACs whose answers do not count: those of
/// this host's links. Needs CAP_NET_RAW. Errors: not_permitted, backend.
[[nodiscard]] Result<std::optional<MacAddress>> probe_duplicate(const Link& link, const IpAddress& address,
                                                                std::span<const Link> own);

}  // namespace duet::net
