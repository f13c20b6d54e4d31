// SPDX-License-Identifier: Apache-2.0
// The checkers of this folder, by the file that holds them.
#pragma once

#include <memory>
#include <vector>

#include "tests/checker/checker.hpp"
#include "tests/checker/model.hpp"

namespace duet::checker {

using Checkers = std::vector<std::unique_ptr<Checker>>;

/// S1a, S1b, S2: exclusive activity.
void add_activity_checkers(Checkers& all, const ClusterModel& model);
/// S3a, S3b, S3c, S3d: the configuration never goes back.
void add_commit_checkers(Checkers& all, const ClusterModel& model);
/// S4, S5, S7, S8, L2: fencing.
void add_fencing_checkers(Checkers& all, const ClusterModel& model);
/// S9, S10, S12, S14: operations. S16: equal states.
void add_operation_checkers(Checkers& all, const ClusterModel& model);
void add_order_checker(Checkers& all);
/// S11, S18: maintenance, unmanaged resources, fencing switched off.
void add_policy_checkers(Checkers& all);
/// L1, L3 - L8, L11, L12: what `expect` events demand.
void add_liveness_checkers(Checkers& all, const ClusterModel& model);

}  // namespace duet::checker
