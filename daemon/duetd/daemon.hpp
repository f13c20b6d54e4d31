// SPDX-License-Identifier: Apache-2.0
// Daemon: the parts of duetd and what joins them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/duetd/driver.hpp"
#include "daemon/duetd/ipc_service.hpp"
#include "daemon/duetd/notifier.hpp"
#include "daemon/duetd/options.hpp"
#include "platform/loop/loop.hpp"
#include "platform/store/store.hpp"

namespace duet {

class Daemon {
 public:
  /// Exit status when an administrator's command, not a signal, made this node leave: systemd does not start it again
  /// (RestartPreventExitStatus in duetd.service).
  static constexpr int left_by_command = 97;

  /// Everything that can fail at the start. Errors: as the parts'.
  static Result<std::unique_ptr<Daemon>> create(const DuetdOptions& options);
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  /// Until the cluster has been left. Returns the exit status of the process.
  [[nodiscard]] int run();

 private:
  explicit Daemon(std::unique_ptr<Loop> loop) : loop_{std::move(loop)}, notifier_{*loop_} {}
  Result<void> open(const DuetdOptions& options);
  Result<void> watch_signals();
  void terminate();
  void ended(const std::string& reason, int status);

  std::unique_ptr<Loop> loop_;
  Notifier notifier_;
  std::unique_ptr<Driver> driver_;
  std::unique_ptr<IpcService> ipc_;
  std::vector<SignalWatch> signals_;
  bool terminating_ = false;
  int status_ = 0;
};

}  // namespace duet
