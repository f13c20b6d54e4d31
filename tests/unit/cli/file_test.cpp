// SPDX-License-Identifier: Apache-2.0
// `-f FILE`: the same commands on a configuration file.
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "cli/render/config_text.hpp"
#include "cli/shell/config_file.hpp"
#include "core/admin/admin.hpp"
#include "platform/process/read_file.hpp"
#include "tests/unit/cli/fixture.hpp"

namespace duet::cli::test {

namespace {

/// A file that is gone after the test.
class PlanFile {
 public:
  explicit PlanFile(const std::string& text) {
    const int fd = mkstemp(path_.data());
    REQUIRE(fd >= 0);
    close(fd);
    REQUIRE(replace_file(AT_FDCWD, path_, text));
  }
  PlanFile(const PlanFile&) = delete;
  PlanFile& operator=(const PlanFile&) = delete;
  ~PlanFile() { unlink(path_.c_str()); }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string text() const { return *read_file(path_); }

 private:
  std::string path_ = "/tmp/duet-plan-XXXXXX";
};

/// Every kind of object, and a secret.
ClusterConfig rich_config() {
  ClusterConfig config = tutorial_view().effective;
  const std::vector<ConfigEdit> edits{
      AddLocation{{"l1", "hagroup", server1, *Score::parse("50")}},
      AddColocation{{"c1", "extra", "hagroup", Score::minus_infinity()}},
      AddOrder{{"o1", "VIP", "extra", OrderAction::start, OrderAction::stop, OrderKind::optional, false}},
      AddLevel{{server4, 2, {"vmfence"}}},
      SetAttributes{AttributeScope::resource_defaults, {{"resource-stickiness", "100"}}},
      SetNodeAttributes{{server1}, {{"rack", "7"}}},
      UpdateResource{"vmfence", {{"passwd", "s3cret"}}, {}, {}}};
  Primitive extra;
  extra.id = "extra";
  extra.agent = {"ocf", "heartbeat", "Dummy"};
  Operation monitor;
  monitor.action = "monitor";
  monitor.interval = 10s;
  monitor.timeout = 500ms;
  monitor.on_fail = OnFail::standby;
  monitor.extra["OCF_CHECK_LEVEL"] = "10";
  extra.operations = {monitor};
  auto created = apply_edits(config, {CreateResource{extra, std::nullopt}});
  REQUIRE(created);
  auto done = apply_edits(*created, edits);
  if (!done) FAIL(done.error().what + " " + done.error().why);
  return *done;
}

}  // namespace

TEST_CASE("configuration file: what is written is read back, every kind of object", "[cli][file]") {
  const ClusterConfig config = rich_config();
  const auto back = parse_config_json(config_json(config, Secrets::shown));
  REQUIRE(back);
  CHECK(*back == config);
  CHECK(config_json(config).find("s3cret") == std::string::npos);
}

TEST_CASE("configuration file: what is no configuration is refused and says where", "[cli][file]") {
  struct Row {
    const char* from;
    const char* to;
    const char* said;
  };
  const std::string good = config_json(rich_config(), Secrets::shown);
  const auto row = GENERATE(values<Row>({{"duet.config/1", "duet.config/2", "schema"},
                                         {"\"score\": \"50\"", "\"score\": \"much\"", "'much' is not a score"},
                                         {"\"node\": \"server1\"", "\"node\": \"server9\"", "'server9' is no node"},
                                         {"\"interval\": \"10s\"", "\"interval\": \"soon\"", "interval 'soon'"},
                                         {"\"symmetrical\": false", "\"symmetrical\": \"no\"", "'symmetrical'"},
                                         {"\"level\": 2", "\"level\": -2", "'level'"},
                                         {"\"kind\": \"Optional\"", "\"kind\": \"Perhaps\"", "'Perhaps'"},
                                         {"\"rack\": \"7\"", "\"rack\": 7", "'rack'"},
                                         {"\"resources\":", "\"resource\":", "'resources' must be a list"}}));
  CAPTURE(row.to);
  std::string bad = good;
  const auto at = bad.find(row.from);
  REQUIRE(at != std::string::npos);
  bad.replace(at, std::string{row.from}.size(), row.to);
  const auto read = parse_config_json(bad);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == Exit::data);
  CHECK_THAT(read.error().what, Catch::Contains(row.said));
  CHECK(parse_config_json(good.substr(0, good.size() / 2)).error().code == Exit::data);
  CHECK_FALSE(parse_config_json("[]"));
}

TEST_CASE("option -f: commands change and show the file, and ask no daemon", "[cli][file]") {
  FakeDaemon daemon;
  daemon.down = true;
  PlanFile plan{config_json(rich_config(), Secrets::shown)};
  const auto on_file = [&](const std::string& line) { return duet(daemon, line + " -f " + plan.path()); };
  const auto created = on_file("resource create web systemd:nginx --group hagroup");
  CAPTURE(created.err);
  CHECK(created.code == 0);
  CHECK_THAT(on_file("resource group list").out, Catch::Contains("hagroup: VIP haproxy web"));
  CHECK(on_file("resource create web systemd:nginx --group hagroup").err == "unchanged\n");
  CHECK(on_file("resource create web systemd:haproxy").code == 108);
  CHECK(on_file("resource delete extra").code == 0);
  CHECK(on_file("resource delete extra").code == 105);
  CHECK(on_file("property set no-quorum-policyy=stop").code != 0);
  CHECK(on_file("config --output-format=json").out.find("s3cret") == std::string::npos);
  CHECK(plan.text().find("s3cret") != std::string::npos);  // a change of something else does not lose it
  CHECK(on_file("verify").code == 0);
  CHECK(duet(daemon, "verify " + plan.path()).code == 0);
  CHECK(on_file("stonith delete vmfence --yes").code == 0);
  CHECK(on_file("verify").code == 78);
}

TEST_CASE("option -f: a dry run leaves the file, and what needs a cluster is refused", "[cli][file]") {
  FakeDaemon daemon;
  daemon.down = true;
  PlanFile plan{config_json(rich_config(), Secrets::shown)};
  const std::string before = plan.text();
  const auto on_file = [&](const std::string& line) { return duet(daemon, "-f " + plan.path() + " " + line); };
  CHECK(on_file("resource delete extra --dry-run").code == 0);
  CHECK(on_file("resource disable VIP --wait").code == 64);
  for (const char* line : {"status", "resource move hagroup", "resource cleanup", "stonith fence server4", "why VIP",
                           "history", "cluster stop", "resource restart VIP"}) {
    CAPTURE(line);
    CHECK(on_file(line).code == 64);
  }
  CHECK(plan.text() == before);
  CHECK(duet(daemon, "-f /nonexistent/plan verify").code == 1);
  PlanFile wrong{"{}"};
  CHECK(duet(daemon, "-f " + wrong.path() + " verify").code == 65);
}

}  // namespace duet::cli::test
