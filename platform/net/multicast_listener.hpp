// SPDX-License-Identifier: Apache-2.0
// Receives datagrams for a multicast group, and for this machine itself, on one UDP port. Keeps its membership when
// interfaces come, go and come again: refresh() at each link event and every 10 s (V42).
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "platform/loop/unique_fd.hpp"
#include "platform/net/ip_address.hpp"

namespace duet::net {

struct MulticastSettings {
  IpAddress group;
  std::uint16_t port = 0;
  /// Empty: the interface of the route to the group; without such a route every interface that can do multicast.
  /// Else nothing that arrives on another interface (but the loopback) is taken.
  std::string interface = {};
};

struct MulticastDatagram {
  ByteView bytes;  ///< valid during the callback
  IpAddress from;
  std::uint32_t interface = 0;  ///< index of the interface that it came in by
  bool from_here = false;       ///< by the loopback: no other machine can have sent it
};

/// One thread at a time.
class MulticastListener {
 public:
  /// Binds the wildcard address: agents may also send to the machine itself. Joins nothing yet. Errors:
  /// invalid_argument (not a multicast address), busy (the port is taken), backend.
  static Result<MulticastListener> open(MulticastSettings settings);

  [[nodiscard]] int fd() const { return fd_.get(); }

  /// Joins where it should and has not, or leaves and joins again where it has: that makes the kernel tell the bridges
  /// and switches. Returns the names of the interfaces with a membership; empty while there is none. Error: backend,
  /// for what will not pass by waiting (no interface at all is not an error).
  Result<std::vector<std::string>> refresh();

  /// Hands over what has arrived, at most `most` datagrams, each whole: one longer than `size` arrives as size + 1
  /// bytes. Returns how many there were. Never ends the listening: errors of single datagrams are skipped (V41).
  std::size_t receive(std::size_t most, std::size_t size, const std::function<void(const MulticastDatagram&)>& take);

  /// Datagrams that arrived on another interface than the configured one.
  [[nodiscard]] std::uint64_t elsewhere() const { return elsewhere_; }

 private:
  MulticastListener(MulticastSettings settings, UniqueFd fd) : settings_{std::move(settings)}, fd_{std::move(fd)} {}
  [[nodiscard]] int change(bool join, int index) const;

  MulticastSettings settings_;
  UniqueFd fd_;
  std::set<int> joined_;  ///< interface indices; 0: the kernel chose
  int only_ = 0;          ///< index of the configured interface, 0 if there is none (yet)
  std::uint64_t elsewhere_ = 0;
  Bytes buffer_;
};

}  // namespace duet::net
