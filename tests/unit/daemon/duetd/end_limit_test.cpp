// SPDX-License-Identifier: Apache-2.0
// A process that hangs at its end still ends, and with its own status.
#include "daemon/duetd/end_limit.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

TEST_CASE("duetd: what hangs at the end of the process does not change its exit status", "[duetd]") {
  const pid_t child = fork();
  if (child == 0) {
    duet::end_within(1, 97);
    for (;;) pause();
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 97);
}
