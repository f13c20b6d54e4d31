// SPDX-License-Identifier: Apache-2.0
// Store: the store in a thread of its own, so that a slow disk never holds up the loop (L9).
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/message/ledger.hpp"
#include "platform/loop/loop.hpp"
#include "platform/store/store_file.hpp"

namespace duet {

/// All members belong to the loop's thread.
class Store {
 public:
  /// `error` is empty when the records are durable. Called from the loop, in the order of the calls of persist().
  using Answered = std::function<void(std::uint64_t token, std::string error)>;

  /// Opens the state directory (locked as long as the store lives) and reads it: may take as long as the disk does.
  /// Errors: as StateDirectory::open() and StoreFile::open().
  static Result<std::unique_ptr<Store>> open(Loop& loop, const std::string& directory, Answered answered);
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  /// Waits until everything that was asked for is written; the answers no longer come.
  ~Store();

  /// What was found at the opening. To be taken once, before the first persist().
  [[nodiscard]] StoreImage take_image() { return std::exchange(image_, {}); }
  /// One transaction. Does not block.
  void persist(std::uint64_t token, std::vector<StoreRecord> records);

 private:
  struct Job {
    std::uint64_t token = 0;
    std::vector<StoreRecord> records;
  };
  Store(Loop& loop, StoreFile file, Answered answered);
  void work();
  void answer(std::uint64_t token, std::string error);

  Loop& loop_;
  StoreFile file_;  ///< the worker's, once it runs
  StoreImage image_;
  std::shared_ptr<Answered> answered_;
  std::mutex mutex_;
  std::condition_variable wanted_;
  std::deque<Job> jobs_;
  bool ending_ = false;
  std::thread worker_;
};

}  // namespace duet
