// SPDX-License-Identifier: Apache-2.0
// See supervised.hpp.
#include "daemon/execd/supervised.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>

#include "daemon/execd/agent_limits.hpp"
#include "daemon/execd/run_protocol.hpp"
#include "platform/process/cgroup.hpp"
#include "platform/process/read_file.hpp"

namespace duet::execd {

namespace {

constexpr int kill_wait_ms = 1000;
constexpr Duration look_again{20ms};  ///< between fork and duet-run's pid file lies about a millisecond

/// Takes the next word of a line; numbers must fill their word.
class Words {
 public:
  explicit Words(std::string_view line) : rest_{line} {}
  std::string_view word() {
    const auto end = rest_.find(' ');
    const std::string_view found = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view{} : rest_.substr(end + 1);
    if (found.empty()) ok_ = false;
    return found;
  }
  std::int64_t number() {
    const std::string_view text = word();
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) ok_ = false;
    return value;
  }
  [[nodiscard]] bool ended_well() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

std::optional<How> parse_how(std::string_view word) {
  if (word == "exited") return How::exited;
  if (word == "signalled") return How::signalled;
  if (word == "timed_out") return How::timed_out;
  if (word == "cancelled") return How::cancelled;
  if (word == "not_executed") return How::not_executed;
  if (word == "too_many") return How::too_many;
  return std::nullopt;
}

Result<UniqueFd> open_lock(const std::string& directory, int flags) {
  UniqueFd lock{open((directory + '/' + run::lock_file).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600)};
  if (!lock) return fail(Errc::backend, directory + "/lock: " + std::strerror(errno));
  return lock;
}

std::vector<std::string> supervisor_arguments(const std::string& supervisor, const std::string& cgroup,
                                              const AgentCommand& command) {
  const auto timeout = std::chrono::ceil<std::chrono::milliseconds>(command.timeout).count();
  std::vector<std::string> arguments{supervisor,
                                     std::to_string(std::max<std::int64_t>(timeout, 1)),
                                     std::to_string(command.output_limit),
                                     command.keep_children ? "1" : "0",
                                     fmt::format("{:o}", command.mask),
                                     std::to_string(command.bounded ? agent_limits::memory : 0),
                                     std::to_string(command.bounded ? agent_limits::tasks : 0),
                                     command.file.script ? "path" : "fd",
                                     cgroup.empty() ? "-" : cgroup,
                                     command.file.path};
  arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
  return arguments;
}

}  // namespace

Result<RunResult> parse_run_result(std::string_view text) {
  const auto line_end = text.find('\n');
  if (line_end == std::string_view::npos) return fail(Errc::malformed, "result of duet-run has no head");
  Words words{text.substr(0, line_end)};
  const bool known = words.word() == run::result_magic && words.number() == run::result_version;
  const auto how = parse_how(words.word());
  RunResult result;
  const std::int64_t code = words.number();
  result.took_ms = words.number();
  result.ended_unix_ms = words.number();
  result.survivors = words.number() == 1;
  const auto out = static_cast<std::uint64_t>(words.number());
  const auto err = static_cast<std::uint64_t>(words.number());
  const std::string_view body = text.substr(line_end + 1);
  if (!known || !how || !words.ended_well() || code < 0 || code > 4096 || out > body.size() ||
      err != body.size() - out) {
    return fail(Errc::malformed, "result of duet-run is damaged");
  }
  result.how = *how;
  result.code = static_cast<int>(code);
  result.out = body.substr(0, out);
  result.err = body.substr(out);
  return result;
}

Supervised::Supervised(Loop& loop, std::string directory, Ended ended)
    : loop_{loop}, directory_{std::move(directory)}, ended_{std::move(ended)}, again_{loop, [this] {
                                                                                        look_for_process();
                                                                                      }} {}

Supervised::~Supervised() {
  watch_.reset();
}

Result<std::unique_ptr<Supervised>> Supervised::start(Loop& loop, const std::string& supervisor,
                                                      const std::string& directory, const std::string& cgroup,
                                                      const AgentCommand& command, Ended ended) {
  std::unique_ptr<Supervised> made{new Supervised{loop, directory, std::move(ended)}};
  const UniqueFd place{open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!place) return fail(Errc::backend, directory + ": " + std::strerror(errno));
  auto lock = open_lock(directory, O_CREAT);
  if (!lock) return tl::unexpected{lock.error()};
  // The lock belongs to the open file, which duet-run inherits: it ends when the last of us has gone.
  if (flock(lock->get(), LOCK_EX | LOCK_NB) != 0) return fail(Errc::busy, directory + " is in use");
  SpawnRequest request{
      .program = supervisor,
      .arguments = supervisor_arguments(supervisor, cgroup, command),
      .environment = command.environment,
      .descriptors = {
          {run::agent_fd, command.file.fd.get()}, {run::directory_fd, place.get()}, {run::lock_fd, lock->get()}}};
  UniqueFd input;
  if (command.input) {
    auto file = memory_file(*command.input);
    if (!file) return tl::unexpected{file.error()};
    input = std::move(*file);
    request.descriptors.emplace_back(0, input.get());
  }
  auto child = spawn(request);
  if (!child) return tl::unexpected{child.error()};
  if (made->watch(std::move(child->pidfd))) return made;
  // Nobody would ever see its end, and what it is told to do would be done although we say that it was not.
  static_cast<void>(send_signal(made->pidfd_, SIGKILL));
  pollfd end{made->pidfd_.get(), POLLIN, 0};
  poll(&end, 1, kill_wait_ms);
  reap(made->pidfd_);
  if (!cgroup.empty()) CgroupTree::kill(cgroup);
  return fail(Errc::backend, "cannot watch duet-run");
}

Result<std::unique_ptr<Supervised>> Supervised::adopt(Loop& loop, const std::string& directory, Ended ended) {
  std::unique_ptr<Supervised> made{new Supervised{loop, directory, std::move(ended)}};
  made->again_.arm(Instant{});
  return made;
}

bool Supervised::watch(UniqueFd pidfd) {
  pidfd_ = std::move(pidfd);
  auto made = loop_.watch(pidfd_.get(), POLLIN, [this](short) { finish(); });
  if (!made) return false;
  watch_ = std::move(*made);
  if (cancelled_) cancel();
  return true;
}

void Supervised::look_for_process() {
  const auto lock = open_lock(directory_, 0);
  // Nobody holds the lock: whatever there was has ended, with a result or without.
  if (!lock || flock(lock->get(), LOCK_EX | LOCK_NB) == 0) return finish();
  const auto text = read_file(directory_ + '/' + run::pid_file, 256);
  if (text) {
    Words words{std::string_view{*text}.substr(0, text->find('\n'))};
    const auto pid = static_cast<pid_t>(words.number());
    const auto start = static_cast<std::uint64_t>(words.number());
    words.number();  // the agent and its start time
    words.number();
    auto process = words.ended_well() ? open_process(pid, start) : Result<UniqueFd>{fail(Errc::malformed, "pid")};
    if (process && watch(std::move(*process))) return;
  }
  again_.arm_in(look_again);
}

void Supervised::cancel() {
  cancelled_ = true;
  // An error means that it has ended meanwhile: its result is on the way.
  if (pidfd_) static_cast<void>(send_signal(pidfd_, SIGTERM));
}

void Supervised::finish() {
  watch_.reset();
  if (pidfd_) reap(pidfd_);
  const auto text = read_file(directory_ + '/' + run::result_file);
  auto result = text ? parse_run_result(*text) : Result<RunResult>{fail(Errc::not_found, "no result")};
  const auto ended = std::move(ended_);
  ended_ = nullptr;
  ended(result ? std::optional<RunResult>{std::move(*result)} : std::nullopt);
}

}  // namespace duet::execd
