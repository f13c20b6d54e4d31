// SPDX-License-Identifier: Apache-2.0
// The session against a real corosync: what it reports, in which order, and what it does when corosync goes.
#include "platform/corosync/session.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <string>
#include <vector>

#include "platform/clock/clock.hpp"
#include "tests/integration/corosync/private_corosync.hpp"

namespace duet::corosync {
namespace {

/// Runs a session on a loop and keeps what it says.
struct Recorder {
  std::unique_ptr<Loop> loop = std::move(*Loop::create());
  std::vector<std::string> said;
  std::vector<ClusterInfo> infos;
  std::vector<View> views;
  std::vector<QuorumState> quorum;
  std::vector<std::string> messages;
  Session session{*loop,
                  "duet-test",
                  {[this](const ClusterInfo& info, const VoteSettings&) {
                     infos.push_back(info);
                     said.emplace_back("opened");
                   },
                   [this](const std::string&) { said.emplace_back("closed"); },
                   [this](const std::string&) { said.emplace_back("refused"); },
                   [this](const View& view) {
                     views.push_back(view);
                     said.emplace_back("view");
                   },
                   [this](const QuorumState& state) { quorum.push_back(state); },
                   [this](NodeId, Bytes message) { messages.emplace_back(message.begin(), message.end()); }}};

  /// Runs the loop until the condition holds, for at most `limit`.
  template <class Condition>
  bool until(Condition condition, Duration limit = 15s) {
    const Instant end = boot_now() + limit;
    while (!condition() && boot_now() < end) loop->run_for(10ms);
    return condition();
  }
  bool in_view() {
    return until([this] { return !views.empty() && !quorum.empty(); });
  }
};

Bytes bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

TEST_CASE("corosync: the session reports cluster, quorum and a view with itself and a ring number", "[corosync]") {
  if (!test::enter_sandbox()) return;
  const test::PrivateCorosync corosync;
  Recorder recorder;
  recorder.session.start();
  REQUIRE(recorder.in_view());
  const ClusterInfo& info = recorder.infos.front();
  CHECK(info.name == "duet-test");
  CHECK(info.self == NodeId{7});
  REQUIRE(info.nodes.size() == 2);
  CHECK(info.nodes[0] == ClusterInfo::Node{NodeId{7}, "seven", "127.0.0.1"});
  CHECK(info.token == 1000ms);
  CHECK(info.consensus > 0ms);
  CHECK_FALSE(info.encrypted());
  const View& view = recorder.views.front();
  CHECK(view.members == std::vector{NodeId{7}});
  CHECK(view.joined == std::vector{NodeId{7}});
  CHECK(view.left.empty());
  CHECK(view.ring > 0);
  CHECK(recorder.until([&] { return recorder.quorum.back().quorate; }));
  CHECK(recorder.quorum.back().members == std::vector{NodeId{7}});
  CHECK(recorder.quorum.back().ring == view.ring);
}

TEST_CASE("corosync: messages come back complete and in order, also when more are sent than it takes", "[corosync]") {
  if (!test::enter_sandbox()) return;
  const test::PrivateCorosync corosync;
  Recorder recorder;
  recorder.session.start();
  REQUIRE(recorder.in_view());
  const std::size_t count = 1000;
  const std::string filling(30000, 'x');
  for (std::size_t i = 0; i < count; ++i) recorder.session.multicast(bytes_of(std::to_string(i) + " " + filling));
  REQUIRE(recorder.until([&] { return recorder.messages.size() == count; }, 60s));
  for (std::size_t i = 0; i < count; ++i) REQUIRE(recorder.messages[i] == std::to_string(i) + " " + filling);
  CHECK(recorder.session.connected());
}

TEST_CASE("corosync: what was not handed over yet can be discarded", "[corosync]") {
  if (!test::enter_sandbox()) return;
  test::PrivateCorosync corosync;
  Recorder recorder;
  recorder.session.start();
  REQUIRE(recorder.in_view());
  corosync.pause();
  for (int i = 0; i < 1000; ++i) recorder.session.multicast(Bytes(30000, 'x'));
  recorder.session.discard_unsent();
  recorder.session.multicast(bytes_of("last"));
  corosync.resume();
  REQUIRE(recorder.until([&] { return !recorder.messages.empty() && recorder.messages.back() == "last"; }));
  CHECK(recorder.messages.size() < 1000);
}

TEST_CASE("corosync: more messages than the queue holds end the connection, and it comes back", "[corosync][A7]") {
  if (!test::enter_sandbox()) return;
  test::PrivateCorosync corosync;
  Recorder recorder;
  recorder.session.start();
  REQUIRE(recorder.in_view());
  corosync.pause();
  for (std::size_t i = 0; i < SendQueue::max_messages + 1000; ++i) recorder.session.multicast(Bytes(30000, 'x'));
  REQUIRE(recorder.until([&] { return !recorder.session.connected(); }));
  CHECK(recorder.said.back() == "closed");
  corosync.resume();
  REQUIRE(recorder.until([&] { return recorder.infos.size() == 2 && recorder.views.size() == 2; }));
}

TEST_CASE("corosync: a killed corosync closes the stream, a new one opens it with a new view", "[corosync][S6]") {
  if (!test::enter_sandbox()) return;
  test::PrivateCorosync corosync;
  Recorder recorder;
  recorder.session.start();
  REQUIRE(recorder.in_view());
  const std::uint64_t first_ring = recorder.views.back().ring;
  corosync.kill();
  REQUIRE(recorder.until([&] { return !recorder.session.connected(); }));
  CHECK(recorder.said.back() == "closed");
  recorder.session.multicast(bytes_of("into the void"));
  corosync.start();
  REQUIRE(recorder.until([&] { return recorder.views.size() == 2; }));
  CHECK(recorder.views.back().joined == std::vector{NodeId{7}});
  CHECK(recorder.views.back().ring > first_ring);
  recorder.session.multicast(bytes_of("heard"));
  REQUIRE(recorder.until([&] { return !recorder.messages.empty(); }));
  CHECK(recorder.messages == std::vector<std::string>{"heard"});
}

TEST_CASE("corosync: a session that starts first waits for corosync", "[corosync]") {
  if (!test::enter_sandbox()) return;
  Recorder recorder;
  recorder.session.start();
  REQUIRE(recorder.until([&] { return recorder.said.size() >= 2; }));
  CHECK(recorder.said.front() == "refused");
  const test::PrivateCorosync corosync;
  CHECK(recorder.in_view());
}

TEST_CASE("corosync: a stopped corosync does not hold up the loop", "[corosync][L9]") {
  if (!test::enter_sandbox()) return;
  test::PrivateCorosync corosync;
  Recorder recorder;
  recorder.session.start();
  REQUIRE(recorder.in_view());
  corosync.pause();
  const Instant before = boot_now();
  for (int i = 0; i < 100; ++i) {
    recorder.session.multicast(bytes_of("tick"));
    recorder.loop->run_for(1ms);
  }
  CHECK(boot_now() - before < 2s);
  Recorder second;
  second.session.start();
  second.loop->run_for(200ms);
  CHECK(boot_now() - before < 3s);
  corosync.resume();
  CHECK(recorder.until([&] { return recorder.messages.size() == 100; }));
}

/// Another process of this node in the same group: sends one message and goes. It is in no view, since it does not
/// count.
int intrude() {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    Recorder intruder;
    intruder.session.start();
    const bool connected = intruder.until([&] { return intruder.session.connected(); });
    intruder.session.multicast(bytes_of("intruder"));
    intruder.loop->run_for(200ms);
    // Not by exit: sanitizers look for leaks there, and a fork has the parent's threads as leaks.
    std::raise(connected && intruder.views.empty() ? SIGKILL : SIGTERM);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WTERMSIG(status);
}

TEST_CASE("corosync: a second process of the node in the group is no member and not heard", "[corosync][A11]") {
  if (!test::enter_sandbox()) return;
  const test::PrivateCorosync corosync;
  Recorder recorder;
  recorder.session.start();
  REQUIRE(recorder.in_view());
  CHECK(intrude() == SIGKILL);
  recorder.session.multicast(bytes_of("after"));
  REQUIRE(recorder.until([&] { return !recorder.messages.empty(); }));
  CHECK(recorder.messages == std::vector<std::string>{"after"});
  CHECK(recorder.views.size() == 1);
}

}  // namespace
}  // namespace duet::corosync
