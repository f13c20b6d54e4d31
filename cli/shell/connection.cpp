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

constexpr std::uint32_t progress_wait_ms = 1000;

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

  Outcome<IpcReplyBody> call(IpcRequestBody body, const CallOptions& options) override {
    const bool change = std::holds_alternative<AdminRequest>(body);
    if (auto open = connect(change); !open) return tl::unexpected(open.error());
    Duration timeout = options.timeout.value_or(options_.timeout);
    if (const auto* cluster = std::get_if<GetCluster>(&body)) timeout += std::chrono::milliseconds{cluster->wait_ms};
    const Instant begin = boot_now();
    const Instant deadline = begin + timeout;
    const std::uint64_t wanted = ++number_;
    if (auto sent = send({wanted, std::move(body)}, deadline); !sent) {
      client_.reset();
      return failure(change ? unknown_result(begin) : to_failure(sent.error()));
    }
    std::uint64_t question = options.progress ? ask_progress(0, deadline) : 0;
    while (true) {
      auto reply = receive(deadline);
      if (!reply) {
        client_.reset();
        return failure(lost(reply.error(), change, begin));
      }
      if (reply->number == wanted) return refused_or(std::move(reply->body), change);
      const auto* view = std::get_if<ClusterView>(&reply->body);
      if (view == nullptr || reply->number != question) continue;
      options.progress(*view);
      question = ask_progress(view->generation, deadline);
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

  Result<void> send(const IpcRequest& request, Instant deadline) {
    if (!client_) return fail(Errc::disconnected, "there is no connection");
    return client_->send(encode(request), deadline);
  }

  Result<IpcReply> receive(Instant deadline) {
    auto frame = client_->receive(deadline);
    if (!frame) return tl::unexpected(frame.error());
    return decode_ipc_reply(*frame);
  }

  /// duetd answers each request when it can: a question about the view overtakes a change that takes its time.
  std::uint64_t ask_progress(std::uint64_t newer_than, Instant deadline) {
    GetCluster question;
    question.newer_than = newer_than;
    question.wait_ms = newer_than == 0 ? 0 : progress_wait_ms;
    const std::uint64_t number = ++number_;
    return send({number, question}, deadline) ? number : 0;
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
    const bool unreadable = error.code == Errc::malformed || error.code == Errc::invalid_argument;
    if (unreadable) return {.code = Exit::internal, .what = "duetd's answer cannot be read", .why = error.what};
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
