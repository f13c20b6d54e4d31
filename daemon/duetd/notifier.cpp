// SPDX-License-Identifier: Apache-2.0
// The messages of sd_notify(3).
#include "daemon/duetd/notifier.hpp"

#include <systemd/sd-daemon.h>

#include <cstdint>

#include "core/base/escape.hpp"

namespace duet {

Notifier::Notifier(Loop& loop) : timer_{loop, [this] { feed(); }} {
  std::uint64_t limit_us = 0;
  // A third of the limit, so that one late turn does not count.
  if (sd_watchdog_enabled(0, &limit_us) > 0) interval_ = std::chrono::microseconds{limit_us / 3};
}

void Notifier::ready() {
  sd_notify(0, "READY=1");
  feed();
}

void Notifier::feed() {
  if (interval_ == 0s) return;
  sd_notify(0, "WATCHDOG=1");
  timer_.arm_in(interval_);
}

void Notifier::status(const std::string& text) {
  if (text == status_) return;
  status_ = text;
  sd_notify(0, ("STATUS=" + escape_line(text, 200)).c_str());
}

void Notifier::stopping() {
  sd_notify(0, "STOPPING=1");
}

}  // namespace duet
