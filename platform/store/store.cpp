// SPDX-License-Identifier: Apache-2.0
// The queue into the thread and the way back to the loop.
#include "platform/store/store.hpp"

#include <chrono>

namespace duet {
namespace {

/// Housekeeping waits until nothing has been written for so long: a series of commits is not held up by it.
constexpr auto quiet_before_maintenance = std::chrono::milliseconds{200};

}  // namespace

Result<std::unique_ptr<Store>> Store::open(Loop& loop, const std::string& directory, Answered answered) {
  auto state = StateDirectory::open(directory);
  if (!state) return tl::unexpected{state.error()};
  auto file = StoreFile::open(std::move(*state));
  if (!file) return tl::unexpected{file.error()};
  return std::unique_ptr<Store>{new Store{loop, std::move(*file), std::move(answered)}};
}

Store::Store(Loop& loop, StoreFile file, Answered answered)
    : loop_{loop},
      file_{std::move(file)},
      image_{file_.take_image()},
      answered_{std::make_shared<Answered>(std::move(answered))},
      worker_{[this] { work(); }} {}

Store::~Store() {
  {
    const std::lock_guard lock{mutex_};
    ending_ = true;
  }
  wanted_.notify_one();
  worker_.join();
  *answered_ = nullptr;
}

void Store::persist(std::uint64_t token, std::vector<StoreRecord> records) {
  {
    const std::lock_guard lock{mutex_};
    jobs_.push_back({token, std::move(records)});
  }
  wanted_.notify_one();
}

void Store::work() {
  bool written = false;
  for (;;) {
    Job job;
    {
      std::unique_lock lock{mutex_};
      const auto something = [this] { return ending_ || !jobs_.empty(); };
      if (written && !wanted_.wait_for(lock, quiet_before_maintenance, something)) {
        lock.unlock();
        file_.maintain();
        written = false;
        continue;
      }
      wanted_.wait(lock, something);
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    const auto done = file_.write(job.records);
    std::string error;
    if (!done) error = done.error().why + (done.error().fix.empty() ? "" : "; " + done.error().fix);
    answer(job.token, std::move(error));
    written = true;
  }
}

void Store::answer(std::uint64_t token, std::string error) {
  loop_.post([answered = answered_, token, error = std::move(error)] {
    if (*answered) (*answered)(token, error);
  });
}

}  // namespace duet
