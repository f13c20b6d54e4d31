// SPDX-License-Identifier: Apache-2.0
// From the end of an agent to an outcome, from an order to its carrier, and duet-run's result file.
#include <catch2/catch.hpp>
#include <cerrno>

#include "daemon/execd/agent_command.hpp"

namespace duet::execd {

namespace {

RunAgent sample(Action action) {
  RunAgent order;
  order.run = 1;
  order.resource = "r";
  order.agent = AgentRef{"ocf", "heartbeat", "Dummy"};
  order.action = action;
  order.timeout = 20s;
  return order;
}

RunResult ended(How how, int code) {
  RunResult result;
  result.how = how;
  result.code = code;
  result.took_ms = 12;
  result.ended_unix_ms = 34;
  return result;
}

}  // namespace

TEST_CASE("run result: what duet-run writes is read back", "[execd]") {
  const auto result = parse_run_result("duet-run 1 exited 7 15 1700000000000 0 3 5\nabchello");
  REQUIRE(result);
  CHECK(result->how == How::exited);
  CHECK(result->code == 7);
  CHECK(result->took_ms == 15);
  CHECK(result->ended_unix_ms == 1700000000000);
  CHECK_FALSE(result->survivors);
  CHECK(result->out == "abc");
  CHECK(result->err == "hello");
  CHECK(parse_run_result("duet-run 1 timed_out 0 15 1 1 0 0\n")->survivors);
}

TEST_CASE("run result: damaged ones are refused", "[execd]") {
  for (const char* bad :
       {"", "\n", "duet-run", "duet-run 1 exited 7 15 1 0 3 5\nabchell", "duet-run 1 exited 7 15 1 0 3 5\nabchello!",
        "duet-run 2 exited 7 15 1 0 0 0\n", "other 1 exited 7 15 1 0 0 0\n", "duet-run 1 flew 7 15 1 0 0 0\n",
        "duet-run 1 exited x 15 1 0 0 0\n", "duet-run 1 exited -1 15 1 0 0 0\n", "duet-run 1 exited 7 15 1 0 -1 1\n",
        "duet-run 1 exited 7 15 1 0 0 0 9\n", "duet-run 1 exited 7 15 1 0 18446744073709551615 1\n"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_run_result(bad));
  }
}

TEST_CASE("outcome: each way to end has its status, code and reason", "[execd]") {
  const RunAgent start = sample(Action::start);
  RunResult failed = ended(How::exited, 1);
  failed.err = "ocf-exit-reason:no disk\n";
  const OpOutcome by_code = agent_outcome(start, Carrier::agent, failed);
  CHECK(by_code.status == OpStatus::done);
  CHECK(by_code.exit_code == 1);
  CHECK(by_code.reason == "no disk");
  CHECK(by_code.took_ms == 12);
  CHECK(by_code.unix_ms == 34);
  const OpOutcome late = agent_outcome(start, Carrier::agent, ended(How::timed_out, 0));
  CHECK(late.status == OpStatus::timed_out);
  CHECK(late.exit_code == 1);
  CHECK(late.reason == "Resource agent did not complete within 20s");
  const OpOutcome killed = agent_outcome(start, Carrier::agent, ended(How::signalled, 9));
  CHECK(killed.status == OpStatus::error);
  CHECK(killed.exit_code == 1);
  CHECK_THAT(killed.reason, Catch::StartsWith("start was interrupted by signal 9"));
  CHECK(agent_outcome(start, Carrier::agent, ended(How::cancelled, 0)).status == OpStatus::cancelled);
  const OpOutcome missing = agent_outcome(start, Carrier::agent, ended(How::not_executed, ENOEXEC));
  CHECK(missing.status == OpStatus::not_installed);
  CHECK(missing.exit_code == 5);
  const OpOutcome forbidden = agent_outcome(start, Carrier::agent, ended(How::not_executed, EACCES));
  CHECK(forbidden.status == OpStatus::error);
  CHECK(forbidden.exit_code == 4);
  RunResult stuck = ended(How::timed_out, 0);
  stuck.survivors = true;
  CHECK_THAT(agent_outcome(start, Carrier::agent, stuck).reason, Catch::Contains("cannot be killed"));
}

TEST_CASE("outcome: the reason of a fence agent is its message, not the last of the options it lists", "[execd]") {
  RunFenceAgent order;
  order.agent = "fence_xvm";
  order.action = "monitor";
  RunResult result = ended(How::exited, 1);
  result.out = "Invalid key file: '/nope'\n  debug   Specify debug level\n  delay   Fencing delay\n\n";
  CHECK(fence_outcome(order, result).reason == "Invalid key file: '/nope'");
  result.out = "  all of it indented\n";
  CHECK_THAT(fence_outcome(order, result).reason, Catch::Contains("all of it indented"));
  result.err = "to stderr\n";
  CHECK(fence_outcome(order, result).reason == "to stderr");
}

TEST_CASE("outcome: an agent with too many processes has failed, with the reason", "[execd]") {
  const auto result = parse_run_result("duet-run 1 too_many 512 15 1 0 0 0\n");
  REQUIRE(result);
  const OpOutcome outcome = agent_outcome(sample(Action::monitor), Carrier::agent, *result);
  CHECK(outcome.status == OpStatus::error);
  CHECK(outcome.exit_code == 1);
  CHECK(outcome.reason == "Resource agent had more than 512 processes and was killed");
}

TEST_CASE("outcome: the status of an init script is translated, that of a probe too", "[execd]") {
  CHECK(agent_outcome(sample(Action::probe), Carrier::init_script, ended(How::exited, 3)).exit_code == 7);
  CHECK(agent_outcome(sample(Action::start), Carrier::init_script, ended(How::exited, 3)).exit_code == 3);
  CHECK(agent_outcome(sample(Action::probe), Carrier::agent, ended(How::exited, 3)).exit_code == 3);
}

TEST_CASE("outcome: the code of a fence agent is its own, the reason its last word", "[execd]") {
  RunFenceAgent order;
  order.agent = "fence_xvm";
  order.action = "status";
  order.timeout = 5s;
  RunResult failed = ended(How::exited, 1);
  failed.out = "told on stdout\n";
  CHECK(fence_outcome(order, failed).reason == "told on stdout");
  failed.err = "first\nlast word\n\n";
  CHECK(fence_outcome(order, failed).exit_code == 1);
  CHECK(fence_outcome(order, failed).reason == "last word");
  RunResult off = ended(How::exited, 2);
  off.out = "Status: OFF\n";
  CHECK(fence_outcome(order, off).exit_code == 2);
  CHECK(fence_outcome(order, off).reason.empty());
  CHECK(fence_outcome(order, ended(How::exited, 77)).exit_code == 77);
  CHECK(fence_outcome(order, ended(How::timed_out, 0)).reason == "fence_xvm did not complete within 5s");
}

TEST_CASE("carrier: each standard has its own", "[execd]") {
  Settings settings;
  settings.init_directory = "/nowhere";
  CHECK(carrier_of({"ocf", "heartbeat", "Dummy"}, settings).value() == Carrier::agent);
  CHECK(carrier_of({"systemd", "", "haproxy"}, settings).value() == Carrier::unit);
  CHECK(carrier_of({"lsb", "", "haproxy"}, settings).value() == Carrier::init_script);
  CHECK(carrier_of({"service", "", "haproxy"}, settings).value() == Carrier::unit);
  settings.init_directory = "/bin";
  CHECK(carrier_of({"service", "", "sh"}, settings).value() == Carrier::init_script);
  CHECK(carrier_of({"service", "", "../bin/sh"}, settings).value() == Carrier::unit);
  CHECK_FALSE(carrier_of({"stonith", "", "fence_xvm"}, settings));
  CHECK_FALSE(carrier_of({"", "", ""}, settings));
}

TEST_CASE("command: names that are none are refused before anything is opened", "[execd][SEC-AGENT]") {
  Settings settings;
  settings.ocf_directory = "/";
  settings.own_fence_directory = "/bin";
  settings.fence_directory = "/bin";
  for (const char* bad : {"..", "../bin/sh", ".x", "-x", "a b", ""}) {
    RunAgent order = sample(Action::start);
    order.agent.type = bad;
    const auto command = agent_command(order, Carrier::agent, settings);
    REQUIRE_FALSE(command);
    CHECK(command.error().code == Errc::invalid_argument);
    order.agent = {"ocf", bad, "Dummy"};
    CHECK(agent_command(order, Carrier::agent, settings).error().code == Errc::invalid_argument);
  }
  for (const char* bad : {"sh", "fence_/../sh", "../fence_x", ""}) {
    RunFenceAgent order;
    order.agent = bad;
    CHECK(fence_command(order, settings).error().code == Errc::invalid_argument);
  }
  CHECK_FALSE(metadata_command({"systemd", "", "x"}, settings));
}

TEST_CASE("refusal: tells missing, forbidden, malformed and broken apart", "[execd]") {
  CHECK(refusal({Errc::not_found, "x"}).status == OpStatus::not_installed);
  CHECK(refusal({Errc::not_found, "x"}).exit_code == 5);
  CHECK(refusal({Errc::not_permitted, "x"}).exit_code == 4);
  CHECK(refusal({Errc::invalid_argument, "x"}).exit_code == 6);
  CHECK(refusal({Errc::storage, "x"}).exit_code == 1);
  CHECK(refusal({Errc::storage, "x"}).status == OpStatus::error);
}

}  // namespace duet::execd
