// SPDX-License-Identifier: Apache-2.0
// corosync's result codes as Result.
#pragma once

#include <corosync/corotypes.h>

#include <string_view>

#include "core/base/result.hpp"

namespace duet::corosync {

/// CS_OK is 1: a cs_error_t must never be tested as a bool. Error: Errc::try_again when corosync asks to call again
/// later (A7), else Errc::backend with corosync's words.
[[nodiscard]] Result<void> check(cs_error_t code, std::string_view call);

}  // namespace duet::corosync
