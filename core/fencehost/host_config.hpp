// SPDX-License-Identifier: Apache-2.0
// What duet-virtd takes from fence_virt.conf: values checked, defaults filled in. Pure.
//
// What this version cannot do (other listeners, other back ends) is refused: half a fence device is worse than none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/fencehost/conf_tree.hpp"
#include "core/fencehost/permissions.hpp"
#include "core/xvm/address.hpp"
#include "core/xvm/secret.hpp"

namespace duet::fencehost {

inline constexpr const char* default_conf_file = "/etc/fence_virt.conf";
inline constexpr const char* default_key_file = "/etc/cluster/fence_xvm.key";
inline constexpr std::size_t uris_max = 16;

struct HostConfig {
  std::string key_file;                              ///< default: default_key_file
  xvm::HashType least_hash = xvm::HashType::sha256;  ///< weaker datagrams are dropped
  xvm::HashType auth = xvm::HashType::sha256;        ///< of the challenges, exactly this one
  xvm::Family family = xvm::Family::ipv4;
  xvm::Address group;                        ///< multicast
  std::uint16_t port = 1229;                 ///< UDP, 1 .. 65535
  std::string interface;                     ///< empty: the kernel's choice by its routes
  std::vector<std::string> uris;             ///< 1 .. uris_max
  std::optional<std::vector<Group>> groups;  ///< nullopt: no `groups` section
  bool foreground = false;
  bool wait_for_init = false;
  int debug = 0;
  std::vector<std::string> warnings;  ///< to be logged at start, one line each
};

/// Error: Errc::invalid_config, naming section and value; Errc::refused for what a later version may do.
[[nodiscard]] Result<HostConfig> read_host_config(const ConfNode& root);

}  // namespace duet::fencehost
