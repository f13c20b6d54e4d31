// SPDX-License-Identifier: Apache-2.0
// TraceFile: what the core traces, as JSON lines with the boot-time clock, for the checkers (invariants.md section 2).
#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/trace/trace.hpp"
#include "platform/loop/unique_fd.hpp"

namespace duet {

class TraceFile {
 public:
  /// Appends; each event is one write, so nothing is lost when the process is killed. Error: Errc::storage.
  static Result<TraceFile> open(const std::string& path);
  void write(const TraceEvent& event) const;

 private:
  explicit TraceFile(UniqueFd file) : file_{std::move(file)} {}
  UniqueFd file_;
};

}  // namespace duet
