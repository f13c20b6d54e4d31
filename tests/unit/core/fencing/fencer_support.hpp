// SPDX-License-Identifier: Apache-2.0
// A fencer with a clock and answers given by hand.
#pragma once

#include <catch2/catch.hpp>

#include "core/fencing/fencer.hpp"

namespace duet::test {

struct FencerBench {
  Fencer fencer;
  Instant now{100s};
  std::uint64_t next_run = 1;
  std::vector<DeviceLevel> levels{{1, {DeviceStep{.device = "vmfence", .agent = "fence_xvm", .parameters = {}}}}};
  FenceRequest request{NodeId{4}, "server4", BootId{"b4"}, CauseKind::lost, "it left", FenceAction::reboot, false, {}};

  void want() { fencer.want(request, levels, now); }
  void want_nothing() { fencer.want(std::nullopt, {}, now); }
  std::vector<ExecRequest> advance(Duration by = Duration{0}) {
    now = now + by;
    return fencer.advance(now, next_run);
  }
  /// The one agent call that is made now.
  RunFenceAgent call(Duration by = Duration{0}) {
    const auto requests = advance(by);
    REQUIRE(requests.size() == 1);
    REQUIRE(std::holds_alternative<RunFenceAgent>(requests[0]));
    return std::get<RunFenceAgent>(requests[0]);
  }
  void end(const RunFenceAgent& call, std::int32_t code, OpStatus status = OpStatus::done) {
    OpOutcome outcome;
    outcome.status = status;
    outcome.exit_code = code;
    REQUIRE(fencer.ended(call.run, outcome, now));
  }
  /// off and verify, both good.
  void switch_off(Duration by = Duration{0}) {
    const auto off = call(by);
    REQUIRE(off.action == "off");
    end(off, 0);
    const auto status = call();
    REQUIRE(status.action == "status");
    end(status, 2);
  }
};

}  // namespace duet::test
