// SPDX-License-Identifier: Apache-2.0
// ProcessWatch: tells once when a process, or the last process of a cgroup, has ended. By itself, not by asking.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "platform/loop/loop.hpp"

namespace duet::execd {

class ProcessWatch {
 public:
  using Gone = std::function<void()>;
  /// Error: not_found if it has ended already.
  static Result<std::unique_ptr<ProcessWatch>> of_process(Loop& loop, pid_t pid, Gone gone);
  /// `cgroup` is a directory of version 2. Errors: not_found if it holds no process, backend (version 1).
  static Result<std::unique_ptr<ProcessWatch>> of_cgroup(Loop& loop, const std::string& cgroup, Gone gone);
  ProcessWatch(const ProcessWatch&) = delete;
  ProcessWatch& operator=(const ProcessWatch&) = delete;
  ~ProcessWatch() { watch_.reset(); }

 private:
  explicit ProcessWatch(UniqueFd fd) : fd_{std::move(fd)} {}
  UniqueFd fd_;
  FdWatch watch_;
};

}  // namespace duet::execd
