// SPDX-License-Identifier: Apache-2.0
// All checkers together, over one model of the nodes.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "tests/checker/checkers.hpp"

namespace duet::checker {

class Suite {
 public:
  Suite();
  Suite(const Suite&) = delete;
  Suite& operator=(const Suite&) = delete;

  void on(Duration now, const TraceEvent& event);
  /// The first violation that was found, if any.
  [[nodiscard]] const std::optional<Violation>& violation() const { return first_; }
  /// Checker id -> how often it was evaluated.
  [[nodiscard]] std::map<std::string, std::uint64_t> evaluations() const;

 private:
  ClusterModel model_;
  Checkers checkers_;
  std::optional<Violation> first_;
};

}  // namespace duet::checker
