// SPDX-License-Identifier: Apache-2.0
// Power on a hypervisor made of values: success only for what was seen, nothing for requesters that are gone.
#include "daemon/virtd/power.hpp"

#include <catch2/catch.hpp>
#include <deque>

namespace duet::virtd {

using fencehost::Order;
using fencehost::Outcome;
using fencehost::OutcomeCode;
using fencehost::Verb;
using virt::Domain;
using virt::Migration;
using virt::State;

namespace {

constexpr const char* uuid1 = "44179d3f-6c63-474f-a212-20c8b4b25b16";

/// One domain, and how the hypervisor behaves with it.
class FakeHypervisor final : public virt::Hypervisor {
 public:
  Domain domain{0, "vm1", uuid1, State::running, true, false, Migration::none};
  bool exists = true;
  bool down = false;  ///< no connection
  bool destroy_fails = false;
  bool destroy_lies = false;  ///< says done and does nothing
  int looks_until_off = 0;    ///< destroy takes effect after so many looks
  int start_failures = 0;
  bool saved = false;             ///< there is a managed save image
  bool saved_stays = false;       ///< it cannot be removed
  bool old_boot_is_back = false;  ///< a start has restored it
  bool abort_fails = false;
  bool migration_ends = true;   ///< by an abort, at the next look
  int looks_until_arrived = 0;  ///< a migration from elsewhere ends after so many looks
  std::function<void()> before_find{};
  std::function<void()> before_destroy{};
  bool hangs = false;  ///< connected, and answers nothing
  std::vector<std::string> calls;

  Result<Domain> find(std::string_view name) override {
    if (before_find) before_find();
    if (down) return fail(Errc::disconnected, "libvirt");
    if (!exists || (name != domain.name && name != domain.uuid)) return fail(Errc::not_found, "domain");
    return domain;
  }
  Result<Domain> look_again(const Domain& which) override {
    calls.emplace_back("look");
    if (aborted_ && migration_ends) {
      aborted_ = false;
      domain.migration = Migration::none;
    }
    if (looks_until_arrived > 0 && --looks_until_arrived == 0) domain.migration = Migration::none;
    if (pending_ && looks_until_off-- <= 0) {
      pending_ = false;
      take_off();
    }
    return find(which.uuid);
  }
  Result<std::vector<Domain>> list() override {
    if (down) return fail(Errc::disconnected, "libvirt");
    return std::vector<Domain>{domain, {0, "vm2", "uuid2", State::crashed, true, false, Migration::none}};
  }
  Result<void> destroy(const Domain&, const std::function<bool()>& wanted) override {
    if (before_destroy) before_destroy();
    if (!wanted()) return fail(Errc::refused, "destroy vm1");
    calls.emplace_back("destroy");
    if (destroy_fails) return fail(Errc::backend, "destroy vm1", "it hangs in the kernel");
    if (!destroy_lies) pending_ = true;
    if (pending_ && looks_until_off == 0) {
      pending_ = false;
      take_off();
    }
    return {};
  }
  Result<void> forget_saved(const Domain&) override {
    if (saved_stays) return fail(Errc::backend, "remove the saved memory of vm1");
    saved = false;
    return {};
  }
  Result<void> start(const Domain&) override {
    if (saved) old_boot_is_back = true;
    saved = false;
    calls.emplace_back("start");
    if (start_failures > 0) {
      --start_failures;
      return fail(Errc::backend, "start vm1", "the image is locked");
    }
    domain.state = State::running;
    return {};
  }
  Result<std::string> definition(const Domain&) override { return std::string{"<domain/>"}; }
  Result<void> start_from(const Domain&, const std::string& text) override {
    calls.push_back("start " + text);
    exists = true;
    domain.state = State::running;
    return {};
  }
  Result<void> abort_migration(const Domain&) override {
    calls.emplace_back("abort");
    if (abort_fails) return fail(Errc::backend, "abort the migration of vm1", "it is in its last phase");
    aborted_ = true;
    return {};
  }
  Result<void> ask_all() override {
    if (down || hangs) return fail(Errc::disconnected, "libvirt");
    return {};
  }
  std::size_t configured() const override { return 1; }
  std::size_t connected() const override { return down ? 0 : 1; }

  [[nodiscard]] bool called(std::string_view what) const {
    return std::any_of(calls.begin(), calls.end(), [&](const std::string& call) { return call == what; });
  }

 private:
  void take_off() {
    domain.state = State::shut_off;
    if (!domain.persistent) exists = false;
  }
  bool pending_ = false;
  bool aborted_ = false;
};

struct Bench {
  FakeHypervisor hypervisor;
  fencehost::Permissions permissions{std::nullopt};
  Instant now{1000s};
  Power power{hypervisor, permissions, Clock{[this] { return now; }, [this](Duration d) { now = now + d; }}};
  bool there = true;
  std::vector<Outcome> early;

  Outcome run(Verb verb, const std::string& domain = "vm1") {
    const Order order{7, verb, *xvm::parse_address("192.0.2.1"), domain, now};
    return carry_out(order);
  }
  Outcome carry_out(const Order& order) {
    return power.carry_out(
        order, [this] { return there; }, [this](const Outcome& outcome) { early.push_back(outcome); });
  }
};

}  // namespace

TEST_CASE("power: off is done when a second look says shut off", "[virtd][V40]") {
  Bench bench;
  bench.hypervisor.looks_until_off = 5;
  const Outcome outcome = bench.run(Verb::off);
  CHECK(outcome.id == 7);
  CHECK(outcome.code == OutcomeCode::done);
  CHECK(bench.hypervisor.domain.state == State::shut_off);
  CHECK(bench.hypervisor.calls.back() == "look");
}

TEST_CASE("power: a hypervisor that says done and did nothing is a failure", "[virtd][V40]") {
  Bench bench;
  bench.hypervisor.destroy_lies = true;
  const Instant began = bench.now;
  CHECK(bench.run(Verb::off).code == OutcomeCode::failed);
  CHECK(bench.now - began <= off_limit + 1s);
  CHECK(bench.run(Verb::reboot).code == OutcomeCode::failed);
  CHECK_FALSE(bench.hypervisor.called("start"));
}

TEST_CASE("power: a destroy that fails is a failure, unless it is off all the same", "[virtd]") {
  Bench bench;
  bench.hypervisor.destroy_fails = true;
  const Outcome outcome = bench.run(Verb::off);
  CHECK(outcome.code == OutcomeCode::failed);
  CHECK_THAT(outcome.text, Catch::Contains("hangs in the kernel"));
}

TEST_CASE("power: every state but shut off is switched off", "[virtd]") {
  for (const State state : {State::running, State::blocked, State::paused, State::shutting_down, State::crashed,
                            State::suspended, State::none}) {
    Bench bench;
    bench.hypervisor.domain.state = state;
    CAPTURE(virt::to_string(state));
    CHECK(bench.run(Verb::off).code == OutcomeCode::done);
    CHECK(bench.hypervisor.called("destroy"));
  }
  Bench off;
  off.hypervisor.domain.state = State::shut_off;
  CHECK(off.run(Verb::off).code == OutcomeCode::done);
  CHECK(off.hypervisor.calls == std::vector<std::string>{"look"});
}

TEST_CASE("power: reboot ends with the domain on, also of one that was off", "[virtd]") {
  for (const State before : {State::running, State::shut_off, State::crashed, State::paused}) {
    Bench bench;
    bench.hypervisor.domain.state = before;
    CHECK(bench.run(Verb::reboot).code == OutcomeCode::done);
    CHECK(bench.hypervisor.domain.state == State::running);
  }
}

TEST_CASE("power: a start that fails is tried again, and reported when it does not succeed; off was achieved",
          "[virtd][S7]") {
  Bench bench;
  bench.hypervisor.start_failures = 3;
  CHECK(bench.run(Verb::reboot).code == OutcomeCode::done);
  CHECK(bench.hypervisor.domain.state == State::running);
  bench.hypervisor.start_failures = 1000;
  const Instant began = bench.now;
  const Outcome outcome = bench.run(Verb::reboot);
  CHECK(outcome.code == OutcomeCode::done);
  CHECK_THAT(outcome.text, Catch::Contains("image is locked"));
  CHECK(bench.now - began <= 20s);  // within the lane
  bench.hypervisor.start_failures = 1000;
  CHECK(bench.run(Verb::on).code == OutcomeCode::failed);
}

TEST_CASE("power: nothing is changed for a requester that is gone", "[virtd][S5][S8]") {
  for (const Verb verb : {Verb::off, Verb::reboot}) {
    Bench bench;
    bench.there = false;
    CHECK(bench.run(verb).code == OutcomeCode::requester_gone);
    CHECK_FALSE(bench.hypervisor.called("destroy"));
  }
  for (const Verb verb : {Verb::on, Verb::reboot}) {
    Bench bench;
    bench.there = false;
    bench.hypervisor.domain.state = State::shut_off;
    CHECK(bench.run(verb).code == OutcomeCode::requester_gone);
    CHECK_FALSE(bench.hypervisor.called("start"));
  }
}

TEST_CASE("power: an order that waited for too long is not carried out", "[virtd][S8]") {
  Bench bench;
  const Order order{7, Verb::off, *xvm::parse_address("192.0.2.1"), "vm1", bench.now - 3s};
  CHECK(bench.carry_out(order).code == OutcomeCode::failed);
  CHECK(bench.hypervisor.calls.empty());
}

TEST_CASE("power: a hypervisor that was slow to answer is not told to destroy anything any more", "[virtd][S5][S8]") {
  for (const Verb verb : {Verb::off, Verb::reboot}) {
    Bench slow_find;
    slow_find.hypervisor.before_find = [&] { slow_find.now = slow_find.now + 3s; };
    CHECK(slow_find.run(verb).code == OutcomeCode::requester_gone);
    CHECK_FALSE(slow_find.hypervisor.called("destroy"));
    Bench slow_way;  // the look-up inside of the call hangs, and the requester gives up meanwhile
    slow_way.hypervisor.before_destroy = [&] { slow_way.there = false; };
    CHECK(slow_way.run(verb).code == OutcomeCode::requester_gone);
    CHECK_FALSE(slow_way.hypervisor.called("destroy"));
    Bench too_late;
    too_late.hypervisor.before_destroy = [&] { too_late.now = too_late.now + 16s; };
    CHECK(too_late.run(verb).code == OutcomeCode::requester_gone);
    CHECK_FALSE(too_late.hypervisor.called("destroy"));
  }
  Bench off;
  off.hypervisor.domain.state = State::shut_off;
  off.hypervisor.before_find = [&] { off.now = off.now + 3s; };
  CHECK(off.run(Verb::on).code == OutcomeCode::requester_gone);
  CHECK_FALSE(off.hypervisor.called("start"));
}

TEST_CASE("power: a reboot tells that it is off before it starts the domain", "[virtd][S7]") {
  Bench bench;
  CHECK(bench.run(Verb::off).code == OutcomeCode::done);
  CHECK(bench.early.empty());
  CHECK(bench.run(Verb::reboot).code == OutcomeCode::done);
  REQUIRE(bench.early.size() == 1);
  CHECK(bench.early[0].code == OutcomeCode::off_verified);
  CHECK(bench.early[0].id == 7);
  bench.hypervisor.destroy_lies = true;
  CHECK(bench.run(Verb::reboot).code == OutcomeCode::failed);
  CHECK(bench.early.size() == 1);
}

TEST_CASE("power: what migrates or has migrated is never called off by mistake", "[virtd][V40]") {
  Bench away;
  away.hypervisor.domain.state = State::shut_off;
  away.hypervisor.domain.migrated_away = true;
  for (const Verb verb : {Verb::off, Verb::on, Verb::reboot, Verb::status}) {
    CHECK(away.run(verb).code == OutcomeCode::failed);
  }
  CHECK_FALSE(away.hypervisor.called("start"));
  for (const Migration migration : {Migration::incoming, Migration::unclear}) {
    Bench coming;
    coming.hypervisor.domain.migration = migration;
    CHECK(coming.run(Verb::off).code == OutcomeCode::failed);
    CHECK_FALSE(coming.hypervisor.called("destroy"));
    CHECK_FALSE(coming.hypervisor.called("abort"));
    Bench arrives;
    arrives.hypervisor.domain.migration = migration;
    arrives.hypervisor.looks_until_arrived = 10;
    CHECK(arrives.run(Verb::off).code == OutcomeCode::done);
    CHECK(arrives.hypervisor.domain.state == State::shut_off);
  }
  Bench leaving;
  leaving.hypervisor.domain.migration = Migration::outgoing;
  CHECK(leaving.run(Verb::off).code == OutcomeCode::done);
  CHECK(leaving.hypervisor.calls.at(0) == "abort");
}

TEST_CASE("power: nothing is destroyed before its migration is seen to be over", "[virtd][V40][S7]") {
  for (const bool persistent : {true, false}) {
    Bench last_phase;  // destroyed now, it would be shut off here and run there
    last_phase.hypervisor.domain.migration = Migration::outgoing;
    last_phase.hypervisor.domain.persistent = persistent;
    last_phase.hypervisor.abort_fails = true;
    CHECK(last_phase.run(Verb::off).code == OutcomeCode::failed);
    CHECK_FALSE(last_phase.hypervisor.called("destroy"));
    Bench goes_on;
    goes_on.hypervisor.domain.migration = Migration::outgoing;
    goes_on.hypervisor.domain.persistent = persistent;
    goes_on.hypervisor.migration_ends = false;
    CHECK(goes_on.run(Verb::off).code == OutcomeCode::failed);
    CHECK_FALSE(goes_on.hypervisor.called("destroy"));
    Bench leaves;
    leaves.hypervisor.domain.migration = Migration::outgoing;
    leaves.hypervisor.domain.persistent = persistent;
    leaves.hypervisor.migration_ends = false;
    leaves.hypervisor.before_find = [&] {
      if (!leaves.hypervisor.called("look")) return;
      leaves.hypervisor.domain.state = State::shut_off;
      leaves.hypervisor.exists = persistent;
    };
    CHECK(leaves.run(Verb::off).code == OutcomeCode::failed);
    CHECK_FALSE(leaves.hypervisor.called("destroy"));
  }
}

TEST_CASE("power: a boot whose memory was saved does not come back", "[virtd][S1][S8]") {
  for (const State before : {State::shut_off, State::running}) {
    Bench bench;
    bench.hypervisor.domain.state = before;
    bench.hypervisor.saved = true;
    CHECK(bench.run(Verb::off).code == OutcomeCode::done);
    CHECK_FALSE(bench.hypervisor.saved);
    bench.hypervisor.saved = true;  // also one that was saved later
    CHECK(bench.run(Verb::on).code == OutcomeCode::done);
    CHECK_FALSE(bench.hypervisor.old_boot_is_back);
  }
  Bench stays;
  stays.hypervisor.domain.state = State::shut_off;
  stays.hypervisor.saved = stays.hypervisor.saved_stays = true;
  for (const Verb verb : {Verb::off, Verb::reboot, Verb::on}) CHECK(stays.run(verb).code == OutcomeCode::failed);
  CHECK_FALSE(stays.hypervisor.called("start"));
  Bench gone;
  gone.hypervisor.domain.state = State::shut_off;
  gone.hypervisor.saved = true;
  gone.there = false;
  CHECK(gone.run(Verb::off).code == OutcomeCode::requester_gone);
  CHECK(gone.hypervisor.saved);
}

TEST_CASE("power: a transient domain that we switched off is off, and comes back by a reboot", "[virtd]") {
  Bench bench;
  bench.hypervisor.domain.persistent = false;
  CHECK(bench.run(Verb::off).code == OutcomeCode::done);
  CHECK_FALSE(bench.hypervisor.exists);
  const Outcome status = bench.run(Verb::status);
  CHECK(status.code == OutcomeCode::done);
  CHECK(status.state == static_cast<std::uint8_t>(State::shut_off));
  CHECK(bench.run(Verb::off, uuid1).code == OutcomeCode::done);
  CHECK(bench.run(Verb::on).code == OutcomeCode::unknown_domain);
  Bench again;
  again.hypervisor.domain.persistent = false;
  CHECK(again.run(Verb::reboot).code == OutcomeCode::done);
  CHECK(again.hypervisor.called("start <domain/>"));
  CHECK(again.hypervisor.exists);
}

TEST_CASE("power: what we switched off is known to be off for a minute; later it may run elsewhere", "[virtd][S7]") {
  Bench bench;
  bench.hypervisor.domain.persistent = false;
  REQUIRE(bench.run(Verb::off).code == OutcomeCode::done);
  bench.now = bench.now + gone_for;
  CHECK(bench.run(Verb::status).code == OutcomeCode::done);
  CHECK(bench.run(Verb::off).code == OutcomeCode::done);  // which does not prolong it
  bench.now = bench.now + 1s;
  CHECK(bench.run(Verb::status).code == OutcomeCode::unknown_domain);
  CHECK(bench.run(Verb::off, uuid1).code == OutcomeCode::unknown_domain);
}

TEST_CASE("power: of too many domains that are gone the oldest is forgotten, by name and by UUID", "[virtd][S22]") {
  Bench bench;
  Domain& domain = bench.hypervisor.domain;
  for (std::size_t i = 0; i <= gone_max; ++i) {
    bench.hypervisor.exists = true;
    domain = {
        0, "z" + std::to_string(10'000 - i), "u" + std::to_string(i), State::running, false, false, Migration::none};
    REQUIRE(bench.run(Verb::off, domain.name).code == OutcomeCode::done);
  }
  CHECK(bench.run(Verb::status, "z10000").code == OutcomeCode::unknown_domain);
  CHECK(bench.run(Verb::status, "u0").code == OutcomeCode::unknown_domain);
  CHECK(bench.run(Verb::status, "z9999").code == OutcomeCode::done);
  CHECK(bench.run(Verb::status, domain.uuid).code == OutcomeCode::done);
}

TEST_CASE("power: an unknown domain is unknown, not off; no hypervisor is no answer", "[virtd]") {
  Bench bench;
  for (const Verb verb : {Verb::lookup, Verb::status, Verb::off, Verb::on, Verb::reboot}) {
    CHECK(bench.run(verb, "nope").code == OutcomeCode::unknown_domain);
  }
  CHECK(bench.run(Verb::probe, "").code == OutcomeCode::done);
  bench.hypervisor.hangs = true;
  CHECK(bench.run(Verb::probe, "").code == OutcomeCode::unreachable);  // connected is not enough
  bench.hypervisor.down = true;
  for (const Verb verb : {Verb::lookup, Verb::status, Verb::off, Verb::on, Verb::reboot, Verb::probe}) {
    CHECK(bench.run(verb).code == OutcomeCode::unreachable);
  }
}

TEST_CASE("power: groups are looked at here too, and give the lane", "[virtd][V37]") {
  Bench bench;
  const xvm::Address other = *xvm::parse_address("192.0.2.2");
  const xvm::Address own = *xvm::parse_address("192.0.2.1");
  bench.permissions = fencehost::Permissions{
      std::vector<fencehost::Group>{{"a", {other}, {"other"}}, {"b", {own}, {"vm1", "vanished"}}}};
  const Outcome found = bench.run(Verb::lookup);
  CHECK(found.code == OutcomeCode::done);
  CHECK(found.lane == 2);
  CHECK(bench.run(Verb::off, "vanished").code == OutcomeCode::unknown_domain);
  CHECK(bench.run(Verb::off, "secret").code == OutcomeCode::denied);
  const Order foreign{1, Verb::off, other, "vm1", bench.now};
  CHECK(bench.carry_out(foreign).code == OutcomeCode::denied);
  CHECK_FALSE(bench.hypervisor.called("destroy"));
  const auto list = bench.power.list({1, Verb::list, own, "", bench.now});
  REQUIRE(list);
  REQUIRE(list->size() == 1);
  CHECK(list->at(0).name == "vm1");
}

TEST_CASE("power: on leaves alone what is on, and replaces what crashed", "[virtd]") {
  Bench bench;
  CHECK(bench.run(Verb::on).code == OutcomeCode::done);
  CHECK_FALSE(bench.hypervisor.called("start"));
  bench.hypervisor.domain.state = State::crashed;
  CHECK(bench.run(Verb::on).code == OutcomeCode::done);
  CHECK(bench.hypervisor.domain.state == State::running);
  bench.hypervisor.domain.state = State::shut_off;
  CHECK(bench.run(Verb::on).code == OutcomeCode::done);
  CHECK(bench.hypervisor.domain.state == State::running);
}

}  // namespace duet::virtd
