// SPDX-License-Identifier: Apache-2.0
// `-f FILE`: a configuration in a file instead of a cluster. The file is what `duet config --output-format=json` prints
// (schema duet.config/1).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "cli/shell/shell.hpp"
#include "core/model/config.hpp"

namespace duet::cli {

/// Error 65: no JSON, another schema, a value of the wrong kind, a name that is not known; says where. What the values
/// mean is not checked: see validate().
[[nodiscard]] Outcome<ClusterConfig> parse_config_json(std::string_view text);

/// Answers as duetd would that has this configuration and has just begun: nothing runs. A change is written to the file
/// before it is answered. Errors: 1 the file cannot be read or written, 65 as above, 64 what needs a cluster.
[[nodiscard]] Outcome<std::unique_ptr<Connection>> file_connection(const std::string& path);

}  // namespace duet::cli
