// SPDX-License-Identifier: Apache-2.0
// A child with a pipe for its output and a file in memory as its input, ended at its time limit.
#include "cli/shell/subprocess.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "core/base/duration_text.hpp"
#include "core/base/escape.hpp"
#include "platform/clock/clock.hpp"
#include "platform/process/child.hpp"

namespace duet::cli {

namespace {

/// Milliseconds for poll(2), rounded up, at least 0.
int poll_time(Duration left) {
  const auto ms = (left + 999us) / 1ms;
  return ms < 0 ? 0 : static_cast<int>(ms);
}

enum class End : std::uint8_t { closed, timed_out, too_much };

/// Reads until the other side closes. A daemon that the child left behind may hold the pipe open: its time is limited,
/// too.
End read_all(int fd, Instant deadline, std::size_t limit, std::string& text) {
  std::array<char, 16384> part{};
  while (true) {
    pollfd waiting{fd, POLLIN, 0};
    const Duration left = deadline - boot_now();
    if (left <= Duration{0}) return End::timed_out;
    if (::poll(&waiting, 1, poll_time(left)) <= 0) continue;
    const auto size = ::read(fd, part.data(), part.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size <= 0) return End::closed;
    text.append(part.data(), static_cast<std::size_t>(size));
    if (text.size() > limit) return End::too_much;
  }
}

/// Exit code once the child has ended; nothing if it does not in time.
std::optional<int> wait_end(const Child& child, Instant deadline) {
  while (true) {
    pollfd waiting{child.pidfd.get(), POLLIN, 0};
    const Duration left = deadline - boot_now();
    if (::poll(&waiting, 1, poll_time(left)) > 0) break;
    if (left <= Duration{0}) return std::nullopt;
  }
  const auto status = reap(child.pidfd);
  if (!status) return std::nullopt;
  return *status;
}

}  // namespace

Outcome<ProgramOutput> run_program(const ProgramCall& call) {
  const std::string shown = escape_line(call.command.front(), 200);
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failure({.what = fmt::format("cannot run {}: no pipe", shown)});
  const UniqueFd reading{ends[0]};
  UniqueFd writing{ends[1]};
  auto input = memory_file(call.input);
  if (!input) return failure(to_failure(input.error()));
  SpawnRequest request;
  request.program = call.command.front();
  request.arguments = call.command;
  request.environment = call.environment;
  request.descriptors = {{STDIN_FILENO, input->get()}, {STDOUT_FILENO, writing.get()}};
  if (call.with_errors) request.descriptors.emplace_back(STDERR_FILENO, writing.get());
  auto child = spawn(request);
  if (!child) return failure({.what = fmt::format("cannot run {}", shown), .why = child.error().what});
  writing = UniqueFd{};
  const Instant deadline = boot_now() + call.timeout;
  ProgramOutput output;
  const End end = read_all(reading.get(), deadline, call.output_limit, output.text);
  const auto code = end == End::closed ? wait_end(*child, deadline) : std::nullopt;
  if (code) {
    output.exit_code = *code;
    return output;
  }
  static_cast<void>(send_signal(child->pidfd, SIGKILL));
  static_cast<void>(wait_end(*child, boot_now() + 1s));
  if (end == End::too_much)
    return failure({.what = fmt::format("{} prints more than {} bytes", shown, call.output_limit)});
  return failure(
      {.code = Exit::failed, .what = fmt::format("{} did not end within {}", shown, format_duration(call.timeout))});
}

}  // namespace duet::cli
