// SPDX-License-Identifier: Apache-2.0
// Host list to bytes, record by record back, and the line that is printed for a record.
#include "core/xvm/host_list.hpp"

#include <algorithm>

#include "core/base/concat.hpp"
#include "core/base/escape.hpp"
#include "core/base/invariant.hpp"
#include "core/xvm/challenge.hpp"

namespace duet::xvm {

namespace {

constexpr std::size_t text_bytes = 64;
constexpr std::size_t text_max = text_bytes - 1;
constexpr std::size_t at_uuid = text_bytes;
constexpr std::size_t at_state = 2 * text_bytes;
static_assert(at_state + 2 == host_record_bytes);

/// The part of a text that the wire can carry.
std::string_view fitting(std::string_view text) {
  return text.substr(0, std::min(text.find('\0'), text_max));
}

void put_text(Bytes& out, std::size_t at, std::string_view text) {
  std::copy(text.begin(), text.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
}

std::string get_text(ByteView field) {
  const ByteView usable = field.first(text_max);
  return {usable.begin(), std::find(usable.begin(), usable.end(), 0)};
}

}  // namespace

Bytes encode_host_list(const std::vector<HostRecord>& hosts) {
  Bytes out{static_cast<std::uint8_t>(Answer::list_follows)};
  for (const HostRecord& host : hosts) {
    const std::string_view name = fitting(host.name);
    const std::string_view uuid = fitting(host.uuid);
    if (name.empty() && uuid.empty()) continue;
    const std::size_t begin = out.size();
    out.resize(begin + host_record_bytes);
    put_text(out, begin, name);
    put_text(out, begin + at_uuid, uuid);
    out[begin + at_state] = host.state;
  }
  out.resize(out.size() + host_record_bytes);
  out.push_back(static_cast<std::uint8_t>(Answer::success));
  return out;
}

std::variant<HostRecord, EndOfList> decode_host_record(ByteView record) {
  DUET_INVARIANT(record.size() == host_record_bytes);
  HostRecord host{.name = get_text(record.first(text_bytes)),
                  .uuid = get_text(record.subspan(at_uuid, text_bytes)),
                  .state = record[at_state]};
  if (host.name.empty() && host.uuid.empty()) return EndOfList{};
  return host;
}

std::string host_line(const HostRecord& host) {
  return concat(padded(escape_line(host.name), 32), " ", escape_line(host.uuid), " ",
                host.state == domain_running ? "on" : "off");
}

bool knows_domain(const std::vector<HostRecord>& hosts, std::string_view domain) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::any_of(hosts.begin(), hosts.end(), [&](const HostRecord& host) {
    return host.name == domain || std::equal(host.uuid.begin(), host.uuid.end(), domain.begin(), domain.end(),
                                             [&](char a, char b) { return lower(a) == lower(b); });
  });
}

}  // namespace duet::xvm
