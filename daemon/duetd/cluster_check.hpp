// SPDX-License-Identifier: Apache-2.0
// Is what corosync says about the cluster what this node's store was made for (A10)? Pure.
#pragma once

#include <string>

#include "core/message/ledger.hpp"
#include "platform/corosync/cluster_info.hpp"

namespace duet {

/// Empty: it fits, or the store is new. Else a sentence why this node must not join: another cluster's name, or other
/// node ids than the committed ones. Other names of the same ids are no obstacle: they are shown by names_differ().
[[nodiscard]] std::string cluster_mismatch(const corosync::ClusterInfo& info, const StoreImage& image);
/// Empty, or a sentence for people.
[[nodiscard]] std::string names_differ(const corosync::ClusterInfo& info, const StoreImage& image);

}  // namespace duet
