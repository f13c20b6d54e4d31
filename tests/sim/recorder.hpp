// SPDX-License-Identifier: Apache-2.0
// Takes every trace event of a run: hashes it (determinism), gives it to the checkers, keeps the last ones for the
// report, writes the file and the story when asked.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/time.hpp"
#include "core/trace/trace.hpp"
#include "tests/checker/suite.hpp"

namespace duet::sim {

class Recorder {
 public:
  using LineSink = std::function<void(const std::string&)>;

  /// `trace` gets JSON lines, `story` sentences; either may be empty.
  Recorder(checker::Suite& suite, LineSink trace, LineSink story);

  void record(Duration now, const TraceEvent& event);
  /// A log line of a daemon: only for the story.
  void log(Duration now, std::uint32_t node, const std::string& line);
  /// Called once, when the first checker has found a violation.
  void on_violation(std::function<void()> call) { on_violation_ = std::move(call); }
  [[nodiscard]] bool tells_story() const { return story_ != nullptr; }

  [[nodiscard]] std::uint64_t hash() const { return digest_.value(); }
  [[nodiscard]] std::uint64_t events() const { return events_; }
  /// The newest decisions and faults as sentences, oldest first.
  [[nodiscard]] std::vector<std::string> last() const;

 private:
  [[nodiscard]] std::string sentence(Duration now, const TraceEvent& event) const;
  [[nodiscard]] std::string shorten(const std::string& value) const;

  checker::Suite& suite_;
  LineSink trace_;
  LineSink story_;
  std::function<void()> on_violation_;
  QuickDigest digest_;
  std::uint64_t events_ = 0;
  std::map<std::string, std::string> boot_names_;  ///< boot id -> "n1.b3"
  std::map<std::uint32_t, int> boots_;
  std::deque<std::pair<Duration, TraceEvent>> recent_;
};

}  // namespace duet::sim
