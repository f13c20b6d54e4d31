// SPDX-License-Identifier: Apache-2.0
// When a domain may run on another host although it is here.
#include "platform/virt/migration.hpp"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <catch2/catch.hpp>

namespace duet::virt {

namespace {
constexpr JobSeen idle{0, VIR_DOMAIN_JOB_NONE, VIR_DOMAIN_JOB_OPERATION_UNKNOWN};
constexpr JobSeen refused{VIR_ERR_OPERATION_INVALID, 0, 0};
constexpr JobSeen unsupported{VIR_ERR_NO_SUPPORT, 0, 0};
}  // namespace

TEST_CASE("migration: none only without a job and without a sign of one", "[virt][V40]") {
  const int running = VIR_DOMAIN_RUNNING;
  CHECK(judge_migration(running, VIR_DOMAIN_RUNNING_BOOTED, idle) == Migration::none);
  CHECK(judge_migration(running, VIR_DOMAIN_RUNNING_MIGRATED, idle) == Migration::none);
  CHECK(judge_migration(running, VIR_DOMAIN_RUNNING_BOOTED, unsupported) == Migration::none);
  CHECK(judge_migration(VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_USER, idle) == Migration::none);
  const JobSeen saving{0, VIR_DOMAIN_JOB_UNBOUNDED, VIR_DOMAIN_JOB_OPERATION_SAVE};
  CHECK(judge_migration(running, VIR_DOMAIN_RUNNING_BOOTED, saving) == Migration::none);
}

TEST_CASE("migration: the host that receives a domain refuses to tell about the job", "[virt][V40]") {
  CHECK(judge_migration(VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_USER, refused) == Migration::unclear);
  CHECK(judge_migration(VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_BOOTED, refused) == Migration::unclear);
  for (const int reason : {VIR_DOMAIN_PAUSED_MIGRATION, VIR_DOMAIN_PAUSED_STARTING_UP, VIR_DOMAIN_PAUSED_POSTCOPY,
                           VIR_DOMAIN_PAUSED_POSTCOPY_FAILED}) {
    for (const JobSeen& job : {idle, refused, unsupported}) {
      CHECK(judge_migration(VIR_DOMAIN_PAUSED, reason, job) == Migration::unclear);
    }
  }
  CHECK(judge_migration(VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_POSTCOPY, idle) == Migration::unclear);
}

TEST_CASE("migration: a job that is told has a direction", "[virt]") {
  const JobSeen out{0, VIR_DOMAIN_JOB_UNBOUNDED, VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT};
  const JobSeen in{0, VIR_DOMAIN_JOB_UNBOUNDED, VIR_DOMAIN_JOB_OPERATION_MIGRATION_IN};
  CHECK(judge_migration(VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_BOOTED, out) == Migration::outgoing);
  CHECK(judge_migration(VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_POSTCOPY, out) == Migration::outgoing);
  CHECK(judge_migration(VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_MIGRATION, in) == Migration::incoming);
}

}  // namespace duet::virt
