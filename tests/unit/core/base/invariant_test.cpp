// SPDX-License-Identifier: Apache-2.0
// A broken invariant calls the hook and ends the process, in every build type.
#include "core/base/invariant.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

TEST_CASE("invariant: a false condition runs the hook and aborts", "[base]") {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    static_cast<void>(std::signal(SIGABRT, SIG_DFL));
    static_cast<void>(close(STDERR_FILENO));
    duet::set_invariant_hook([] { _exit(42); });
    DUET_INVARIANT(1 + 1 == 3);
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 42);
}
