// SPDX-License-Identifier: Apache-2.0
// Every enumerator has a word of its own that reads back.
#include "core/model/text.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace duet;

TEMPLATE_TEST_CASE("text: each value reads back from its word, in any case", "[model]", OnFail, OrderKind, OrderAction,
                   NoQuorumPolicy, FenceAction, MultipleActive, Requires, Action, OpStatus, Activity, EvidenceKind,
                   Membership, CauseKind, FenceOutcome) {
  std::set<std::string_view> words;
  REQUIRE_FALSE(enum_values<TestType>.empty());
  for (const TestType value : enum_values<TestType>) {
    const std::string_view word = to_string(value);
    CAPTURE(word);
    CHECK_FALSE(word.empty());
    CHECK(words.insert(word).second);
    CHECK(enum_from_text<TestType>(word) == value);
    std::string upper;
    for (const char c : word) upper.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    CHECK(enum_from_text<TestType>(upper) == value);
  }
  CHECK_FALSE(enum_from_text<TestType>(""));
  CHECK_FALSE(enum_from_text<TestType>("nonsense"));
}

TEST_CASE("text: severity of on-fail grows in the order of its values", "[model]") {
  CHECK(OnFail::ignore < OnFail::restart);
  CHECK(OnFail::restart < OnFail::ban);
  CHECK(OnFail::ban < OnFail::block);
  CHECK(OnFail::block < OnFail::stop);
  CHECK(OnFail::stop < OnFail::standby);
  CHECK(OnFail::standby < OnFail::fence);
}
