// SPDX-License-Identifier: Apache-2.0
// S1a, S1b, S2: traces that must be caught and traces that must pass.
#include <catch2/catch.hpp>

#include "tests/checker/trace_script.hpp"

using duet::checker::violated_by;

namespace {

/// Both nodes are up and joined; r was probed everywhere.
const std::string both_joined = R"(
  0 n1/a boot
  0 n2/b boot
  1 n1/a proc_start process=duetd
  1 n2/b proc_start process=duetd
  2 n1/a view members=1,2 joined=2 ring=3
  2 n2/b view members=1,2 joined=2 ring=3
  2 n1/a view corosync=1,2 quorate=yes
  2 n2/b view corosync=1,2 quorate=yes
  2.5 n1/a join member=1 member_boot=a step=joined
  3 n1/a join member=2 member_boot=b step=hello
  3 n2/b join member=1 member_boot=a step=hello
  4 n1/a op_end resource=r action=probe op=1.1.1 status=done rc=7
  4 n1/a msg_recv body=op_result sender=1 sender_boot=a resource=r action=probe op=1.1.1 highest=1.1.1 status=done rc=7
  4 n2/b msg_recv body=op_result sender=1 sender_boot=a resource=r action=probe op=1.1.1 highest=1.1.1 status=done rc=7
  4 n2/b op_end resource=r action=probe op=1.2.1 status=done rc=7
  4 n1/a msg_recv body=op_result sender=2 sender_boot=b resource=r action=probe op=1.2.1 highest=1.2.1 status=done rc=7
  4 n2/b msg_recv body=op_result sender=2 sender_boot=b resource=r action=probe op=1.2.1 highest=1.2.1 status=done rc=7
  5 n1/a join member=2 member_boot=b step=joined
  5 n2/b join member=2 member_boot=b step=joined
)";

/// n1 was ordered to start r and runs it.
const std::string runs_on_n1 = both_joined + R"(
  6.0 n1/a msg_send body=order resource=r action=start target=1 op=2.1.1
  6.1 n1/a msg_recv body=order resource=r action=start target=1 op=2.1.1 sender=1 sender_boot=a
  6.1 n2/b msg_recv body=order resource=r action=start target=1 op=2.1.1 sender=1 sender_boot=a
  6.1 n1/a op_begin resource=r action=start op=2.1.1 run=5 mode=normal
  6.2 n1/a exec_begin resource=r action=start op=2.1.1 run=5
  6.3 n1/a truth_up resource=r
  6.4 n1/a exec_end resource=r action=start op=2.1.1 status=done rc=0 run=5
  6.4 n2/b msg_recv body=op_result sender=1 sender_boot=a resource=r action=start op=2.1.1 highest=2.1.1 status=done rc=0
)";

const std::string order_to_n2 = R"(
  9.0 n2/b msg_recv body=order resource=r action=start target=2 op=2.9.1 sender=1 sender_boot=a
  9.1 n2/b op_begin resource=r action=start op=2.9.1 run=9 mode=normal
)";

}  // namespace

TEST_CASE("activity: a start on the node that is the only one to run a resource passes", "[checker][S1]") {
  CHECK(violated_by(runs_on_n1).empty());
}

TEST_CASE("activity: a resource that is up on two nodes is caught", "[checker][S1]") {
  CHECK(violated_by(runs_on_n1 + "8 n2/b truth_up resource=r\n") == std::set<std::string>{"S1a"});
}

TEST_CASE("activity: a resource that moved after it went down passes", "[checker][S1]") {
  CHECK(violated_by(runs_on_n1 + "8 n1/a truth_down resource=r\n8.1 n2/b truth_up resource=r\n").empty());
}

TEST_CASE("activity: a start while the other node may run the resource is caught", "[checker][S1]") {
  CHECK(violated_by(runs_on_n1 + order_to_n2) == std::set<std::string>{"S1b"});
}

TEST_CASE("activity: a start after the stop on the other node was delivered passes", "[checker][S1]") {
  const std::string stop = R"(
  8 n2/b msg_recv body=op_result sender=1 sender_boot=a resource=r action=stop op=2.2.1 highest=2.2.1 status=done rc=0
)";
  CHECK(violated_by(runs_on_n1 + stop + order_to_n2).empty());
}

TEST_CASE("activity: a stop older than the last order to start is no evidence", "[checker][S1]") {
  const std::string stale = R"(
  8 n2/b msg_recv body=op_result sender=1 sender_boot=a resource=r action=stop op=1.9.1 highest=1.9.1 status=done rc=0
)";
  CHECK(violated_by(runs_on_n1 + stale + order_to_n2) == std::set<std::string>{"S1b"});
}

TEST_CASE("activity: a stop that failed is no evidence, and nothing starts after it", "[checker][S1][S2]") {
  const std::string failed = R"(
  8 n1/a exec_begin resource=r action=stop op=2.2.1
  8.1 n1/a exec_end resource=r action=stop op=2.2.1 status=timed_out rc=0
  8.2 n2/b msg_recv body=op_result sender=1 sender_boot=a resource=r action=stop op=2.2.1 highest=2.2.1 status=timed_out rc=0
)";
  CHECK(violated_by(runs_on_n1 + failed + order_to_n2) == std::set<std::string>{"S1b", "S2"});
}

TEST_CASE("activity: evidence against the boot justifies a start, also after a failed stop", "[checker][S1][S2]") {
  const std::string fenced = R"(
  8.0 n1/a exec_end resource=r action=stop op=2.2.1 status=done rc=1
  8.1 n1/a power_off why=fenced
  8.1 n1/a truth_down resource=r
  8.2 n2/b fence_done target=1 target_boot=a cause=F1 result=failed
  8.3 n2/b evidence id=E6-2-1 evidence_kind=E6 target=1 target_boot=a
)";
  CHECK(violated_by(runs_on_n1 + fenced + order_to_n2).empty());
}

TEST_CASE("activity: a clean leave says nothing about what it left running", "[checker][S1][S11]") {
  const auto leave = [](const std::string& left) {
    return "8.0 n1/a clean_leave\n8.1 n1/a proc_exit process=duetd clean=yes\n8.3 n2/b evidence id=E5-2-1 "
           "evidence_kind=E5 target=1 "
           "target_boot=a left=" +
           left + "\n";
  };
  CHECK(violated_by(runs_on_n1 + leave("q") + order_to_n2).empty());
  CHECK(violated_by(runs_on_n1 + leave("q,r") + order_to_n2) == std::set<std::string>{"S1b"});
}

TEST_CASE("activity: evidence against an older boot does not justify a start", "[checker][S1]") {
  const std::string later_boot = R"(
  7.0 n1/a power_off why=power
  7.0 n1/a truth_down resource=r
  7.1 n2/b evidence id=E6-2-1 evidence_kind=E6 target=1 target_boot=a
  7.2 n1/c boot
  7.3 n1/c proc_start process=duetd
  7.4 n2/b view members=1,2 joined=1 ring=7
  7.5 n2/b join member=1 member_boot=c step=joined
)";
  CHECK(violated_by(runs_on_n1 + later_boot +
                    "9.0 n2/b msg_recv body=order resource=r action=start target=2 op=2.9.1\n"
                    "9.1 n2/b op_begin resource=r action=start op=2.9.1 run=9 mode=normal\n") ==
        std::set<std::string>{"S1b"});
}

TEST_CASE("activity: an order of an older epoch that a node refuses is void", "[checker][S1]") {
  const std::string refused = R"(
  8 n2/b msg_recv body=order resource=r action=start target=1 op=2.3.1 sender=1 sender_boot=a
  8 n2/b msg_reject from=1 why=older
)";
  const std::string stop = R"(
  7 n2/b msg_recv body=op_result sender=1 sender_boot=a resource=r action=stop op=2.2.1 highest=2.2.1 status=done rc=0
)";
  CHECK(violated_by(runs_on_n1 + stop + refused + order_to_n2).empty());
  CHECK(violated_by(runs_on_n1 + stop + refused.substr(0, refused.find("  8 n2/b msg_reject")) + order_to_n2) ==
        std::set<std::string>{"S1b"});
}
