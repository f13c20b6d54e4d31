// SPDX-License-Identifier: Apache-2.0
// Host list against captured records, and against hostile ones.
#include "core/xvm/host_list.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/core/xvm/vectors.hpp"

using namespace duet;
using namespace duet::xvm;

namespace {

std::vector<HostRecord> decode_all(ByteView records) {
  std::vector<HostRecord> hosts;
  while (records.size() >= host_record_bytes) {
    const auto record = decode_host_record(records.first(host_record_bytes));
    if (std::holds_alternative<EndOfList>(record)) break;
    hosts.push_back(std::get<HostRecord>(record));
    records = records.subspan(host_record_bytes);
  }
  return hosts;
}

}  // namespace

TEST_CASE("xvm list: captured records are read and printed as the original does", "[xvm][golden]") {
  for (const test::RecordVector& vector : test::records()) {
    CAPTURE(vector.name);
    const auto record = decode_host_record(vector.bytes);
    if (vector.printed.empty()) {
      CHECK(std::holds_alternative<EndOfList>(record));
      continue;
    }
    const HostRecord host{vector.name, vector.uuid, vector.state};
    CHECK(std::get<HostRecord>(record) == host);
    CHECK(host_line(host) == vector.printed);
    const Bytes made = encode_host_list({host});
    CHECK(Bytes(made.begin() + 1, made.begin() + 1 + host_record_bytes) == vector.bytes);
  }
}

TEST_CASE("xvm list: a captured list gives the printed lines", "[xvm][golden]") {
  int seen = 0;
  for (const test::SessionVector& session : test::sessions()) {
    for (const test::Step& step : session.steps) {
      if (step.what != "records") continue;
      std::string printed;
      for (const HostRecord& host : decode_all(step.bytes)) printed += host_line(host) + "\n";
      CHECK(printed == session.output);
      ++seen;
    }
  }
  CHECK(seen > 0);
}

TEST_CASE("xvm list: what is encoded has the length of the wire, is zeroed and comes back", "[xvm]") {
  const std::vector<HostRecord> hosts{{"a", "11111111-1111-1111-1111-111111111111", 1},
                                      {std::string(63, 'n'), "22222222-2222-2222-2222-222222222222", 5}};
  const Bytes bytes = encode_host_list(hosts);
  CHECK(bytes.size() == 1 + host_record_bytes * 3 + 1);
  CHECK(bytes.front() == 253);
  CHECK(bytes.back() == 0);
  CHECK(decode_all(ByteView{bytes}.subspan(1)) == hosts);
  CHECK(encode_host_list({}).size() == 1 + host_record_bytes + 1);
}

TEST_CASE("xvm list: names too long are cut, records without text left out", "[xvm]") {
  const Bytes bytes =
      encode_host_list({{"", "", 1}, {std::string(1, '\0') + "x", "", 1}, {std::string(80, 'n'), "u", 1}});
  const auto hosts = decode_all(ByteView{bytes}.subspan(1));
  REQUIRE(hosts.size() == 1);
  CHECK(hosts[0].name == std::string(63, 'n'));
}

TEST_CASE("xvm list: garbage behind the text is not read", "[xvm]") {
  Bytes record(host_record_bytes, 0x33);
  record[0] = 'a';
  record[1] = 0;
  const auto host = std::get<HostRecord>(decode_host_record(record));
  CHECK(host.name == "a");
  CHECK(host.uuid == std::string(63, '3'));
}

TEST_CASE("xvm list: a name cannot forge a second line", "[xvm]") {
  CHECK(host_line({"a\nb", "u", 1}).find('\n') == std::string::npos);
  CHECK(host_line({"a", "u", 3}).substr(33) == "u off");
}

TEST_CASE("xvm list: a domain is known by exact name, or by UUID in any case", "[xvm]") {
  const std::vector<HostRecord> hosts{{"vm1", "AAAAAAAA-0000-0000-0000-000000000001", 1}};
  CHECK(knows_domain(hosts, "vm1"));
  CHECK(knows_domain(hosts, "aaaaaaaa-0000-0000-0000-000000000001"));
  CHECK_FALSE(knows_domain(hosts, "VM1"));
  CHECK_FALSE(knows_domain({}, "vm1"));
}
