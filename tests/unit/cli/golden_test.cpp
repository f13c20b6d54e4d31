// SPDX-License-Identifier: Apache-2.0
// Golden files tests/golden/cli/STATE.txt: comment lines that say what the file protects, then commands ("$ duet ...")
// with all that they print in that state. DUET_REWRITE=1 writes them anew.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/unit/cli/fixture.hpp"

namespace duet::cli::test {

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file{path};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The file with the output of its commands as it is now.
std::string replay(const std::string& expected, const std::function<ClusterView()>& state) {
  std::istringstream lines{expected};
  std::string result;
  std::string line;
  bool in_head = true;
  while (std::getline(lines, line)) {
    const bool command = line.starts_with("$ duet ");
    if (!command && in_head) result += line + "\n";
    if (!command) continue;
    in_head = false;
    FakeDaemon daemon;
    daemon.view = state();
    const auto done =
        duet(daemon, line.substr(7), {.enabled_units = {"corosync.service", "duetd.service", "duet-execd.service"}});
    result += line + "\n" + done.out + done.err + "[exit " + std::to_string(done.code) + "]\n";
  }
  return result;
}

}  // namespace

TEST_CASE("status: every state prints what its golden file says", "[cli][golden]") {
  const bool rewrite = std::getenv("DUET_REWRITE") != nullptr;
  for (const auto& [name, state] : states()) {
    DYNAMIC_SECTION(name) {
      const fs::path path = fs::path{DUET_GOLDEN_CLI} / "status" / (name + ".txt");
      REQUIRE(fs::exists(path));
      const std::string expected = read(path);
      REQUIRE(expected.starts_with("# "));
      const std::string now = replay(expected, state);
      if (rewrite && now != expected) std::ofstream{path} << now;
      CHECK(now == (rewrite ? now : expected));
    }
  }
}

TEST_CASE("status: no golden file is without a state", "[cli][golden]") {
  for (const auto& entry : fs::directory_iterator{fs::path{DUET_GOLDEN_CLI} / "status"}) {
    CAPTURE(entry.path());
    CHECK(states().contains(entry.path().stem().string()));
  }
}

}  // namespace duet::cli::test
