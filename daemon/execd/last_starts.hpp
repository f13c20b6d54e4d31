// SPDX-License-Identifier: Apache-2.0
// LastStarts: with what each resource was started here last. Until the next start that is what it is stopped and looked
// at with, whatever the configuration says by then: a changed address must be taken down under its old name, and a
// probe for the new one would find nothing while the old one is up.
#pragma once

#include <map>
#include <string>

#include "core/base/result.hpp"
#include "core/message/exec.hpp"

namespace duet::execd {

class LastStarts {
 public:
  struct Start {
    RunAgent order;
    std::string cgroup;  ///< of the start; empty if there are none
  };
  /// Reads what an earlier process of duet-execd left in `directory`; a file that cannot be read is as none.
  explicit LastStarts(std::string directory);

  /// In a file before the start begins, so that no process of duet-execd forgets it in this boot. Error: storage.
  Result<void> remember(const RunAgent& start, const std::string& cgroup);
  /// It is stopped, or not ours any more.
  void forget(const ObjectId& resource);
  /// Null: none since it was stopped.
  [[nodiscard]] const Start* find(const ObjectId& resource) const;
  /// The order as it is to be carried out: a start as it is, everything else with agent and parameters of the start.
  [[nodiscard]] RunAgent in_force(RunAgent order) const;
  [[nodiscard]] bool differs(const RunAgent& order) const;

 private:
  [[nodiscard]] std::string file(const ObjectId& resource) const { return directory_ + '/' + resource; }

  std::string directory_;
  std::map<ObjectId, Start> starts_;
};

}  // namespace duet::execd
