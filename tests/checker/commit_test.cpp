// SPDX-License-Identifier: Apache-2.0
// S3a-d: traces that must be caught and traces that must pass.
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
  4 n1/a join member=2 member_boot=b step=joined
)";
const std::string on_n1 = "5 n1/a commit_durable step=entry epoch=1 index=2 hash=h2 previous_hash=h1\n";
const std::string on_n2 = "6 n2/b commit_durable step=entry epoch=1 index=2 hash=h2 previous_hash=h1\n";
const std::string answer = "7 n1/a admin_resp client=1 what=edit result=ok epoch=1 index=2\n";
const std::string lost = "4.5 n1/a view members=1 left=2 reason=node_down ring=4\n";

}  // namespace

TEST_CASE("commit: an answer after both disks have the entry passes", "[checker][S3]") {
  CHECK(violated_by(joined + on_n1 + on_n2 + answer).empty());
}

TEST_CASE("commit: an answer before the own disk has the entry is caught", "[checker][S3]") {
  CHECK(violated_by(joined + on_n2 + answer) == std::set<std::string>{"S3a"});
}

TEST_CASE("commit: an answer before the joined peer's disk has the entry is caught", "[checker][S3]") {
  CHECK(violated_by(joined + on_n1 + answer) == std::set<std::string>{"S3a"});
}

TEST_CASE("commit: an answer alone while the peer is lost without evidence is caught", "[checker][S3]") {
  CHECK(violated_by(joined + lost + on_n1 + answer) == std::set<std::string>{"S3b"});
}

TEST_CASE("commit: an answer alone with evidence against the peer passes", "[checker][S3]") {
  const std::string evidence = R"(
  4.6 n2/b power_off why=power
  4.7 n1/a evidence id=E6-1-1 evidence_kind=E6 target=2 target_boot=b
)";
  CHECK(violated_by(joined + lost + evidence + on_n1 + answer).empty());
}

TEST_CASE("commit: a node whose committed position goes back is caught", "[checker][S3]") {
  const std::string back = R"(
  5 n1/a commit_durable step=entry epoch=1 index=1 hash=h1 previous_hash=h0
  6 n1/a commit_durable step=entry epoch=1 index=2 hash=h2 previous_hash=h1
  7 n1/a commit_durable step=committed epoch=1 index=2 hash=h2
)";
  CHECK(violated_by(joined + back).empty());
  CHECK(violated_by(joined + back + "8 n1/a commit_durable step=committed epoch=1 index=1 hash=h1\n") ==
        std::set<std::string>{"S3c"});
  CHECK(violated_by(joined + back + "8 n1/a store_load epoch=1 index=1 hash=h1\n") == std::set<std::string>{"S3c"});
}

TEST_CASE("commit: a chain that does not contain an acknowledged commit is caught", "[checker][S3]") {
  const std::string other = R"(
  8 n2/b commit_durable step=entry epoch=2 index=3 hash=x3 previous_hash=x2
  9 n2/b commit_durable step=committed epoch=2 index=3 hash=x3
)";
  CHECK(violated_by(joined + on_n1 + on_n2 + answer + other) == std::set<std::string>{"S3c"});
}

TEST_CASE("commit: two committed entries at one index are caught", "[checker][S3]") {
  const std::string fork = R"(
  5 n1/a commit_durable step=entry epoch=1 index=2 hash=h2 previous_hash=h1
  6 n1/a commit_durable step=committed epoch=1 index=2 hash=h2
  7 n2/b commit_durable step=entry epoch=2 index=2 hash=k2 previous_hash=h1
  8 n2/b commit_durable step=committed epoch=2 index=2 hash=k2
)";
  CHECK(violated_by(joined + fork) == std::set<std::string>{"S3d"});
}
