// SPDX-License-Identifier: Apache-2.0
// Which packets are a call-back that is about to be lost.
#include "agents/fence_xvm/callback_watch.hpp"

#include <catch2/catch.hpp>

using namespace duet;
using namespace duet::xvm;

namespace {

Bytes ipv4(std::uint8_t flags, std::uint16_t port, std::uint8_t header_words = 5) {
  Bytes packet(std::size_t{header_words} * 4 + 20);
  packet[0] = static_cast<std::uint8_t>(0x40 | header_words);
  packet[9] = 6;
  packet[12] = 10, packet[13] = 99, packet[15] = 1;
  const std::size_t tcp = std::size_t{header_words} * 4;
  packet[tcp + 2] = static_cast<std::uint8_t>(port >> 8);
  packet[tcp + 3] = static_cast<std::uint8_t>(port);
  packet[tcp + 13] = flags;
  return packet;
}

Bytes ipv6(std::uint8_t flags, std::uint16_t port) {
  Bytes packet(60);
  packet[0] = 0x60;
  packet[6] = 6;
  packet[8] = 0xFD, packet[23] = 7;
  packet[42] = static_cast<std::uint8_t>(port >> 8);
  packet[43] = static_cast<std::uint8_t>(port);
  packet[53] = flags;
  return packet;
}

constexpr std::uint8_t syn = 2;
constexpr std::uint8_t ack = 16;

}  // namespace

TEST_CASE("fence_xvm watch: the first segment to our port names its sender", "[xvm]") {
  CHECK(caller_of(ipv4(syn, 40000), 40000) == parse_address("10.99.0.1"));
  CHECK(caller_of(ipv4(syn, 40000, 8), 40000) == parse_address("10.99.0.1"));
  CHECK(caller_of(ipv6(syn, 40000), 40000) == parse_address("fd00::7"));
}

TEST_CASE("fence_xvm watch: other packets say nothing", "[xvm]") {
  CHECK_FALSE(caller_of(ipv4(syn, 40001), 40000));
  CHECK_FALSE(caller_of(ipv4(syn | ack, 40000), 40000));
  CHECK_FALSE(caller_of(ipv4(ack, 40000), 40000));
  CHECK_FALSE(caller_of(ipv6(ack, 40000), 40000));
  Bytes udp = ipv4(syn, 40000);
  udp[9] = 17;
  CHECK_FALSE(caller_of(udp, 40000));
  Bytes fragment = ipv4(syn, 40000);
  fragment[7] = 1;
  CHECK_FALSE(caller_of(fragment, 40000));
  Bytes short_header = ipv4(syn, 40000);
  short_header[0] = 0x41;
  CHECK_FALSE(caller_of(short_header, 40000));
}

TEST_CASE("fence_xvm watch: packets cut anywhere are survived", "[xvm]") {
  for (const Bytes& whole : {ipv4(syn, 40000), ipv4(syn, 40000, 15), ipv6(syn, 40000)}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      static_cast<void>(caller_of(ByteView{whole}.first(size), 40000));
    }
  }
  CHECK_FALSE(caller_of(ByteView{ipv4(syn, 40000)}.first(33), 40000));
}
