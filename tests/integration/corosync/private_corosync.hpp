// SPDX-License-Identifier: Apache-2.0
// A corosync of the test's own: node 7 of two, the other one never comes; in network and mount namespaces that the test
// process made for itself. It never meets the machine's corosync, because libqb's abstract sockets belong to the
// network namespace.
#pragma once

#include <sys/types.h>

#include <string>

namespace duet::test {

/// Moves this process into new namespaces with private /run, /dev/shm and /tmp, once. False: not root, or there is no
/// corosync on this machine (installed, named by DUET_TEST_COROSYNC, or in the lab's cache). With DUET_TEST_STRICT in
/// the environment, as in tools/test, the test fails then.
[[nodiscard]] bool enter_sandbox();

class PrivateCorosync {
 public:
  PrivateCorosync() { start(); }
  ~PrivateCorosync() { kill(); }
  PrivateCorosync(const PrivateCorosync&) = delete;
  PrivateCorosync& operator=(const PrivateCorosync&) = delete;

  void start();
  /// SIGKILL, and waits for its end.
  void kill();
  void pause();
  void resume();

 private:
  pid_t pid_ = -1;
};

}  // namespace duet::test
