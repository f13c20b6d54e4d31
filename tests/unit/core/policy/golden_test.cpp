// SPDX-License-Identifier: Apache-2.0
// Runs every case below tests/golden/policy. DUET_REWRITE=1 writes the expected part anew: commit such a change only if
// you can explain each line.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "core/model/options.hpp"
#include "tests/unit/core/policy/case_file.hpp"

namespace {

namespace fs = std::filesystem;

constexpr const char* separator = "----\n";

std::vector<fs::path> case_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path{DUET_GOLDEN_POLICY})) {
    if (entry.path().extension() == ".case") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string read_file(const fs::path& path) {
  std::ifstream stream{path};
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("policy: every golden case gives the plan that is written in it", "[policy][golden]") {
  const bool rewrite = std::getenv("DUET_REWRITE") != nullptr;
  const auto files = case_files();
  CHECK(files.size() >= 60);
  for (const fs::path& file : files) {
    DYNAMIC_SECTION(file.parent_path().filename().string() + "/" + file.stem().string()) {
      const std::string text = read_file(file);
      const auto split = text.find(separator);
      const std::string given = text.substr(0, split);
      const std::string expected = split == std::string::npos ? "" : text.substr(split + 5);
      INFO(file.string());
      // A case without a sentence that says what it protects cannot be judged when it breaks.
      CHECK(given.rfind("# ", 0) == 0);
      std::string error;
      const auto input = duet::test::read_case(given, error);
      REQUIRE(error.empty());
      for (const auto& finding : duet::validate(input.config)) {
        INFO(finding.text);
        CHECK_FALSE(finding.error);
      }
      const std::string actual = duet::test::print_plan(input);
      if (rewrite) {
        std::ofstream{file} << given << separator << actual;
      } else {
        CHECK(actual == expected);
      }
    }
  }
}
