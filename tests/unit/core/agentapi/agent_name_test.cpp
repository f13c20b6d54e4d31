// SPDX-License-Identifier: Apache-2.0
// Names that may become paths, units and environment variables, and those that may not.
#include "core/agentapi/agent_name.hpp"

#include <catch2/catch.hpp>

namespace duet {

TEST_CASE("agent name: only plain names pass", "[agentapi][SEC-AGENT]") {
  for (const char* good : {"IPaddr2", "fence_xvm", "a", "mysql-proxy", "x.y", "0"}) {
    CAPTURE(good);
    CHECK(is_agent_name(good));
  }
  CHECK(is_agent_name(std::string(64, 'a')));
  for (const char* bad : {"", ".", "..", ".hidden", "-o", "a/b", "../x", "a b", "a\n", "a;b", "\xC3\xA4"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_agent_name(bad));
  }
  CHECK_FALSE(is_agent_name(std::string(65, 'a')));
  CHECK_FALSE(is_agent_name(std::string_view{"a\0b", 3}));
}

TEST_CASE("agent name: an attribute must not end the name of its variable", "[agentapi]") {
  CHECK(is_attribute_name("cidr_netmask"));
  CHECK(is_attribute_name("pcmk_host-map.1"));
  for (const char* bad : {"", "a=b", "a b", "a\n"}) CHECK_FALSE(is_attribute_name(bad));
}

TEST_CASE("agent name: unit names get their suffix", "[agentapi]") {
  struct Row {
    const char* type;
    const char* unit;  ///< nullptr: refused
  };
  for (const Row& row :
       {Row{"haproxy", "haproxy.service"}, Row{"haproxy.service", "haproxy.service"}, Row{"data.mount", "data.mount"},
        Row{"x.timer", "x.timer"}, Row{"x.socket", "x.socket"}, Row{"x.path", "x.path"},
        Row{"openvpn@site1", "openvpn@site1.service"}, Row{"dev-sda\\x2d1.mount", "dev-sda\\x2d1.mount"},
        Row{"my.app", "my.app.service"}, Row{"openvpn@", nullptr}, Row{"", nullptr}, Row{"a/b", nullptr},
        Row{"../x", nullptr}, Row{"-x", nullptr}, Row{"a b", nullptr}}) {
    CAPTURE(row.type);
    const auto unit = unit_name(row.type);
    CHECK(unit.has_value() == (row.unit != nullptr));
    if (unit && row.unit != nullptr) CHECK(*unit == row.unit);
  }
  CHECK_FALSE(unit_name(std::string(250, 'a')));
}

}  // namespace duet
