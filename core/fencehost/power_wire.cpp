// SPDX-License-Identifier: Apache-2.0
// Codec of the orders to the helper and of its replies: a kind byte, then fixed-width little-endian fields.
#include "core/fencehost/power_wire.hpp"

#include <algorithm>

#include "core/base/invariant.hpp"
#include "core/xvm/request.hpp"

namespace duet::fencehost {

namespace {

constexpr std::uint8_t order_kind = 1;
constexpr std::uint8_t outcome_kind = 2;
constexpr std::uint8_t list_kind = 3;
constexpr std::uint8_t note_kind = 4;
constexpr std::uint8_t backend_kind = 5;

template <class... F>
struct Overload : F... {
  using F::operator()...;
};
template <class... F>
Overload(F...) -> Overload<F...>;

void put_text(ByteWriter& out, std::string_view text, std::size_t limit) {
  text = text.substr(0, limit);
  out.put_le(static_cast<std::uint16_t>(text.size()));
  out.put(as_bytes(text));
}

/// Reads fields and remembers the first thing that was wrong.
class Fields {
 public:
  explicit Fields(ByteView bytes) : in_{bytes} {}
  template <class Unsigned>
  Unsigned number() {
    return in_.get_le<Unsigned>();
  }
  std::string text(std::size_t limit) {
    const auto size = in_.get_le<std::uint16_t>();
    if (size > limit) wrong_ = "a text that is too long";
    const ByteView bytes = in_.get(size);
    return {bytes.begin(), bytes.end()};
  }
  template <class Enum>
  Enum one_of(Enum first, Enum last) {
    const auto value = in_.get_le<std::uint8_t>();
    if (value < static_cast<std::uint8_t>(first) || value > static_cast<std::uint8_t>(last))
      wrong_ = "an unknown value";
    return static_cast<Enum>(value);
  }
  void refuse(const char* why) { wrong_ = why; }
  [[nodiscard]] Result<void> end(const char* what) const {
    if (!in_.ok()) return fail(Errc::malformed, what, "it is cut");
    if (!in_.rest().empty()) return fail(Errc::malformed, what, "something is behind its end");
    if (wrong_ != nullptr) return fail(Errc::malformed, what, wrong_);
    return {};
  }

 private:
  ByteReader in_;
  const char* wrong_ = nullptr;
};

xvm::Address read_address(Fields& in) {
  xvm::Address address;
  const auto family = in.number<std::uint8_t>();
  if (family != static_cast<std::uint8_t>(xvm::Family::ipv4) &&
      family != static_cast<std::uint8_t>(xvm::Family::ipv6)) {
    in.refuse("an unknown address family");
  } else {
    address.family = static_cast<xvm::Family>(family);
  }
  for (std::uint8_t& byte : address.bytes) byte = in.number<std::uint8_t>();
  return address;
}

ListPart read_list(Fields& in) {
  ListPart part;
  part.id = in.number<std::uint64_t>();
  const auto count = in.number<std::uint16_t>();
  if (count > list_part_max) {
    in.refuse("too many records");
    return part;
  }
  for (std::uint16_t i = 0; i < count; ++i) {
    xvm::HostRecord record;
    record.name = in.text(xvm::domain_length_max);
    record.uuid = in.text(xvm::domain_length_max);
    record.state = in.number<std::uint8_t>();
    part.records.push_back(std::move(record));
  }
  return part;
}

}  // namespace

std::string_view to_string(Verb verb) {
  switch (verb) {
    case Verb::probe:
      return "probe";
    case Verb::lookup:
      return "lookup";
    case Verb::status:
      return "status";
    case Verb::list:
      return "list";
    case Verb::off:
      return "off";
    case Verb::on:
      return "on";
    case Verb::reboot:
      return "reboot";
  }
  invariant_failed("Verb out of range", __FILE__, __LINE__);
}

bool changes_power(Verb verb) {
  return verb == Verb::off || verb == Verb::on || verb == Verb::reboot;
}

std::string_view to_string(OutcomeCode code) {
  switch (code) {
    case OutcomeCode::done:
      return "done";
    case OutcomeCode::failed:
      return "failed";
    case OutcomeCode::unknown_domain:
      return "no such domain";
    case OutcomeCode::denied:
      return "denied by the groups";
    case OutcomeCode::requester_gone:
      return "the requester has gone";
    case OutcomeCode::unreachable:
      return "the hypervisor does not answer";
    case OutcomeCode::off_verified:
      return "off, being started";
  }
  invariant_failed("OutcomeCode out of range", __FILE__, __LINE__);
}

Bytes encode(const Order& order) {
  ByteWriter out;
  out.put_le(order_kind);
  out.put_le(order.id);
  out.put_le(static_cast<std::uint8_t>(order.verb));
  out.put_le(static_cast<std::uint8_t>(order.source.family));
  out.put(order.source.bytes);
  put_text(out, order.domain, xvm::domain_length_max);
  out.put_le(static_cast<std::uint64_t>(order.issued.since_origin().count()));
  return out.take();
}

Result<Order> decode_order(ByteView bytes) {
  constexpr const char* what = "order to the helper";
  if (bytes.size() > power_message_max) return fail(Errc::limit, what, "it is too long");
  Fields in{bytes};
  if (in.number<std::uint8_t>() != order_kind) return fail(Errc::malformed, what, "it is none");
  Order order;
  order.id = in.number<std::uint64_t>();
  order.verb = in.one_of(Verb::probe, Verb::reboot);
  order.source = read_address(in);
  order.domain = in.text(xvm::domain_length_max);
  order.issued = Instant{Duration{static_cast<std::int64_t>(in.number<std::uint64_t>())}};
  if (auto end = in.end(what); !end) return tl::unexpected{end.error()};
  return order;
}

Bytes encode(const PowerReply& reply) {
  ByteWriter out;
  std::visit(Overload{[&](const Outcome& outcome) {
                        out.put_le(outcome_kind);
                        out.put_le(outcome.id);
                        out.put_le(static_cast<std::uint8_t>(outcome.code));
                        out.put_le(outcome.lane);
                        out.put_le(outcome.state);
                        put_text(out, outcome.text, power_text_max);
                      },
                      [&](const ListPart& part) {
                        DUET_INVARIANT(part.records.size() <= list_part_max);
                        out.put_le(list_kind);
                        out.put_le(part.id);
                        out.put_le(static_cast<std::uint16_t>(part.records.size()));
                        for (const xvm::HostRecord& record : part.records) {
                          put_text(out, record.name, xvm::domain_length_max);
                          put_text(out, record.uuid, xvm::domain_length_max);
                          out.put_le(record.state);
                        }
                      },
                      [&](const Note& note) {
                        out.put_le(note_kind);
                        out.put_le(static_cast<std::uint8_t>(note.level));
                        put_text(out, note.text, power_text_max);
                      },
                      [&](const Backend& backend) {
                        out.put_le(backend_kind);
                        out.put_le(backend.connected);
                        out.put_le(backend.configured);
                      }},
             reply);
  return out.take();
}

Result<PowerReply> decode_power_reply(ByteView bytes) {
  constexpr const char* what = "reply of the helper";
  if (bytes.size() > power_message_max) return fail(Errc::limit, what, "it is too long");
  Fields in{bytes};
  PowerReply reply;
  switch (in.number<std::uint8_t>()) {
    case outcome_kind: {
      Outcome outcome;
      outcome.id = in.number<std::uint64_t>();
      outcome.code = in.one_of(OutcomeCode::done, OutcomeCode::off_verified);
      outcome.lane = in.number<std::uint32_t>();
      outcome.state = in.number<std::uint8_t>();
      outcome.text = in.text(power_text_max);
      reply = std::move(outcome);
      break;
    }
    case list_kind:
      reply = read_list(in);
      break;
    case note_kind: {
      Note note;
      note.level = in.one_of(NoteLevel::info, NoteLevel::error);
      note.text = in.text(power_text_max);
      reply = std::move(note);
      break;
    }
    case backend_kind: {
      Backend backend;
      backend.connected = in.number<std::uint32_t>();
      backend.configured = in.number<std::uint32_t>();
      reply = backend;
      break;
    }
    default:
      return fail(Errc::malformed, what, "it is of no known kind");
  }
  if (auto end = in.end(what); !end) return tl::unexpected{end.error()};
  return reply;
}

}  // namespace duet::fencehost
