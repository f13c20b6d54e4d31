// SPDX-License-Identifier: Apache-2.0
// Many seeds on several processes. Processes and not threads: a core that aborts takes only its own seed along, and the
// parent knows which one that was.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/base/time.hpp"

namespace duet::sim {

struct FarmOptions {
  std::uint64_t first_seed = 1;
  std::optional<std::uint64_t> last_seed;  ///< absent: until the time is over
  Duration time{0};                        ///< real time; 0 = no limit
  std::uint64_t min_seeds = 0;             ///< go on past `time` until so many are done
  unsigned jobs = 1;
  bool self_check = false;  ///< every 20th seed twice, traces compared
  bool keep_going = false;
  std::size_t shrink_runs = 0;
  std::string mutant;  ///< a seed counts as failed only if it passes without this mistake
  std::string commit;
  std::string plan_directory;  ///< where shrunk plans go; empty = nowhere
};

struct FarmResult {
  int exit_status = 0;  ///< of the worst seed
  std::uint64_t seeds = 0;
  std::uint64_t failed = 0;
  std::uint64_t first_failed = 0;
  std::uint64_t events = 0;
  Duration virtual_time{0};
  Duration real_time{0};
  std::map<std::string, std::uint64_t> evaluations;
};

[[nodiscard]] FarmResult run_farm(const FarmOptions& options);

}  // namespace duet::sim
