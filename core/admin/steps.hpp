// SPDX-License-Identifier: Apache-2.0
// One function per request, by topic. Each changes `config` in place or returns why not; on an error the caller throws
// the copy away. None of them validates the whole: edit.cpp does, once.
#pragma once

#include <optional>
#include <string>

#include "core/message/admin.hpp"

namespace duet::admin {

/// nullopt: changed.
using Outcome = std::optional<Error>;

// resources.cpp
Outcome apply(ClusterConfig& config, const CreateResource& request);
Outcome apply(ClusterConfig& config, const UpdateResource& request);
Outcome apply(ClusterConfig& config, const RemoveOperation& request);
Outcome apply(ClusterConfig& config, const DeleteObjects& request);
// groups.cpp
Outcome apply(ClusterConfig& config, const GroupAdd& request);
Outcome apply(ClusterConfig& config, const GroupRemove& request);
// constraints.cpp
Outcome apply(ClusterConfig& config, const AddLocation& request);
Outcome apply(ClusterConfig& config, const AddColocation& request);
Outcome apply(ClusterConfig& config, const AddOrder& request);
Outcome apply(ClusterConfig& config, const DeleteConstraints& request);
Outcome apply(ClusterConfig& config, const ClearResource& request);
// attributes.cpp
Outcome apply(ClusterConfig& config, const SetAttributes& request);
Outcome apply(ClusterConfig& config, const SetNodeAttributes& request);
Outcome apply(ClusterConfig& config, const InitCluster& request);
// devices.cpp
Outcome apply(ClusterConfig& config, const CreateDevice& request);
Outcome apply(ClusterConfig& config, const AddLevel& request);
Outcome apply(ClusterConfig& config, const DeleteLevels& request);

}  // namespace duet::admin
