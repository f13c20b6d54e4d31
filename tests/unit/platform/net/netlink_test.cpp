// SPDX-License-Identifier: Apache-2.0
// Netlink messages: what is built can be cut apart again, and no wrong length is believed.
#include "platform/net/netlink.hpp"

#include <linux/netlink.h>

#include <catch2/catch.hpp>
#include <cstring>

using namespace duet;
using namespace duet::net;

namespace {

Bytes sample() {
  const Bytes body{1, 2, 3, 4, 5, 6, 7, 8};
  NetlinkMessage message{20, NLM_F_REQUEST, body};
  message.attribute(1, std::uint32_t{0x01020304});
  message.attribute(3, std::string_view{"eth0"});
  const ByteView finished = message.finish(7);
  return {finished.begin(), finished.end()};
}

}  // namespace

TEST_CASE("netlink: a message that was built is cut into the same parts", "[net]") {
  const Bytes bytes = sample();
  CHECK(bytes.size() % 4 == 0);
  const auto messages = split_messages(bytes);
  REQUIRE(messages);
  REQUIRE(messages->size() == 1);
  const NetlinkView& message = messages->front();
  CHECK(message.type == 20);
  CHECK(message.flags == NLM_F_REQUEST);
  CHECK(message.sequence == 7);
  const auto attributes = split_attributes(message.payload.subspan(8));
  REQUIRE(attributes);
  REQUIRE(attributes->size() == 2);
  CHECK(attributes->at(0).type == 1);
  CHECK(attributes->at(0).value.size() == 4);
  CHECK(attributes->at(1).type == 3);
  CHECK(std::memcmp(attributes->at(1).value.data(), "eth0", 5) == 0);
}

TEST_CASE("netlink: several messages in one datagram are all found", "[net]") {
  Bytes bytes = sample();
  const Bytes second = sample();
  bytes.insert(bytes.end(), second.begin(), second.end());
  const auto messages = split_messages(bytes);
  REQUIRE(messages);
  CHECK(messages->size() == 2);
  CHECK(split_messages({})->empty());
}

TEST_CASE("netlink: a truncated datagram is refused at every length", "[net]") {
  const Bytes bytes = sample();
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(split_messages(ByteView{bytes}.first(size)));
  }
}

TEST_CASE("netlink: lengths below the header or beyond the end are refused", "[net]") {
  for (const std::uint32_t length : {0U, 15U, 1000U, 0xFFFFFFFFU}) {
    Bytes bytes = sample();
    std::memcpy(bytes.data(), &length, sizeof length);
    CAPTURE(length);
    CHECK_FALSE(split_messages(bytes));
  }
  for (const std::uint16_t length : {std::uint16_t{0}, std::uint16_t{3}, std::uint16_t{0xFFFF}}) {
    Bytes attribute{0, 0, 1, 0, 9, 9, 9, 9};
    std::memcpy(attribute.data(), &length, sizeof length);
    CAPTURE(length);
    CHECK_FALSE(split_attributes(attribute));
  }
}

TEST_CASE("netlink: flag bits of an attribute are not part of its type", "[net]") {
  Bytes attribute{4, 0, 0x0C, 0x80};
  const auto found = split_attributes(attribute);
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  CHECK(found->front().type == 0x0C);
}
