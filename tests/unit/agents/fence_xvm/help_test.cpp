// SPDX-License-Identifier: Apache-2.0
// Metadata: parameters, attributes and actions as the original has them (fence_xvm 4.12.1), in its order.
#include "agents/fence_xvm/help.hpp"

#include <catch2/catch.hpp>

#include "core/agentapi/metadata.hpp"

using namespace duet;

namespace {

/// One line for each parameter, as "name -x type default required obsoletes deprecated"; read from the XML by eye of a
/// simple scanner, so that this does not lean on the code that made it.
std::string attribute(const std::string& text, const std::string& name) {
  const std::size_t at = text.find(" " + name + "=\"");
  if (at == std::string::npos) return "-";
  const std::size_t begin = at + name.size() + 3;
  return text.substr(begin, text.find('"', begin) - begin);
}

std::vector<std::string> parameters(const std::string& xml) {
  std::vector<std::string> lines;
  std::size_t at = 0;
  while ((at = xml.find("<parameter ", at)) != std::string::npos) {
    const std::size_t end = xml.find("</parameter>", at);
    const std::string element = xml.substr(at, end - at);
    const std::string content = element.substr(element.find("<content"));
    const std::string head = element.substr(0, element.find('>'));
    lines.push_back(attribute(head, "name") + " " + attribute(element, "mixed") + " " + attribute(content, "type") +
                    " " + attribute(content.substr(0, content.find('>')), "default") + " " +
                    attribute(head, "required") + " " + attribute(head, "unique") + " " + attribute(head, "obsoletes") +
                    " " + attribute(head, "deprecated"));
    at = end;
  }
  return lines;
}

}  // namespace

TEST_CASE("fence_xvm metadata: the parameters of the original in its order, then ours", "[xvm][golden]") {
  const std::vector<std::string> expected{
      "debug -d boolean - 0 0 - -",
      "ip_family -i string auto 0 0 - -",
      "multicast_address -a string - 0 0 - -",
      "ipport -p string 1229 0 0 - -",
      "retrans -r string 20 0 0 - -",
      "auth -C string sha256 0 0 - -",
      "hash -c string sha256 0 0 - -",
      "key_file -k string /etc/cluster/fence_xvm.key 0 0 - -",
      "plug -n string - 1 0 port -",
      "port -H string - 1 0 - 1",
      "use_uuid -u string 0 0 0 - -",
      "action -o string reboot 0 0 - -",
      "timeout -t string 30 0 0 - -",
      "delay -w string 0 0 0 - -",
      "domain  string - 0 0 - 1",
      "callback_port -l string 0 0 0 - -",
  };
  CHECK(parameters(xvm::metadata()) == expected);
}

TEST_CASE("fence_xvm metadata: the actions of the original in its order", "[xvm][golden]") {
  const std::string xml = xvm::metadata();
  std::size_t at = xml.find("<actions>");
  for (const char* action :
       {"null", "on", "off", "reboot", "metadata", "status", "monitor", "list", "list-status", "validate-all"}) {
    at = xml.find("<action name=\"" + std::string{action} + "\" />", at);
    REQUIRE(at != std::string::npos);
  }
}

TEST_CASE("fence_xvm metadata: it is XML that a manager reads", "[xvm]") {
  const auto read = parse_agent_metadata(xvm::metadata());
  REQUIRE(read);
  CHECK(read->parameters.size() == 16);
  CHECK(xvm::metadata().find("<vendor-url>https://libvirt.org</vendor-url>") != std::string::npos);
}

TEST_CASE("fence_xvm help: every parameter is in it, and the version has the original's first line", "[xvm]") {
  for (const char* word : {"plug", "-H", "callback_port", "(default 1229)"}) {
    CHECK(xvm::usage().find(word) != std::string::npos);
  }
  CHECK(xvm::version().starts_with("fence_xvm 1.9.0\nfence release "));
}
