// SPDX-License-Identifier: Apache-2.0
// Feeding all checkers.
#include "tests/checker/suite.hpp"

namespace duet::checker {

Suite::Suite() {
  add_activity_checkers(checkers_, model_);
  add_commit_checkers(checkers_, model_);
  add_fencing_checkers(checkers_, model_);
  add_operation_checkers(checkers_, model_);
  add_order_checker(checkers_);
  add_policy_checkers(checkers_);
  add_liveness_checkers(checkers_, model_);
}

void Suite::on(Duration now, const TraceEvent& event) {
  model_.on(now, event);
  for (const auto& checker : checkers_) {
    checker->on(now, event);
    if (!first_ && !checker->violations().empty()) first_ = checker->violations().front();
  }
}

std::map<std::string, std::uint64_t> Suite::evaluations() const {
  std::map<std::string, std::uint64_t> counts;
  for (const auto& checker : checkers_) counts[checker->id()] += checker->evaluations();
  return counts;
}

}  // namespace duet::checker
