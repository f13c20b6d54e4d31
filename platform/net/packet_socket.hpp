// SPDX-License-Identifier: Apache-2.0
// A packet socket on one link for ARP or neighbour discovery; the kernel writes and strips the Ethernet header.
#pragma once

#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "platform/loop/unique_fd.hpp"
#include "platform/net/network.hpp"

namespace duet::net {

enum class PacketKind : std::uint8_t {
  arp,        ///< all ARP packets
  neighbour,  ///< IPv6: neighbour solicitations and advertisements only, filtered in the kernel
};

struct ReceivedPacket {
  Bytes payload;
  MacAddress from{};  ///< source of the Ethernet frame
};

/// Needs CAP_NET_RAW. Non-blocking. Does not receive what this host sends. One thread at a time.
class PacketSocket {
 public:
  /// `link` must be `ethernet`. Errors: not_permitted, backend.
  static Result<PacketSocket> open(const Link& link, PacketKind kind);

  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Also receives frames for this group address until the socket is closed.
  Result<void> join(const MacAddress& group);
  /// Error: backend, e.g. the link is down.
  Result<void> send(const MacAddress& to, ByteView payload);
  /// The next packet; nothing if there is none. Error: backend.
  Result<std::optional<ReceivedPacket>> receive();

 private:
  PacketSocket(UniqueFd fd, int link_index, PacketKind kind) : fd_{std::move(fd)}, index_{link_index}, kind_{kind} {}
  UniqueFd fd_;
  int index_;
  PacketKind kind_;
};

}  // namespace duet::net
