// SPDX-License-Identifier: Apache-2.0
// Cgroups of agents below the one that systemd gave to this service: what is in one can be killed as a whole, however
// often it forked. Version 1 (any writable hierarchy, preferably systemd's own) and version 2.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace duet {

/// Where the cgroup of this process is in the file system. `mountinfo` and `cgroup` are the texts of
/// /proc/self/mountinfo and /proc/self/cgroup. Pure. Candidates in the order in which they should be tried.
struct CgroupPlace {
  std::string directory;  ///< absolute path of the own cgroup
  std::string hierarchy;  ///< "unified", "name=systemd", "pids", ...
};
[[nodiscard]] std::vector<CgroupPlace> cgroup_places(std::string_view mountinfo, std::string_view cgroup);

/// A directory of cgroups, one for each run. Nothing in here blocks.
class CgroupTree {
 public:
  /// Makes the directory `name` below the own cgroup, in the first hierarchy where that is possible. Error:
  /// not_permitted if there is none; agents then run without a cgroup and are killed as the descendants of their
  /// supervisor.
  static Result<CgroupTree> create(const std::string& name);

  /// Makes a cgroup. Error: backend.
  Result<std::string> make(const std::string& name);
  /// Sends SIGKILL to everything in it. Call again until is_empty(): on version 1 a fork may slip through.
  static void kill(const std::string& directory);
  /// True if it holds no process, or does not exist.
  [[nodiscard]] static bool is_empty(const std::string& directory);
  /// Removes what is empty; false if something lives in it.
  static bool remove(const std::string& directory);
  /// The process in it whose parent is not in it: the main process of a service, if there is exactly one such, else 0.
  [[nodiscard]] static pid_t main_process(const std::string& directory);
  /// Path that make() gave or would give.
  [[nodiscard]] std::string path(const std::string& name) const { return root_ + '/' + name; }
  /// Names of all that exist.
  [[nodiscard]] std::vector<std::string> list() const;
  [[nodiscard]] const std::string& hierarchy() const { return hierarchy_; }

 private:
  CgroupTree(std::string root, std::string hierarchy) : root_{std::move(root)}, hierarchy_{std::move(hierarchy)} {}
  std::string root_;
  std::string hierarchy_;
};

}  // namespace duet
