// SPDX-License-Identifier: Apache-2.0
// The agent's meta-data, read with a real XML parser.
#include "agents/ipaddr2/metadata.hpp"

#include <libxml/parser.h>
#include <libxml/xpath.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string_view>

#include "agents/ipaddr2/parameter_table.hpp"

using namespace duet::ipaddr2;

namespace {

using Document = std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)>;

Document parsed() {
  const std::string xml = metadata();
  return {xmlReadMemory(xml.data(), static_cast<int>(xml.size()), "metadata", nullptr, XML_PARSE_NONET), &xmlFreeDoc};
}

/// The string value of an XPath expression.
std::string value_of(const Document& document, const std::string& expression) {
  const std::unique_ptr<xmlXPathContext, decltype(&xmlXPathFreeContext)> context{xmlXPathNewContext(document.get()),
                                                                                 &xmlXPathFreeContext};
  const std::unique_ptr<xmlXPathObject, decltype(&xmlXPathFreeObject)> object{
      xmlXPathEvalExpression(reinterpret_cast<const xmlChar*>(("string(" + expression + ")").c_str()), context.get()),
      &xmlXPathFreeObject};
  REQUIRE(object);
  return reinterpret_cast<const char*>(object->stringval);
}

}  // namespace

TEST_CASE("metadata: well-formed, and each parameter with type, default and both descriptions", "[ipaddr2]") {
  const Document document = parsed();
  REQUIRE(document);
  CHECK(value_of(document, "/resource-agent/@name") == "IPaddr2");
  CHECK(value_of(document, "/resource-agent/version") == "1.1");
  CHECK(value_of(document, "count(//parameter)") == std::to_string(parameter_table.size()));
  for (const ParameterInfo& info : parameter_table) {
    const std::string at = "//parameter[@name='" + std::string{info.name} + "']";
    CAPTURE(at);
    CHECK(value_of(document, at + "/content/@type") == info.type);
    CHECK(value_of(document, at + "/content/@default") == info.fallback);
    CHECK(value_of(document, at + "/shortdesc") == info.brief);
    CHECK(value_of(document, at + "/longdesc").find(info.text) != std::string::npos);
    CHECK(value_of(document, at + "/@required") == (info.name == "ip" ? "1" : "0"));
  }
  CHECK(value_of(document, "//parameter[@name='ip']/@unique-group") == "address");
}

TEST_CASE("metadata: times of actions are those of the original agent", "[ipaddr2]") {
  const Document document = parsed();
  for (const std::string name : {"start", "stop", "monitor", "validate-all"}) {
    CHECK(value_of(document, "//action[@name='" + name + "']/@timeout") == "20s");
  }
  CHECK(value_of(document, "//action[@name='meta-data']/@timeout") == "5s");
  CHECK(value_of(document, "//action[@name='monitor']/@interval") == "10s");
  CHECK(value_of(document, "//action[@name='monitor']/@depth") == "0");
}

TEST_CASE("metadata: all parameters of the original agent are known", "[ipaddr2]") {
  // ocf:heartbeat:IPaddr2 of resource-agents 4.12.
  for (const std::string_view name : {"ip",
                                      "nic",
                                      "cidr_netmask",
                                      "broadcast",
                                      "iflabel",
                                      "lvs_support",
                                      "lvs_ipv6_addrlabel",
                                      "lvs_ipv6_addrlabel_value",
                                      "mac",
                                      "clusterip_hash",
                                      "unique_clone_address",
                                      "arp_interval",
                                      "arp_count",
                                      "arp_count_refresh",
                                      "arp_bg",
                                      "arp_sender",
                                      "send_arp_opts",
                                      "flush_routes",
                                      "run_arping",
                                      "nodad",
                                      "noprefixroute",
                                      "preferred_lft",
                                      "network_namespace"}) {
    CAPTURE(name);
    CHECK(std::any_of(parameter_table.begin(), parameter_table.end(),
                      [name](const ParameterInfo& info) { return info.name == name; }));
  }
}
