// SPDX-License-Identifier: Apache-2.0
// Whether a domain is on its way to another host, from what libvirt says of its state and of its job. Pure.
#pragma once

#include "platform/virt/hypervisor.hpp"

namespace duet::virt {

/// What virDomainGetJobStats said; the numbers are libvirt's.
struct JobSeen {
  int error = 0;  ///< 0, or the code of the failure: then the rest means nothing
  int type = 0;
  int operation = 0;
};

/// `state`, `reason`: of an active domain, as virDomainGetState gives them. On the host to which a domain comes, QEMU's
/// driver refuses to tell about the job, so that a refusal is no proof that there is none.
[[nodiscard]] Migration judge_migration(int state, int reason, const JobSeen& job);

}  // namespace duet::virt
