// SPDX-License-Identifier: Apache-2.0
// The state directory: owner, modes, one daemon at a time.
#include "platform/store/state_directory.hpp"

#include <sys/stat.h>

#include <fstream>

#include "tests/unit/platform/store/store_samples.hpp"

namespace duet::test {
namespace {

TEST_CASE("state directory: a second daemon is refused and told who has it", "[store][R49]") {
  const TemporaryDirectory directory;
  {
    const auto first = StateDirectory::open(directory.path());
    REQUIRE(first);
    const auto second = StateDirectory::open(directory.path());
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Errc::busy);
    CHECK(second.error().why.find(std::to_string(getpid())) != std::string::npos);
  }
  CHECK(StateDirectory::open(directory.path()));
}

TEST_CASE("state directory: one that others may use is refused, not repaired", "[store]") {
  const TemporaryDirectory directory;
  const mode_t mode = GENERATE(0750U, 0707U, 0777U);
  REQUIRE(chmod(directory.path().c_str(), mode) == 0);
  const auto opened = StateDirectory::open(directory.path());
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == Errc::not_permitted);
  struct stat found {};
  REQUIRE(stat(directory.path().c_str(), &found) == 0);
  CHECK((found.st_mode & 07777U) == mode);
}

TEST_CASE("state directory: what is not there, no directory or a link is refused", "[store]") {
  const TemporaryDirectory directory;
  std::ofstream{directory.file("plain")} << "x";
  std::filesystem::create_directory_symlink(directory.path(), directory.file("link"));
  for (const char* const name : {"missing", "plain", "link"}) {
    CAPTURE(name);
    CHECK_FALSE(StateDirectory::open(directory.file(name)));
  }
}

TEST_CASE("state directory: a store that others may read, or a link, is refused", "[store]") {
  const TemporaryDirectory directory;
  { open_store(directory.path()); }
  SECTION("mode") {
    REQUIRE(chmod(directory.file("store.db").c_str(), 0644) == 0);
  }
  SECTION("link") {
    std::filesystem::rename(directory.file("store.db"), directory.file("elsewhere"));
    std::filesystem::create_symlink(directory.file("elsewhere"), directory.file("store.db"));
  }
  auto state = StateDirectory::open(directory.path());
  REQUIRE(state);
  const auto store = StoreFile::open(std::move(*state));
  REQUIRE_FALSE(store);
  CHECK(store.error().code == Errc::not_permitted);
}

}  // namespace
}  // namespace duet::test
