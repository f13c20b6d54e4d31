// SPDX-License-Identifier: Apache-2.0
// Shell: streams and requests of one call of the program.
#include "cli/shell/shell.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <variant>

#include "cli/agents/catalog.hpp"
#include "cli/shell/failure_json.hpp"
#include "core/base/escape.hpp"

namespace duet::cli {

namespace {

/// What is asked of duetd, for --debug. Of a change the typed command: secrets are never typed (E28).
std::string request_text(const IpcRequestBody& body) {
  if (const auto* change = std::get_if<AdminRequest>(&body)) {
    return fmt::format("{} '{}'", change->dry_run ? "preview of" : "change", escape_line(change->command, 200));
  }
  if (std::holds_alternative<GetHistory>(body)) return "the history";
  return "the cluster";
}

}  // namespace

Shell::Shell(Sink out, Sink err, Machine machine, std::unique_ptr<Connection> connection,
             std::unique_ptr<AgentCatalog> agents)
    : out_{std::move(out)},
      err_{std::move(err)},
      machine_{std::move(machine)},
      connection_{std::move(connection)},
      agents_{std::move(agents)} {}

Shell::~Shell() = default;

void Shell::connect_to(std::unique_ptr<Connection> connection) {
  connection_ = std::move(connection);
  view_.reset();
}

void Shell::note(std::string_view text) {
  if (!quiet) err_.write(text);
}

void Shell::warn(std::string_view what, std::string_view fix) {
  if (quiet || std::find(warned_.begin(), warned_.end(), what) != warned_.end()) return;
  warned_.emplace_back(what);
  err_.write(fmt::format("Warning: {}\n", what));
  if (!fix.empty()) err_.write(fmt::format("  Fix:  {}\n", fix));
}

void Shell::fail(const Failure& failure) {
  end_live();
  err_.write(failure_text(failure, verbose));
  if (format == Format::json) out_.write(failure_json(failure));
}

Outcome<IpcReplyBody> Shell::call(IpcRequestBody body, const CallOptions& options) {
  const std::string what = debug ? request_text(body) : "";
  const Instant begin = machine_.now();
  auto reply = connection_->call(std::move(body), options);
  if (debug) {
    err_.write(fmt::format("debug: {}: {} after {} ms\n", what, reply ? "answered" : reply.error().what,
                           (machine_.now() - begin) / 1ms));
  }
  return reply;
}

Outcome<const ClusterView*> Shell::view() {
  if (view_) return &*view_;
  return refresh(Duration{0});
}

Outcome<const ClusterView*> Shell::refresh(Duration wait) {
  GetCluster request;
  if (view_ && wait.count() > 0) {
    request.newer_than = view_->generation;
    request.wait_ms = static_cast<std::uint32_t>(std::min<std::int64_t>(wait / 1ms, 30'000));
  }
  auto reply = call(request);
  if (!reply) return tl::unexpected(reply.error());
  auto* view = std::get_if<ClusterView>(&*reply);
  if (view == nullptr) return failure({.code = Exit::internal, .what = "duetd sent another answer than asked for"});
  view_ = std::move(*view);
  return &*view_;
}

Outcome<HistoryReply> Shell::history(std::uint32_t count) {
  auto reply = call(GetHistory{count});
  if (!reply) return tl::unexpected(reply.error());
  if (auto* items = std::get_if<HistoryReply>(&*reply)) return std::move(*items);
  return failure({.code = Exit::internal, .what = "duetd sent another answer than asked for"});
}

Outcome<AdminReply> Shell::change(AdminRequest request, const CallOptions& options) {
  auto reply = call(std::move(request), options);
  if (!reply) return tl::unexpected(reply.error());
  if (auto* answer = std::get_if<AdminReply>(&*reply)) return std::move(*answer);
  return failure({.code = Exit::internal, .what = "duetd sent another answer than asked for"});
}

void Shell::live(std::string_view line) {
  if (quiet || !err_.terminal) return;
  std::string text{line.substr(0, static_cast<std::size_t>(std::max(10, err_.columns - 1)))};
  const std::size_t width = text.size();
  if (width < live_width_) text.append(live_width_ - width, ' ');
  live_width_ = width;
  err_.write("\r" + text);
}

void Shell::end_live() {
  if (live_width_ == 0) return;
  err_.write("\r" + std::string(live_width_, ' ') + "\r");
  live_width_ = 0;
}

}  // namespace duet::cli
