// SPDX-License-Identifier: Apache-2.0
// The command line of duetd.
#pragma once

#include <string>

#include "core/base/result.hpp"

namespace duet {

struct DuetdOptions {
  bool foreground = false;  ///< log to stderr
  bool debug = false;       ///< log what is otherwise kept in the blackbox only
  std::string state_directory = "/var/lib/duet";
  std::string trace_file;  ///< empty: none
  std::string socket;      ///< empty: the descriptor of the socket unit
  std::string exec_socket = "/run/duet/execd.sock";
  enum class Show { nothing, help, version } show = Show::nothing;
};

/// Error: Errc::invalid_argument.
[[nodiscard]] Result<DuetdOptions> parse_duetd_options(int argc, char** argv);
[[nodiscard]] const char* duetd_help();

}  // namespace duet
