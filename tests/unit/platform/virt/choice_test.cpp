// SPDX-License-Identifier: Apache-2.0
// Which of several hosts is believed about one domain.
#include "platform/virt/choice.hpp"

#include <catch2/catch.hpp>

namespace duet::virt {

namespace {

Domain copy(std::size_t host, State state, bool migrated_away = false) {
  Domain domain;
  domain.host = host;
  domain.name = "node2";
  domain.uuid = "u";
  domain.state = state;
  domain.migrated_away = migrated_away;
  return domain;
}
const Result<Domain> missing{fail(Errc::not_found, "domain node2")};
const Result<Domain> silent{fail(Errc::disconnected, "libvirt at two")};

}  // namespace

TEST_CASE("choice: the active copy counts, wherever it is", "[virt][V40]") {
  for (const State state : {State::running, State::paused, State::crashed, State::shutting_down}) {
    CHECK(choose("node2", {copy(0, State::shut_off), copy(1, state)})->host == 1);
    CHECK(choose("node2", {copy(0, state), copy(1, State::shut_off)}, 1)->host == 0);
    CHECK(choose("node2", {missing, copy(1, state)})->host == 1);
    CHECK(choose("node2", {copy(0, state), silent})->host == 0);
  }
}

TEST_CASE("choice: off only if every host was asked", "[virt][V40]") {
  CHECK(choose("node2", {copy(0, State::shut_off), silent}).error().code == Errc::disconnected);
  CHECK(choose("node2", {silent, copy(1, State::shut_off)}, 1).error().code == Errc::disconnected);
  CHECK(choose("node2", {missing, silent}).error().code == Errc::disconnected);
  CHECK(choose("node2", {missing, missing}).error().code == Errc::not_found);
  CHECK(choose("node2", {missing, copy(1, State::shut_off)})->host == 1);
}

TEST_CASE("choice: of inactive copies the asked host's, else the one that did not leave", "[virt]") {
  CHECK(choose("node2", {copy(0, State::shut_off), copy(1, State::shut_off)})->host == 0);
  CHECK(choose("node2", {copy(0, State::shut_off), copy(1, State::shut_off)}, 1)->host == 1);
  CHECK(choose("node2", {copy(0, State::shut_off, true), copy(1, State::shut_off)})->host == 1);
  CHECK(choose("node2", {copy(0, State::shut_off, true), missing})->migrated_away);
}

TEST_CASE("choice: what is active twice, or is two domains, is nobody's guess", "[virt][V40]") {
  CHECK(choose("node2", {copy(0, State::running), copy(1, State::paused)}).error().code == Errc::backend);
  Domain other = copy(1, State::running);
  other.uuid = "v";
  CHECK(choose("node2", {copy(0, State::shut_off), other}).error().code == Errc::backend);
}

TEST_CASE("choice: a list has each domain once, the active copy if there is one", "[virt]") {
  Domain other = copy(1, State::running);
  other.uuid = "v";
  const auto kept = one_of_each({copy(0, State::shut_off), copy(1, State::running), other, copy(2, State::shut_off)});
  REQUIRE(kept.size() == 2);
  CHECK(kept[0].host == 1);
  CHECK(kept[0].state == State::running);
  CHECK(kept[1].uuid == "v");
}

}  // namespace duet::virt
