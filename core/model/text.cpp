// SPDX-License-Identifier: Apache-2.0
// Text of every enumerator. A switch without default, so that a new enumerator breaks the build until it has a word.
#include "core/model/text.hpp"

#include "core/base/invariant.hpp"

namespace duet {

std::string_view to_string(Action value) {
  switch (value) {
    case Action::probe:
      return "probe";
    case Action::start:
      return "start";
    case Action::stop:
      return "stop";
    case Action::monitor:
      return "monitor";
  }
  invariant_failed("Action out of range", __FILE__, __LINE__);
}

std::string_view to_string(OpStatus value) {
  switch (value) {
    case OpStatus::done:
      return "done";
    case OpStatus::timed_out:
      return "timed_out";
    case OpStatus::error:
      return "error";
    case OpStatus::not_supported:
      return "not_supported";
    case OpStatus::not_installed:
      return "not_installed";
    case OpStatus::cancelled:
      return "cancelled";
    case OpStatus::voided:
      return "voided";
  }
  invariant_failed("OpStatus out of range", __FILE__, __LINE__);
}

std::string_view to_string(Activity value) {
  switch (value) {
    case Activity::unknown:
      return "unknown";
    case Activity::stopped:
      return "stopped";
    case Activity::running:
      return "running";
    case Activity::failed:
      return "failed";
  }
  invariant_failed("Activity out of range", __FILE__, __LINE__);
}

std::string_view to_string(EvidenceKind value) {
  switch (value) {
    case EvidenceKind::fenced:
      return "fenced";
    case EvidenceKind::new_boot:
      return "new_boot";
    case EvidenceKind::clean_leave:
      return "clean_leave";
    case EvidenceKind::administrator:
      return "administrator";
    case EvidenceKind::fencing_disabled:
      return "fencing_disabled";
  }
  invariant_failed("EvidenceKind out of range", __FILE__, __LINE__);
}

std::string_view to_string(Membership value) {
  switch (value) {
    case Membership::absent:
      return "absent";
    case Membership::present:
      return "present";
    case Membership::joined:
      return "joined";
  }
  invariant_failed("Membership out of range", __FILE__, __LINE__);
}

std::string_view to_string(CauseKind value) {
  switch (value) {
    case CauseKind::lost:
      return "lost";
    case CauseKind::stop_failed:
      return "stop_failed";
    case CauseKind::silent:
      return "silent";
    case CauseKind::resource_rule:
      return "resource_rule";
    case CauseKind::startup:
      return "startup";
    case CauseKind::administrator:
      return "administrator";
    case CauseKind::notice:
      return "notice";
  }
  invariant_failed("CauseKind out of range", __FILE__, __LINE__);
}

std::string_view to_string(FenceOutcome value) {
  switch (value) {
    case FenceOutcome::pending:
      return "pending";
    case FenceOutcome::succeeded:
      return "succeeded";
    case FenceOutcome::failed:
      return "failed";
    case FenceOutcome::cancelled:
      return "cancelled";
  }
  invariant_failed("FenceOutcome out of range", __FILE__, __LINE__);
}

std::string_view to_string(OnFail value) {
  switch (value) {
    case OnFail::ignore:
      return "ignore";
    case OnFail::restart:
      return "restart";
    case OnFail::ban:
      return "ban";
    case OnFail::block:
      return "block";
    case OnFail::stop:
      return "stop";
    case OnFail::standby:
      return "standby";
    case OnFail::fence:
      return "fence";
  }
  invariant_failed("OnFail out of range", __FILE__, __LINE__);
}

std::string_view to_string(OrderKind value) {
  switch (value) {
    case OrderKind::mandatory:
      return "Mandatory";
    case OrderKind::optional:
      return "Optional";
    case OrderKind::serialize:
      return "Serialize";
  }
  invariant_failed("OrderKind out of range", __FILE__, __LINE__);
}

std::string_view to_string(OrderAction value) {
  switch (value) {
    case OrderAction::start:
      return "start";
    case OrderAction::stop:
      return "stop";
  }
  invariant_failed("OrderAction out of range", __FILE__, __LINE__);
}

std::string_view to_string(NoQuorumPolicy value) {
  switch (value) {
    case NoQuorumPolicy::stop:
      return "stop";
    case NoQuorumPolicy::freeze:
      return "freeze";
    case NoQuorumPolicy::ignore:
      return "ignore";
  }
  invariant_failed("NoQuorumPolicy out of range", __FILE__, __LINE__);
}

std::string_view to_string(FenceAction value) {
  switch (value) {
    case FenceAction::reboot:
      return "reboot";
    case FenceAction::off:
      return "off";
  }
  invariant_failed("FenceAction out of range", __FILE__, __LINE__);
}

std::string_view to_string(MultipleActive value) {
  switch (value) {
    case MultipleActive::stop_start:
      return "stop_start";
    case MultipleActive::stop_only:
      return "stop_only";
    case MultipleActive::block:
      return "block";
    case MultipleActive::stop_unexpected:
      return "stop_unexpected";
  }
  invariant_failed("MultipleActive out of range", __FILE__, __LINE__);
}

std::string_view to_string(Requires value) {
  switch (value) {
    case Requires::nothing:
      return "nothing";
    case Requires::quorum:
      return "quorum";
    case Requires::fencing:
      return "fencing";
  }
  invariant_failed("Requires out of range", __FILE__, __LINE__);
}

}  // namespace duet
