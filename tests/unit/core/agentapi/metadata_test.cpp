// SPDX-License-Identifier: Apache-2.0
// Meta-data as agents print it, and as an attacker would (SEC-HOST 4, V31).
#include "core/agentapi/metadata.hpp"

#include <catch2/catch.hpp>

namespace duet {

namespace {

constexpr std::string_view sample = R"(<?xml version="1.0"?>
<!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">
<resource-agent name="Thing" version="0.1">
<version>1.1</version>
<longdesc lang="en">
Manages a thing &amp; more.
</longdesc>
<shortdesc lang="en">A thing</shortdesc>
<parameters>
<parameter name="ip" unique="1" required="1">
<longdesc lang="en"> The address </longdesc>
<shortdesc lang="en">Address</shortdesc>
<content type="string" default="" />
</parameter>
<parameter name="mode" unique-group="m" reloadable="1">
<content type="select" default="fast"><option value="fast"/><option value="slow"/></content>
</parameter>
<parameter name="old" deprecated="1"><content type="time" default="5s"/></parameter>
</parameters>
<actions>
<action name="start" timeout="20s" />
<action name="monitor" timeout="20s" interval="10s" depth="0"/>
<action name="monitor" timeout="40s" interval="60s" depth="10"/>
</actions>
</resource-agent>)";

}  // namespace

TEST_CASE("metadata: parameters and actions are read", "[agentapi]") {
  const auto metadata = parse_agent_metadata(sample);
  REQUIRE(metadata);
  CHECK(metadata->name == "Thing");
  CHECK(metadata->short_description == "A thing");
  CHECK(metadata->long_description == "Manages a thing & more.");
  REQUIRE(metadata->parameters.size() == 3);
  const AgentParameter* ip = metadata->parameter("ip");
  REQUIRE(ip != nullptr);
  CHECK(ip->required);
  CHECK(ip->unique);
  CHECK(ip->long_description == "The address");
  const AgentParameter* mode = metadata->parameter("mode");
  REQUIRE(mode != nullptr);
  CHECK_FALSE(mode->required);
  CHECK(mode->unique);
  CHECK(mode->reloadable);
  CHECK(mode->type == "select");
  CHECK(mode->default_value == "fast");
  CHECK(mode->options == std::vector<std::string>{"fast", "slow"});
  CHECK(metadata->parameter("old")->deprecated);
  CHECK(metadata->parameter("old")->type == "string");  // types that are not in the specification
  REQUIRE(metadata->actions.size() == 3);
  CHECK(metadata->actions[2].depth == "10");
  CHECK(metadata->action("monitor")->interval == "10s");
  CHECK(metadata->action("promote") == nullptr);
}

TEST_CASE("metadata: fence agents have their own forms", "[agentapi]") {
  const auto metadata = parse_agent_metadata(
      "<resource-agent name='fence_x' shortdesc='Fences'><parameters><parameter name='port' unique='0' required='1'>"
      "<getopt mixed='-n'/><content type='string'/></parameter></parameters>"
      "<actions><action name='on' automatic='1'/><action name='off'/></actions></resource-agent>");
  REQUIRE(metadata);
  CHECK(metadata->short_description == "Fences");
  CHECK(metadata->action("on")->automatic);
  CHECK_FALSE(metadata->action("off")->automatic);
}

TEST_CASE("metadata: what is not meta-data is refused", "[agentapi][V31]") {
  struct Row {
    const char* name;
    std::string xml;
    Errc code;
  };
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  for (int i = 0; i < 100; ++i) deep += "</a>";
  std::string many;
  for (int i = 0; i < 1001; ++i) many += "<parameter name='p'/>";
  const std::vector<Row> rows{
      {"empty", "", Errc::malformed},
      {"text", "usage: agent {start|stop}", Errc::malformed},
      {"cut off", std::string{sample.substr(0, 300)}, Errc::malformed},
      {"another root", "<html/>", Errc::malformed},
      {"no name", "<resource-agent/>", Errc::malformed},
      {"nameless parameter", "<resource-agent name='x'><parameters><parameter/></parameters></resource-agent>",
       Errc::malformed},
      {"entities", "<!DOCTYPE r [<!ENTITY a 'b'>]><resource-agent name='x'><shortdesc>&a;</shortdesc></resource-agent>",
       Errc::malformed},
      {"file", "<!DOCTYPE r [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><resource-agent name='x'>&a;</resource-agent>",
       Errc::malformed},
      {"too deep", "<resource-agent name='x'>" + deep + "</resource-agent>", Errc::limit},
      {"too many", "<resource-agent name='x'><parameters>" + many + "</parameters></resource-agent>", Errc::limit},
      {"too long", std::string(1024 * 1024 + 1, ' '), Errc::limit}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto metadata = parse_agent_metadata(row.xml);
    REQUIRE_FALSE(metadata);
    CHECK(metadata.error().code == row.code);
  }
}

TEST_CASE("metadata: no truncation of a good text is taken for a good one", "[agentapi]") {
  for (std::size_t size = 0; size < sample.size(); ++size) {
    CHECK_FALSE(parse_agent_metadata(sample.substr(0, size)));
  }
}

}  // namespace duet
