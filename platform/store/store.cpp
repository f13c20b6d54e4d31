// SPDX-License-Identifier: Apache-2.0
// The queue into the thread and the way back to the loop.
#include "platform/store/store.hpp"

namespace duet {

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
  for (;;) {
    Job job;
    {
      std::unique_lock lock{mutex_};
      wanted_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    const auto done = file_.write(job.records);
    std::string error;
    if (!done) error = done.error().why + (done.error().fix.empty() ? "" : "; " + done.error().fix);
    answer(job.token, std::move(error));
    file_.maintain();
  }
}

void Store::answer(std::uint64_t token, std::string error) {
  loop_.post([answered = answered_, token, error = std::move(error)] {
    if (*answered) (*answered)(token, error);
  });
}

}  // namespace duet
