// SPDX-License-Identifier: Apache-2.0
// Places: a directory and a cgroup for each run, and the killing and clearing away of what a run leaves there.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "daemon/execd/settings.hpp"
#include "platform/loop/loop.hpp"
#include "platform/process/cgroup.hpp"

namespace duet::execd {

struct Place {
  std::string name;  ///< KIND RUN "-" TIME: never used twice in a boot, though run numbers may be
  std::string directory;
  std::string cgroup;  ///< empty if there are none
};

class Places {
 public:
  /// Makes the directory of operations. Error: storage. That there is no cgroup is no error: see cgroups().
  static Result<std::unique_ptr<Places>> open(Loop& loop, const Settings& settings);
  Places(const Places&) = delete;
  Places& operator=(const Places&) = delete;

  /// Error: storage.
  Result<Place> make(char kind, std::uint64_t run);
  /// What earlier processes of duet-execd left, in the order in which it was made.
  [[nodiscard]] std::vector<Place> found() const;
  /// Kills all that a run left there, then calls back: after at most 5 s, whether or not everything died.
  void kill(const Place& place, std::function<void()> done);
  /// Removes directory and cgroup. A service that goes on keeps its cgroup; it is removed after the service has gone.
  void discard(const Place& place);
  /// Hierarchy in which the cgroups are, nothing if there is none: agents then run in a session of their own only.
  [[nodiscard]] std::optional<std::string> cgroups() const;

 private:
  struct Kill {
    Place place;
    Instant deadline;
    std::function<void()> done;
  };
  Places(Loop& loop, std::string directory);
  [[nodiscard]] Place place_named(const std::string& name) const;
  bool kill_once(const Place& place) const;
  void continue_kills();
  void sweep();

  Loop& loop_;
  std::string directory_;
  std::optional<CgroupTree> cgroups_;
  std::vector<Kill> kills_;
  std::set<std::string> busy_cgroups_;
  Timer kill_timer_;
  Timer sweep_timer_;
};

}  // namespace duet::execd
