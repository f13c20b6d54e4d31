// SPDX-License-Identifier: Apache-2.0
// A real duet-execd with directories of its own, and the client that duetd would be.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/message/exec.hpp"
#include "platform/ipc/client.hpp"
#include "platform/process/child.hpp"

namespace duet::test {

/// Everything that duet-execd needs below one directory in /run: agents must lie where only root can write.
class Executor {
 public:
  Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  ~Executor();

  /// Starts the process; returns once its socket is there.
  void start();
  /// SIGTERM or SIGKILL, and waits for its end.
  void stop(int signal);
  [[nodiscard]] pid_t pid() const { return process_->pid; }
  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] std::string socket() const { return directory_ + "/socket"; }

  /// Installs an executable script; `body` follows "#!/bin/bash". `where` is one of ocf/PROVIDER, sbin, init.d.
  void install(const std::string& where, const std::string& name, const std::string& body) const;
  /// Path of a scratch file that agents may use; its name is in their scripts.
  [[nodiscard]] std::string scratch(const std::string& name) const { return directory_ + "/scratch/" + name; }

 private:
  std::string directory_;
  std::string cgroup_;
  std::optional<Child> process_;
};

/// A connection as duetd has it. Each wait fails the test after 20 s.
class Client {
 public:
  explicit Client(const Executor& executor);

  void send(const ExecRequest& request);
  /// The next reply that `wanted` takes; others are kept for later waits.
  ExecReply wait_for(const std::function<bool(const ExecReply&)>& wanted, Duration limit = std::chrono::seconds{20});
  RunEnded wait_for_end(std::uint64_t run, Duration limit = std::chrono::seconds{20});
  void wait_for_begin(std::uint64_t run);
  /// Sends and waits for the end.
  RunEnded run(const RunAgent& order);
  /// True if nothing arrives in that time.
  bool is_silent(Duration time);

  ExecWelcome welcome;

 private:
  std::optional<ipc::Client> connection_;
  std::vector<ExecReply> kept_;
};

/// An order for ocf:test:TYPE, resource "r", time-out 10 s.
[[nodiscard]] RunAgent order(std::uint64_t run, const std::string& type, Action action);

/// Waits until `condition` holds, at most 10 s.
[[nodiscard]] bool eventually(const std::function<bool()>& condition);
[[nodiscard]] bool is_alive(pid_t pid);
/// Number in a file, 0 if it is not there (yet).
[[nodiscard]] long number_in(const std::string& file);

}  // namespace duet::test
