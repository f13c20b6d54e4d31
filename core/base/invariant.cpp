// SPDX-License-Identifier: Apache-2.0
// The end of a process whose own logic is wrong.
#include "core/base/invariant.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace duet {

namespace {
std::atomic<void (*)()> g_hook{nullptr};
}  // namespace

void set_invariant_hook(void (*hook)()) {
  g_hook.store(hook);
}

void invariant_failed(const char* text, const char* file, int line) {
  static_cast<void>(std::fprintf(stderr, "INVARIANT FAILED: %s at %s:%d\n", text, file, line));
  if (auto* hook = g_hook.exchange(nullptr); hook != nullptr) hook();
  std::abort();
}

}  // namespace duet
