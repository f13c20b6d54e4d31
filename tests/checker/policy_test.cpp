// SPDX-License-Identifier: Apache-2.0
// S11, S18: traces that must be caught and traces that must pass.
#include <catch2/catch.hpp>

#include "tests/checker/trace_script.hpp"

using duet::checker::violated_by;

namespace {

const std::string probed = R"(
  0 n1/a boot
  1 n1/a proc_start process=duetd
  2 n1/a view members=1 ring=1
  2 n1/a view corosync=1 quorate=yes
  3 n1/a op_end resource=r action=probe op=1.1.1 status=done rc=7
)";
/// This configuration is durable on n1 from the fourth second on.
std::string config(const std::string& rules) {
  return "4 n1/a commit_durable step=committed epoch=1 index=2 hash=h\n4 n1/a config hash=h " + rules + "\n";
}
std::string start(const std::string& at) {
  return at + " n1/a msg_recv body=order resource=r action=start target=1 op=1.2.1\n" + at +
         " n1/a op_begin resource=r action=start op=1.2.1 run=2 mode=normal\n";
}
const std::string fences =
    "130 n1/a fence_cause cause=F1 target=2 target_boot=b\n"
    "130 n1/a fence_dispatch cause=F1 cause_kind=startup target=2 target_boot=b run=9\n";

}  // namespace

TEST_CASE("policy: what is managed may be started", "[checker][S11]") {
  CHECK(violated_by(probed + config("unmanaged=other, maintenance=2,") + start("10")).empty());
}

TEST_CASE("policy: a start of what is not managed or in maintenance is caught", "[checker][S11]") {
  for (const char* rules : {"unmanaged=other,r,", "maintenance=1,", "maintenance_mode=yes"}) {
    CAPTURE(rules);
    CHECK(violated_by(probed + config(rules) + start("10")) == std::set<std::string>{"S11"});
    CHECK(violated_by(probed + config(rules) + start("5")).empty());  // ordered before
  }
}

TEST_CASE("policy: a change that waits for the other node's disk may be in force here, one that is withdrawn is not",
          "[checker][S11]") {
  const std::string before = probed + config("maintenance_mode=yes");
  const std::string prepared = "5 n1/a commit_durable step=entry epoch=1 index=3 hash=h2\n";
  const std::string free = "9 n2/x config hash=h2 maintenance_mode=no\n";
  CHECK(violated_by(before + prepared + free + start("10")).empty());
  const std::string withdrawn = "6 n1/a commit_durable step=abandon epoch=1 index=2\n";
  CHECK(violated_by(before + prepared + withdrawn + free + start("10")) == std::set<std::string>{"S11"});
  const std::string both = "9 n2/x config hash=h2 unmanaged=r,\n";
  CHECK(violated_by(before + prepared + both + start("10")) == std::set<std::string>{"S11"});
}

TEST_CASE("policy: an emergency command on the node itself counts more than the commit", "[checker][S11]") {
  CHECK(violated_by(probed + config("maintenance=1,") + "6 n1/a commit_durable step=override\n" + start("10")).empty());
}

TEST_CASE("policy: fencing by itself is caught in maintenance and with fencing switched off", "[checker][S11][S18]") {
  CHECK(violated_by(probed + config("maintenance_mode=no") + fences).empty());
  CHECK(violated_by(probed + config("maintenance_mode=yes") + fences) == std::set<std::string>{"S11"});
  CHECK(violated_by(probed + config("stonith=no") + fences) == std::set<std::string>{"S18"});
}

TEST_CASE("policy: to take a node for down without fencing is caught unless that was chosen", "[checker][S18]") {
  const std::string assumed = "10 n1/a evidence id=off-1 evidence_kind=off target=2 target_boot=b\n";
  CHECK(violated_by(probed + config("stonith=no") + assumed).empty());
  CHECK(violated_by(probed + config("stonith=yes") + assumed) == std::set<std::string>{"S18"});
}
