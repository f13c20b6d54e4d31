// SPDX-License-Identifier: Apache-2.0
// Who may fence whom: the groups of fence_virt.conf. Fail closed: once there is a `groups` section, whatever it does
// not allow is denied, also if the section or one of its groups is empty (the original allows everything then).
//
// A domain is matched by what libvirt says it is, by name and by UUID, not by the word that the agent sent: a group
// that lists only the UUID also covers a request by name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/xvm/address.hpp"

namespace duet::fencehost {

using LaneId = std::uint32_t;
inline constexpr LaneId common_lane = 0;

struct Group {
  std::string name;                     ///< for the log
  std::vector<xvm::Address> addresses;  ///< who may ask
  std::vector<std::string> domains;     ///< names or UUIDs, compared without case
};

/// A domain as the hypervisor knows it.
struct DomainId {
  std::string name;
  std::string uuid;
  friend bool operator==(const DomainId&, const DomainId&) = default;
};

class Permissions {
 public:
  /// nullopt: there is no `groups` section, everything is allowed.
  explicit Permissions(std::optional<std::vector<Group>> groups);

  [[nodiscard]] bool open() const { return !groups_; }
  /// False for an address that no group names: it is not even called back.
  [[nodiscard]] bool knows(const xvm::Address& source) const;
  [[nodiscard]] bool allows(const xvm::Address& source, const DomainId& domain) const;
  /// The lane of a domain: of two that may be in one cluster it is the same (S5). Groups that share an address or a
  /// domain are one; one has a lane of its own if it lists two domains or more, since a group with one victim is half a
  /// cluster, and none of them in several groups. Everything else has the common lane. Whether a name and a UUID in two
  /// groups mean one domain cannot be told here: such groups have the common lane too.
  [[nodiscard]] LaneId lane_of(const DomainId& domain) const;
  /// For the log: which groups wait for others, and why. Empty without groups.
  [[nodiscard]] std::vector<std::string> shared_lanes() const;

 private:
  std::optional<std::vector<Group>> groups_;
  std::vector<LaneId> lanes_;  ///< of each group
};

}  // namespace duet::fencehost
