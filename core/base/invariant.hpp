// SPDX-License-Identifier: Apache-2.0
// DUET_INVARIANT: checks of our own logic. Always on: a broken invariant ends the process, resources keep running and
// the restarted daemon adopts them (L6).
#pragma once

namespace duet {

/// Prints text and place, runs the hook (dump of recent events), aborts. Async-signal-unsafe; callable from any thread.
[[noreturn]] void invariant_failed(const char* text, const char* file, int line);

/// Called once before the abort, e.g. to dump the ring of recent events. nullptr removes it.
void set_invariant_hook(void (*hook)());

}  // namespace duet

#define DUET_INVARIANT(condition)                                               \
  do {                                                                          \
    if (!(condition)) ::duet::invariant_failed(#condition, __FILE__, __LINE__); \
  } while (false)
