// SPDX-License-Identifier: Apache-2.0
// Notifier: what systemd is told: readiness, a line of status, and that the loop still turns.
#pragma once

#include <string>

#include "core/base/time.hpp"
#include "platform/loop/loop.hpp"

namespace duet {

/// Does nothing where no systemd listens.
class Notifier {
 public:
  explicit Notifier(Loop& loop);
  /// Tells readiness, once, and begins to feed the watchdog from the loop: a loop that hangs is restarted (F15).
  void ready();
  /// Told only when it changes.
  void status(const std::string& text);
  void stopping();

 private:
  void feed();

  Timer timer_;
  Duration interval_{0};  ///< 0: no watchdog
  std::string status_;
};

}  // namespace duet
