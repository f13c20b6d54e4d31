// SPDX-License-Identifier: Apache-2.0
// duetd: one node's part of the cluster. See docs/ARCHITECTURE.md.
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "daemon/duetd/daemon.hpp"
#include "daemon/duetd/end_limit.hpp"
#include "daemon/duetd/version.hpp"
#include "platform/log/log.hpp"

namespace {

/// Few threads that allocate little: one arena, and freed memory goes back.
void bound_memory() {
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_TRIM_THRESHOLD, 128 * 1024);
}

int complain(const duet::Error& error) {
  duet::log::write(duet::log::Level::error,
                   error.what + ": " + error.why + (error.fix.empty() ? "" : " (" + error.fix + ")"));
  duet::log::close();
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  umask(0077);
  bound_memory();
  const auto options = duet::parse_duetd_options(argc, argv);
  if (!options) {
    std::fprintf(stderr, "duetd: %s: %s (%s)\n", options.error().what.c_str(), options.error().why.c_str(),
                 options.error().fix.c_str());
    return 64;
  }
  if (options->show == duet::DuetdOptions::Show::help) return std::puts(duet::duetd_help()) < 0 ? 1 : 0;
  if (options->show == duet::DuetdOptions::Show::version) return std::printf("duetd %s\n", duet::version_text) < 0;
  // Secrets of fence devices are in memory: no core dump, no debugger of the same user.
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT: a lost peer is an error of its call
  duet::log::open({.program = "duetd",
                   .foreground = options->foreground,
                   .least = options->debug ? duet::log::Level::debug : duet::log::Level::info,
                   .blackbox_directory = options->state_directory});
  auto daemon = duet::Daemon::create(*options);
  if (!daemon) return complain(daemon.error());
  const int status = (*daemon)->run();
  // What follows waits for corosync and the disk; neither may keep a process that has left the cluster.
  duet::end_within(5, status);
  daemon->reset();
  duet::log::close();
  return status;
}
