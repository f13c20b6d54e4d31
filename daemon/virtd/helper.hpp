// SPDX-License-Identifier: Apache-2.0
// The helper: the half of duet-virtd that may power domains on and off. It hears nobody but the parser, by typed orders
// over their socket pair; looks at the groups itself; and answers.
#pragma once

#include <string>
#include <vector>

#include "core/fencehost/permissions.hpp"
#include "platform/loop/unique_fd.hpp"

namespace duet::virtd {

struct HelperSettings {
  std::vector<std::string> uris;
  fencehost::Permissions permissions{std::nullopt};
  bool quiet = false;                      ///< no stderr: in the background
  std::string user;                        ///< empty: root, without capabilities
  std::vector<std::string> remove_at_end;  ///< files that the parser may not remove: pid file, status socket
};

/// Serves until the other end of `socket` (SOCK_SEQPACKET) is closed, ends what is under way (at most 20 s), and
/// returns the exit code of the process. Call it in a process of its own, before threads.
[[nodiscard]] int run_helper(UniqueFd socket, const HelperSettings& settings);

/// True if no URI needs a network: then the helper gives up having one.
[[nodiscard]] bool all_local(const std::vector<std::string>& uris);

}  // namespace duet::virtd
