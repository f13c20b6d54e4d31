// SPDX-License-Identifier: Apache-2.0
// Making the parts in their order, and taking them down in the other one.
#include "daemon/duetd/daemon.hpp"

#include <csignal>
#include <cstdlib>
#include <utility>

#include "platform/ipc/listen.hpp"
#include "platform/log/log.hpp"

namespace duet {

Result<std::unique_ptr<Daemon>> Daemon::create(const DuetdOptions& options) {
  auto loop = Loop::create();
  if (!loop) return tl::unexpected{loop.error()};
  std::unique_ptr<Daemon> daemon{new Daemon{std::move(*loop)}};
  if (auto done = daemon->open(options); !done) return tl::unexpected{done.error()};
  return daemon;
}

Result<void> Daemon::open(const DuetdOptions& options) {
  if (auto done = watch_signals(); !done) return done;
  std::optional<TraceFile> trace;
  if (!options.trace_file.empty()) {
    auto opened = TraceFile::open(options.trace_file);
    if (!opened) return tl::unexpected{opened.error()};
    trace.emplace(std::move(*opened));
  }
  auto listener = options.socket.empty() ? ipc::listen_from_systemd() : ipc::listen_on_path(options.socket, 0660);
  if (!listener) return tl::unexpected{listener.error()};
  auto store = Store::open(*loop_, options.state_directory,
                           [this](std::uint64_t token, const std::string& error) { driver_->persisted(token, error); });
  if (!store) return tl::unexpected{store.error()};
  driver_ = std::make_unique<Driver>(
      *loop_, options, std::move(trace),
      Driver::Handlers{[this](std::uint64_t client, const AdminReply& reply) { ipc_->answer(client, reply); },
                       [this] {
                         ipc_->changed();
                         notifier_.status(driver_->status());
                       },
                       [this](const std::string& reason, int status) { ended(reason, status); }});
  auto ipc = IpcService::create(*loop_, std::move(*listener), *driver_);
  if (!ipc) return tl::unexpected{ipc.error()};
  ipc_ = std::move(*ipc);
  driver_->start(std::move(*store));
  return {};
}

Result<void> Daemon::watch_signals() {
  const std::pair<int, std::function<void()>> wanted[] = {{SIGTERM, [this] { terminate(); }},
                                                          {SIGINT, [this] { terminate(); }},
                                                          {SIGHUP, [] {}},
                                                          {SIGUSR1, [] { log::dump_blackbox(); }}};
  for (const auto& [number, action] : wanted) {
    auto watch = loop_->watch_signal(number, action);
    if (!watch) return tl::unexpected{watch.error()};
    signals_.push_back(std::move(*watch));
  }
  return {};
}

int Daemon::run() {
  notifier_.ready();
  notifier_.status(driver_->status());
  loop_->run();
  return status_;
}

void Daemon::terminate() {
  if (std::exchange(terminating_, true)) return;
  log::write(log::Level::notice, "asked to stop: leaving the cluster");
  notifier_.stopping();
  driver_->stop();
}

void Daemon::ended(const std::string& reason, int status) {
  if (reason.empty()) {
    log::write(log::Level::notice, "left the cluster cleanly");
  } else {
    log::write(log::Level::error, "ends without a clean leave: " + reason);
  }
  status_ = status;
  if (!terminating_ && status == 0) status_ = reason.empty() ? left_by_command : EXIT_FAILURE;
  loop_->stop();
}

}  // namespace duet
