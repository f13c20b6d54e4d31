// SPDX-License-Identifier: Apache-2.0
// Addresses, prefixes and netmasks.
#include "platform/net/ip_address.hpp"

#include <catch2/catch.hpp>

using namespace duet;
using namespace duet::net;

namespace {

IpAddress address_of(const char* text) {
  return IpAddress::parse(text).value();
}

}  // namespace

TEST_CASE("ip address: good texts are read and printed in their short form, others are refused", "[net]") {
  struct Row {
    const char* text;
    const char* printed;  ///< nullptr: refused
  };
  const auto row = GENERATE(values<Row>({
      {"192.168.122.100", "192.168.122.100"},
      {"0.0.0.0", "0.0.0.0"},
      {"2001:db8:0:0:0:0:0:1", "2001:db8::1"},
      {"2001:DB8::A", "2001:db8::a"},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
      {"", nullptr},
      {"192.168.122", nullptr},
      {"192.168.122.256", nullptr},
      {"192.168.122.1/24", nullptr},
      {" 192.168.122.1", nullptr},
      {"2001:db8::1%eth0", nullptr},
      {"2001:db8:::1", nullptr},
      {"web.example", nullptr},
  }));
  CAPTURE(row.text);
  const auto address = IpAddress::parse(row.text);
  REQUIRE(address.has_value() == (row.printed != nullptr));
  if (address) {
    CHECK(address->to_string() == row.printed);
  } else {
    CHECK(address.error().code == Errc::invalid_argument);
  }
}

TEST_CASE("ip address: a NUL inside the text does not hide what follows", "[net]") {
  CHECK_FALSE(IpAddress::parse(std::string_view{"10.0.0.1\0x", 10}));
}

TEST_CASE("ip address: bytes of 4 or 16 make an address, other lengths do not", "[net]") {
  const Bytes sixteen(16, 0xFF);
  for (std::size_t size = 0; size <= 16; ++size) {
    const auto address = IpAddress::from_bytes(ByteView{sixteen}.first(size));
    CHECK(address.has_value() == (size == 4 || size == 16));
    if (address) CHECK(address->bytes().size() == size);
  }
}

TEST_CASE("ip address: kinds are told apart", "[net]") {
  CHECK(address_of("0.0.0.0").is_unspecified());
  CHECK(address_of("::").is_unspecified());
  CHECK_FALSE(address_of("::1").is_unspecified());
  CHECK(address_of("224.0.0.1").is_multicast());
  CHECK(address_of("239.255.255.255").is_multicast());
  CHECK_FALSE(address_of("240.0.0.1").is_multicast());
  CHECK(address_of("ff02::1").is_multicast());
  CHECK_FALSE(address_of("fe80::1").is_multicast());
  CHECK(address_of("169.254.1.1").is_link_local());
  CHECK(address_of("fe80::1").is_link_local());
  CHECK(address_of("febf::1").is_link_local());
  CHECK_FALSE(address_of("fec0::1").is_link_local());
}

TEST_CASE("ip address: networks are compared bit by bit, never across families", "[net]") {
  CHECK(address_of("10.9.0.1").same_network(address_of("10.9.0.254"), 24));
  CHECK_FALSE(address_of("10.9.0.1").same_network(address_of("10.9.1.1"), 24));
  CHECK(address_of("10.9.0.1").same_network(address_of("10.9.1.1"), 23));
  CHECK(address_of("10.9.0.129").same_network(address_of("10.9.0.130"), 25));
  CHECK_FALSE(address_of("10.9.0.127").same_network(address_of("10.9.0.129"), 25));
  CHECK_FALSE(address_of("10.9.0.1").same_network(address_of("10.9.0.2"), 32));
  CHECK(address_of("10.9.0.1").same_network(address_of("200.1.2.3"), 0));
  CHECK(address_of("2001:db8::1").same_network(address_of("2001:db8::ffff"), 64));
  CHECK_FALSE(address_of("2001:db8:0:1::1").same_network(address_of("2001:db8::1"), 64));
  CHECK_FALSE(address_of("0.0.0.0").same_network(address_of("::"), 0));
}

TEST_CASE("ip address: host bits can be set and cleared", "[net]") {
  CHECK(address_of("10.9.0.100").with_host_bits(24, true) == address_of("10.9.0.255"));
  CHECK(address_of("10.9.0.100").with_host_bits(24, false) == address_of("10.9.0.0"));
  CHECK(address_of("10.9.0.100").with_host_bits(26, true) == address_of("10.9.0.127"));
  CHECK(address_of("10.9.0.100").with_host_bits(32, true) == address_of("10.9.0.100"));
  CHECK(address_of("10.9.0.100").with_host_bits(0, true) == address_of("255.255.255.255"));
  CHECK(address_of("2001:db8::1").with_host_bits(120, true) == address_of("2001:db8::ff"));
}

TEST_CASE("netmask: numbers and dotted masks are understood, everything else is refused", "[net]") {
  struct Row {
    const char* text;
    Family family;
    unsigned prefix;  ///< 0: refused
  };
  const auto row = GENERATE(values<Row>({
      {"24", Family::ipv4, 24},
      {"1", Family::ipv4, 1},
      {"32", Family::ipv4, 32},
      {"255.255.255.0", Family::ipv4, 24},
      {"255.255.255.255", Family::ipv4, 32},
      {"255.255.254.0", Family::ipv4, 23},
      {"128.0.0.0", Family::ipv4, 1},
      {"64", Family::ipv6, 64},
      {"128", Family::ipv6, 128},
      {"0", Family::ipv4, 0},
      {"0.0.0.0", Family::ipv4, 0},
      {"33", Family::ipv4, 0},
      {"255.0.255.0", Family::ipv4, 0},
      {"0.255.255.255", Family::ipv4, 0},
      {"255.255.255", Family::ipv4, 0},
      {"-1", Family::ipv4, 0},
      {"+24", Family::ipv4, 0},
      {"24 ", Family::ipv4, 0},
      {"", Family::ipv4, 0},
      {"99999999999999999999", Family::ipv4, 0},
      {"129", Family::ipv6, 0},
      {"255.255.255.0", Family::ipv6, 0},
      {"ffff:ffff::", Family::ipv6, 0},
  }));
  CAPTURE(row.text);
  const auto prefix = parse_netmask(row.text, row.family);
  REQUIRE(prefix.has_value() == (row.prefix != 0));
  if (prefix) CHECK(*prefix == row.prefix);
}
