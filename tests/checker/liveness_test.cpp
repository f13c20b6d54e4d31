// SPDX-License-Identifier: Apache-2.0
// L1, L3 - L8: what an `expect` event demands is compared with the truth.
#include <catch2/catch.hpp>

#include "tests/checker/trace_script.hpp"

using duet::checker::violated_by;

namespace {

const std::string joined = R"(
  0 n1/a boot
  0 n2/b boot
  1 n1/a proc_start process=duetd
  1 n2/b proc_start process=duetd
  2 n1/a view members=1,2 joined=2 ring=3
  2 n2/b view members=1,2 joined=2 ring=3
  2.5 n1/a join member=1 member_boot=a step=joined
  3 n1/a join member=2 member_boot=b step=hello
  3 n2/b join member=1 member_boot=a step=hello
)";
const std::string complete =
    "4 n1/a join member=2 member_boot=b step=joined\n4 n2/b join member=2 member_boot=b step=joined\n"
    "4 n1/a join member=1 member_boot=a step=joined\n";

}  // namespace

TEST_CASE("liveness: running means on exactly one of the allowed nodes", "[checker][L1]") {
  const std::string expected = "9 -- expect rule=L1 what=running resource=r nodes=1\n";
  CHECK(violated_by("5 n1/a truth_up resource=r\n" + expected).empty());
  CHECK(violated_by(expected) == std::set<std::string>{"L1"});
  CHECK(violated_by("5 n2/b truth_up resource=r\n" + expected) == std::set<std::string>{"L1"});
}

TEST_CASE("liveness: stopped means up nowhere", "[checker][L3]") {
  const std::string expected = "9 -- expect rule=L3 what=stopped resource=r\n";
  CHECK(violated_by(expected).empty());
  CHECK(violated_by("5 n1/a truth_up resource=r\n" + expected) == std::set<std::string>{"L3"});
}

TEST_CASE("liveness: joined means that both have completed it and both daemons run", "[checker][L3]") {
  const std::string expected = "9 -- expect rule=L3 what=joined nodes=1,2\n";
  CHECK(violated_by(joined + complete + expected).empty());
  CHECK(violated_by(joined + expected) == std::set<std::string>{"L3"});
  CHECK(violated_by(joined + complete + "5 n2/b proc_exit process=duetd\n" + expected) == std::set<std::string>{"L3"});
  CHECK(violated_by(joined + complete + "5 n1/a view members=1 left=2 reason=node_down ring=4\n" + expected) ==
        std::set<std::string>{"L3"});
}

TEST_CASE("liveness: same_config compares the newest committed entries", "[checker][L3]") {
  const std::string expected = "9 -- expect rule=L3 what=same_config\n";
  const std::string n1 = "5 n1/a commit_durable step=committed epoch=1 index=2 hash=h2\n";
  CHECK(violated_by(n1 + "5 n2/b commit_durable step=committed epoch=1 index=2 hash=h2\n" + expected).empty());
  CHECK(violated_by(n1 + expected) == std::set<std::string>{"L3"});
}

TEST_CASE("liveness: quiet means that nothing went up or down and nobody was fenced", "[checker][L6]") {
  const std::string expected = "9 -- expect rule=L6 what=quiet since_ns=5000000000\n";
  CHECK(violated_by("4 n1/a truth_up resource=r\n" + expected).empty());
  CHECK(violated_by("4 n1/a truth_up resource=r\n6 n1/a truth_down resource=r\n" + expected) ==
        std::set<std::string>{"L6"});
}

TEST_CASE("liveness: idle means that no order is being executed", "[checker][L3]") {
  const std::string expected = "9 -- expect rule=L3 what=idle\n";
  const std::string begun = "5 n1/a exec_begin resource=r action=stop run=1 op=1.1.1\n";
  CHECK(violated_by(begun + "6 n1/a exec_end resource=r action=stop run=1 op=1.1.1 status=done rc=0\n" + expected)
            .empty());
  CHECK(violated_by(begun + expected) == std::set<std::string>{"L3"});
}

TEST_CASE("liveness: a condition that the driver of the run has seen fail is caught", "[checker][L4]") {
  CHECK(violated_by("9 -- expect rule=L4 what=true why=x\n").empty());
  CHECK(violated_by("9 -- expect rule=L4 what=false why=x\n") == std::set<std::string>{"L4"});
}

TEST_CASE("liveness: a request without an answer is caught, unless its node went down", "[checker][L8]") {
  const std::string asked = "5 n1/a admin_req client=1 what=edit command=x\n";
  const std::string later = "40 n2/b boot\n";
  CHECK(violated_by(asked + "6 n1/a admin_resp client=1 what=edit result=failed\n" + later).empty());
  CHECK(violated_by(asked + "6 n1/a power_off why=power\n" + later).empty());
  CHECK(violated_by(asked + later) == std::set<std::string>{"L8"});
}
