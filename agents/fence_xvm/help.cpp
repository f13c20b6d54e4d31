// SPDX-License-Identifier: Apache-2.0
// Help and metadata from the table of parameters; XML by hand since a library for it would be loaded at each start.
#include "agents/fence_xvm/help.hpp"

#include "core/base/concat.hpp"
#include "core/xvm/agent_options.hpp"

namespace duet::xvm {

namespace {

// No character of the table needs escaping in XML; a test parses the result.
void append_parameter(std::string& out, const AgentParameter& parameter) {
  out +=
      concat("\t<parameter name=\"", parameter.name, "\" unique=\"0\" required=\"", parameter.required ? 1 : 0, "\"");
  if (!parameter.obsoletes.empty()) out += concat(" obsoletes=\"", parameter.obsoletes, "\"");
  if (parameter.deprecated) out += " deprecated=\"1\"";
  const std::string option = parameter.letter == 0 ? std::string{} : std::string{"-"} + parameter.letter;
  out += concat(">\n\t\t<getopt mixed=\"", option, "\" />\n\t\t<content type=\"", parameter.type, "\"");
  if (!parameter.fallback.empty()) out += concat(" default=\"", parameter.fallback, "\"");
  out += concat(" />\n\t\t<shortdesc lang=\"en\">", parameter.brief, "</shortdesc>\n\t</parameter>\n");
}

}  // namespace

std::string metadata() {
  std::string out =
      "<?xml version=\"1.0\" ?>\n"
      "<resource-agent name=\"fence_xvm\" shortdesc=\"Fence agent for virtual machines and containers\">\n"
      "<longdesc>Powers a libvirt domain off and on through the host daemon of its hypervisor (duet-virtd or "
      "fence_virtd), which is asked by multicast and authenticated by a shared key.\n\n"
      "With duet-virtd a reboot ends with the domain on, whatever it was before; fence_virtd leaves a domain off that "
      "was off.</longdesc>\n"
      "<vendor-url>https://libvirt.org</vendor-url>\n"
      "<parameters>\n";
  for (const AgentParameter& parameter : agent_parameters()) append_parameter(out, parameter);
  out += "</parameters>\n<actions>\n";
  for (const Action action : all_actions) out += concat("\t<action name=\"", to_string(action), "\" />\n");
  out += "</actions>\n</resource-agent>\n";
  return out;
}

std::string usage() {
  std::string out =
      "usage: fence_xvm [options]\n"
      "Without options, lines key=value are read from standard input.\n\n";
  for (const AgentParameter& parameter : agent_parameters()) {
    const std::string option = parameter.letter == 0 ? std::string{} : concat("-", parameter.letter);
    const std::string fallback = parameter.fallback.empty() ? "" : concat(" (default ", parameter.fallback, ")");
    out += concat("  ", padded(option, 4), padded(parameter.name, 20), parameter.brief, fallback, "\n");
  }
  out +=
      "  -h                      This help\n"
      "  -V                      Version\n\n"
      "Exit status: 0 done, or on; 1 failed; 2 off (status only); 3 not permitted by the host.\n";
  return out;
}

std::string version() {
  return concat("fence_xvm 1.9.0\nfence release ", DUET_VERSION, " (Duet)\n");
}

}  // namespace duet::xvm
