// SPDX-License-Identifier: Apache-2.0
// The program duet: connects terminal, socket and agents to the commands.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>

#include "cli/agents/catalog.hpp"
#include "cli/commands/run.hpp"
#include "cli/shell/connection.hpp"
#include "cli/shell/subprocess.hpp"
#include "platform/clock/clock.hpp"

namespace {

using namespace duet;       // NOLINT: main program
using namespace duet::cli;  // NOLINT

/// A stream of ours. Keeps what is written until it is worth a system call; after an error (a reader that went away)
/// everything is dropped silently: the change that was asked for is with the daemon.
class Stream {
 public:
  explicit Stream(int fd) : fd_{fd} {}
  void write(std::string_view text) {
    constexpr std::size_t enough = 32UL * 1024;
    buffer_ += text;
    if (buffer_.size() >= enough) flush();
  }
  void flush() {
    std::string_view rest{buffer_};
    while (!rest.empty() && !broken_) {
      const auto size = ::write(fd_, rest.data(), rest.size());
      if (size < 0 && errno == EINTR) continue;
      broken_ = size < 0;
      if (size > 0) rest.remove_prefix(static_cast<std::size_t>(size));
    }
    buffer_.clear();
  }

 private:
  int fd_;
  std::string buffer_;
  bool broken_ = false;
};

/// With 0, 1 or 2 closed the next file that is opened would take its place and get our output.
void open_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    const int null = ::open("/dev/null", O_RDWR);
    if (null >= 0 && null != fd) {
      ::dup2(null, fd);
      ::close(null);
    }
  }
}

bool is_set(const char* name) {
  const char* value = std::getenv(name);  // NOLINT: one thread
  return value != nullptr && *value != '\0';
}

bool wants_color(const std::string& mode, bool terminal) {
  if (mode == "always") return true;
  if (mode == "never") return false;
  if (is_set("CLICOLOR_FORCE") && std::string_view{std::getenv("CLICOLOR_FORCE")} != "0") return true;
  const char* term = std::getenv("TERM");  // NOLINT: one thread
  return terminal && !is_set("NO_COLOR") && (term == nullptr || std::string_view{term} != "dumb");
}

/// --color decides about the streams before anything is parsed.
std::string color_mode(const std::vector<std::string>& arguments) {
  constexpr std::string_view option = "--color=";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].starts_with(option)) return arguments[i].substr(option.size());
    if (arguments[i] == "--color" && i + 1 < arguments.size()) return arguments[i + 1];
  }
  return "auto";
}

Duration request_timeout(const std::vector<std::string>& arguments) {
  constexpr std::string_view option = "--request-timeout=";
  for (const auto& argument : arguments) {
    if (!argument.starts_with(option)) continue;
    const long seconds = std::strtol(argument.c_str() + option.size(), nullptr, 10);
    if (seconds > 0 && seconds < 86'400) return std::chrono::seconds{seconds};
  }
  return 60s;
}

/// Switches the echo of the terminal off while it lives.
class HiddenInput {
 public:
  explicit HiddenInput(bool wanted) {
    if (!wanted || ::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    hidden_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
  }
  HiddenInput(const HiddenInput&) = delete;
  HiddenInput& operator=(const HiddenInput&) = delete;
  ~HiddenInput() {
    if (hidden_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }

 private:
  termios before_{};
  bool hidden_ = false;
};

std::optional<std::string> read_line(bool hidden) {
  const HiddenInput echo_off{hidden};
  constexpr std::size_t longest = 4096;
  std::string line;
  char c = 0;
  while (line.size() < longest && ::read(STDIN_FILENO, &c, 1) == 1) {
    if (c == '\n') return line;
    line += c;
  }
  return line.empty() ? std::nullopt : std::optional{line};
}

int columns() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

Machine make_machine(const AgentPaths& paths) {
  Machine machine;
  machine.unit_enabled = [units = paths.units](std::string_view unit) { return unit_enabled_at_boot(units, unit); };
  machine.read_line = read_line;
  machine.input_is_terminal = ::isatty(STDIN_FILENO) == 1;
  const char* layout = std::getenv("DUET_STATUS_FORMAT");  // NOLINT: one thread
  machine.classic_status = layout != nullptr && std::string_view{layout} == "classic";
  machine.root = ::geteuid() == 0;
  machine.now = boot_now;
  machine.ask = [](const std::string& program,
                   const std::vector<std::string>& arguments) -> std::optional<std::string> {
    ProgramCall call;
    call.command = {program};
    call.command.insert(call.command.end(), arguments.begin(), arguments.end());
    call.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"};
    call.timeout = 5s;
    auto output = run_program(call);
    // corosync-quorumtool ends with 2 when it is not quorate: its text counts.
    if (!output || output->text.empty()) return std::nullopt;
    return output->text;
  };
  return machine;
}

Outcome<AgentOutput> run_agent(const AgentCall& call) {
  auto output = run_program(
      {.command = call.command, .environment = call.environment, .input = call.input, .with_errors = call.with_errors});
  if (!output) return tl::unexpected(output.error());
  return AgentOutput{output->exit_code, std::move(output->text)};
}

}  // namespace

int main(int count, char** values) {
  open_standard_descriptors();
  std::signal(SIGPIPE, SIG_IGN);
  ::tzset();
  const std::vector<std::string> arguments(values + (count > 0 ? 1 : 0), values + count);
  const std::string mode = color_mode(arguments);
  const bool out_terminal = ::isatty(STDOUT_FILENO) == 1;
  const bool err_terminal = ::isatty(STDERR_FILENO) == 1;
  Stream out{STDOUT_FILENO};
  Stream err{STDERR_FILENO};
  const auto write_err = [&](std::string_view text) {
    out.flush();
    err.write(text);
    err.flush();
  };
  const AgentPaths paths;
  int code = 0;
  {
    Shell shell{{[&](std::string_view text) { out.write(text); }, out_terminal, wants_color(mode, out_terminal), 80},
                {write_err, err_terminal, false, columns()},
                make_machine(paths),
                socket_connection({.timeout = request_timeout(arguments)}),
                directory_catalog(paths, run_agent)};
    code = run(shell, arguments);
  }
  out.flush();
  return code;
}
