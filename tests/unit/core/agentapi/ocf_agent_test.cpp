// SPDX-License-Identifier: Apache-2.0
// The environment of an OCF agent and the texts that it gives back.
#include "core/agentapi/ocf_agent.hpp"

#include <array>
#include <catch2/catch.hpp>

using namespace duet;

TEST_CASE("ocf environment: parameters are found by their exact name", "[agentapi]") {
  const std::array<const char*, 8> entries{
      "PATH=/bin",           "OCF_RESKEY_ip=10.9.0.100",  "OCF_RESKEY_ipx=no",  "OCF_RESKEY_nic=",
      "OCF_RESKEY_text=a=b", "OCF_RESOURCE_INSTANCE=VIP", "OCF_CHECK_LEVEL=10", nullptr};
  const OcfEnvironment environment{entries.data()};
  CHECK(environment.parameter("ip") == "10.9.0.100");
  CHECK(environment.parameter("text") == "a=b");
  CHECK_FALSE(environment.parameter("nic"));
  CHECK_FALSE(environment.parameter("i"));
  CHECK_FALSE(environment.parameter("IP"));
  CHECK(environment.variable("PATH") == "/bin");
  CHECK(environment.instance() == "VIP");
  CHECK(environment.check_level() == 10);
}

TEST_CASE("ocf environment: what is not set has the documented default", "[agentapi]") {
  const std::array<const char*, 2> entries{"OCF_CHECK_LEVEL=ten", nullptr};
  const OcfEnvironment environment{entries.data()};
  CHECK(environment.instance() == "default");
  CHECK(environment.check_level() == 0);
}

TEST_CASE("ocf boolean: known spellings in any case, nothing for others", "[agentapi]") {
  for (const char* text : {"yes", "TRUE", "True", "on", "1", "ja", "y"}) CHECK(parse_ocf_boolean(text) == true);
  for (const char* text : {"no", "FALSE", "off", "0", "n"}) CHECK(parse_ocf_boolean(text) == false);
  for (const char* text : {"", "ture", "2", "yes ", "enabled"}) CHECK_FALSE(parse_ocf_boolean(text));
}

TEST_CASE("ocf number: decimal digits up to the limit", "[agentapi]") {
  CHECK(parse_ocf_number("0", 10) == 0U);
  CHECK(parse_ocf_number("10", 10) == 10U);
  for (const char* text : {"", "11", "-1", "+1", "1x", " 1", "0x1", "99999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_ocf_number(text, 10));
  }
}

TEST_CASE("exit reason: always one line behind the prefix of the manager", "[agentapi][V14]") {
  const std::array<const char*, 1> none{nullptr};
  CHECK(exit_reason_line(OcfEnvironment{none.data()}, "eth0 is down") == "ocf-exit-reason:eth0 is down\n");
  const std::array<const char*, 2> own{"OCF_EXIT_REASON_PREFIX=reason=", nullptr};
  CHECK(exit_reason_line(OcfEnvironment{own.data()}, "a\nb\x1b[2J") == "reason=a\\nb\\x1b[2J\n");
}

TEST_CASE("xml: markup is replaced by entities", "[agentapi]") {
  CHECK(escape_xml("a<b> & \"c\"") == "a&lt;b&gt; &amp; &quot;c&quot;");
}
