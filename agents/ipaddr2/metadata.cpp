// SPDX-License-Identifier: Apache-2.0
// XML from the parameter table; written by hand since an agent that loads an XML library for it would start later.
#include "agents/ipaddr2/metadata.hpp"

#include "agents/ipaddr2/parameter_table.hpp"
#include "core/agentapi/ocf_agent.hpp"

namespace duet::ipaddr2 {

namespace {

constexpr std::string_view head = R"(<?xml version="1.0"?>
<!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">
<resource-agent name="IPaddr2" version="1.0">
<version>1.1</version>
<longdesc lang="en">
Brings one IPv4 or IPv6 address up on one node, takes it down, and tells the neighbours where it is now. A start is
refused while another host has the address. A monitor also fails when the interface is down or has no carrier.
Takes the parameters of ocf:heartbeat:IPaddr2 that concern a single address.
</longdesc>
<shortdesc lang="en">Manages a virtual IPv4 or IPv6 address</shortdesc>
<parameters>
)";

// Time-outs and intervals as ocf:heartbeat:IPaddr2 proposes them: managers copy them into the configuration.
constexpr std::string_view tail = R"(</parameters>
<actions>
<action name="start" timeout="20s"/>
<action name="stop" timeout="20s"/>
<action name="status" depth="0" timeout="20s" interval="10s"/>
<action name="monitor" depth="0" timeout="20s" interval="10s"/>
<action name="meta-data" timeout="5s"/>
<action name="validate-all" timeout="20s"/>
</actions>
</resource-agent>
)";

void append_parameter(std::string& out, const ParameterInfo& info) {
  const bool address = info.name == "ip";
  out += "<parameter name=\"" + std::string{info.name} + "\"";
  out += address ? " unique-group=\"address\" required=\"1\">\n" : " required=\"0\">\n";
  out += "<longdesc lang=\"en\">\n" + escape_xml(info.text) + "\n</longdesc>\n";
  out += "<shortdesc lang=\"en\">" + escape_xml(info.brief) + "</shortdesc>\n";
  out += "<content type=\"" + std::string{info.type} + "\"";
  if (!info.fallback.empty()) out += " default=\"" + escape_xml(info.fallback) + "\"";
  out += "/>\n</parameter>\n";
}

}  // namespace

std::string metadata() {
  std::string out{head};
  for (const ParameterInfo& info : parameter_table) append_parameter(out, info);
  out += tail;
  return out;
}

}  // namespace duet::ipaddr2
