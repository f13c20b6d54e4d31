// SPDX-License-Identifier: Apache-2.0
// What duet-execd, which is root, may never be handed.
#include "core/codec/exec_wire.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/core/codec/refusals.hpp"
#include "tests/unit/core/codec/samples.hpp"

using namespace duet;
using test::why_refused;

namespace {

template <class Spoil>
std::string run_agent(Spoil spoil) {
  v1::ExecRequest wire;
  put(wire, test::sample_exec_requests()[1].second);
  spoil(*wire.mutable_run_agent());
  return why_refused<ExecRequest>(wire);
}

}  // namespace

TEST_CASE("exec wire: an order to run an agent is refused by the field that is wrong", "[codec]") {
  CHECK(run_agent([](auto&) {}).empty());
  CHECK(run_agent([](auto& r) { r.set_run(0); }).starts_with("run_agent.run: '0' is not"));
  CHECK(
      run_agent([](auto& r) { r.mutable_agent()->set_type("../../../bin/sh"); }).starts_with("run_agent.agent.type: "));
  CHECK(run_agent([](auto& r) { r.mutable_agent()->set_provider("a/b"); }).starts_with("run_agent.agent.provider: "));
  CHECK(run_agent([](auto& r) { r.clear_action(); }).starts_with("run_agent.action: "));
  CHECK(run_agent([](auto& r) {
          r.mutable_parameters(0)->set_name("a\nb");
        }).starts_with("run_agent.parameters[0].name: "));
  CHECK(run_agent([](auto& r) {
          r.mutable_parameters(0)->set_value(std::string("a\0b", 3));
        }).starts_with("run_agent.parameters[0].value: "));
  CHECK(run_agent([](auto& r) { r.set_node_name(""); }).starts_with("run_agent.node_name: "));
  CHECK(run_agent([](auto& r) { r.set_timeout_ns(-1); }).starts_with("run_agent.timeout: "));
  CHECK(run_agent([](auto& r) { r.set_not_after_ns(-1); }).starts_with("run_agent.not_after: '-1' is not"));
  CHECK(run_agent([](auto& r) { r.clear_not_after_ns(); }).empty());
}

TEST_CASE("exec wire: a fence agent is a file name and its action a name", "[codec]") {
  v1::ExecRequest wire;
  v1::RunFenceAgent& run = *wire.mutable_run_fence_agent();
  run.set_run(1);
  run.set_agent("fence_xvm");
  run.set_action("off");
  CHECK(why_refused<ExecRequest>(wire).empty());
  run.set_agent("fence xvm");
  CHECK(why_refused<ExecRequest>(wire).starts_with("run_fence_agent.agent: "));
  run.set_agent("fence_xvm");
  run.set_action("off\naction=on");
  CHECK(why_refused<ExecRequest>(wire).starts_with("run_fence_agent.action: "));
}

TEST_CASE("exec wire: an order or reply that is not known here is refused", "[codec]") {
  CHECK(why_refused<ExecRequest>(v1::ExecRequest{}).ends_with("is not an order that is known here"));
  CHECK(why_refused<ExecReply>(v1::ExecReply{}).ends_with("is not a reply that is known here"));
}

TEST_CASE("exec wire: a welcome names the boot", "[codec]") {
  v1::ExecReply wire;
  wire.mutable_welcome()->set_major(1);
  CHECK(why_refused<ExecReply>(wire).starts_with("welcome.boot: "));
  wire.mutable_welcome()->set_boot(std::string(64, 'a'));
  CHECK(why_refused<ExecReply>(wire).empty());
  wire.mutable_welcome()->add_runs()->set_run(0);
  CHECK(why_refused<ExecReply>(wire).starts_with("welcome.runs[0].run: "));
}
