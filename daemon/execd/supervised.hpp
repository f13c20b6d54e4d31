// SPDX-License-Identifier: Apache-2.0
// Supervised: one agent that runs under duet-run, or ran under it before this process started. The directory of the run
// is the truth; this object watches it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "platform/loop/loop.hpp"
#include "platform/process/agent_file.hpp"
#include "platform/process/child.hpp"

namespace duet::execd {

enum class How : std::uint8_t { exited, signalled, timed_out, cancelled, not_executed, too_many };

/// What duet-run wrote (run_protocol.hpp).
struct RunResult {
  How how = How::exited;
  int code = 0;
  std::int64_t took_ms = 0;
  std::int64_t ended_unix_ms = 0;
  bool survivors = false;
  std::string out;
  std::string err;
};

/// Error: malformed.
[[nodiscard]] Result<RunResult> parse_run_result(std::string_view text);

struct AgentCommand {
  AgentFile file;
  std::vector<std::string> arguments;  ///< without argv[0]
  std::vector<std::string> environment;
  std::optional<std::string> input;  ///< stdin; else the null device
  Duration timeout{0};
  std::size_t output_limit = 0;
  bool keep_children = false;
  bool bounded = false;  ///< agent_limits.hpp: memory and number of processes
  unsigned mask = 022;
};

class Supervised {
 public:
  /// Nothing: the result was lost, duet-run was killed.
  using Ended = std::function<void(std::optional<RunResult>)>;

  /// Starts duet-run in the existing, empty `directory`. `cgroup` may be empty. `ended` is called once, from the loop.
  /// Error: backend.
  static Result<std::unique_ptr<Supervised>> start(Loop& loop, const std::string& supervisor,
                                                   const std::string& directory, const std::string& cgroup,
                                                   const AgentCommand& command, Ended ended);
  /// Takes over what a former process of duet-execd started, whether it still runs or not.
  static Result<std::unique_ptr<Supervised>> adopt(Loop& loop, const std::string& directory, Ended ended);
  Supervised(const Supervised&) = delete;
  Supervised& operator=(const Supervised&) = delete;
  ~Supervised();

  /// Has the agent and all that it started killed; `ended` follows.
  void cancel();

 private:
  Supervised(Loop& loop, std::string directory, Ended ended);
  bool watch(UniqueFd pidfd);
  void look_for_process();
  void finish();

  Loop& loop_;
  std::string directory_;
  Ended ended_;
  UniqueFd pidfd_;
  FdWatch watch_;
  Timer again_;
  bool cancelled_ = false;
};

}  // namespace duet::execd
