// SPDX-License-Identifier: Apache-2.0
// The replay memory on disk: one file of fixed slots, opened before root is given away. Bound to the key: under another
// key its content means nothing, and the file begins anew.
#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/fencehost/replay_memory.hpp"
#include "platform/loop/unique_fd.hpp"

namespace duet::virtd {

class ReplayFile {
 public:
  /// Opens or makes `path` (mode 0600) and reads what it holds. `key`: a digest that identifies the key. Errors:
  /// storage; not_permitted if it is a link or another user may write it; busy if another daemon has it.
  static Result<ReplayFile> open(const std::string& path, ByteView key);

  [[nodiscard]] fencehost::ReplayMemory take_memory() { return std::move(memory_); }

  /// Writes a slot into the system's cache: it survives the end of this process at once, and a power cut as soon as the
  /// disk has it, a few milliseconds later. Waiting for the disk would make each fencing wait for it. Error: storage.
  [[nodiscard]] Result<void> write(const fencehost::ReplaySlot& slot);

 private:
  explicit ReplayFile(UniqueFd fd) : fd_{std::move(fd)} {}
  Result<void> load(ByteView key);
  UniqueFd fd_;
  fencehost::ReplayMemory memory_;
};

}  // namespace duet::virtd
