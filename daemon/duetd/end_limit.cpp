// SPDX-License-Identifier: Apache-2.0
// See end_limit.hpp.
#include "daemon/duetd/end_limit.hpp"

#include <unistd.h>

#include <csignal>

namespace duet {

namespace {

volatile std::sig_atomic_t exit_status = 0;

}  // namespace

void end_within(unsigned seconds, int status) {
  exit_status = status;
  struct sigaction action {};
  action.sa_handler = [](int) { _exit(exit_status); };
  sigaction(SIGALRM, &action, nullptr);
  sigset_t alarm_only;
  sigemptyset(&alarm_only);
  sigaddset(&alarm_only, SIGALRM);
  pthread_sigmask(SIG_UNBLOCK, &alarm_only, nullptr);
  alarm(seconds);
}

}  // namespace duet
