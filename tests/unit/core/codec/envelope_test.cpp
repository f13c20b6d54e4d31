// SPDX-License-Identifier: Apache-2.0
// The short header: kind, version and length decide before anything is parsed.
#include "core/codec/envelope.hpp"

#include <catch2/catch.hpp>

#include "core/base/digest.hpp"
#include "proto/config.pb.h"
#include "tests/unit/core/codec/exchange.hpp"

using namespace duet;
using v1::Kind;

namespace {

Bytes sealed() {
  v1::ConfigPosition wire;
  wire.set_epoch(3);
  return v1::seal(Kind::entry, wire);
}

std::string why(const Bytes& bytes, Kind kind = Kind::entry, std::size_t limit = 100) {
  return test::refusal(v1::open_envelope(kind, bytes, limit, "thing"));
}

Bytes changed(std::size_t offset, std::uint8_t value) {
  Bytes bytes = sealed();
  bytes[offset] = value;
  return bytes;
}

}  // namespace

TEST_CASE("envelope: the layout is the documented one", "[codec]") {
  CHECK(to_hex(sealed()) ==
        "02d0"
        "01"
        "00"
        "02000000"
        "0803");
  const Bytes bytes = sealed();
  const auto body = v1::open_envelope(Kind::entry, bytes, 100, "thing");
  REQUIRE(body);
  CHECK(to_hex(*body) == "0803");
}

TEST_CASE("envelope: another kind, major version or length is refused, another minor version is not", "[codec]") {
  CHECK(why(sealed(), Kind::config) == "kind: 0xd002 is not 0xd001");
  CHECK(why(changed(2, 2)) == "major version: 2 is not known here, only 1 is");
  CHECK(v1::open_envelope(Kind::entry, changed(3, 7), 100, "thing"));
  CHECK(why(changed(4, 1)) == "length: 1 bytes announced, 2 there");
  CHECK(why({1, 2, 3}) == "length: 3 is less than a header");
  CHECK(why({}) == "length: 0 is less than a header");
  CHECK(why(sealed(), Kind::entry, 9) == "length: 10 is above the limit of 9");
}
