// SPDX-License-Identifier: Apache-2.0
// The announcing loop and the process around it. It looks at the address before each packet, and watches for its
// removal in between: an announcement after the address has moved would undo the other node's.
#include "agents/ipaddr2/announcer.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>

#include "agents/ipaddr2/place.hpp"
#include "platform/clock/clock.hpp"
#include "platform/net/address_watch.hpp"
#include "platform/net/announce.hpp"

namespace duet::ipaddr2 {

namespace {

bool is_held(const Target& target) {
  const auto network = net::read_network();
  return network && !find_holdings(*network, target).empty();
}

/// Waits until `until`. False if the address has gone by then.
bool wait_while_held(net::AddressWatch& watch, const Target& target, Instant until) {
  while (true) {
    const Duration rest = until - boot_now();
    if (rest <= 0ns) return true;
    pollfd wait{watch.fd(), POLLIN, 0};
    if (poll(&wait, 1, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(rest).count())) <= 0) continue;
    const auto events = watch.read_events();
    if (!events) return false;
    if (!events->empty() && !is_held(target)) return false;
  }
}

/// In the new process: nothing of the agent's caller stays open, so that its pipes end when the agent does.
void leave_caller() {
  setsid();
  close_range(0, ~0U, 0);
  const int null = open("/dev/null", O_RDWR);  // becomes 0
  static_cast<void>(dup2(null, 1));
  static_cast<void>(dup2(null, 2));
  if (chdir("/") != 0) _exit(1);  // would keep a file system busy
  prctl(PR_SET_NAME, "ipaddr2-arp");
  // The last resort if something below hangs; SIGALRM ends the process.
  alarm(static_cast<unsigned>(std::chrono::duration_cast<std::chrono::seconds>(announcer_life).count()) + 5);
}

}  // namespace

std::vector<Duration> announcement_times(const Repetition& repetition) {
  std::set<Duration> times;
  for (unsigned i = 1; i < repetition.count; ++i) times.insert(i * repetition.interval);
  if (repetition.with_late_ones) times.insert({1s, 2s, 3s, 4500ms, 8s, 15s, 30s});
  return {times.begin(), times.upper_bound(announcer_life)};
}

bool announce_once(const Target& target) {
  const auto network = net::read_network();
  if (!network) return false;
  const auto holdings = find_holdings(*network, target);
  for (const Holding& holding : holdings) {
    if (holding.link->usable()) static_cast<void>(net::announce(*holding.link, target.ip));
  }
  return !holdings.empty();
}

void announce_at(const Target& target, const std::vector<Duration>& times) {
  const Instant begin = boot_now();
  const auto watch = net::AddressWatch::open();
  if (!watch) return;
  for (const Duration time : times) {
    if (!wait_while_held(**watch, target, begin + time) || !announce_once(target)) return;
  }
}

bool announce_in_background(const Target& target, const std::vector<Duration>& times) {
  const pid_t between = fork();
  if (between < 0) return false;
  if (between == 0) {
    // The second fork makes init the parent, so that nobody has to wait for the announcer.
    const pid_t announcer = fork();
    if (announcer == 0) {
      leave_caller();
      announce_at(target, times);
    }
    _exit(announcer < 0 ? 1 : 0);
  }
  int status = 0;
  return waitpid(between, &status, 0) == between && status == 0;
}

}  // namespace duet::ipaddr2
