// SPDX-License-Identifier: Apache-2.0
// What several edits share: answers in the words of cli.md section 7, differences, removal with everything that refers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/admin/steps.hpp"

namespace duet::admin {

[[nodiscard]] Error unchanged();
/// "no such resource: 'X'", with the nearest known id.
[[nodiscard]] Error not_found(const ClusterConfig& config, std::string_view kind, std::string_view id);
/// What the id is used for, or empty: "resource", "group", "fence device", "constraint".
[[nodiscard]] std::string_view kind_of(const ClusterConfig& config, std::string_view id);
/// An error if the id is in use by something of another kind.
[[nodiscard]] Outcome taken(const ClusterConfig& config, std::string_view id, std::string_view wanted_kind);

/// Sets, or removes where the value is empty. True if something changed.
bool merge(Attributes& to, const Attributes& values);

/// Collects "ip: 10.0.0.1 (now)  10.0.0.2 (asked)" and the arguments that would change it.
struct Difference {
  std::vector<std::string> lines;
  std::vector<std::string> arguments;
  void add(std::string_view name, std::string_view now, std::string_view asked, std::string argument);
  void attributes(const Attributes& now, const Attributes& asked);
  void operations(const std::vector<Operation>& now, const std::vector<Operation>& asked);
};
/// E07: "ID exists with other settings".
[[nodiscard]] Error exists(std::string_view id, std::string_view command, const Difference& difference);

/// "monitor interval=30s timeout=20s", as it is typed after `op`.
[[nodiscard]] std::string operation_text(const Operation& operation);

/// Removes every constraint that names the resource or group.
void drop_constraints(ClusterConfig& config, std::string_view id);
/// Takes a primitive out of its group; a group without members goes, with its constraints.
void leave_group(ClusterConfig& config, std::string_view member);

}  // namespace duet::admin
