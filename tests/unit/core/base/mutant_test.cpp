// SPDX-License-Identifier: Apache-2.0
// Seeded mutants: off, and unable to be on, in everything but a build made for them.
#include "core/base/mutant.hpp"

#include <catch2/catch.hpp>

using namespace duet;

#ifdef DUET_MUTANTS
TEST_CASE("mutant: exactly the selected mistake is on", "[base]") {
  CHECK_FALSE(mutant::active("M01"));
  mutant::select("M01");
  CHECK(mutant::active("M01"));
  CHECK_FALSE(mutant::active("M02"));
  mutant::select("");
  CHECK_FALSE(mutant::active("M01"));
}
#else
TEST_CASE("mutant: in this build no mistake can be on", "[base]") {
  STATIC_REQUIRE_FALSE(mutant::active("M01"));
}
#endif
