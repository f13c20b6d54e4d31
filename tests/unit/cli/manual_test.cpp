// SPDX-License-Identifier: Apache-2.0
// The manual page against the command table: an administrator finds every command there.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "cli/commands/table.hpp"

namespace duet::cli::test {

namespace {

/// The source of duet(8) without its marks, so that "*duet resource ban* _ID_" reads "duet resource ban ID".
std::string manual_text() {
  std::ifstream file{DUET_MANUAL};
  REQUIRE(file);
  std::ostringstream all;
  all << file.rdbuf();
  std::string text;
  for (const char c : all.str()) {
    if (c != '*' && c != '_' && c != '\\') text += c;
  }
  return text;
}

}  // namespace

TEST_CASE("manual: duet(8) names every command that this version has", "[cli][docs]") {
  const std::string manual = manual_text();
  for (const auto& part : command_table()) {
    for (const auto& command : part) {
      if (command.kind == Kind::later || command.words.starts_with("__")) continue;
      CAPTURE(command.words);
      // At the beginning of a line: being mentioned in the text of another command is not enough.
      CHECK(manual.find("\nduet " + std::string{command.words}) != std::string::npos);
    }
  }
}

TEST_CASE("manual: duet(8) names every option", "[cli][docs]") {
  const std::string manual = manual_text();
  for (const auto& option : all_options()) {
    CAPTURE(option.name);
    std::string name{option.name};
    std::erase(name, '_');  // as in manual_text()
    CHECK(manual.find("--" + name) != std::string::npos);
  }
}

}  // namespace duet::cli::test
