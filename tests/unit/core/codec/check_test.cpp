// SPDX-License-Identifier: Apache-2.0
// The rules for single values.
#include "core/codec/check.hpp"

#include <catch2/catch.hpp>

#include "core/base/escape.hpp"
#include "core/base/limits.hpp"

using namespace duet;
using v1::Check;

namespace {

template <class Out, class Arg>
std::string why(void (Check::*rule)(const char*, Arg, Out&), std::type_identity_t<Arg> wire) {
  Check check;
  Out out{};
  (check.*rule)("field", wire, out);
  return check.ok() ? "" : check.error("thing").why;
}

std::string why_id(const std::string& text) {
  return why<ObjectId, const std::string&>(&Check::id, text);
}

}  // namespace

TEST_CASE("check: ids, node names, names and texts accept what they should and nothing else", "[codec]") {
  struct Row {
    const char* name;
    std::string text;
    bool id;
    bool node_name;
    bool plain_name;
    bool text_ok;
  };
  const auto row = GENERATE(values<Row>({
      {"plain", "VIP", true, true, true, true},
      {"underscore first", "_x.y-z", true, false, true, true},
      {"digit first", "4you", false, true, true, true},
      {"dash first", "-x", false, false, true, true},
      {"empty", "", false, false, false, true},
      {"space", "a b", false, false, true, true},
      {"umlaut", "ü", false, false, true, true},
      {"newline", "a\nb", false, false, false, true},
      {"DEL", "a\x7F", false, false, false, true},
      {"C1 control", "a\xC2\x9B", false, false, false, true},
      {"no-break space is not a control", "a\xC2\xA0", false, false, true, true},
      {"NUL", std::string("a\0b", 3), false, false, false, false},
      {"not UTF-8", "a\xFF", false, false, false, false},
      {"overlong", "\xC0\xAF", false, false, false, false},
      {"surrogate", "\xED\xA0\x80", false, false, false, false},
      {"64 bytes", std::string(64, 'a'), true, true, true, true},
      {"65 bytes", std::string(65, 'a'), false, true, true, true},
      {"255 bytes", std::string(255, 'a'), false, true, true, true},
      {"256 bytes", std::string(256, 'a'), false, false, false, true},
  }));
  CAPTURE(row.name);
  CHECK(why_id(row.text).empty() == row.id);
  CHECK(why<std::string, const std::string&>(&Check::node_name, row.text).empty() == row.node_name);
  CHECK(why<std::string, const std::string&>(&Check::name, row.text).empty() == row.plain_name);
  Check check;
  std::string out;
  check.text("field", row.text, 1000, out);
  CHECK(check.ok() == row.text_ok);
}

TEST_CASE("check: digests are 64 lower-case hexadecimal digits", "[codec]") {
  const auto refused = [](const std::string& text) {
    return !why<std::string, const std::string&>(&Check::digest, text).empty();
  };
  CHECK_FALSE(refused(std::string(64, 'f')));
  CHECK(refused(std::string(64, 'F')));
  CHECK(refused(std::string(64, 'g')));
  CHECK(refused(std::string(63, 'a')));
  CHECK(refused(std::string(65, 'a')));
  CHECK(refused(""));
  CHECK(why<std::string, const std::string&>(&Check::digest_or_empty, "").empty());
  CHECK(why<BootId, const std::string&>(&Check::boot, "").empty());
  CHECK_FALSE(why<BootId, const std::string&>(&Check::boot, "x").empty());
}

TEST_CASE("check: numbers are within their ranges", "[codec]") {
  const std::int64_t ten_years = limits::duration_max.count();
  CHECK(why<Duration, std::int64_t>(&Check::duration, 0).empty());
  CHECK(why<Duration, std::int64_t>(&Check::duration, ten_years).empty());
  CHECK_FALSE(why<Duration, std::int64_t>(&Check::duration, ten_years + 1).empty());
  CHECK(why<Duration, std::int64_t>(&Check::duration, -1) == "field: -1 is not within 0 .. 315532800000000000");
  CHECK_FALSE(why<std::int64_t, std::int64_t>(&Check::milliseconds, -1).empty());
  CHECK(why<std::int64_t, std::int64_t>(&Check::wall_time, -1).empty());
  CHECK_FALSE(why<std::int64_t, std::int64_t>(&Check::wall_time, INT64_MAX).empty());
  CHECK_FALSE(why<std::int64_t, std::int64_t>(&Check::wall_time, INT64_MIN).empty());
  CHECK(why<NodeId, std::uint32_t>(&Check::node, 0) == "field: '0' is not a node id: 1 .. 4294967295");
}

TEST_CASE("check: the first refusal counts, with the whole path and the value escaped", "[codec]") {
  Check check{Errc::invalid_argument};
  ObjectId id;
  {
    const Check::Scope edits{check, "edits", 3};
    const Check::Scope move{check, "move"};
    check.id("id", "a\nb", id);
    check.id("id", "", id);
  }
  check.id("later", "", id);
  REQUIRE_FALSE(check.ok());
  const Error error = check.error("request");
  CHECK(error.code == Errc::invalid_argument);
  CHECK(error.what == "request refused");
  CHECK(error.why == "edits[3].move.id: 'a\\nb' is not an id: a letter or '_', then letters, digits, '_', '.', '-'");
  CHECK(id.empty());
}

TEST_CASE("check: what is too long has the code of a limit, whatever the code for values", "[codec]") {
  Check check{Errc::invalid_argument};
  ObjectId id;
  check.id("id", std::string(65, 'a'), id);
  CHECK(check.error("request").code == Errc::limit);
  CHECK(check.error("request").why == "id: 65 is above the limit of 64");
}

TEST_CASE("check: a text for people is made acceptable instead of lost", "[codec]") {
  CHECK(v1::display_text("fine\n", 10) == "fine\n");
  CHECK(v1::display_text("123456789", 4) == "1234");
  CHECK(v1::display_text("12ü", 3) == "12");  // not half of a character
  CHECK(v1::display_text("a\xFF", 10) == "a\\xff");
  CHECK(v1::display_text(std::string("a\0b", 3), 10) == "a\\x00b");
  for (std::size_t limit = 0; limit < 40; ++limit) {
    const std::string out = v1::display_text("\xFF日本\x00語\xFE - \U0001F980\U0001F980\U0001F980", limit);
    CAPTURE(limit, out);
    CHECK(out.size() <= limit);
    CHECK(is_utf8(out));
    CHECK(v1::display_text(out, limit) == out);  // applying it again changes nothing: both nodes hold the same text
  }
}
