// SPDX-License-Identifier: Apache-2.0
// The server's bounds (SEC-IPC 5) against real sockets, and the two clients.
#include "platform/ipc/server.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <optional>

#include "platform/clock/clock.hpp"
#include "platform/ipc/channel.hpp"
#include "platform/ipc/client.hpp"
#include "platform/ipc/listen.hpp"

namespace duet::ipc {

namespace {

Bytes text(std::string_view content) {
  return {content.begin(), content.end()};
}

std::string make_directory() {
  std::string name = "/tmp/duet-ipc-XXXXXX";
  REQUIRE(mkdtemp(name.data()) != nullptr);
  return name;
}

/// A server in a private directory; by default it answers each frame with the same bytes.
struct Fixture {
  std::string directory = make_directory();
  std::string path = directory + "/socket";
  std::vector<uid_t> owners{geteuid()};
  std::unique_ptr<Loop> loop = std::move(*Loop::create());
  ServerOptions options;
  std::size_t frame_limit = 1024;
  bool answer = true;
  std::vector<PeerCredentials> peers;
  std::vector<std::pair<ConnectionId, Bytes>> frames;
  std::vector<std::string> ends;
  std::unique_ptr<Server> server;

  void start() {
    auto listener = listen_on_path(path, 0600);
    REQUIRE(listener);
    auto made = Server::create(*loop, std::move(*listener), options,
                               {.connected =
                                    [this](ConnectionId, const PeerCredentials& peer) {
                                      peers.push_back(peer);
                                      return frame_limit;
                                    },
                                .frame =
                                    [this](ConnectionId id, Bytes frame) {
                                      if (answer) server->send(id, frame);
                                      frames.emplace_back(id, std::move(frame));
                                    },
                                .closed = [this](ConnectionId, const std::string& why) { ends.push_back(why); }});
    REQUIRE(made);
    server = std::move(*made);
  }
  Client connect() {
    auto client = Client::connect(path, owners);
    REQUIRE(client);
    return std::move(*client);
  }
  /// True if the server has closed this connection.
  static bool is_closed(Client& client) {
    auto got = client.receive(boot_now());
    return !got && got.error().code == Errc::disconnected;
  }
  ~Fixture() {
    server.reset();
    std::filesystem::remove_all(directory);
  }
};

}  // namespace

TEST_CASE("server: the role is decided by the kernel's credentials before a byte is read", "[ipc]") {
  Fixture fixture;
  fixture.start();
  Client client = fixture.connect();
  fixture.loop->run_for(10ms);
  REQUIRE(fixture.peers.size() == 1);
  CHECK(fixture.peers[0].uid == geteuid());
  CHECK(fixture.peers[0].pid == getpid());
  CHECK(fixture.peers[0].in_group(getegid()));
  CHECK(fixture.frames.empty());
}

TEST_CASE("server: frames arrive and answers go back", "[ipc]") {
  Fixture fixture;
  fixture.start();
  Client client = fixture.connect();
  for (int i = 0; i < 3; ++i) REQUIRE(client.send(text("ping"), boot_now() + 1s));
  fixture.loop->run_for(10ms);
  CHECK(fixture.frames.size() == 3);
  for (int i = 0; i < 3; ++i) {
    auto answer = client.receive(boot_now() + 1s);
    REQUIRE(answer);
    CHECK(*answer == text("ping"));
  }
}

TEST_CASE("server: a refused peer is closed without a byte", "[ipc]") {
  Fixture fixture;
  fixture.frame_limit = 0;
  fixture.start();
  Client client = fixture.connect();
  fixture.loop->run_for(10ms);
  CHECK(Fixture::is_closed(client));
  CHECK(fixture.server->connections() == 0);
}

TEST_CASE("server: a frame above the peer's limit ends the connection", "[ipc]") {
  Fixture fixture;
  fixture.frame_limit = 64;
  fixture.start();
  Client client = fixture.connect();
  REQUIRE(client.send(Bytes(65, 1), boot_now() + 1s));
  fixture.loop->run_for(10ms);
  CHECK(Fixture::is_closed(client));
  REQUIRE(fixture.ends.size() == 1);
  CHECK(fixture.ends[0].find("65") != std::string::npos);
}

TEST_CASE("server: a request that is not complete in time ends the connection, an idle one too", "[ipc]") {
  Fixture fixture;
  fixture.options.partial_request = 20ms;
  fixture.options.idle = 80ms;
  fixture.start();
  Client slow = fixture.connect();
  Client idle = fixture.connect();
  REQUIRE(::send(slow.fd(), "\x08\0", 2, MSG_NOSIGNAL) == 2);
  fixture.loop->run_for(50ms);
  CHECK(Fixture::is_closed(slow));
  CHECK_FALSE(Fixture::is_closed(idle));
  fixture.loop->run_for(60ms);
  CHECK(Fixture::is_closed(idle));
}

TEST_CASE("server: a client that waits for its answer is not idle", "[ipc]") {
  Fixture fixture;
  fixture.options.idle = 20ms;
  fixture.answer = false;
  fixture.start();
  Client client = fixture.connect();
  REQUIRE(client.send(text("wait"), boot_now() + 1s));
  fixture.loop->run_for(70ms);
  REQUIRE(fixture.frames.size() == 1);
  fixture.server->send(fixture.frames[0].first, text("done"));
  auto answer = client.receive(boot_now() + 1s);
  REQUIRE(answer);
  CHECK(*answer == text("done"));
}

TEST_CASE("server: connections are bounded per uid and one slot is kept for root", "[ipc]") {
  Fixture fixture;
  fixture.options.connections = 4;
  fixture.start();
  std::vector<Client> clients;
  for (int i = 0; i < 6; ++i) clients.push_back(fixture.connect());
  fixture.loop->run_for(20ms);
  // The tests run as root in the lab (all 4 slots) and as a user elsewhere (one is kept free).
  CHECK(fixture.server->connections() == (geteuid() == 0 ? 4 : 3));
}

TEST_CASE("server: a client with too many unanswered requests is not read further, and is later", "[ipc]") {
  Fixture fixture;
  fixture.options.unanswered = 4;
  fixture.answer = false;
  fixture.start();
  Client client = fixture.connect();
  for (int i = 0; i < 10; ++i) REQUIRE(client.send(text("x"), boot_now() + 1s));
  fixture.loop->run_for(20ms);
  CHECK(fixture.frames.size() == 4);
  fixture.answer = true;
  fixture.server->send(fixture.frames[0].first, text("y"));
  fixture.server->send(fixture.frames[0].first, text("y"));
  fixture.loop->run_for(20ms);
  CHECK(fixture.frames.size() == 10);
}

TEST_CASE("server: a client that does not read is dropped when its queue is full", "[ipc]") {
  Fixture fixture;
  fixture.options.queue = 256 * 1024;
  fixture.options.unanswered = 0;
  fixture.start();
  Client client = fixture.connect();
  fixture.loop->run_for(10ms);
  REQUIRE(fixture.server->connections() == 1);
  const Bytes chunk(100'000, 1);
  for (int i = 0; i < 20; ++i) fixture.server->send(1, chunk);
  fixture.loop->run_for(10ms);
  CHECK(fixture.server->connections() == 0);
  CHECK(fixture.ends.size() == 1);
}

TEST_CASE("server: one answer may be larger than the queue, a second one must wait in it", "[ipc]") {
  Fixture fixture;
  fixture.options.queue = 256 * 1024;
  fixture.options.unanswered = 0;
  fixture.start();
  Client client = fixture.connect();
  fixture.loop->run_for(10ms);
  fixture.server->send(1, Bytes(2'000'000, 1));
  fixture.loop->run_for(10ms);
  CHECK(fixture.server->connections() == 1);
  fixture.server->send(1, Bytes(300'000, 1));
  fixture.loop->run_for(10ms);
  CHECK(fixture.server->connections() == 0);
}

TEST_CASE("server: what a client sent before it went is handed over before its successor comes", "[ipc]") {
  Fixture fixture;
  fixture.start();
  std::optional<Client> first = fixture.connect();
  fixture.loop->run_for(5ms);
  fixture.server->finish_if_closed(1);  // it is still there
  CHECK(fixture.server->connections() == 1);
  for (int i = 0; i < 5; ++i) REQUIRE(first->send(Bytes(1000, 1), boot_now() + 1s));
  first.reset();
  fixture.server->finish_if_closed(1);
  CHECK(fixture.frames.size() == 5);
  CHECK(fixture.ends.size() == 1);
  CHECK(fixture.server->connections() == 0);
}

TEST_CASE("server: passed descriptors are closed", "[ipc]") {
  Fixture fixture;
  fixture.start();
  Client client = fixture.connect();
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
  const UniqueFd reader{ends[0]};
  UniqueFd writer{ends[1]};
  Bytes frame = make_frame(text("hi"));
  iovec data{frame.data(), frame.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  const int passed = writer.get();
  std::copy_n(reinterpret_cast<const char*>(&passed), sizeof passed, reinterpret_cast<char*>(CMSG_DATA(header)));
  REQUIRE(sendmsg(client.fd(), &message, MSG_NOSIGNAL) > 0);
  writer.reset();
  fixture.loop->run_for(10ms);
  CHECK(fixture.frames.size() == 1);
  char byte = 0;
  CHECK(read(reader.get(), &byte, 1) == 0);  // end of file: nobody holds the write end any more
}

TEST_CASE("client: a server that is not the expected user is refused", "[ipc][V7]") {
  Fixture fixture;
  fixture.start();
  auto other = Client::connect(fixture.path, {geteuid() + 1});
  REQUIRE_FALSE(other);
  CHECK(other.error().code == Errc::not_permitted);
  REQUIRE(chmod(fixture.directory.c_str(), 0777) == 0);
  auto open_place = Client::connect(fixture.path, fixture.owners);
  REQUIRE_FALSE(open_place);
  CHECK(open_place.error().code == Errc::not_permitted);
  auto nothing = Client::connect(fixture.directory + "/nothing", fixture.owners);
  REQUIRE_FALSE(nothing);
  CHECK(nothing.error().code == Errc::not_running);
}

TEST_CASE("client: waits for an answer only until the deadline", "[ipc]") {
  Fixture fixture;
  fixture.start();
  Client client = fixture.connect();
  const Instant begin = boot_now();
  auto answer = client.receive(begin + 20ms);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Errc::timeout);
  CHECK(boot_now() - begin >= 20ms);
}

TEST_CASE("channel: connects when the server appears, and again after it went", "[ipc]") {
  Fixture fixture;
  int connected = 0;
  std::vector<std::string> losses;
  std::vector<Bytes> answers;
  std::optional<Channel> channel;
  channel.emplace(*fixture.loop,
                  ChannelOptions{.path = fixture.path, .owners = fixture.owners, .retry_first = 2ms, .retry_max = 8ms},
                  ChannelHandlers{.connected =
                                      [&] {
                                        ++connected;
                                        CHECK(channel->send(text("hello")));
                                      },
                                  .frame = [&](Bytes frame) { answers.push_back(std::move(frame)); },
                                  .disconnected = [&](const std::string& why) { losses.push_back(why); }});
  fixture.loop->run_for(30ms);
  CHECK(connected == 0);
  CHECK(losses.size() == 1);  // the same reason again is not reported again
  CHECK_FALSE(channel->send(text("x")));
  fixture.start();
  fixture.loop->run_for(30ms);
  CHECK(connected == 1);
  CHECK(answers.size() == 1);
  fixture.server.reset();
  fixture.loop->run_for(10ms);
  CHECK_FALSE(channel->connected());
  fixture.start();
  fixture.loop->run_for(30ms);
  CHECK(connected == 2);
  CHECK(answers.size() == 2);
}

}  // namespace duet::ipc
