// SPDX-License-Identifier: Apache-2.0
// Names from which paths and unit names are made. Whatever is not plainly a name is refused before it reaches a path.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace duet {

/// [A-Za-z0-9_.-]{1,64}, no leading dot or dash (security.md SEC-AGENT 1).
[[nodiscard]] bool is_agent_name(std::string_view name);

/// Name of a parameter or meta attribute that may become part of an environment variable: [A-Za-z0-9_.:-]{1,128}.
[[nodiscard]] bool is_attribute_name(std::string_view name);

/// The unit of `systemd:TYPE`: `.service` is added unless the name has one of the suffixes of cluster-semantics 2.1.
/// Error: invalid_argument for what can be no unit name (characters, 1 .. 255 bytes, a template without instance).
[[nodiscard]] Result<std::string> unit_name(std::string_view type);

}  // namespace duet
