// SPDX-License-Identifier: Apache-2.0
// Words of outcomes.
#include "core/model/outcome_text.hpp"

#include <catch2/catch.hpp>

#include "core/model/text.hpp"

using namespace duet;

TEST_CASE("outcome text: each exit code of the agents has its word, others have none", "[model]") {
  CHECK(exit_code_text(0) == "ok");
  CHECK(exit_code_text(7) == "not running");
  for (std::int32_t code = 0; code <= 9; ++code) CHECK(exit_code_text(code).has_value());
  CHECK(exit_code_text(190).has_value());
  CHECK(exit_code_text(191).has_value());
  CHECK_FALSE(exit_code_text(10).has_value());
  CHECK_FALSE(exit_code_text(-1).has_value());
  CHECK_FALSE(exit_code_text(192).has_value());
}

TEST_CASE("outcome text: agents know no probe", "[model]") {
  CHECK(agent_action(Action::probe) == "monitor");
  for (const Action action : enum_values<Action>) {
    if (action != Action::probe) CHECK(agent_action(action) == to_string(action));
  }
}
