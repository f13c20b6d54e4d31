// SPDX-License-Identifier: Apache-2.0
// duet-virtd: powers libvirt domains on and off for the fence agents in them, as fence_virtd does.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>

#include "daemon/virtd/check.hpp"
#include "daemon/virtd/configure.hpp"
#include "daemon/virtd/files.hpp"
#include "daemon/virtd/options.hpp"
#include "daemon/virtd/serve.hpp"
#include "daemon/virtd/version.hpp"

namespace {

using duet::virtd::Options;

constexpr int exit_usage = 64;

void print(const std::string& text) {
  std::cout << text << std::flush;
}

int print_error(const duet::Error& error, int code) {
  std::cerr << "duet-virtd: " << error.what << (error.why.empty() ? "" : ": ") << error.why << '\n';
  if (!error.fix.empty()) std::cerr << "  " << error.fix << '\n';
  return code;
}

int configure(const Options& options) {
  auto existing = duet::virtd::read_conf_file(options.conf_file);
  const std::string trouble = existing ? "" : existing.error().what + ": " + existing.error().why;
  std::optional<duet::fencehost::ConfNode> root;
  if (existing) root = std::move(*existing);
  const duet::virtd::Dialogue dialogue{print, []() -> std::optional<std::string> {
                                         std::string line;
                                         if (!std::getline(std::cin, line)) return std::nullopt;
                                         return line;
                                       }};
  const auto result = duet::virtd::configure(dialogue, options.conf_file, std::move(root), trouble);
  if (result.end == duet::virtd::Configured::input_ended) {
    print("\nThe input has ended; nothing was written.\n");
    return 1;
  }
  if (result.end == duet::virtd::Configured::declined) return 1;
  if (auto written = duet::virtd::replace_with_backup(options.conf_file, result.text); !written) {
    return print_error(written.error(), 1);
  }
  return 0;
}

int show_status(const Options& options) {
  const std::string path = options.run_directory + "/status";
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (path.size() >= sizeof to.sun_path) {
    return print_error({duet::Errc::invalid_argument, path, "the path is too long"}, exit_usage);
  }
  std::memcpy(to.sun_path, path.data(), path.size());
  const duet::UniqueFd fd{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!fd || connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    return print_error({duet::Errc::not_running, "the daemon does not answer", std::strerror(errno)}, 1);
  }
  const timeval limit{5, 0};
  static_cast<void>(setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
  std::array<char, 4096> buffer{};
  bool any = false;
  for (;;) {
    const ssize_t got = read(fd.get(), buffer.data(), buffer.size());
    if (got <= 0) break;
    any = true;
    print(std::string{buffer.data(), static_cast<std::size_t>(got)});
  }
  return any ? 0 : print_error({duet::Errc::timeout, "the daemon does not answer", "no status in 5 s"}, 1);
}

int run(const Options& options) {
  switch (options.job) {
    case duet::virtd::Job::serve:
      return duet::virtd::serve(options);
    case duet::virtd::Job::configure:
      return configure(options);
    case duet::virtd::Job::check:
      return duet::virtd::check_installation(options.conf_file, options.user,
                                             [](const std::string& line) { print(line + "\n"); });
    case duet::virtd::Job::show_status:
      return show_status(options);
    case duet::virtd::Job::list_plugins:
      print("Available backends:\n    libvirt\nAvailable listeners:\n    multicast\n");
      return 0;
    case duet::virtd::Job::version:
      print(std::string{"duet-virtd "} + duet::virtd::version_text + "\n");
      return 0;
    case duet::virtd::Job::help:
      print(duet::virtd::usage_text);
      return 0;
  }
  return exit_usage;
}

}  // namespace

int main(int argc, char** argv) {
  umask(0077);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGHUP, SIG_IGN);  // as the original: there is nothing to read again
  const auto options = duet::virtd::read_options(argc, argv);
  if (!options) {
    print_error(options.error(), exit_usage);
    return exit_usage;
  }
  return run(*options);
}
