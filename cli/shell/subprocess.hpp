// SPDX-License-Identifier: Apache-2.0
// Running a program for its output: agents' meta-data, corosync's own tools.
#pragma once

#include <string>
#include <vector>

#include "cli/shell/failure.hpp"
#include "core/base/time.hpp"

namespace duet::cli {

struct ProgramCall {
  std::vector<std::string> command = {};  ///< path and arguments
  std::vector<std::string> environment = {};
  std::string input = {};
  Duration timeout{20s};
  std::size_t output_limit = 1024UL * 1024;
  bool with_errors = false;  ///< standard error into the same text
};
struct ProgramOutput {
  int exit_code = 0;  ///< 128 + signal if a signal ended it
  std::string text;   ///< standard output, with with_errors also standard error
};

/// Runs as the caller. Errors: it cannot be started, its time is up (it is killed), too much output.
[[nodiscard]] Outcome<ProgramOutput> run_program(const ProgramCall& call);

}  // namespace duet::cli
