// SPDX-License-Identifier: Apache-2.0
// The log: one event is one line, floods are cut, and a broken invariant leaves the recent lines.
#include "platform/log/log.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/base/invariant.hpp"

namespace duet::log {
namespace {

/// What a process that logs writes to stderr. It is another process, since the log is one of a process.
template <class Body>
std::string stderr_of(Body body) {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    dup2(ends[1], 2);
    // Catch reports a crash; here it is wanted.
    std::signal(SIGABRT, SIG_DFL);
    body();
    _exit(0);
  }
  ::close(ends[1]);
  std::string output;
  std::array<char, 4096> piece{};
  for (ssize_t size = 0; (size = read(ends[0], piece.data(), piece.size())) > 0;) {
    output.append(piece.data(), static_cast<std::size_t>(size));
  }
  ::close(ends[0]);
  waitpid(child, nullptr, 0);
  return output;
}

TEST_CASE("log: one event is one line, whatever is in it", "[log][V14]") {
  const std::string output = stderr_of([] {
    open({.program = "duet-test", .foreground = true, .least = Level::info, .blackbox_directory = {}});
    write(Level::warning, "first\nfake line \x1b[31m %s %n");
    write(Level::debug, "not shown");
    write(Level::info, "last");
    close();
  });
  CAPTURE(output);
  CHECK(std::count(output.begin(), output.end(), '\n') == 2);
  CHECK(output.find("first\\nfake line \\x1b[31m %s %n") != std::string::npos);
  CHECK(output.find("last") != std::string::npos);
  CHECK(output.find('\x1b') == std::string::npos);
}

TEST_CASE("log: a flood of one reason is cut and counted", "[log]") {
  const std::string output = stderr_of([] {
    open({.program = "duet-test", .foreground = true, .least = Level::info, .blackbox_directory = {}});
    for (int i = 0; i < 1000; ++i) write(Level::info, "client " + std::to_string(i) + " refused");
    close();
  });
  CHECK(std::count(output.begin(), output.end(), '\n') == 100);
}

TEST_CASE("log: what administrators did is never left out", "[log]") {
  const std::string output = stderr_of([] {
    open({.program = "duet-test", .foreground = true, .least = Level::info, .blackbox_directory = {}});
    for (int i = 0; i < 1000; ++i) audit("root: command " + std::to_string(i));
    close();
  });
  CHECK(std::count(output.begin(), output.end(), '\n') == 1000);
}

TEST_CASE("log: a broken invariant leaves the recent lines in a file", "[log]") {
  std::string directory = "/tmp/duet-log-XXXXXX";
  REQUIRE(mkdtemp(directory.data()) != nullptr);
  static_cast<void>(stderr_of([&] {
    open({.program = "duet-test", .foreground = true, .least = Level::error, .blackbox_directory = directory});
    write(Level::debug, "the last words");
    DUET_INVARIANT(directory.empty());
  }));
  struct stat found {};
  CHECK(stat((directory + "/duet-test.blackbox").c_str(), &found) == 0);
  CHECK(found.st_size > 0);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace duet::log
