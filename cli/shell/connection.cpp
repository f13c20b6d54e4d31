// SPDX-License-Identifier: Apache-2.0
// Requests over the local socket, one at a time. Tells apart what never reached the daemon from what may have: only the
// latter is "result unknown".
#include "cli/shell/connection.hpp"

#include <fmt/core.h>
#include <pwd.h>
#include <unistd.h>

#include <optional>

#include "core/codec/ipc_codec.hpp"
#include "platform/clock/clock.hpp"
#include "platform/ipc/client.hpp"

namespace duet::cli {

namespace {

/// E18
Failure not_running() {
  return {.code = Exit::not_running,
          .id = "E18",
          .what = "duetd is not running on this node",
          .fix = "systemctl start corosync duetd"};
}

std::string user_name() {
  const passwd* entry = ::getpwuid(::geteuid());
  return entry != nullptr ? entry->pw_name : fmt::format("user {}", ::geteuid());
}

/// E19
Failure not_permitted(bool change) {
  return {.code = Exit::not_permitted,
          .id = "E19",
          .what = fmt::format("{} may not {} the cluster", user_name(), change ? "change" : "look at"),
          .fix = "add the user to group haclient, or use sudo"};
}

class SocketConnection final : public Connection {
 public:
  explicit SocketConnection(ConnectionOptions options) : options_{std::move(options)} {}

  Outcome<IpcReplyBody> call(IpcRequestBody body) override {
    const bool change = std::holds_alternative<AdminRequest>(body);
    if (auto open = connect(change); !open) return tl::unexpected(open.error());
    Duration timeout = options_.timeout;
    if (const auto* cluster = std::get_if<GetCluster>(&body)) timeout += std::chrono::milliseconds{cluster->wait_ms};
    if (change) timeout += options_.timeout;
    const Instant begin = boot_now();
    const Instant deadline = begin + timeout;
    const IpcRequest request{++number_, std::move(body)};
    const Bytes bytes = encode(request);
    if (auto sent = client_->send(bytes, deadline); !sent) {
      client_.reset();
      return change ? failure(unknown_result(begin)) : failure(to_failure(sent.error()));
    }
    while (true) {
      auto frame = client_->receive(deadline);
      if (!frame) {
        client_.reset();
        return failure(lost(frame.error(), change, begin));
      }
      auto reply = decode_ipc_reply(*frame);
      if (!reply) {
        client_.reset();
        return failure({.code = Exit::internal, .what = "duetd's answer cannot be read", .why = reply.error().what});
      }
      if (reply->number == request.number) return refused_or(std::move(reply->body), change);
    }
  }

 private:
  Outcome<void> connect(bool change) {
    if (client_) return {};
    std::vector<uid_t> owners{0};
    if (const auto user = ipc::user_id(options_.service_user)) owners.push_back(*user);
    auto client = ipc::Client::connect(options_.path, owners);
    if (client) {
      client_.emplace(std::move(*client));
      return {};
    }
    if (client.error().code == Errc::not_running) return failure(not_running());
    if (client.error().code == Errc::not_permitted) {
      Failure what = not_permitted(change);
      what.why = client.error().what;
      return failure(std::move(what));
    }
    return failure(to_failure(client.error()));
  }

  /// A refusal for lack of permission gets the caller's name and the way out.
  static Outcome<IpcReplyBody> refused_or(IpcReplyBody body, bool change) {
    if (auto* reply = std::get_if<AdminReply>(&body)) {
      if (reply->error && reply->error->code == Errc::not_permitted) return failure(not_permitted(true));
      if (!change && reply->error) return failure(to_failure(*reply->error));
    }
    return body;
  }

  /// E27
  static Failure unknown_result(Instant begin) {
    const auto tenths = (boot_now() - begin) / 100ms;
    return {.code = Exit::unknown_result,
            .id = "E27",
            .what = fmt::format("result unknown: connection lost {}.{} s after the request was sent", tenths / 10,
                                tenths % 10),
            .fix = "duet history -n 3"};
  }

  static Failure lost(const Error& error, bool change, Instant begin) {
    if (change) return unknown_result(begin);
    if (error.code == Errc::timeout) {
      return {.code = Exit::timeout, .what = "duetd does not answer", .fix = "systemctl status duetd"};
    }
    return {
        .code = Exit::disconnected, .what = "the connection to duetd was lost", .why = error.what, .fix = "try again"};
  }

  ConnectionOptions options_;
  std::optional<ipc::Client> client_;
  std::uint64_t number_ = 0;
};

}  // namespace

std::unique_ptr<Connection> socket_connection(ConnectionOptions options) {
  return std::make_unique<SocketConnection>(std::move(options));
}

}  // namespace duet::cli
