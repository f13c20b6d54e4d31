// SPDX-License-Identifier: Apache-2.0
// Two network namespaces joined by a veth pair: "own", where the test and the agents run, and "peer". Needs root; a
// machine where it cannot be made fails the test, it does not skip it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace duet::test {

struct RunResult {
  int exit_code = -1;  ///< -1: ended by a signal or its time-out
  std::string out;
  std::string err;
};

/// Runs a program with exactly this environment (PATH is added), both outputs collected until their end; killed after
/// 30 s.
RunResult run_program(const std::vector<std::string>& argv, const std::vector<std::string>& environment = {});

/// Waits for a child of fork() and requires that it ended with 0.
void wait_for_child(pid_t child);

/// Runs ip(8) in the current namespace and requires that it succeeds.
void ip(const std::vector<std::string>& arguments);

/// Writes one value below /proc/sys/net of the current namespace.
void sysctl(const std::string& path, const std::string& value);

class TwoHosts {
 public:
  /// own: veth0 with 10.9.0.1/24 and 2001:db8:9::1/64; peer: veth1 with 10.9.0.2/24 and 2001:db8:9::2/64. No duplicate
  /// detection by the kernel, so that the addresses are usable at once. Leaves the caller in "own".
  TwoHosts();
  ~TwoHosts();
  TwoHosts(const TwoHosts&) = delete;
  TwoHosts& operator=(const TwoHosts&) = delete;

  /// Until it ends, the calling thread is in the peer's namespace; sockets opened there stay there.
  class AtPeer {
   public:
    explicit AtPeer(const TwoHosts& hosts);
    ~AtPeer();
    AtPeer(const AtPeer&) = delete;
    AtPeer& operator=(const AtPeer&) = delete;

   private:
    const TwoHosts& hosts_;
  };

 private:
  int original_ = -1;
  int own_ = -1;
  int peer_ = -1;
};

}  // namespace duet::test
