// SPDX-License-Identifier: Apache-2.0
// Loading of the golden vectors.
#include "tests/unit/core/xvm/vectors.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

namespace duet::xvm::test {

namespace {

using Json = nlohmann::json;

const Json& vectors() {
  static const Json all = [] {
    std::ifstream in{DUET_XVM_VECTORS};
    return Json::parse(in);
  }();
  return all;
}

PacketVector packet(const Json& entry) {
  const Json& fields = entry.at("fields");
  PacketVector vector{.name = entry.at("name"),
                      .key = entry.at("key"),
                      .address = fields.at("address"),
                      .fields = {},
                      .packet = from_hex(entry.at("packet"))};
  Request& request = vector.fields;
  request.operation = fields.at("request");
  request.hash = HashType{fields.at("hashtype").get<std::uint8_t>()};
  request.uuid_flag = fields.at("flags") == 1;
  request.domain = fields.at("domain");
  request.callback = parse_address(vector.address).value();
  request.port = fields.at("port");
  const Bytes random = from_hex(fields.at("random"));
  std::copy(random.begin(), random.end(), request.random.begin());
  request.seqno = fields.at("seqno");
  return vector;
}

/// A record is given as hex, or as fields; both are in the file.
Bytes step_bytes(const Json& step) {
  if (step.contains("hex")) return from_hex(step.at("hex"));
  Bytes all;
  for (const Json& record : step.at("records")) {
    const Bytes bytes = from_hex(record.at("hex"));
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  return all;
}

SessionVector session(const Json& entry) {
  SessionVector vector{.name = entry.at("name"),
                       .key = entry.at("key"),
                       .auth = HashType{entry.at("auth").get<std::uint8_t>()},
                       .steps = {},
                       .output = {}};
  for (const Json& step : entry.at("steps")) {
    vector.steps.push_back({step.at("dir") == "agent->daemon", step.at("what"), step_bytes(step)});
  }
  if (entry.contains("exit_status")) vector.exit_status = entry.at("exit_status");
  if (entry.contains("stdout")) vector.output = entry.at("stdout");
  return vector;
}

}  // namespace

Bytes from_hex(const std::string& text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

Bytes key_file(const std::string& name) {
  return from_hex(vectors().at("keys").at(name).at("hex"));
}

Secret secret(const std::string& name) {
  auto made = Secret::from_file(key_file(name));
  REQUIRE(made);
  return std::move(*made);
}

std::vector<PacketVector> packets() {
  std::vector<PacketVector> out;
  for (const char* list : {"request_packets_captured", "sessions_synthetic", "sessions_captured"}) {
    for (const Json& entry : vectors().at(list)) out.push_back(packet(entry));
  }
  return out;
}

std::vector<SessionVector> sessions() {
  std::vector<SessionVector> out;
  for (const char* list : {"sessions_captured", "sessions_synthetic"}) {
    for (const Json& entry : vectors().at(list)) out.push_back(session(entry));
  }
  return out;
}

std::vector<AcceptanceVector> acceptance() {
  std::vector<AcceptanceVector> out;
  for (const Json& entry : vectors().at("acceptance_tests").at("tests")) {
    out.push_back({entry.at("name"), from_hex(entry.at("packet")), entry.at("daemon_calls_back")});
  }
  return out;
}

std::vector<RecordVector> records() {
  std::vector<RecordVector> out;
  for (const Json& entry : vectors().at("host_record_examples")) {
    const Json& printed = entry.at("printed");
    out.push_back({entry.at("name"), entry.at("uuid"), entry.at("state"), from_hex(entry.at("hex")),
                   printed.is_null() ? std::string{} : printed.get<std::string>()});
  }
  return out;
}

}  // namespace duet::xvm::test
