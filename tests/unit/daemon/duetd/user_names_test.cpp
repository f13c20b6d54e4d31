// SPDX-License-Identifier: Apache-2.0
// Names for the history of commits, from the local files only.
#include "daemon/duetd/user_names.hpp"

#include <catch2/catch.hpp>

namespace duet {
namespace {

TEST_CASE("user names: local users by name, others by number", "[duetd]") {
  CHECK(user_name(0) == "root");
  CHECK(user_name(3'999'999'999U) == "uid3999999999");
}

TEST_CASE("user names: a group's id, or none", "[duetd]") {
  CHECK(group_id("root") == 0);
  CHECK(group_id("there is no such group") == static_cast<gid_t>(-1));
}

}  // namespace
}  // namespace duet
