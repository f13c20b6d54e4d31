// SPDX-License-Identifier: Apache-2.0
// Trace lines: one object on one line, whatever the texts hold, and a name for each kind.
#include "core/trace/trace.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

using namespace duet;

TEST_CASE("trace: each kind has a name of its own", "[trace]") {
  std::set<std::string_view> names;
  int count = 0;
  for (; count <= static_cast<int>(TraceKind::config); ++count) names.insert(to_string(static_cast<TraceKind>(count)));
  CHECK(names.size() == static_cast<std::size_t>(count));
  CHECK(names.contains("op_begin"));
}

TEST_CASE("trace: a line has the time in seconds with nine digits, and boot and start only if known", "[trace]") {
  TraceEvent event{.kind = TraceKind::view, .node = 4, .boot = "", .start = 0, .text = {{"members", "1,4"}}};
  CHECK(to_json_line(event, 1'000'000'005) == R"({"t":1.000000005,"kind":"view","node":4,"members":"1,4"})");
  event.boot = "ab";
  event.start = 2;
  CHECK(to_json_line(event, 0) == R"({"t":0.000000000,"kind":"view","node":4,"boot":"ab","start":2,"members":"1,4"})");
}

TEST_CASE("trace: quotes, line feeds and broken UTF-8 in a text leave one valid line", "[trace][V14]") {
  const TraceEvent event{
      .kind = TraceKind::decision, .node = 1, .boot = "", .start = 0, .text = {{"why", "a \"b\"\n\\c \xFF ü"}}};
  const std::string line = to_json_line(event, 0);
  CHECK(line.find('\n') == std::string::npos);
  const auto parsed = nlohmann::json::parse(line);
  CHECK(parsed["why"] == "a \"b\"\\n\\\\c \\xff ü");  // escaped as in logs
}

TEST_CASE("trace: a key that is not there reads as empty", "[trace]") {
  const TraceEvent event{.kind = TraceKind::view, .node = 1, .boot = "", .start = 0, .text = {{"ring", "7"}}};
  CHECK(event.get("ring") == "7");
  CHECK(event.get("members").empty());
}
