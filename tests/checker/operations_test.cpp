// SPDX-License-Identifier: Apache-2.0
// S9, S10, S12, S14, S16: traces that must be caught and traces that must pass.
#include <catch2/catch.hpp>

#include "tests/checker/trace_script.hpp"

using duet::checker::violated_by;

namespace {

const std::string alone = R"(
  0 n1/a boot
  1 n1/a proc_start process=duetd
  2 n1/a view members=1 ring=1
  3 n1/a op_end resource=r action=probe op=1.1.1 status=done rc=7
)";
const std::string order = "4 n1/a msg_recv body=order resource=r action=start target=1 op=1.2.1\n";
const std::string decided = "4.5 n1/a op_begin resource=r action=start op=1.2.1 run=2 mode=normal\n";
const std::string begun = "4.6 n1/a exec_begin resource=r action=start op=1.2.1 run=2\n";
const std::string ended = "4.8 n1/a exec_end resource=r action=start op=1.2.1 run=2 status=done rc=0\n";

}  // namespace

TEST_CASE("operations: one after the other, each once, passes", "[checker][S9]") {
  const std::string next =
      "5 n1/a exec_begin resource=r action=monitor run=3\n5.1 n1/a exec_end resource=r action=monitor "
      "run=3 status=done rc=0\n";
  CHECK(violated_by(alone + order + decided + begun + ended + next).empty());
}

TEST_CASE("operations: two at a time on one resource are caught", "[checker][S9]") {
  CHECK(violated_by(alone + order + decided + begun + "4.7 n1/a exec_begin resource=r action=monitor run=3\n") ==
        std::set<std::string>{"S9"});
}

TEST_CASE("operations: the same operation twice, or an older one after a newer, is caught", "[checker][S9]") {
  CHECK(violated_by(alone + order + decided + begun + ended +
                    "5 n1/a exec_begin resource=r action=stop op=1.2.1 run=3\n") == std::set<std::string>{"S9"});
  CHECK(violated_by(alone + order + decided + begun + ended +
                    "5 n1/a exec_begin resource=r action=stop op=1.1.1 run=3\n") == std::set<std::string>{"S9"});
}

TEST_CASE("operations: a start before the probe of this daemon's life is caught", "[checker][S10]") {
  const std::string restart = "3.5 n1/a proc_exit process=duetd\n3.6 n1/a proc_start process=duetd\n";
  CHECK(violated_by(alone + restart + order + decided) == std::set<std::string>{"S10"});
}

TEST_CASE("operations: an order older than 1 s, or of an older view, is caught", "[checker][S12]") {
  CHECK(violated_by(alone + order + "5.5 n1/a op_begin resource=r action=start op=1.2.1 run=2 mode=normal\n") ==
        std::set<std::string>{"S12"});
  CHECK(violated_by(alone + order + "4.2 n1/a view members=1 ring=2\n" + decided) == std::set<std::string>{"S12"});
  CHECK(violated_by(alone + decided) == std::set<std::string>{"S12"});
}

TEST_CASE("operations: an order from before a long pause is caught, from before a short one it passes",
          "[checker][S12][M12]") {
  const std::string sent = "3.1 n1/a msg_send body=order resource=r action=start target=1 op=1.2.1\n3.2 n1/a pause\n";
  CHECK(violated_by(alone + sent + "3.9 n1/a resume\n" + order + decided).empty());
  const std::string late = "4.4 n1/a resume\n4.4 n1/a msg_recv body=order resource=r action=start target=1 op=1.2.1\n";
  CHECK(violated_by(alone + sent + late + decided) == std::set<std::string>{"S12"});
}

TEST_CASE("operations: a start that is executed long after its decision is caught", "[checker][S12]") {
  CHECK(violated_by(alone + order + decided + "6 n1/a exec_begin resource=r action=start op=1.2.1 run=2\n") ==
        std::set<std::string>{"S12"});
}

TEST_CASE("operations: solo without evidence against the peer is caught", "[checker][S12]") {
  const std::string peer_joined = "0 n2/b boot\n2 n1/a join member=2 member_boot=b step=joined\n";
  const std::string solo = "4.5 n1/a op_begin resource=r action=start op=1.2.1 run=2 mode=solo\n";
  CHECK(violated_by(alone + peer_joined + solo).contains("S12"));
  CHECK(violated_by(alone + solo).empty());
}

TEST_CASE("constraints: starts and stops of a group in order pass, others are caught", "[checker][S14]") {
  const std::string config = "0 n1/a config groups=first,second; orders=\n";
  const std::string first_up =
      "40 n1/a exec_begin resource=first action=start run=1\n40.1 n1/a truth_up resource=first\n"
      "40.2 n1/a exec_end resource=first action=start run=1 status=done rc=0\n";
  const std::string second_up =
      "41 n1/a exec_begin resource=second action=start run=2\n41.1 n1/a truth_up resource=second\n"
      "41.2 n1/a exec_end resource=second action=start run=2 status=done rc=0\n";
  const std::string first_stops = "50 n1/a exec_begin resource=first action=stop run=3\n";
  const std::string second_down =
      "45 n1/a exec_begin resource=second action=stop run=4\n45.1 n1/a truth_down resource=second\n"
      "45.2 n1/a exec_end resource=second action=stop run=4 status=done rc=0\n";
  CHECK(violated_by(config + first_up + second_up + second_down + first_stops).empty());
  CHECK(violated_by(config + second_up) == std::set<std::string>{"S14"});
  CHECK(violated_by(config + first_up + second_up + first_stops) == std::set<std::string>{"S14"});
}

TEST_CASE("constraints: a constraint that is younger than 30 s demands nothing", "[checker][S14]") {
  CHECK(violated_by("0 n1/a config groups= orders=\n20 n1/a config groups= orders=first>second;\n"
                    "41 n1/a exec_begin resource=second action=start run=2\n")
            .empty());
  CHECK(violated_by(
            "0 n1/a config groups= orders=first>second;\n41 n1/a exec_begin resource=second action=start run=2\n") ==
        std::set<std::string>{"S14"});
}

TEST_CASE("states: different digests at one place of the stream are caught", "[checker][S16]") {
  const std::string mine = "5 n1/a digest place=x/7 epoch=3 digest=aa\n";
  CHECK(violated_by(mine + "5.1 n2/b digest place=x/7 epoch=3 digest=aa\n").empty());
  CHECK(violated_by(mine + "5.1 n2/b digest place=x/8 epoch=3 digest=bb\n").empty());
  CHECK(violated_by(mine + "5.1 n2/b digest place=x/7 epoch=3 digest=bb\n") == std::set<std::string>{"S16"});
}
