// SPDX-License-Identifier: Apache-2.0
// The plan of one run: what kind of cluster, and which faults happen when. Drawn from the seed before anything runs; as
// text it can be edited, replayed and committed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace duet::sim {

/// One fault, or one step of the administrator. `salt` names its own random stream, so that taking another fault out
/// does not change what this one does.
struct Fault {
  std::string kind;    ///< see fault_kinds()
  std::string target;  ///< n1, n2, both, link, d1, d2 (fence devices)
  Duration at{0};
  Duration length{0};
  std::uint64_t salt = 0;
  std::string words;  ///< of kind "command": what the administrator types, see command_request()
  friend bool operator==(const Fault&, const Fault&) = default;
};

struct Plan {
  std::uint64_t seed = 0;
  std::map<std::string, std::int64_t> options;  ///< see draw_plan() for the names and ranges
  std::vector<Fault> faults;                    ///< ascending by time

  /// An option that does not exist is a mistake of the caller: aborts.
  [[nodiscard]] std::int64_t option(std::string_view name) const;
  [[nodiscard]] Duration ms(std::string_view name) const { return std::chrono::milliseconds{option(name)}; }
};

struct FaultKind {
  std::string_view name;
  std::string_view table;   ///< its number in the fault table of invariants.md
  std::string_view target;  ///< node, both, link, device
  Duration shortest;
  Duration longest;
  std::uint32_t weight;
};
[[nodiscard]] const std::vector<FaultKind>& fault_kinds();

/// The plan that belongs to a seed.
[[nodiscard]] Plan draw_plan(std::uint64_t seed);

[[nodiscard]] std::string to_text(const Plan& plan);
/// Options that are not in the text keep the value that the seed gives. Error: the line that is not understood.
[[nodiscard]] Result<Plan> parse_plan(std::string_view text);

}  // namespace duet::sim
