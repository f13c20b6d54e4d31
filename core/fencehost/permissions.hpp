// SPDX-License-Identifier: Apache-2.0
// Who may fence whom: the groups of fence_virt.conf. Fail closed: once there is a `groups` section, whatever it does
// not allow is denied, also if the section or one of its groups is empty (the original allows everything then).
//
// A domain is matched by what libvirt says it is, by name and by UUID, not by the word that the agent sent: a group
// that lists only the UUID also covers a request by name.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/xvm/address.hpp"

namespace duet::fencehost {

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
  explicit Permissions(std::optional<std::vector<Group>> groups) : groups_{std::move(groups)} {}

  [[nodiscard]] bool open() const { return !groups_; }
  /// False for an address that no group names: it is not even called back.
  [[nodiscard]] bool knows(const xvm::Address& source) const;
  [[nodiscard]] bool allows(const xvm::Address& source, const DomainId& domain) const;
  /// The only group that names this domain, by index; nullopt if none or several do. Lanes go by it (protocol.md 8).
  [[nodiscard]] std::optional<std::size_t> only_group_of(const DomainId& domain) const;

 private:
  std::optional<std::vector<Group>> groups_;
};

}  // namespace duet::fencehost
