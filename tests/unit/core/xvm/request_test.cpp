// SPDX-License-Identifier: Apache-2.0
// Request datagrams against captured ones: bytes, checks, every flipped bit and size.
#include "core/xvm/request.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/core/xvm/vectors.hpp"

using namespace duet;
using namespace duet::xvm;

namespace {

Request example() {
  return {.operation = 1,
          .hash = HashType::sha256,
          .uuid_flag = true,
          .domain = "vm1",
          .callback = *parse_address("fd99::2"),
          .port = 40000,
          .random = {1, 2, 3, 4, 5, 6},
          .seqno = 0xFEDCBA98};
}

}  // namespace

TEST_CASE("xvm request: each captured packet is encoded byte for byte", "[xvm][golden]") {
  for (const test::PacketVector& vector : test::packets()) {
    CAPTURE(vector.name);
    const Secret secret = test::secret(vector.key);
    const Datagram made = encode_request(vector.fields, &secret);
    CHECK(Bytes(made.begin(), made.end()) == vector.packet);
  }
}

TEST_CASE("xvm request: each captured packet is verified and decoded", "[xvm][golden]") {
  for (const test::PacketVector& vector : test::packets()) {
    CAPTURE(vector.name);
    const Secret secret = test::secret(vector.key);
    CHECK(verify_request(vector.packet, vector.fields.hash, &secret) == MacVerdict::good);
    const auto decoded = decode_request(vector.packet);
    REQUIRE(decoded);
    CHECK(*decoded == vector.fields);
    CHECK(to_text(decoded->callback) == vector.address);
  }
}

TEST_CASE("xvm request: accepted is what the original accepts, but for trailing bytes", "[xvm][golden]") {
  const Secret secret = test::secret("key32");
  for (const test::AcceptanceVector& vector : test::acceptance()) {
    CAPTURE(vector.name);
    const bool accepted = verify_request(vector.packet, HashType::sha256, &secret) == MacVerdict::good &&
                          decode_request(vector.packet).has_value();
    // V33: the exact size; no agent sends more.
    CHECK(accepted == (vector.accepted && vector.name != "trailing-bytes-ignored"));
  }
}

TEST_CASE("xvm request: a flipped bit at any place is noticed", "[xvm]") {
  const Secret secret = test::secret("key32");
  const HashType type = GENERATE(HashType::sha1, HashType::sha256, HashType::sha512);
  Request request = example();
  request.hash = type;
  const Datagram good = encode_request(request, &secret);
  CHECK(verify_request(good, HashType::sha1, &secret) == MacVerdict::good);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Datagram bad = good;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
    CAPTURE(bit);
    CHECK(verify_request(bad, HashType::sha1, &secret) != MacVerdict::good);
  }
}

TEST_CASE("xvm request: every other size is refused (V33)", "[xvm]") {
  const Secret secret = test::secret("key32");
  const Datagram good = encode_request(example(), &secret);
  Bytes long_one(good.begin(), good.end());
  long_one.resize(1000);
  for (std::size_t size = 0; size <= long_one.size(); ++size) {
    if (size == request_bytes) continue;
    CHECK(verify_request(ByteView{long_one}.first(size), HashType::none, &secret) == MacVerdict::wrong_size);
    CHECK_FALSE(decode_request(ByteView{long_one}.first(size)));
  }
}

TEST_CASE("xvm request: the minimum is kept, stronger is fine", "[xvm]") {
  const Secret secret = test::secret("key32");
  for (int type = 0; type <= 3; ++type) {
    for (int minimum = 0; minimum <= 3; ++minimum) {
      CAPTURE(type, minimum);
      Request request = example();
      request.hash = HashType{static_cast<std::uint8_t>(type)};
      const Datagram datagram = encode_request(request, &secret);
      const MacVerdict verdict = verify_request(datagram, HashType{static_cast<std::uint8_t>(minimum)}, &secret);
      CHECK(verdict == (type < minimum ? MacVerdict::too_weak : MacVerdict::good));
    }
  }
}

TEST_CASE("xvm request: without a key no signed datagram is good", "[xvm]") {
  const Secret secret = test::secret("key32");
  const Datagram datagram = encode_request(example(), &secret);
  CHECK(verify_request(datagram, HashType::none, nullptr) == MacVerdict::no_key);
  const Secret other = test::secret("wrong");
  CHECK(verify_request(datagram, HashType::sha256, &other) == MacVerdict::mismatch);
}

TEST_CASE("xvm request: an unsigned datagram holds no chance", "[xvm]") {
  Request request = example();
  request.hash = HashType::none;
  const Datagram datagram = encode_request(request, nullptr);
  CHECK(decode_request(datagram)->random == std::array<std::uint8_t, 6>{});
  CHECK(mac_of(datagram) == Block{});
}

TEST_CASE("xvm request: fields out of range are refused after the check of the MAC, too", "[xvm]") {
  const Secret secret = test::secret("key32");
  const Datagram good = encode_request(example(), &secret);
  struct Row {
    const char* name;
    std::size_t at;
    std::uint8_t value;
  };
  const Row row = GENERATE(values<Row>({{"hash type", 1, 4}, {"family", 108, 3}, {"high bytes of family", 111, 1}}));
  DYNAMIC_SECTION(row.name) {
    Datagram bad = good;
    bad[row.at] = row.value;
    CHECK(decode_request(bad).error().code == Errc::malformed);
  }
  SECTION("domain without end") {
    Datagram bad = good;
    std::fill(bad.begin() + 4, bad.begin() + 68, std::uint8_t{'a'});
    CHECK_FALSE(decode_request(bad));
  }
  SECTION("port 0") {
    Datagram bad = good;
    bad[96] = bad[97] = 0;
    CHECK_FALSE(decode_request(bad));
  }
}

TEST_CASE("xvm request: operations are known by their number", "[xvm]") {
  for (std::uint8_t number = 0; number <= 6; ++number) {
    const Request request{.operation = number};
    REQUIRE(operation_of(request));
    CHECK(to_string(*operation_of(request)) != "unknown");
  }
  CHECK(operation_of(Request{.operation = 1}) == Operation::off);
  CHECK(operation_of(Request{.operation = 2}) == Operation::reboot);
  CHECK(operation_of(Request{.operation = 3}) == Operation::on);
  CHECK_FALSE(operation_of(Request{.operation = 7}));
  CHECK_FALSE(operation_of(Request{.operation = 255}));
}

TEST_CASE("xvm request: verdicts have words of their own", "[xvm]") {
  CHECK(to_string(MacVerdict::mismatch) == "wrong key or changed on its way");
  CHECK(to_string(MacVerdict::good) == "good");
}
