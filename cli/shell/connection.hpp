// SPDX-License-Identifier: Apache-2.0
// The connection to duetd over its local socket.
#pragma once

#include <memory>
#include <string>

#include "cli/shell/shell.hpp"

namespace duet::cli {

struct ConnectionOptions {
  std::string path = "/run/duet/duetd.sock";
  Duration timeout{60s};  ///< for one answer
  std::string service_user = "duet";
};

/// Connects at the first call.
[[nodiscard]] std::unique_ptr<Connection> socket_connection(ConnectionOptions options);

}  // namespace duet::cli
