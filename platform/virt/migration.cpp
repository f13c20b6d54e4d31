// SPDX-License-Identifier: Apache-2.0
// The job counts if it is told; else a state or a refusal that a migration may have caused makes it unclear.
#include "platform/virt/migration.hpp"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

namespace duet::virt {

namespace {

/// Also a domain that is just being started for itself looks like one that is about to receive another's memory.
bool suspicious(int state, int reason) {
  if (state == VIR_DOMAIN_RUNNING) {
    return reason == VIR_DOMAIN_RUNNING_POSTCOPY || reason == VIR_DOMAIN_RUNNING_POSTCOPY_FAILED;
  }
  return state == VIR_DOMAIN_PAUSED &&
         (reason == VIR_DOMAIN_PAUSED_MIGRATION || reason == VIR_DOMAIN_PAUSED_STARTING_UP ||
          reason == VIR_DOMAIN_PAUSED_POSTCOPY || reason == VIR_DOMAIN_PAUSED_POSTCOPY_FAILED);
}

/// Drivers without jobs, whose domains cannot migrate either.
bool has_no_jobs(int error) {
  return error == VIR_ERR_NO_SUPPORT || error == VIR_ERR_OPERATION_UNSUPPORTED || error == VIR_ERR_CONFIG_UNSUPPORTED;
}

}  // namespace

Migration judge_migration(int state, int reason, const JobSeen& job) {
  if (job.error == 0 && job.type != VIR_DOMAIN_JOB_NONE) {
    if (job.operation == VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT) return Migration::outgoing;
    if (job.operation == VIR_DOMAIN_JOB_OPERATION_MIGRATION_IN) return Migration::incoming;
  }
  if (suspicious(state, reason)) return Migration::unclear;
  return job.error == 0 || has_no_jobs(job.error) ? Migration::none : Migration::unclear;
}

}  // namespace duet::virt
