// SPDX-License-Identifier: Apache-2.0
// Every error code has a name of its own.
#include "core/base/error.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace duet;

TEST_CASE("error: names are distinct", "[base]") {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(Errc::storage); ++code) names.insert(to_string(static_cast<Errc>(code)));
  CHECK(names.size() == static_cast<std::size_t>(Errc::storage) + 1);
}
