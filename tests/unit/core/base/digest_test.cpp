// SPDX-License-Identifier: Apache-2.0
// Digests: known answers, and that lengths are part of what is compared.
#include "core/base/digest.hpp"

#include <catch2/catch.hpp>

using namespace duet;

TEST_CASE("digest: sha256 gives the known answer for abc", "[base]") {
  CHECK(to_hex(sha256(as_bytes("abc"))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("digest: moving a border between two strings changes the quick digest", "[base]") {
  QuickDigest a;
  a.add(std::string_view{"ab"});
  a.add(std::string_view{"c"});
  QuickDigest b;
  b.add(std::string_view{"a"});
  b.add(std::string_view{"bc"});
  CHECK(a.value() != b.value());
}
