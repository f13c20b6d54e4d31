// SPDX-License-Identifier: Apache-2.0
// The command line of duetd.
#include "daemon/duetd/options.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace duet {
namespace {

Result<DuetdOptions> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "duetd");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  return parse_duetd_options(static_cast<int>(words.size()), argv.data());
}

TEST_CASE("options of duetd: without any it is the daemon of an installation", "[duetd]") {
  const auto options = parse({});
  REQUIRE(options);
  CHECK_FALSE(options->foreground);
  CHECK(options->state_directory == "/var/lib/duet");
  CHECK(options->exec_socket == "/run/duet/execd.sock");
  CHECK(options->socket.empty());
  CHECK(options->trace_file.empty());
}

TEST_CASE("options of duetd: all are taken", "[duetd]") {
  const auto options =
      parse({"-f", "-d", "--state-dir", "/s", "--trace=/t", "--socket", "/d.sock", "--exec-socket", "/e.sock"});
  REQUIRE(options);
  CHECK(options->foreground);
  CHECK(options->debug);
  CHECK(options->state_directory == "/s");
  CHECK(options->trace_file == "/t");
  CHECK(options->socket == "/d.sock");
  CHECK(options->exec_socket == "/e.sock");
  CHECK(parse({"--version"})->show == DuetdOptions::Show::version);
  CHECK(parse({"--help"})->show == DuetdOptions::Show::help);
}

TEST_CASE("options of duetd: unknown ones, missing values and words are refused by name", "[duetd]") {
  const auto words = GENERATE(values<std::vector<std::string>>({{"--nope"}, {"--trace"}, {"word"}, {"-f", "-x"}}));
  const auto options = parse(words);
  REQUIRE_FALSE(options);
  CHECK(options.error().code == Errc::invalid_argument);
  CHECK(options.error().what == words.back());
}

}  // namespace
}  // namespace duet
