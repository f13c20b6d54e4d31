// SPDX-License-Identifier: Apache-2.0
// What agents are given and what their codes and output mean: the tables of cluster-semantics 1.2 - 1.4, 3, 4.1.
#include "core/agentapi/ocf_call.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>

namespace duet {

namespace {

OcfCall sample() {
  OcfCall call;
  call.resource = "vip";
  call.provider = "heartbeat";
  call.type = "IPaddr2";
  call.action = "monitor";
  call.interval = 10s;
  call.timeout = 20500ms;
  call.check_level = 20;
  call.node_name = "server1";
  call.parameters = {{"ip", "10.0.0.1"}, {"text", "two\nlines = \"x\""}};
  call.meta = {{"migration-threshold", "3"}};
  return call;
}

bool has(const std::vector<std::string>& entries, const std::string& entry) {
  return std::find(entries.begin(), entries.end(), entry) != entries.end();
}

}  // namespace

TEST_CASE("ocf call: the environment is what the specification says, and no more", "[agentapi]") {
  auto environment = ocf_environment(sample());
  REQUIRE(environment);
  std::vector<std::string> expected{"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                                    "LC_ALL=C",
                                    "OCF_RESKEY_ip=10.0.0.1",
                                    "OCF_RESKEY_text=two\nlines = \"x\"",
                                    "OCF_RESKEY_CRM_meta_migration_threshold=3",
                                    "OCF_RESKEY_CRM_meta_name=monitor",
                                    "OCF_RESKEY_CRM_meta_interval=10000",
                                    "OCF_RESKEY_CRM_meta_timeout=20500",
                                    "OCF_RESKEY_CRM_meta_on_node=server1",
                                    "OCF_RESKEY_crm_feature_set=3.16.1",
                                    "OCF_ROOT=/usr/lib/ocf",
                                    "OCF_RA_VERSION_MAJOR=1",
                                    "OCF_RA_VERSION_MINOR=1",
                                    "OCF_RESOURCE_INSTANCE=vip",
                                    "OCF_RESOURCE_TYPE=IPaddr2",
                                    "OCF_RESOURCE_PROVIDER=heartbeat",
                                    "OCF_CHECK_LEVEL=20",
                                    "OCF_EXIT_REASON_PREFIX=ocf-exit-reason:",
                                    "OCF_OUTPUT_FORMAT=text"};
  std::sort(expected.begin(), expected.end());
  std::sort(environment->begin(), environment->end());
  CHECK(*environment == expected);
}

TEST_CASE("ocf call: a meta attribute cannot be in the environment twice", "[agentapi]") {
  OcfCall call = sample();
  call.meta["timeout"] = "1";
  const auto environment = ocf_environment(call);
  REQUIRE(environment);
  CHECK(has(*environment, "OCF_RESKEY_CRM_meta_timeout=20500"));
  CHECK_FALSE(has(*environment, "OCF_RESKEY_CRM_meta_timeout=1"));
}

TEST_CASE("ocf call: what an environment cannot carry is refused", "[agentapi]") {
  OcfCall name = sample();
  name.parameters["a=b"] = "x";
  CHECK_FALSE(ocf_environment(name));
  OcfCall value = sample();
  value.parameters["a"] = std::string("x\0y", 3);
  const auto refused = ocf_environment(value);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::invalid_argument);
  CHECK_THAT(refused.error().what, Catch::Contains("OCF_RESKEY_a"));
}

TEST_CASE("ocf call: exit codes that the specification does not know mean 1", "[agentapi]") {
  for (int code = -1; code < 260; ++code) {
    const bool known = (code >= 0 && code <= 9) || code == 190 || code == 191;
    CHECK(ocf_exit_code(code) == (known ? code : 1));
  }
}

TEST_CASE("ocf call: codes of init scripts", "[agentapi]") {
  struct Row {
    const char* action;
    int raw;
    int expected;
  };
  for (const Row& row :
       {Row{"status", 0, 0}, Row{"status", 1, 7}, Row{"status", 2, 7}, Row{"status", 3, 7}, Row{"status", 4, 1},
        Row{"status", 5, 1}, Row{"status", 150, 5}, Row{"status", 151, 4}, Row{"start", 0, 0}, Row{"start", 5, 5},
        Row{"stop", 7, 7}, Row{"stop", 8, 1}, Row{"start", 255, 1}}) {
    CAPTURE(row.action, row.raw);
    CHECK(lsb_exit_code(row.action, row.raw) == row.expected);
  }
}

TEST_CASE("ocf call: why a program could not be executed", "[agentapi]") {
  for (const int error : {ENOENT, ENOTDIR, EISDIR, EINVAL, ENOEXEC}) CHECK(exec_failure_code(error) == 5);
  for (const int error : {EACCES, EPERM}) CHECK(exec_failure_code(error) == 4);
  for (const int error : {ENOMEM, EMFILE, EIO}) CHECK(exec_failure_code(error) == 1);
}

TEST_CASE("ocf call: the exit reason is the last line that begins with the prefix", "[agentapi]") {
  CHECK(exit_reason("").empty());
  CHECK(exit_reason("error\nocf-exit-reaso").empty());
  CHECK(exit_reason("x ocf-exit-reason:no").empty());
  CHECK(exit_reason("ocf-exit-reason:one\nnoise\nocf-exit-reason: two \r\nmore") == "two");
  CHECK(exit_reason("ocf-exit-reason:without newline") == "without newline");
  CHECK(exit_reason("ocf-exit-reason:bell\a") == "bell\\x07");
  CHECK(exit_reason("ocf-exit-reason:" + std::string(5000, 'x')).size() <= 512);
}

TEST_CASE("ocf call: fence agents get lines, and no value can become a second one", "[agentapi]") {
  const auto input = stonith_input("off", {{"port", "vm1"}, {"passwd", "a b#=c"}, {"action", "on"}});
  REQUIRE(input);
  CHECK(*input == "action=off\npasswd=a b#=c\nport=vm1\n");
  const auto refused = stonith_input("off", {{"port", "vm1\naction=on"}});
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().what, !Catch::Contains("vm1"));
  CHECK_FALSE(stonith_input("off", {{"po rt", "x"}}));
}

}  // namespace duet
