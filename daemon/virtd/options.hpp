// SPDX-License-Identifier: Apache-2.0
// Command line of duet-virtd: the original's letters, and words for what is new.
#pragma once

#include <optional>
#include <string>

#include "core/base/result.hpp"

namespace duet::virtd {

enum class Job { serve, configure, check, show_status, list_plugins, version, help };

struct Options {
  Job job = Job::serve;
  std::string conf_file = "/etc/fence_virt.conf";
  std::string pid_file;  ///< empty: the default, and only in the background
  bool foreground = false;
  bool wait_for_init = false;
  std::optional<int> debug;
  std::string user = "duet-virtd";
  std::string helper_user;
  std::string state_directory = "/var/lib/duet-virtd";
  std::string run_directory = "/run/duet-virtd";
};

/// Error: invalid_argument. Unlike the original, an unknown option is an error and not a success.
[[nodiscard]] Result<Options> read_options(int argc, char** argv);
extern const char* const usage_text;

}  // namespace duet::virtd
