// SPDX-License-Identifier: Apache-2.0
// A checker watches one invariant. It reads trace events and nothing else, keeps its own model, and never asks the
// core: so it can be wrong in other ways than the core is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "core/trace/trace.hpp"

namespace duet::checker {

struct Violation {
  std::string invariant;  ///< S1a, L3, ...
  Duration at{0};         ///< on the recorder's clock
  std::string text;
};

class Checker {
 public:
  explicit Checker(std::string id) : id_{std::move(id)} {}
  virtual ~Checker() = default;
  Checker(const Checker&) = delete;
  Checker& operator=(const Checker&) = delete;

  /// Takes the next event; times never decrease.
  virtual void on(Duration now, const TraceEvent& event) = 0;

  [[nodiscard]] const std::string& id() const { return id_; }
  /// How often the invariant was really put to the test. 0 over a whole run of seeds is itself a failure.
  [[nodiscard]] std::uint64_t evaluations() const { return evaluations_; }
  [[nodiscard]] const std::vector<Violation>& violations() const { return violations_; }

 protected:
  void evaluated() { ++evaluations_; }
  void violated(Duration now, std::string text) { violations_.push_back({id_, now, std::move(text)}); }

 private:
  std::string id_;
  std::uint64_t evaluations_ = 0;
  std::vector<Violation> violations_;
};

}  // namespace duet::checker
