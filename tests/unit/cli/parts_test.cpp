// SPDX-License-Identifier: Apache-2.0
// Small parts: words, times, agent values, the catalogue of a directory, running programs.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/agents/catalog.hpp"
#include "cli/agents/values.hpp"
#include "cli/commands/arguments.hpp"
#include "cli/grammar/words.hpp"
#include "cli/render/time_text.hpp"
#include "cli/shell/files.hpp"
#include "cli/shell/subprocess.hpp"

namespace duet::cli::test {

namespace {

namespace fs = std::filesystem;

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (fs::temp_directory_path() / "duet-cli-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { fs::remove_all(path_); }
  [[nodiscard]] const fs::path& path() const { return path_; }
  void write(const std::string& name, const std::string& text, bool program = false) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream{path_ / name} << text;
    if (program) fs::permissions(path_ / name, fs::perms::owner_all);
  }

 private:
  fs::path path_;
};

}  // namespace

TEST_CASE("words: ids, quoting, name=value", "[cli][words]") {
  CHECK(is_id("VIP"));
  CHECK(is_id("_a.b-c"));
  CHECK(is_id(std::string(64, 'a')));
  CHECK_FALSE(is_id(std::string(65, 'a')));
  CHECK_FALSE(is_id("1a"));
  CHECK_FALSE(is_id("a b"));
  CHECK_FALSE(is_id("a\n"));
  CHECK_FALSE(is_id(""));
  CHECK(shell_word("a=b:c") == "a=b:c");
  CHECK(shell_word("a b") == "'a b'");
  CHECK(shell_word("") == "''");
  CHECK(name_value("a=b=c") == std::pair<std::string, std::string>{"a", "b=c"});
  CHECK(name_value("a=")->second.empty());
  CHECK_FALSE(name_value("=a"));
  CHECK_FALSE(name_value("a"));
  CHECK(cited("a\033b") == "'a\\x1bb'");
}

TEST_CASE("times: iso, classic, ages", "[cli][time]") {
  ::setenv("TZ", "CET-1", 1);  // NOLINT: tests have one thread
  ::tzset();
  CHECK(iso_time(1'795'356'286'120) == "2026-11-22T15:04:46+01:00");
  CHECK(iso_time_ms(1'795'356'286'120) == "2026-11-22T15:04:46.120+01:00");
  CHECK(classic_time(1'795'356'286'120) == "Sun Nov 22 15:04:46 2026");
  CHECK(classic_time(1'795'800'000'000) == "Fri Nov 27 18:20:00 2026");
  CHECK(utc_time(1'795'356'286'120) == "2026-11-22 14:04:46Z");
  ::setenv("TZ", "XXX3:30", 1);  // NOLINT: tests have one thread
  ::tzset();
  CHECK(iso_time(1'795'356'286'120).ends_with("-03:30"));
  CHECK(age_text(-5) == "0s");
  CHECK(age_text(119'999) == "119s");
  CHECK(age_text(120'000) == "2min");
  CHECK(age_text(7'200'000) == "2h");
  CHECK(age_text(172'800'000) == "2d");
  CHECK(seconds_text(1001) == "1.001s");
}

TEST_CASE("operations: options are shown in seconds and read back the same", "[cli][arguments]") {
  const auto read = to_operation(
      {"monitor", {{"interval", "1min"}, {"timeout", "500ms"}, {"on-fail", "migrate"}, {"OCF_CHECK_LEVEL", "10"}}});
  REQUIRE(read);
  CHECK(read->on_fail == OnFail::ban);
  Attributes shown;
  for (const auto& [name, value] : operation_options(*read)) shown[name] = value;
  CHECK(shown == Attributes{{"interval", "60s"}, {"timeout", "500ms"}, {"on-fail", "ban"}, {"OCF_CHECK_LEVEL", "10"}});
  CHECK(*to_operation({"monitor", shown}) == *read);
}

TEST_CASE("values: types of the metadata", "[cli][agents]") {
  AgentParameter parameter;
  parameter.type = "integer";
  CHECK(wrong_value(parameter, "-5").empty());
  CHECK(wrong_value(parameter, "5x") == "a whole number");
  CHECK(wrong_value(parameter, "").empty());
  parameter.type = "boolean";
  CHECK(wrong_value(parameter, "Yes").empty());
  CHECK(wrong_value(parameter, "2") == "true or false");
  parameter.type = "second";
  CHECK(wrong_value(parameter, "30").empty());
  CHECK_FALSE(wrong_value(parameter, "x").empty());
  parameter.type = "string";
  CHECK(wrong_value(parameter, "anything").empty());
}

TEST_CASE("catalogue: agents, units and scripts of directories; paths cannot be left", "[cli][agents]") {
  const TemporaryDirectory dir;
  dir.write("ocf/duet/IPaddr2", "#!/bin/sh\n", true);
  dir.write("ocf/acme/thing", "#!/bin/sh\n", true);
  dir.write("ocf/acme/notes.txt", "text");
  dir.write("ocf/acme/.hidden", "#!/bin/sh\n", true);
  dir.write("own/fence_two", "#!/bin/sh\n", true);
  dir.write("own/duet-run", "#!/bin/sh\n", true);
  dir.write("sbin/fence_one", "#!/bin/sh\n", true);
  dir.write("sbin/fence_two", "#!/bin/sh\n", true);
  dir.write("sbin/fence_virtd", "#!/bin/sh\n", true);
  dir.write("units/web.service", "[Unit]\n");
  dir.write("units/tmpl@.service", "[Unit]\n");
  dir.write("init/old", "#!/bin/sh\n", true);
  const std::string top = dir.path().string();
  AgentPaths paths;
  paths.ocf = top + "/ocf";
  paths.fence = {top + "/own", top + "/sbin"};
  paths.units = {top + "/units"};
  paths.init_d = top + "/init";
  std::vector<AgentCall> calls;
  const auto catalog = directory_catalog(paths, [&](const AgentCall& call) -> Outcome<AgentOutput> {
    calls.push_back(call);
    return AgentOutput{0,
                       "<resource-agent name='x'><parameters><parameter name='p'><content type='string'/></parameter>"
                       "</parameters><actions/></resource-agent>"};
  });
  std::vector<std::string> names;
  for (const auto& agent : catalog->list()) names.push_back(agent.text());
  CHECK(names == std::vector<std::string>{"lsb:old", "ocf:acme:thing", "ocf:duet:IPaddr2", "ocf:heartbeat:IPaddr2",
                                          "stonith:fence_one", "stonith:fence_two", "systemd:web"});
  CHECK(catalog->installed({"ocf", "heartbeat", "IPaddr2"}));
  CHECK(catalog->installed({"systemd", "", "tmpl@site"}));
  CHECK_FALSE(catalog->installed({"systemd", "", "nothere"}));
  CHECK_FALSE(catalog->installed({"ocf", "acme", "../acme/thing"}));
  CHECK_FALSE(catalog->installed({"ocf", "..", "ocf"}));
  CHECK(catalog->metadata({"ocf", "heartbeat", "IPaddr2"})->parameters.size() == 1);
  CHECK(calls[0].command == std::vector<std::string>{top + "/ocf/duet/IPaddr2", "meta-data"});
  CHECK(catalog->metadata({"stonith", "", "fence_one"})->name == "x");
  CHECK(calls[1].command == std::vector<std::string>{top + "/sbin/fence_one"});
  CHECK(calls[1].input == "action=metadata\n");
  CHECK(catalog->metadata({"stonith", "", "fence_two"}));
  CHECK(calls[2].command == std::vector<std::string>{top + "/own/fence_two"});  // Duet's own is the one that runs
  CHECK(catalog->metadata({"systemd", "", "web"})->action("monitor")->interval == "60s");
  CHECK(resolve_agent(*catalog, "IPaddr2", "n")->agent.text() == "ocf:heartbeat:IPaddr2");
  CHECK(resolve_agent(*catalog, "thing", "n")->agent.text() == "ocf:acme:thing");
  CHECK(resolve_agent(*catalog, "web", "n")->agent.text() == "systemd:web");
}

TEST_CASE("catalogue: what prints no metadata is an error that names the agent", "[cli][agents]") {
  const TemporaryDirectory dir;
  dir.write("ocf/acme/thing", "#!/bin/sh\n", true);
  AgentPaths paths;
  paths.ocf = (dir.path() / "ocf").string();
  const auto catalog = directory_catalog(paths, [](const AgentCall&) -> Outcome<AgentOutput> {
    return AgentOutput{0, "nonsense"};
  });
  const auto metadata = catalog->metadata({"ocf", "acme", "thing"});
  REQUIRE_FALSE(metadata);
  CHECK(metadata.error().what.starts_with("ocf:acme:thing: "));
}

TEST_CASE("catalogue: what an agent says of its values counts, with its reason", "[cli][agents]") {
  const TemporaryDirectory dir;
  dir.write("ocf/acme/thing", "#!/bin/sh\n", true);
  dir.write("sbin/fence_one", "#!/bin/sh\n", true);
  AgentPaths paths;
  paths.ocf = (dir.path() / "ocf").string();
  paths.fence = {(dir.path() / "sbin").string()};
  AgentCall asked;
  AgentOutput answer;
  const auto catalog = directory_catalog(paths, [&](const AgentCall& call) -> Outcome<AgentOutput> {
    asked = call;
    return answer;
  });
  const AgentRef thing{"ocf", "acme", "thing"};
  CHECK(catalog->validate(thing, "r", {{"ip", "10.9.0.1"}}));
  CHECK(asked.command == std::vector<std::string>{paths.ocf + "/acme/thing", "validate-all"});
  CHECK(std::find(asked.environment.begin(), asked.environment.end(), "OCF_RESKEY_ip=10.9.0.1") !=
        asked.environment.end());
  CHECK(asked.with_errors);
  answer = {6, "noise\nocf-exit-reason:no such interface\n"};
  const auto refused = catalog->validate(thing, "r", {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what == "r: ocf:acme:thing refuses these values");
  CHECK(refused.error().why == "no such interface");
  answer = {1, "the last word\n\n"};
  CHECK(catalog->validate(thing, "r", {}).error().why == "its validate-all ended with 1: the last word");
  CHECK_FALSE(catalog->validate({"stonith", "", "fence_one"}, "f", {{"plug", "vm"}}));
  CHECK(asked.input == "action=validate-all\nplug=vm\n");
  CHECK(catalog->validate({"systemd", "", "web"}, "w", {}));  // has nothing to ask
}

TEST_CASE("units: enabled at boot means a link in a wants directory", "[cli][agents]") {
  const TemporaryDirectory dir;
  dir.write("haproxy.service", "[Unit]\n");
  fs::create_directories(dir.path() / "multi-user.target.wants");
  CHECK_FALSE(unit_enabled_at_boot({dir.path().string()}, "haproxy"));
  fs::create_symlink("../haproxy.service", dir.path() / "multi-user.target.wants/haproxy.service");
  CHECK(unit_enabled_at_boot({dir.path().string()}, "haproxy"));
  CHECK(unit_enabled_at_boot({dir.path().string()}, "haproxy.service"));
  CHECK_FALSE(unit_enabled_at_boot({dir.path().string()}, "haproxy.socket"));
}

TEST_CASE("programs: output, input, time limit, too much output", "[cli][subprocess]") {
  const auto echoed = run_program({.command = {"/bin/cat"}, .input = "hello"});
  REQUIRE(echoed);
  CHECK(echoed->text == "hello");
  CHECK(echoed->exit_code == 0);
  const auto slow = run_program({.command = {"/bin/sleep", "30"}, .timeout = 100ms});
  REQUIRE_FALSE(slow);
  CHECK(slow.error().what == "/bin/sleep did not end within 100ms");
  const auto much = run_program({.command = {"/usr/bin/yes"}, .timeout = 10s, .output_limit = 1000});
  REQUIRE_FALSE(much);
  CHECK(much.error().what == "/usr/bin/yes prints more than 1000 bytes");
  CHECK_FALSE(run_program({.command = {"/nonexistent/agent"}}));
}

TEST_CASE("files: only small regular files are read", "[cli][files]") {
  const TemporaryDirectory dir;
  dir.write("secret", "top\nsecond\n");
  dir.write("large", std::string(70'000, 'x'));
  CHECK(*read_small_file((dir.path() / "secret").string()) == "top\nsecond\n");
  CHECK_FALSE(read_small_file((dir.path() / "large").string()));
  CHECK_FALSE(read_small_file(dir.path().string()));
  CHECK_FALSE(read_small_file("/dev/zero"));
  CHECK_FALSE(read_small_file("/nonexistent"));
}

}  // namespace duet::cli::test
