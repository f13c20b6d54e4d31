// SPDX-License-Identifier: Apache-2.0
// Short forms for tests of the parts of the policy.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "core/policy/picture.hpp"
#include "core/policy/plan.hpp"
#include "tests/unit/core/policy/case_file.hpp"

namespace duet::test {

/// Keeps the case alive as long as the picture that looks at it.
struct Scene {
  explicit Scene(const std::string& text)
      : input{parse(text)}, picture{PolicyInput{input.config, input.state, input.quorate, {}}} {}
  static PolicyCase parse(const std::string& text) {
    std::string error;
    PolicyCase parsed = read_case(text, error);
    INFO(error);
    REQUIRE(error.empty());
    return parsed;
  }
  [[nodiscard]] std::size_t at(const std::string& id) const {
    for (std::size_t i = 0; i < picture.resources.size(); ++i) {
      if (picture.resources[i].id() == id) return i;
    }
    FAIL("no resource " << id);
    return 0;
  }
  [[nodiscard]] const policy::Resource& resource(const std::string& id) const { return picture.resources[at(id)]; }
  [[nodiscard]] Plan plan() const { return make_plan({input.config, input.state, input.quorate, {}}); }

  PolicyCase input;
  policy::Picture picture;
};

}  // namespace duet::test
