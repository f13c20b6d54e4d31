// SPDX-License-Identifier: Apache-2.0
// Parameters of IPaddr2: what is accepted, what is refused and why.
#include "agents/ipaddr2/parameters.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "agents/ipaddr2/parameter_table.hpp"

using namespace duet;
using namespace duet::ipaddr2;

namespace {

/// Keeps the texts that an OcfEnvironment points to.
class Environment {
 public:
  Environment(std::initializer_list<std::pair<const char*, const char*>> parameters) {
    for (const auto& [name, value] : parameters) texts_.push_back("OCF_RESKEY_" + std::string{name} + "=" + value);
    for (const std::string& text : texts_) pointers_.push_back(text.c_str());
    pointers_.push_back(nullptr);
  }
  [[nodiscard]] OcfEnvironment view() const { return OcfEnvironment{pointers_.data()}; }

 private:
  std::vector<std::string> texts_;
  std::vector<const char*> pointers_;
};

Parameters parsed(std::initializer_list<std::pair<const char*, const char*>> parameters) {
  const Environment environment{parameters};
  const auto result = parse_parameters(environment.view());
  INFO((result ? "" : result.error().reason));
  REQUIRE(result);
  return *result;
}

std::string refusal(std::initializer_list<std::pair<const char*, const char*>> parameters) {
  const Environment environment{parameters};
  const auto result = parse_parameters(environment.view());
  REQUIRE_FALSE(result);
  CHECK(result.error().code == OcfExit::configured);
  return result.error().reason;
}

}  // namespace

TEST_CASE("ipaddr2 parameters: the address alone gives the documented defaults", "[ipaddr2]") {
  const Parameters parameters = parsed({{"ip", "192.0.2.10"}});
  CHECK(parameters.target.ip.to_string() == "192.0.2.10");
  CHECK(parameters.target.nic.empty());
  CHECK_FALSE(parameters.prefix);
  CHECK(parameters.label.empty());
  CHECK(parameters.arp_count == 5);
  CHECK(parameters.arp_count_refresh == 0);
  CHECK(parameters.arp_interval == 200ms);
  CHECK(parameters.background);
  CHECK(parameters.duplicate_check);
  CHECK_FALSE(parameters.nodad);
  CHECK_FALSE(parameters.noprefixroute);
  CHECK_FALSE(parameters.flush_routes);
  CHECK_FALSE(parameters.preferred_lifetime_s);
}

TEST_CASE("ipaddr2 parameters: all of them are taken over", "[ipaddr2]") {
  const Parameters parameters = parsed({{"ip", "192.0.2.10"},
                                        {"nic", "eth0"},
                                        {"cidr_netmask", "255.255.254.0"},
                                        {"broadcast", "192.0.3.255"},
                                        {"iflabel", "web"},
                                        {"arp_interval", "50"},
                                        {"arp_count", "3"},
                                        {"arp_count_refresh", "2"},
                                        {"arp_bg", "no"},
                                        {"arp_sender", "iputils_arping"},
                                        {"send_arp_opts", "-A"},
                                        {"duplicate_check", "FALSE"},
                                        {"nodad", "1"},
                                        {"noprefixroute", "yes"},
                                        {"flush_routes", "on"},
                                        {"preferred_lft", "0"},
                                        {"network_namespace", "blue"}});
  CHECK(parameters.target.nic == "eth0");
  CHECK(parameters.target.network_namespace == "blue");
  CHECK(parameters.prefix == 23U);
  CHECK(parameters.label == "web");
  CHECK(broadcast_address(parameters, 23)->to_string() == "192.0.3.255");
  CHECK(parameters.arp_count == 3);
  CHECK(parameters.arp_count_refresh == 2);
  CHECK(parameters.arp_interval == 50ms);
  CHECK_FALSE(parameters.background);
  CHECK_FALSE(parameters.duplicate_check);
  CHECK(parameters.nodad);
  CHECK(parameters.noprefixroute);
  CHECK(parameters.flush_routes);
  CHECK(parameters.preferred_lifetime_s == 0U);
}

TEST_CASE("ipaddr2 parameters: wrong values are refused with the parameter's name", "[ipaddr2]") {
  struct Row {
    const char* name;
    const char* value;
  };
  const auto row = GENERATE(values<Row>({
      {"cidr_netmask", "33"},
      {"cidr_netmask", "255.0.255.0"},
      {"nic", "eth/0"},
      {"nic", "an-interface-name-too-long"},
      {"nic", ":web"},
      {"iflabel", "a label"},
      {"iflabel", "much-too-long-for-it"},
      {"broadcast", "*"},
      {"broadcast", "2001:db8::1"},
      {"arp_interval", "0"},
      {"arp_interval", "fast"},
      {"arp_interval", "60001"},
      {"arp_count", "0"},
      {"arp_count", "-1"},
      {"arp_count", "1001"},
      {"arp_count_refresh", "x"},
      {"arp_bg", "perhaps"},
      {"arp_sender", "/bin/false"},
      {"duplicate_check", "ture"},
      {"run_arping", "2"},
      {"nodad", "x"},
      {"noprefixroute", "x"},
      {"flush_routes", "x"},
      {"preferred_lft", "never"},
      {"preferred_lft", "4294967296"},
      {"network_namespace", "../../etc/passwd"},
      {"network_namespace", ".."},
  }));
  CAPTURE(row.name, row.value);
  const std::string reason = refusal({{"ip", "192.0.2.10"}, {row.name, row.value}});
  CAPTURE(reason);
  CHECK(reason.find("parameter " + std::string{row.name}) == 0);
}

TEST_CASE("ipaddr2 parameters: what this agent does not offer is refused, its defaults are accepted", "[ipaddr2]") {
  for (const char* name : {"lvs_support", "lvs_ipv6_addrlabel", "unique_clone_address"}) {
    CHECK(refusal({{"ip", "192.0.2.10"}, {name, "true"}}).find("is not supported") != std::string::npos);
    CHECK(refusal({{"ip", "192.0.2.10"}, {name, "maybe"}}).find(name) != std::string::npos);
    CHECK_FALSE(parsed({{"ip", "192.0.2.10"}, {name, "false"}}).nodad);
  }
  CHECK(refusal({{"ip", "192.0.2.10"}, {"mac", "01:00:5e:00:00:01"}}).find("mac") != std::string::npos);
  CHECK(refusal({{"ip", "192.0.2.10"}, {"clusterip_hash", "sourceip"}}).find("clusterip_hash") != std::string::npos);
  parsed({{"ip", "192.0.2.10"}, {"clusterip_hash", "sourceip-sourceport"}, {"mac", ""}});
  CHECK(refusal({{"ip", "192.0.2.10"}, {"CRM_meta_clone_max", "2"}, {"CRM_meta_globally_unique", "true"}})
            .find("clone-max") != std::string::npos);
  parsed({{"ip", "192.0.2.10"}, {"CRM_meta_clone_max", "2"}, {"CRM_meta_globally_unique", "false"}});
}

TEST_CASE("ipaddr2 parameters: the address must be one that a host can have", "[ipaddr2]") {
  CHECK(refusal({}).find("parameter ip is required") == 0);
  CHECK(refusal({{"ip", ""}}).find("parameter ip is required") == 0);
  for (const char* text : {"192.0.2", "192.0.2.10/24", "host", "0.0.0.0", "::", "224.0.0.1", "ff02::1"}) {
    CAPTURE(text);
    CHECK(refusal({{"ip", text}}).find("parameter ip") == 0);
  }
  CHECK(refusal({{"ip", "fe80::10"}}).find("parameter nic is required") == 0);
  CHECK(parsed({{"ip", "fe80::10"}, {"nic", "eth0"}}).target.nic == "eth0");
  CHECK(refusal({{"ip", "2001:db8::10"}, {"broadcast", "+"}}).find("parameter broadcast") == 0);
  CHECK(refusal({{"ip", "2001:db8::10"}, {"cidr_netmask", "255.255.255.0"}}).find("parameter cidr_netmask") == 0);
}

TEST_CASE("ipaddr2 parameters: old spellings are understood", "[ipaddr2]") {
  const Parameters labelled = parsed({{"ip", "192.0.2.10"}, {"nic", "eth0:1"}, {"iflabel", "ignored"}});
  CHECK(labelled.target.nic == "eth0");
  CHECK(labelled.label == "1");
  CHECK(parsed({{"ip", "192.0.2.10"}, {"netmask", "24"}}).prefix == 24U);
  CHECK(parsed({{"ip", "192.0.2.10"}, {"netmask", "24"}, {"cidr_netmask", "25"}}).prefix == 25U);
  CHECK(parsed({{"ip", "192.0.2.10"}, {"duplicate_check", "false"}, {"run_arping", "true"}}).duplicate_check);
}

TEST_CASE("ipaddr2 parameters: a stop needs only what says where the address is", "[ipaddr2]") {
  const Environment environment{{"ip", "192.0.2.10"}, {"arp_count", "many"}, {"lvs_support", "true"}};
  const auto target = parse_target(environment.view());
  REQUIRE(target);
  CHECK(target->ip.to_string() == "192.0.2.10");
}

TEST_CASE("ipaddr2 parameters: the broadcast address follows the prefix unless it is given", "[ipaddr2]") {
  CHECK(broadcast_address(parsed({{"ip", "192.0.2.10"}}), 24)->to_string() == "192.0.2.255");
  CHECK(broadcast_address(parsed({{"ip", "192.0.2.10"}, {"broadcast", "+"}}), 28)->to_string() == "192.0.2.15");
  CHECK(broadcast_address(parsed({{"ip", "192.0.2.10"}, {"broadcast", "-"}}), 24)->to_string() == "192.0.2.0");
  CHECK_FALSE(broadcast_address(parsed({{"ip", "192.0.2.10"}}), 31));
  CHECK_FALSE(broadcast_address(parsed({{"ip", "192.0.2.10"}}), 32));
  CHECK_FALSE(broadcast_address(parsed({{"ip", "2001:db8::10"}}), 64));
}

TEST_CASE("ipaddr2 parameters: the defaults of the table are values that the parser accepts", "[ipaddr2]") {
  for (const ParameterInfo& info : parameter_table) {
    CAPTURE(info.name);
    CHECK_FALSE(info.brief.empty());
    CHECK_FALSE(info.text.empty());
    CHECK((info.type == "string" || info.type == "boolean" || info.type == "integer"));
    if (info.fallback.empty()) continue;
    const std::string name{info.name};
    const std::string value{info.fallback};
    parsed({{"ip", "192.0.2.10"}, {name.c_str(), value.c_str()}});
  }
}
