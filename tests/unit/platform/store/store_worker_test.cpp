// SPDX-License-Identifier: Apache-2.0
// The worker of the store: answers in order and from the loop, and nothing after it is closed.
#include <algorithm>

#include "platform/clock/clock.hpp"
#include "platform/store/store.hpp"
#include "tests/unit/platform/store/store_samples.hpp"

namespace duet::test {
namespace {

TEST_CASE("store: the worker answers in order, from the loop, when the records are durable", "[store]") {
  const TemporaryDirectory directory;
  const auto loop = std::move(*Loop::create());
  const auto entries = chain(30);
  std::vector<std::uint64_t> answered;
  auto store = Store::open(*loop, directory.path(), [&](std::uint64_t token, const std::string& error) {
    CHECK(error.empty());
    answered.push_back(token);
    if (answered.size() == entries.size()) loop->stop();
  });
  REQUIRE(store);
  CHECK((*store)->take_image().entries.empty());
  for (const ConfigEntry& entry : entries) {
    (*store)->persist(entry.position.index, {StoreEntry{entry}, StoreCommitted{entry.position}});
  }
  CHECK(answered.empty());
  loop->run_for(20s);
  REQUIRE(answered.size() == entries.size());
  CHECK(std::is_sorted(answered.begin(), answered.end()));
  store->reset();
  CHECK(open_store(directory.path()).take_image().entries == entries);
}

TEST_CASE("store: closing it writes what was asked for and answers no more", "[store]") {
  const TemporaryDirectory directory;
  const auto loop = std::move(*Loop::create());
  const auto entries = chain(10);
  bool answered = false;
  {
    auto store = Store::open(*loop, directory.path(), [&](std::uint64_t, const std::string&) { answered = true; });
    REQUIRE(store);
    for (const ConfigEntry& entry : entries) (*store)->persist(1, {StoreEntry{entry}});
  }
  loop->run_for(50ms);
  CHECK_FALSE(answered);
  CHECK(open_store(directory.path()).take_image().entries == entries);
}

}  // namespace
}  // namespace duet::test
