// SPDX-License-Identifier: Apache-2.0
// Opening of the programs that may run as root: only beneath the directories that the administrator installed them in.
#pragma once

#include <string>

#include "core/base/result.hpp"
#include "platform/loop/unique_fd.hpp"

namespace duet {

struct AgentFile {
  UniqueFd fd;
  std::string path;
  bool script = false;  ///< begins with "#!": its interpreter needs the path, see docs in agent_file.cpp
};

/// Opens `name` (no slash beyond those in it, relative) beneath `directory`, without following links out of it, and
/// checks that file and directories on the way belong to root and cannot be written by others (SEC-AGENT 1). Errors:
/// not_found, not_permitted (owner, mode, not executable, a link that leads out), backend.
[[nodiscard]] Result<AgentFile> open_agent(const std::string& directory, const std::string& name);

}  // namespace duet
