// SPDX-License-Identifier: Apache-2.0
// The nearest known word.
#include "core/model/similar.hpp"

#include <catch2/catch.hpp>

using duet::did_you_mean;
using duet::nearest;

TEST_CASE("similar: one slip is found, another word is not", "[model]") {
  const std::vector<std::string_view> words{"no-quorum-policy", "stonith-enabled", "VIP", "haproxy", "ip"};
  CHECK(nearest("no-quorum-policyy", words) == "no-quorum-policy");
  CHECK(nearest("stonith-enabeld", words) == "stonith-enabled");
  CHECK(nearest("haporxy", words) == "haproxy");
  CHECK(nearest("VPI", words) == "VIP");
  CHECK(nearest("ipp", words) == "ip");
  CHECK(nearest("nginx", words).empty());
  CHECK(nearest("", words).empty());
  CHECK(nearest("x", {}).empty());
  CHECK(did_you_mean("haprox", words) == "did you mean 'haproxy'?");
  CHECK(did_you_mean("completely-else", words).empty());
}

TEST_CASE("similar: of equals the first; long input costs nothing", "[model]") {
  CHECK(nearest("abx", {"aby", "abz"}) == "aby");
  CHECK(nearest(std::string(100'000, 'a'), {"aaaa"}).empty());
}
