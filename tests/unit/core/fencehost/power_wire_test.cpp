// SPDX-License-Identifier: Apache-2.0
// Orders and replies between the two halves of the daemon.
#include "core/fencehost/power_wire.hpp"

#include <catch2/catch.hpp>

namespace duet::fencehost {

namespace {

template <class Decode>
void every_truncation_fails(const Bytes& bytes, Decode decode) {
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(decode(ByteView{bytes}.first(size)));
  Bytes longer = bytes;
  longer.push_back(0);
  CHECK_FALSE(decode(longer));
}

}  // namespace

TEST_CASE("power_wire: an order reads back, cut or longer it does not", "[fencehost]") {
  for (const Verb verb : {Verb::probe, Verb::lookup, Verb::status, Verb::list, Verb::off, Verb::on, Verb::reboot}) {
    const Order order{42, verb, *xvm::parse_address("fd99::7"), "vm \x01 1", Instant{12345s}};
    const auto again = decode_order(encode(order));
    REQUIRE(again);
    CHECK(*again == order);
    CHECK_FALSE(to_string(verb).empty());
    every_truncation_fails(encode(order), decode_order);
  }
}

TEST_CASE("power_wire: an order with a foreign value is refused", "[fencehost]") {
  const Bytes good = encode(Order{1, Verb::off, *xvm::parse_address("192.0.2.1"), "vm", Instant{1s}});
  for (const std::size_t at : {std::size_t{0}, std::size_t{9}, std::size_t{10}}) {
    for (const int value : {0, 8, 200}) {
      Bytes bad = good;
      bad[at] = static_cast<std::uint8_t>(value);
      CAPTURE(at, value);
      CHECK_FALSE(decode_order(bad));
    }
  }
  CHECK_FALSE(decode_order(Bytes(power_message_max + 1, 1)));
}

TEST_CASE("power_wire: every reply reads back, cut or longer it does not", "[fencehost]") {
  const std::vector<PowerReply> replies = {
      Outcome{7, OutcomeCode::requester_gone, 3, 5, "text"},
      ListPart{8, {{"vm1", "uuid", 1}, {"", "x", 255}}},
      ListPart{9, {}},
      Note{NoteLevel::warning, "lost"},
      Backend{1, 2},
  };
  for (const PowerReply& reply : replies) {
    const auto again = decode_power_reply(encode(reply));
    REQUIRE(again);
    CHECK(*again == reply);
    every_truncation_fails(encode(reply), decode_power_reply);
  }
}

TEST_CASE("power_wire: long texts are cut, so that a message always fits", "[fencehost]") {
  const auto again = decode_power_reply(encode(PowerReply{Note{NoteLevel::info, std::string(100'000, 'x')}}));
  REQUIRE(again);
  CHECK(std::get<Note>(*again).text.size() == power_text_max);
  ListPart full;
  full.records.assign(list_part_max, {std::string(200, 'n'), std::string(200, 'u'), 1});
  CHECK(encode(PowerReply{full}).size() <= power_message_max);
}

TEST_CASE("power_wire: only off, on and reboot change power", "[fencehost]") {
  CHECK(changes_power(Verb::off));
  CHECK(changes_power(Verb::on));
  CHECK(changes_power(Verb::reboot));
  CHECK_FALSE(changes_power(Verb::probe));
  CHECK_FALSE(changes_power(Verb::lookup));
  CHECK_FALSE(changes_power(Verb::status));
  CHECK_FALSE(changes_power(Verb::list));
}

}  // namespace duet::fencehost
