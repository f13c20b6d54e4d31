// SPDX-License-Identifier: Apache-2.0
// Address text both ways, compared with the C library.
#include "core/xvm/address.hpp"

#include <arpa/inet.h>

#include <catch2/catch.hpp>

using namespace duet::xvm;

TEST_CASE("xvm address: text is read and written as the system does it", "[xvm]") {
  const char* text = GENERATE("0.0.0.0", "192.0.2.255", "127.0.0.1", "::", "::1", "fe80::1", "2001:db8::1:0:0:1",
                              "2001:db8:0:1:1:1:1:1", "1:2:3:4:5:6:7:8", "ff05::3:1", "1::", "0:0:1::", "a:b::c:d");
  CAPTURE(text);
  const auto address = parse_address(text);
  REQUIRE(address);
  std::array<unsigned char, 16> expected{};
  const int family = address->family == Family::ipv4 ? AF_INET : AF_INET6;
  REQUIRE(inet_pton(family, text, expected.data()) == 1);
  CHECK(address->bytes == expected);
  std::array<char, INET6_ADDRSTRLEN> system{};
  inet_ntop(family, expected.data(), system.data(), system.size());
  CHECK(to_text(*address) == system.data());
  CHECK(parse_address(to_text(*address)) == address);
}

TEST_CASE("xvm address: an IPv4 address inside IPv6 text is understood", "[xvm]") {
  CHECK(parse_address("::ffff:192.0.2.1") == parse_address("::ffff:c000:201"));
  CHECK(parse_address("1:2:3:4:5:6:1.2.3.4") == parse_address("1:2:3:4:5:6:102:304"));
}

TEST_CASE("xvm address: what is not exactly one address is refused", "[xvm]") {
  const char* text =
      GENERATE("", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "1.2.3.4 ", "1.2..4", ".1.2.3", "1.2.3.", "+1.2.3.4",
               "host", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "::g", "fe80::1%eth0",
               "1:2:3:4:5:6:7::8:9", "::1.2.3.4:5", "1.2.3.4::", "1:", ":1", "2001:db8::/32");
  CAPTURE(text);
  CHECK_FALSE(parse_address(text));
}

TEST_CASE("xvm address: kinds of addresses are told apart", "[xvm]") {
  CHECK(is_loopback(*parse_address("127.3.2.1")));
  CHECK(is_loopback(*parse_address("::1")));
  CHECK_FALSE(is_loopback(*parse_address("::2")));
  CHECK(is_link_local(*parse_address("febf::1")));
  CHECK_FALSE(is_link_local(*parse_address("fec0::1")));
  CHECK_FALSE(is_link_local(*parse_address("169.254.0.1")));
  CHECK(is_multicast(*parse_address("225.0.0.12")));
  CHECK(is_multicast(*parse_address("ff05::3:1")));
  CHECK_FALSE(is_multicast(*parse_address("240.0.0.1")));
  CHECK(is_unspecified(*parse_address("::")));
  CHECK_FALSE(is_unspecified(*parse_address("0.0.0.1")));
}
