// SPDX-License-Identifier: Apache-2.0
// The log of a daemon, on libqb: syslog (the journal), or stderr in the foreground, and a ring of recent lines (the
// blackbox) that is written to a file when an invariant breaks or somebody asks.
//
// One event is one line; control bytes and broken UTF-8 are escaped, so that nobody can forge lines (V14, V26). Writing
// to syslog is done by libqb's thread: a dead log daemon holds up nothing (F61).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace duet::log {

enum class Level : std::uint8_t { debug, info, notice, warning, error };

struct Options {
  std::string program;
  bool foreground = false;         ///< to stderr, not to syslog
  Level least = Level::info;       ///< what is less than this goes to the blackbox only
  std::string blackbox_directory;  ///< empty: no blackbox
};

/// Once, at the start, before other threads. Sets the hook of DUET_INVARIANT.
void open(const Options& options);
/// Writes what is waiting.
void close();

/// Lines that differ in numbers only count as one reason: of each, 100 in 10 seconds are written; how many were left
/// out stands in the next one. From the main thread.
void write(Level level, std::string_view text);
/// Who changed what, with which result: never left out (SEC-IPC 8). Level notice. From the main thread.
void audit(std::string_view text);

/// Writes the blackbox to <directory>/<program>.blackbox (readable with qb-blackbox); the one before is kept as .old.
/// From the main thread.
void dump_blackbox();

}  // namespace duet::log
