// SPDX-License-Identifier: Apache-2.0
// The clocks of the machine. Decisions use boot_now() only; wall_now() is for display (S13).
#pragma once

#include "core/base/time.hpp"

namespace duet {

/// CLOCK_BOOTTIME: never set, goes on while the machine is suspended. A pause of the machine is therefore seen as time
/// that passed (S12), which CLOCK_MONOTONIC would hide. Containers share it with their host. Any thread.
[[nodiscard]] Instant boot_now();

/// Civil time in milliseconds, may jump in both directions. Any thread.
[[nodiscard]] WallTime wall_now();

}  // namespace duet
