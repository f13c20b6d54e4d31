// SPDX-License-Identifier: Apache-2.0
// duet-virtd as a service: from root to two processes without what they do not need.
#pragma once

#include "daemon/virtd/options.hpp"

namespace duet::virtd {

/// Returns the exit code: 0 after SIGTERM, SIGINT or SIGQUIT; 1 for what may pass (no libvirt, another instance); 78
/// for a configuration, key or user that must be put right first.
[[nodiscard]] int serve(const Options& options);

}  // namespace duet::virtd
