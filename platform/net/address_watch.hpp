// SPDX-License-Identifier: Apache-2.0
// AddressWatch: tells when an address or a link of this network namespace comes or goes, at once.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "platform/loop/unique_fd.hpp"
#include "platform/net/ip_address.hpp"
#include "platform/net/netlink.hpp"
#include "platform/net/network.hpp"

namespace duet::net {

struct NetEvent {
  enum class Kind : std::uint8_t {
    address_added,    ///< also when flags or lifetime of an address change
    address_removed,  ///< also when the kernel's IPv6 duplicate detection found another owner: it is not usable
    link_up,          ///< up and carrier, was not before
    link_down,        ///< no longer up, no carrier, or deleted
    overflow,         ///< events were lost: read_network() and compare; the other fields are not set
  };
  Kind kind{};
  int link_index = 0;
  std::string link;                                 ///< name; empty if it was never seen
  std::optional<IpAddress> address = std::nullopt;  ///< of address events
  unsigned prefix = 0;                              ///< of address events
};

[[nodiscard]] std::string_view to_string(NetEvent::Kind kind);

/// A non-blocking netlink socket for any event loop: wait until fd() is readable, then call read_events() once.
/// What was there before open() is not reported; to miss nothing call open() first, then read_network().
/// One thread at a time.
class AddressWatch {
 public:
  static Result<std::unique_ptr<AddressWatch>> open();

  [[nodiscard]] int fd() const { return fd_.get(); }

  /// All that has happened since the last call, in order; empty if nothing has. After an overflow there is exactly one
  /// such event, followed by link events for the links that differ from what was known. Error: Errc::backend; the
  /// watch is then of no more use.
  Result<std::vector<NetEvent>> read_events();

 private:
  struct Known {
    std::string name;
    bool usable = false;
  };
  explicit AddressWatch(UniqueFd fd) : fd_{std::move(fd)} {}
  void take_datagram(std::vector<NetEvent>& events, bool& damaged);
  void take_link(const Link& link, bool deleted, std::vector<NetEvent>& events);
  void take_address(const Address& address, bool removed, std::vector<NetEvent>& events);
  Result<void> reread_links(std::vector<NetEvent>& events);

  UniqueFd fd_;
  Bytes buffer_;
  std::map<int, Known> links_;
};

}  // namespace duet::net
