// SPDX-License-Identifier: Apache-2.0
// duet-run: stands between duet-execd and one agent, so that the agent's time-out, its output and its result do not
// depend on duet-execd being there (protocol.md 9). No library, no heap: there is one for each running agent.
//
// It is a subreaper: whatever the agent leaves behind becomes its child, so that killing its children until there are
// none reaches everything, also without a cgroup.
#include <dirent.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "daemon/execd/run_protocol.hpp"

namespace {

namespace run = duet::run;

struct Options {
  std::int64_t timeout_ms = 0;
  std::size_t stdout_limit = 0;
  bool keep = false;
  mode_t mask = 0;
  rlim_t memory = 0;       ///< 0: no limit
  std::int64_t tasks = 0;  ///< 0: no limit
  bool by_descriptor = false;
  const char* cgroup = nullptr;  ///< nullptr: none
  char** agent = nullptr;        ///< argv
};

/// Keeps the beginning of a stream and, behind `first` bytes, a ring of the last ones. The memory is mapped once and
/// only touched where something is written.
struct Capture {
  int fd = -1;
  char* memory = nullptr;
  std::size_t first = 0;
  std::size_t last = 0;  ///< size of the ring; 0 = none
  std::uint64_t seen = 0;
};

enum class How { exited, signalled, timed_out, cancelled, not_executed, too_many };

struct State {
  Options options;
  Capture out;
  Capture err;
  pid_t agent = -1;
  int signals = -1;
  int exec_error = -1;  ///< read end: errno of a failed execve
  bool agent_ended = false;
  bool killed = false;
  bool survivors = false;
  How how = How::exited;
  int code = 0;
};

std::int64_t clock_ms(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

[[noreturn]] void give_up() {
  _exit(125);
}

bool parse_number(const char* text, int base, std::int64_t& out) {
  char* end = nullptr;
  errno = 0;
  out = std::strtoll(text, &end, base);
  return errno == 0 && end != text && *end == '\0' && out >= 0;
}

bool parse_options(int argc, char** argv, Options& options) {
  if (argc < run::argument_count) return false;
  std::int64_t limit = 0;
  std::int64_t mask = 0;
  std::int64_t memory = 0;
  if (!parse_number(argv[1], 10, options.timeout_ms) || !parse_number(argv[2], 10, limit) ||
      !parse_number(argv[4], 8, mask) || !parse_number(argv[5], 10, memory) ||
      !parse_number(argv[6], 10, options.tasks)) {
    return false;
  }
  options.stdout_limit = static_cast<std::size_t>(limit);
  options.keep = std::strcmp(argv[3], "1") == 0;
  options.mask = static_cast<mode_t>(mask);
  options.memory = static_cast<rlim_t>(memory);
  options.by_descriptor = std::strcmp(argv[7], "fd") == 0;
  options.cgroup = std::strcmp(argv[8], "-") == 0 ? nullptr : argv[8];
  options.agent = argv + 9;
  return true;
}

bool write_all(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t written = write(fd, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    data += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

bool read_small(int directory, const char* name, char* buffer, std::size_t size) {
  const int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const ssize_t got = read(fd, buffer, size - 1);
  close(fd);
  buffer[got > 0 ? got : 0] = '\0';
  return got > 0;
}

// ---- files of the run -----------------------------------------------------------------------------------------------

/// Field 22 of /proc/PID/stat; 0 if it cannot be read.
unsigned long long start_time_of(pid_t pid) {
  char name[32];
  std::snprintf(name, sizeof name, "/proc/%d/stat", static_cast<int>(pid));
  char stat_text[1024];
  if (!read_small(AT_FDCWD, name, stat_text, sizeof stat_text)) return 0;
  // The name in parentheses may hold anything; the 20th field behind its last ')' is the start time.
  const char* at = std::strrchr(stat_text, ')');
  for (int field = 2; at != nullptr && field < 22; ++field) at = std::strchr(at + 1, ' ');
  return at == nullptr ? 0 : std::strtoull(at + 1, nullptr, 10);
}

/// `agent` is 0 until there is one.
void write_pid_file(pid_t agent) {
  const unsigned long long own_start = start_time_of(getpid());
  if (own_start == 0) give_up();
  char text[96];
  const int size = std::snprintf(text, sizeof text, "%d %llu %d %llu\n", static_cast<int>(getpid()), own_start,
                                 static_cast<int>(agent), agent == 0 ? 0 : start_time_of(agent));
  const int fd = openat(run::directory_fd, "pid.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0 || !write_all(fd, text, static_cast<std::size_t>(size))) give_up();
  close(fd);
  if (renameat(run::directory_fd, "pid.new", run::directory_fd, run::pid_file) != 0) give_up();
}

const char* word(How how) {
  switch (how) {
    case How::exited:
      return "exited";
    case How::signalled:
      return "signalled";
    case How::timed_out:
      return "timed_out";
    case How::cancelled:
      return "cancelled";
    case How::not_executed:
      return "not_executed";
    case How::too_many:
      return "too_many";
  }
  return "exited";
}

std::size_t kept_bytes(const Capture& capture) {
  const std::uint64_t limit = capture.first + capture.last;
  return static_cast<std::size_t>(capture.seen < limit ? capture.seen : limit);
}

bool write_capture(int fd, const Capture& capture) {
  const std::uint64_t limit = capture.first + capture.last;
  if (capture.seen <= limit || capture.last == 0) return write_all(fd, capture.memory, kept_bytes(capture));
  const std::size_t oldest = static_cast<std::size_t>((capture.seen - capture.first) % capture.last);
  const char* ring = capture.memory + capture.first;
  return write_all(fd, capture.memory, capture.first) && write_all(fd, ring + oldest, capture.last - oldest) &&
         write_all(fd, ring, oldest);
}

void write_result(const State& state, std::int64_t took_ms) {
  char head[256];
  const int size = std::snprintf(head, sizeof head, "%s %d %s %d %lld %lld %d %zu %zu\n", run::result_magic,
                                 run::result_version, word(state.how), state.code, static_cast<long long>(took_ms),
                                 static_cast<long long>(clock_ms(CLOCK_REALTIME)), state.survivors ? 1 : 0,
                                 kept_bytes(state.out), kept_bytes(state.err));
  const int fd = openat(run::directory_fd, "result.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0 || !write_all(fd, head, static_cast<std::size_t>(size)) || !write_capture(fd, state.out) ||
      !write_capture(fd, state.err)) {
    give_up();  // no memory for /run: duet-execd finds no result and treats it as lost
  }
  close(fd);
  if (renameat(run::directory_fd, "result.new", run::directory_fd, run::result_file) != 0) give_up();
}

// ---- output ---------------------------------------------------------------------------------------------------------

void map_memory(Capture& capture, std::size_t first, std::size_t last) {
  capture.first = first;
  capture.last = last;
  void* const memory = mmap(nullptr, first + last, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) give_up();
  capture.memory = static_cast<char*>(memory);
}

void keep_bytes(Capture& capture, const char* data, std::size_t size) {
  if (capture.seen < capture.first) {
    const std::size_t room = capture.first - static_cast<std::size_t>(capture.seen);
    const std::size_t part = size < room ? size : room;
    std::memcpy(capture.memory + capture.seen, data, part);
    capture.seen += part;
    data += part;
    size -= part;
  }
  if (capture.last == 0) {
    capture.seen += size;
    return;
  }
  while (size > 0) {
    const std::size_t at = static_cast<std::size_t>((capture.seen - capture.first) % capture.last);
    const std::size_t room = capture.last - at;
    const std::size_t part = size < room ? size : room;
    std::memcpy(capture.memory + capture.first + at, data, part);
    capture.seen += part;
    data += part;
    size -= part;
  }
}

/// Reads what is there now, at most a pipe full at a time, so that signals and time-outs are looked at in between.
/// False if there was nothing.
bool drain(Capture& capture) {
  if (capture.fd < 0) return false;
  static char buffer[64 * 1024];
  const ssize_t got = read(capture.fd, buffer, sizeof buffer);
  if (got > 0) {
    keep_bytes(capture, buffer, static_cast<std::size_t>(got));
    return true;
  }
  if (got < 0 && errno == EINTR) return true;
  if (got < 0 && errno == EAGAIN) return false;
  close(capture.fd);
  capture.fd = -1;
  return false;
}

// ---- the agent ------------------------------------------------------------------------------------------------------

/// The way of version 1, and of old kernels: moving a process waits for all processors, which takes 5 to 20 ms.
bool join_cgroup(const char* cgroup) {
  const int directory = open(cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return false;
  const int fd = openat(directory, "cgroup.procs", O_WRONLY | O_CLOEXEC);
  close(directory);
  if (fd < 0) return false;
  const bool joined = write(fd, "0", 1) == 1;
  close(fd);
  return joined;
}

/// fork(2) whose child is in the cgroup from its first instant. `joined` is false if it still has to go there.
pid_t fork_into(const char* cgroup, bool& joined) {
  joined = cgroup == nullptr;
  const int directory = joined ? -1 : open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory >= 0) {
    clone_args args{};
    args.flags = CLONE_INTO_CGROUP;
    args.exit_signal = SIGCHLD;
    args.cgroup = static_cast<decltype(args.cgroup)>(directory);
    const pid_t pid = static_cast<pid_t>(syscall(SYS_clone3, &args, sizeof args));
    if (pid >= 0) {
      joined = true;
      close(directory);
      return pid;
    }
    close(directory);
  }
  return fork();
}

void reset_signals() {
  for (int number = 1; number < NSIG; ++number) {
    if (number != SIGKILL && number != SIGSTOP) std::signal(number, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Runs in the forked child; returns only if the agent could not be executed.
int become_agent(const Options& options, bool joined, int out, int err, char** environment) {
  setsid();
  if (!joined && !join_cgroup(options.cgroup)) return errno;
  // duet-execd is protected from the OOM killer and may be preferred by the scheduler; what it starts is not.
  const int oom = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (oom >= 0) {
    [[maybe_unused]] const ssize_t written = write(oom, "0", 1);
    close(oom);
  }
  const sched_param normal{};
  sched_setscheduler(0, SCHED_OTHER, &normal);
  setpriority(PRIO_PROCESS, 0, 0);
  // Data, not address space: programs reserve far more than they use. Each process has its own; TASKS bounds the sum.
  const rlimit data{options.memory, options.memory};
  const rlimit none{0, 0};
  if (options.memory > 0 && (setrlimit(RLIMIT_DATA, &data) != 0 || setrlimit(RLIMIT_CORE, &none) != 0)) return errno;
  umask(options.mask);
  if (chdir("/") != 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0) return errno;
  if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) != 0) return errno;
  reset_signals();
  if (options.by_descriptor) {
    syscall(SYS_execveat, run::agent_fd, "", options.agent, environment, AT_EMPTY_PATH);
  } else {
    execve(options.agent[0], options.agent, environment);
  }
  return errno;
}

void start_agent(State& state, char** environment) {
  int out[2];
  int err[2];
  int exec_error[2];
  if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0 || pipe2(exec_error, O_CLOEXEC) != 0) give_up();
  // Only our ends are non-blocking: agents do not expect EAGAIN from their output.
  fcntl(out[0], F_SETFL, O_NONBLOCK);
  fcntl(err[0], F_SETFL, O_NONBLOCK);
  bool joined = false;
  state.agent = fork_into(state.options.cgroup, joined);
  if (state.agent < 0) give_up();
  if (state.agent == 0) {
    const int error = become_agent(state.options, joined, out[1], err[1], environment);
    write_all(exec_error[1], reinterpret_cast<const char*>(&error), sizeof error);
    _exit(126);
  }
  close(out[1]);
  close(err[1]);
  close(exec_error[1]);
  state.out.fd = out[0];
  state.err.fd = err[0];
  state.exec_error = exec_error[0];
  // The agent's own descriptors: kept open they would keep its file and input busy.
  close(run::agent_fd);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null >= 0) dup2(null, STDIN_FILENO);
  if (null > STDIN_FILENO) close(null);
}

// ---- killing --------------------------------------------------------------------------------------------------------

void kill_children() {
  static char list[16 * 1024];
  char path[64];
  std::snprintf(path, sizeof path, "/proc/self/task/%d/children", static_cast<int>(getpid()));
  if (!read_small(AT_FDCWD, path, list, sizeof list)) return;
  for (char* at = list; *at != '\0';) {
    char* end = nullptr;
    const long pid = std::strtol(at, &end, 10);
    if (end == at) break;
    if (*end != ' ') break;  // cut off in the middle of a number: the next round sees it
    kill(static_cast<pid_t>(pid), SIGKILL);
    at = end + 1;
  }
}

void kill_cgroup(const char* cgroup) {
  if (cgroup == nullptr) return;
  const int directory = open(cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return;
  const int all = openat(directory, "cgroup.kill", O_WRONLY | O_CLOEXEC);
  if (all >= 0) {
    [[maybe_unused]] const ssize_t written = write(all, "1", 1);
    close(all);
  } else {
    static char list[64 * 1024];
    if (read_small(directory, "cgroup.procs", list, sizeof list)) {
      for (char* at = list; *at != '\0';) {
        char* end = nullptr;
        const long pid = std::strtol(at, &end, 10);
        if (end == at || *end != '\n') break;
        if (pid > 1) kill(static_cast<pid_t>(pid), SIGKILL);
        at = end + 1;
      }
    }
  }
  close(directory);
}

void kill_everything(const State& state) {
  if (!state.agent_ended) kill(-state.agent, SIGKILL);
  kill_cgroup(state.options.cgroup);
  kill_children();
}

void reap(State& state) {
  int status = 0;
  pid_t pid = 0;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    if (pid != state.agent) continue;
    state.agent_ended = true;
    if (state.killed) continue;
    int error = 0;
    if (read(state.exec_error, &error, sizeof error) == sizeof error) {
      state.how = How::not_executed;
      state.code = error;
    } else if (WIFSIGNALED(status)) {
      state.how = How::signalled;
      state.code = WTERMSIG(status);
    } else {
      state.code = WEXITSTATUS(status);
    }
  }
}

/// True once no child is left.
bool no_child_left() {
  siginfo_t info{};
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD;
}

/// Kills until nothing is left, or patience ends.
void kill_until_empty(State& state) {
  // Against something that forks as quickly as it is killed the killer must get the processor.
  setpriority(PRIO_PROCESS, 0, -20);
  const std::int64_t deadline = clock_ms(CLOCK_BOOTTIME) + run::kill_patience_ms;
  for (int pause_ms = 0;; pause_ms = pause_ms < 20 ? pause_ms + 1 : 20) {
    kill_everything(state);
    poll(nullptr, 0, pause_ms);
    reap(state);
    if (no_child_left()) return;
    if (clock_ms(CLOCK_BOOTTIME) >= deadline) break;
  }
  state.survivors = true;
}

// ---- main loop ------------------------------------------------------------------------------------------------------

/// Waits for output, a signal or `until`. Returns true if duet-execd asked to cancel.
bool wait_for_something(State& state, std::int64_t until) {
  std::int64_t left = until - clock_ms(CLOCK_BOOTTIME);
  if (state.options.tasks > 0 && left > run::count_pause_ms) left = run::count_pause_ms;
  pollfd events[3] = {{state.signals, POLLIN, 0}, {state.out.fd, POLLIN, 0}, {state.err.fd, POLLIN, 0}};
  // A suspended machine does not advance poll's clock: look at the real one at least every second.
  poll(events, 3, static_cast<int>(left < 0 ? 0 : (left < 1000 ? left : 1000)));
  if (events[1].revents != 0) drain(state.out);
  if (events[2].revents != 0) drain(state.err);
  bool cancel = false;
  if (events[0].revents != 0) {
    signalfd_siginfo info{};
    while (read(state.signals, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
      if (info.ssi_signo == SIGTERM) cancel = true;
    }
  }
  return cancel;
}

/// Whether the agent has more processes than it may. Counted here: the pids controller cannot be used on version 2,
/// because with controllers enabled below it systemd could not start duet-execd again in its own cgroup.
bool has_too_many(const Options& options) {
  if (options.tasks == 0 || options.cgroup == nullptr) return false;
  const int directory = open(options.cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC);
  const int fd = directory < 0 ? -1 : openat(directory, "cgroup.procs", O_RDONLY | O_CLOEXEC);
  if (directory >= 0) close(directory);
  if (fd < 0) return false;
  static char part[16 * 1024];
  std::int64_t lines = 0;
  for (ssize_t got = 0; lines <= options.tasks && (got = read(fd, part, sizeof part)) > 0;) {
    for (ssize_t at = 0; at < got; ++at) lines += part[at] == '\n' ? 1 : 0;
  }
  close(fd);
  return lines > options.tasks;
}

void end_by_force(State& state, How how, int code = 0) {
  state.killed = true;
  state.how = how;
  state.code = code;
  kill_until_empty(state);
}

void watch_agent(State& state, std::int64_t began) {
  const std::int64_t deadline = began + state.options.timeout_ms;
  while (!state.agent_ended) {
    const bool cancel = wait_for_something(state, deadline);
    reap(state);
    if (state.agent_ended) break;
    if (cancel) return end_by_force(state, How::cancelled);
    if (clock_ms(CLOCK_BOOTTIME) >= deadline) return end_by_force(state, How::timed_out);
    if (has_too_many(state.options)) return end_by_force(state, How::too_many, static_cast<int>(state.options.tasks));
  }
  // All that the agent wrote is in the pipes by now. What still holds them open is in the background, as send_arp of
  // the shell IPaddr2 for a second: it is not waited for, and if it floods us that ends soon.
  const std::int64_t abandon = clock_ms(CLOCK_BOOTTIME) + run::drain_ms;
  for (bool more = true; more && clock_ms(CLOCK_BOOTTIME) < abandon;) {
    more = drain(state.out);
    more = drain(state.err) || more;
  }
  reap(state);
  // What a start leaves is the service; also after a failure, when the stop that follows ends it in an orderly way.
  if (!state.options.keep && !no_child_left()) kill_until_empty(state);
}

}  // namespace

int main(int argc, char** argv, char** environment) {
  const std::int64_t began = clock_ms(CLOCK_BOOTTIME);
  static State state;
  if (!parse_options(argc, argv, state.options)) give_up();
  setsid();
  sigset_t handled;
  sigemptyset(&handled);
  sigaddset(&handled, SIGTERM);
  sigaddset(&handled, SIGCHLD);
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  state.signals = signalfd(-1, &handled, SFD_NONBLOCK | SFD_CLOEXEC);
  if (state.signals < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) give_up();
  // The lock must end with this process, not with the agent's children.
  fcntl(run::directory_fd, F_SETFD, FD_CLOEXEC);
  fcntl(run::lock_fd, F_SETFD, FD_CLOEXEC);
  fcntl(run::agent_fd, F_SETFD, FD_CLOEXEC);
  write_pid_file(0);
  map_memory(state.out, state.options.stdout_limit, 0);
  map_memory(state.err, run::stderr_first, run::stderr_last);
  start_agent(state, environment);
  write_pid_file(state.agent);
  watch_agent(state, began);
  write_result(state, clock_ms(CLOCK_BOOTTIME) - began);
  return 0;
}
