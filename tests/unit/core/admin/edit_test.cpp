// SPDX-License-Identifier: Apache-2.0
// Several edits as one: all or nothing.
#include "tests/unit/core/admin/sample.hpp"

using namespace duet;
using namespace duet::test;

TEST_CASE("edits: later ones see what earlier ones did", "[admin]") {
  const auto result = apply_edits(sample(), {CreateResource{dummy("web"), {}}, GroupAdd{{"hagroup", {}, {}}, {"web"}},
                                             UpdateResource{"web", {{"state", "x"}}, {}, {}}});
  REQUIRE(result);
  CHECK(result->group("hagroup")->members.size() == 3);
  CHECK(result->primitive("web")->parameters.size() == 1);
}

TEST_CASE("edits: one that fails fails all; the input is untouched", "[admin]") {
  const ClusterConfig before = sample();
  const auto result = apply_edits(before, {CreateResource{dummy("web"), {}}, DeleteObjects{{"nothing"}, false}});
  REQUIRE_FALSE(result);
  CHECK(result.error().code == Errc::not_found);
  CHECK(before == sample());
}

TEST_CASE("edits: unchanged only if every one is, or they cancel out", "[admin]") {
  const CreateResource same{sample().primitives[0], {}};
  CHECK(apply_edits(sample(), {same, same}).error().code == Errc::unchanged);
  CHECK(apply_edits(sample(), {same, CreateResource{dummy("web"), {}}}));
  CHECK(apply_edits(sample(), {CreateResource{dummy("web"), {}}, DeleteObjects{{"web"}, false}}).error().code ==
        Errc::unchanged);
  CHECK(apply_edits(sample(), {}).error().code == Errc::unchanged);
}

TEST_CASE("edits: several new errors are counted", "[admin]") {
  Primitive broken = dummy("x", {{"a b", "1"}});
  broken.operations = {monitor(10s), monitor(10s)};
  const auto result = apply_edit(sample(), CreateResource{broken, {}});
  REQUIRE_FALSE(result);
  CHECK(result.error().code == Errc::invalid_argument);
  CHECK(result.error().why.find("and 1 more") == 0);
}
