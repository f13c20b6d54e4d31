// SPDX-License-Identifier: Apache-2.0
// Which addresses of a machine a request is sent from.
#include "agents/fence_xvm/addresses.hpp"

#include <catch2/catch.hpp>

using namespace duet;
using namespace duet::xvm;

namespace {

LocalAddress local(const char* text, bool up = true, bool multicast = true) {
  return {.address = *parse_address(text), .interface = "if", .index = 1, .up = up, .multicast = multicast};
}

std::string names(const std::vector<LocalAddress>& list) {
  std::string text;
  for (const LocalAddress& entry : list) text += to_text(entry.address) + " ";
  return text;
}

}  // namespace

TEST_CASE("fence_xvm addresses: all IPv4 addresses count, loopback too, in their order", "[xvm]") {
  CHECK(names(usable_addresses({local("127.0.0.1", true, false), local("10.0.0.2"), local("10.0.0.3")})) ==
        "127.0.0.1 10.0.0.2 10.0.0.3 ");
}

TEST_CASE("fence_xvm addresses: what cannot send is left out", "[xvm]") {
  CHECK(usable_addresses({local("10.0.0.2", false), local("10.0.0.3", true, false), local("0.0.0.0")}).empty());
  CHECK(usable_addresses({}).empty());
}

TEST_CASE("fence_xvm addresses: link-local and ::1 are the last resort", "[xvm]") {
  CHECK(names(usable_addresses({local("::1", true, false), local("fe80::1"), local("fd99::2")})) == "fd99::2 ");
  CHECK(names(usable_addresses({local("::1", true, false), local("fe80::1")})) == "::1 fe80::1 ");
}

TEST_CASE("fence_xvm addresses: this machine's are found with their interface", "[xvm]") {
  const auto all = local_addresses(Family::ipv4);
  REQUIRE(all);
  for (const LocalAddress& entry : *all) {
    CHECK(entry.index != 0);
    CHECK_FALSE(entry.interface.empty());
    CHECK(entry.address.family == Family::ipv4);
  }
}
