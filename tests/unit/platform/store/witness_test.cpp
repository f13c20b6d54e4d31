// SPDX-License-Identifier: Apache-2.0
// The witness: the newest record is read back, and a torn one leaves the one before it.
#include "platform/store/witness.hpp"

#include <fstream>

#include "tests/unit/platform/store/store_samples.hpp"

namespace duet::test {
namespace {

Witnessed record(std::uint64_t generation) {
  return {generation, sha256(as_bytes(std::to_string(generation)))};
}

TEST_CASE("witness: the newest record is read back", "[store]") {
  const TemporaryDirectory directory;
  {
    const auto witness = Witness::open(directory.file("w"));
    REQUIRE(witness);
    CHECK_FALSE(witness->read());
    for (std::uint64_t i = 1; i <= 5; ++i) witness->write(record(i));
  }
  const auto again = Witness::open(directory.file("w"));
  REQUIRE(again);
  CHECK(again->read() == record(5));
}

TEST_CASE("witness: a torn record leaves the one before it", "[store][F46]") {
  const TemporaryDirectory directory;
  const auto witness = Witness::open(directory.file("w"));
  REQUIRE(witness);
  witness->write(record(4));
  witness->write(record(5));
  std::fstream file{directory.file("w"), std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(4096 + 20);
  file.put('\x55');
  file.close();
  CHECK(witness->read() == record(4));
}

}  // namespace
}  // namespace duet::test
