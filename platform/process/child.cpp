// SPDX-License-Identifier: Apache-2.0
// See child.hpp.
#include "platform/process/child.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>

#include "platform/process/read_file.hpp"

namespace duet {

namespace {

/// Descriptors are moved above this before they get their number in the child, so that none overwrites another.
constexpr int parking = 64;

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

Error system_error(const std::string& call) {
  return Error{Errc::backend, call + ": " + std::strerror(errno)};
}

struct Parked {
  std::vector<std::pair<int, UniqueFd>> descriptors;  ///< {number in the child, ours, above `parking`}
  int highest = 2;
};

Result<Parked> park(const std::vector<std::pair<int, int>>& wanted) {
  Parked parked;
  const UniqueFd null{open("/dev/null", O_RDWR | O_CLOEXEC)};
  if (!null) return tl::unexpected{system_error("open /dev/null")};
  std::vector<std::pair<int, int>> all{{0, null.get()}, {1, null.get()}, {2, null.get()}};
  all.insert(all.end(), wanted.begin(), wanted.end());
  for (const auto& [number, ours] : all) {
    UniqueFd copy{fcntl(ours, F_DUPFD_CLOEXEC, parking)};
    if (!copy) return tl::unexpected{system_error("dup")};
    parked.descriptors.emplace_back(number, std::move(copy));
    parked.highest = std::max(parked.highest, number);
  }
  return parked;
}

void reset_signals() {
  for (int number = 1; number < NSIG; ++number) {
    if (number != SIGKILL && number != SIGSTOP) std::signal(number, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// In the child, only system calls. Returns errno.
int execute(const char* program, char** arguments, char** environment, const Parked& parked) {
  for (const auto& [number, ours] : parked.descriptors) {
    if (dup2(ours.get(), number) < 0) return errno;
  }
  if (syscall(SYS_close_range, static_cast<unsigned>(parked.highest + 1), ~0U, CLOSE_RANGE_CLOEXEC) != 0) return errno;
  reset_signals();
  execve(program, arguments, environment);
  return errno;
}

}  // namespace

Result<Child> spawn(const SpawnRequest& request) {
  auto parked = park(request.descriptors);
  if (!parked) return tl::unexpected{parked.error()};
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return tl::unexpected{system_error("pipe")};
  const UniqueFd error_out{ends[0]};
  UniqueFd error_in{fcntl(ends[1], F_DUPFD_CLOEXEC, parking)};
  close(ends[1]);
  if (!error_in) return tl::unexpected{system_error("dup")};
  std::vector<char*> arguments = pointers(request.arguments);
  std::vector<char*> environment = pointers(request.environment);
  Child child;
  child.pid = fork();
  if (child.pid < 0) return tl::unexpected{system_error("fork")};
  if (child.pid == 0) {
    const int error = execute(request.program.c_str(), arguments.data(), environment.data(), *parked);
    [[maybe_unused]] const ssize_t written = write(error_in.get(), &error, sizeof error);
    _exit(126);
  }
  error_in.reset();
  child.pidfd = UniqueFd{static_cast<int>(syscall(SYS_pidfd_open, child.pid, 0))};
  int error = 0;
  ssize_t got = 0;
  while ((got = read(error_out.get(), &error, sizeof error)) < 0 && errno == EINTR) {
  }
  if (got == 0 && child.pidfd) return child;
  if (got == 0) kill(child.pid, SIGKILL);  // without a pidfd its end would go unseen
  waitpid(child.pid, nullptr, 0);
  errno = got > 0 ? error : ESRCH;
  return tl::unexpected{system_error("execute " + request.program)};
}

std::optional<int> reap(const UniqueFd& pidfd) {
  siginfo_t info{};
  if (waitid(P_PIDFD, static_cast<id_t>(pidfd.get()), &info, WEXITED | WNOHANG) != 0 || info.si_pid == 0) {
    return std::nullopt;
  }
  return info.si_status;
}

Result<UniqueFd> open_process(pid_t pid, std::uint64_t start_time) {
  UniqueFd pidfd{static_cast<int>(syscall(SYS_pidfd_open, pid, 0))};
  if (!pidfd) return fail(Errc::not_found, "process " + std::to_string(pid) + " has gone");
  // Only now: from here on the pidfd keeps hold of whatever has this number.
  const auto started = start_time_of(pid);
  if (!started || *started != start_time) return fail(Errc::not_found, "process " + std::to_string(pid) + " has gone");
  return pidfd;
}

Result<void> send_signal(const UniqueFd& pidfd, int signal) {
  if (syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0) == 0) return {};
  return fail(Errc::not_found, std::string{"signal: "} + std::strerror(errno));
}

Result<std::uint64_t> start_time_of(pid_t pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/stat", 4096);
  if (!text) return fail(Errc::not_found, "process " + std::to_string(pid) + " has gone");
  // The name in parentheses may hold anything, also blanks and parentheses: count behind the last one.
  auto at = text->rfind(')');
  for (int field = 2; at != std::string::npos && field < 22; ++field) at = text->find(' ', at + 1);
  std::uint64_t start = 0;
  if (at == std::string::npos ||
      std::from_chars(text->data() + at + 1, text->data() + text->size(), start).ec != std::errc{}) {
    return fail(Errc::malformed, "/proc/" + std::to_string(pid) + "/stat");
  }
  return start;
}

Result<UniqueFd> memory_file(std::string_view content) {
  UniqueFd fd{memfd_create("duet-stdin", MFD_CLOEXEC)};
  if (!fd) return tl::unexpected{system_error("memfd_create")};
  for (std::size_t at = 0; at < content.size();) {
    const ssize_t written = pwrite(fd.get(), content.data() + at, content.size() - at, static_cast<off_t>(at));
    if (written <= 0) return tl::unexpected{system_error("write")};
    at += static_cast<std::size_t>(written);
  }
  return fd;
}

}  // namespace duet
