// SPDX-License-Identifier: Apache-2.0
// S4, S5, S7, S8, L2: traces that must be caught and traces that must pass.
#include <catch2/catch.hpp>

#include "tests/checker/trace_script.hpp"

using duet::checker::violated_by;

namespace {

const std::string up = R"(
  0 n1/a boot
  0 n2/b boot
  1 n1/a proc_start process=duetd
  1 n2/b proc_start process=duetd
  2 n1/a view members=1,2 joined=2 ring=3
  2 n1/a view corosync=1,2 quorate=yes
  3 n1/a join member=2 member_boot=b step=hello
  4 n1/a join member=2 member_boot=b step=joined
)";
const std::string lost = "5 n1/a view members=1 left=2 reason=node_down ring=4\n";
const std::string cause = "5 n1/a fence_cause cause=F1 cause_kind=lost target=2 target_boot=b\n";
const std::string dispatch = "6 n1/a fence_dispatch cause=F1 cause_kind=lost target=2 target_boot=b run=7\n";
const std::string off = R"(
  7 n2/b power_off why=fenced
  7 n1/a dev_result device=d1 action=off target=2 run=7 rc=0
)";
const std::string done = "8 n1/a fence_done cause=F1 target=2 target_boot=b result=ok\n";
const std::string evidence = "9 n1/a evidence id=E3-1-1 evidence_kind=E3 target=2 target_boot=b\n";

std::string dispatch_of(const std::string& kind, const std::string& at = "6") {
  return "5 n1/a fence_cause cause=F1 cause_kind=" + kind + " target=2 target_boot=b\n" + at +
         " n1/a fence_dispatch cause=F1 cause_kind=" + kind + " target=2 target_boot=b run=7\n";
}

}  // namespace

TEST_CASE("fencing: a lost peer that is fenced, and evidence from it, pass", "[checker][S4][S7][S8]") {
  CHECK(violated_by(up + lost + cause + dispatch + off + done + evidence).empty());
}

TEST_CASE("fencing: a dispatch is caught when its cause is not true", "[checker][S4]") {
  CHECK(violated_by(up + cause + dispatch).contains("S4"));  // it is still in the view
  CHECK(violated_by(up + lost + dispatch).contains("S4"));   // no such cause
  CHECK(violated_by(up + dispatch_of("stop_failed")).contains("S4"));
  CHECK(violated_by(up + dispatch_of("silent")).contains("S4"));
  CHECK(violated_by(up + lost + dispatch_of("startup", "100")).contains("S4"));
  CHECK(violated_by(up + dispatch_of("administrator")).contains("S4"));
  CHECK(violated_by(up + lost + "5 n1/a view corosync=1 quorate=no\n" + cause + dispatch).contains("S4"));
}

TEST_CASE("fencing: a dispatch passes when its cause is true", "[checker][S4]") {
  CHECK(violated_by(up + "4 n2/b exec_end resource=r action=stop op=1.1.1 status=done rc=1\n" +
                    dispatch_of("stop_failed"))
            .empty());
  CHECK(violated_by(up + "4 n2/b proc_exit process=duetd\n" + dispatch_of("silent", "34.5")).empty());
  CHECK(violated_by(up + lost + dispatch_of("startup", "122")).empty());
  CHECK(violated_by(
            up + "4 n1/a admin_req client=1 what=fence target=2\n4.1 n1/a admin_resp client=1 what=fence result=ok\n" +
            dispatch_of("administrator"))
            .empty());
}

TEST_CASE("fencing: two nodes that kill each other are caught, unless a device was at fault", "[checker][S5]") {
  const std::string n2_dies = "7 n2/b power_off why=fenced_by_n1_boot_a\n";
  const std::string n1_dies = "8 n1/a power_off why=fenced_by_n2_boot_b\n";
  CHECK(violated_by(up + n2_dies).empty());
  CHECK(violated_by(up + n2_dies + n1_dies) == std::set<std::string>{"S5"});
  CHECK(violated_by(up + n2_dies + "8 n1/a power_off why=fenced_by_n2_boot_c\n").empty());
  CHECK(violated_by(up + "6 -- fault fault=fence-slow target=d1\n" + n2_dies + n1_dies).empty());
}

TEST_CASE("fencing: a success is caught when the boot is running, or no device said so", "[checker][S7]") {
  CHECK(violated_by(up + lost + cause + dispatch + done).contains("S7"));
  CHECK(violated_by(up + lost + cause + dispatch + "7 n2/b power_off why=power\n" + done) ==
        std::set<std::string>{"S7"});
}

TEST_CASE("fencing: evidence is caught when it is about another boot, or not true", "[checker][S8]") {
  CHECK(violated_by(up + evidence).contains("S8"));
  CHECK(violated_by(up + "9 n1/a evidence id=E5-1-1 evidence_kind=E5 target=2 target_boot=b\n") ==
        std::set<std::string>{"S8"});
  CHECK(violated_by(up + "8 n2/b clean_leave\n9 n1/a evidence id=E5-1-1 evidence_kind=E5 target=2 target_boot=b\n")
            .empty());
  const std::string new_boot = "9 n2/c boot\n9.1 n1/a evidence id=E3-1-1 evidence_kind=E3 target=2 target_boot=c\n";
  CHECK(violated_by(up + lost + cause + dispatch + off + done + new_boot) == std::set<std::string>{"S8"});
}

TEST_CASE("fencing: a dispatch for a boot is caught after a newer one has joined", "[checker][S8]") {
  const std::string newer = R"(
  5.1 n2/b power_off why=power
  5.2 n2/c boot
  5.3 n1/a view members=1,2 joined=2 ring=5
  5.4 n1/a join member=2 member_boot=c step=joined
)";
  CHECK(violated_by(up + lost + cause + newer + dispatch).contains("S8"));
}

TEST_CASE("fencing: a cause that succeeds twice, and more fencings than expected, are caught", "[checker][L2]") {
  CHECK(violated_by(up + lost + cause + dispatch + off + done +
                    "9 n1/a fence_done cause=F1 target=2 target_boot=b result=ok\n") == std::set<std::string>{"L2"});
  const std::string expected = "10 -- expect rule=L2 what=fenced_at_most since_ns=5000000000 count=";
  CHECK(violated_by(up + lost + cause + dispatch + off + done + expected + "1\n").empty());
  CHECK(violated_by(up + lost + cause + dispatch + off + done + expected + "0\n") == std::set<std::string>{"L2"});
}
