// SPDX-License-Identifier: Apache-2.0
// The language of fence_virt.conf, with the original's oddities (fence-virt.md 4.1).
#include "core/fencehost/conf_tree.hpp"

#include <catch2/catch.hpp>

namespace duet::fencehost {

namespace {

constexpr std::string_view sample = R"(# the tutorial's file
fence_virtd {
	listener = "multicast";  # comment behind a value
	backend = "libvirt";
}
listeners { multicast { key_file = "/etc/cluster/fence_xvm.key"; address="225.0.0.12" ; } }
groups { group = "c1" { ip = "192.0.2.1"; ip = "192.0.2.2"; } group { name = "c2"; } }
)";

}  // namespace

TEST_CASE("conf_tree: sections, values, node values and comments are read", "[fencehost]") {
  const auto root = parse_conf(sample);
  REQUIRE(root);
  const ConfNode* daemon = root->find_node("FENCE_VIRTD");
  REQUIRE(daemon != nullptr);
  REQUIRE(daemon->find_value("Listener") != nullptr);
  CHECK(*daemon->find_value("Listener") == "multicast");
  CHECK(daemon->find_value("nothing") == nullptr);
  const auto groups = root->find_node("groups")->all_nodes("group");
  REQUIRE(groups.size() == 2);
  CHECK(groups[0]->value == "c1");
  CHECK(groups[0]->all_values("ip") == std::vector<std::string>{"192.0.2.1", "192.0.2.2"});
}

TEST_CASE("conf_tree: the last of equal names counts, for values and for whole sections", "[fencehost]") {
  const auto root = parse_conf(R"(a { x = "1"; y = "1"; } A { x = "2"; X = "3"; })");
  REQUIRE(root);
  CHECK(*root->find_node("a")->find_value("x") == "3");
  CHECK(root->find_node("a")->find_value("y") == nullptr);
}

TEST_CASE("conf_tree: what the language allows and what not", "[fencehost]") {
  struct Row {
    const char* text;
    const char* why;  ///< nullptr: allowed
    std::size_t line;
  };
  const auto row = GENERATE(values<Row>({
      {"a{}", nullptr, 0},
      {"a=\"x\";", nullptr, 0},
      {"c#d = \"#\n{;\";", nullptr, 0},
      {"a { } # end", nullptr, 0},
      {"", "no section", 0},
      {"# only a comment\n", "no section", 0},
      {"a {\n", "not closed", 2},
      {"a = \"\";", "may not be empty", 1},
      {"a = 'x';", "quotation marks", 1},
      {"a = \"x\"", "; behind", 1},
      {"a = \"x", "not closed", 1},
      {"a;\n", "= or {", 1},
      {"a { };\n", "name of a value", 1},
      {"}\n", "name of a value", 1},
      {"a = \"x\n\n\";\n= \"y\";", "name of a value", 4},
      {"a {\r\n b = \"x\";\r\n}\r\n", "= or {", 2},
  }));
  CAPTURE(row.text);
  const auto root = parse_conf(row.text);
  REQUIRE(root.has_value() == (row.why == nullptr));
  if (row.why != nullptr) {
    CHECK_THAT(root.error().why, Catch::Contains(row.why));
    if (row.line > 0) CHECK(root.error().what == "syntax error on line " + std::to_string(row.line));
  }
}

TEST_CASE("conf_tree: depth and size are bounded", "[fencehost]") {
  std::string deep;
  for (std::size_t i = 0; i < 100'000; ++i) deep += "a{";
  REQUIRE_FALSE(parse_conf(deep));
  CHECK(parse_conf(deep).error().code == Errc::limit);
  CHECK(parse_conf(std::string(conf_size_max + 1, 'a')).error().code == Errc::limit);
}

TEST_CASE("conf_tree: what is written reads back the same, in the form of the original", "[fencehost]") {
  const auto root = parse_conf(sample);
  REQUIRE(root);
  const auto text = write_conf(*root);
  REQUIRE(text);
  const auto again = parse_conf(*text);
  REQUIRE(again);
  CHECK(*write_conf(*again) == *text);
  const auto small = parse_conf("a { v = \"1\"; b { } } ");
  CHECK(*write_conf(*small) == "a {\n\tb {\n\t}\n\n\tv = \"1\";\n}\n\n");
}

TEST_CASE("conf_tree: values are changed where they are found, added and removed", "[fencehost]") {
  auto root = parse_conf(R"(a { x = "1"; } A { x = "2"; })");
  REQUIRE(root);
  root->node("a").set("X", "3");
  root->node("a").set("new", "4");
  root->node("b").set("y", "5");
  CHECK(*root->find_node("a")->find_value("x") == "3");
  CHECK(*root->nodes[0].find_value("x") == "1");
  CHECK(*root->find_node("a")->find_value("new") == "4");
  CHECK(*root->find_node("b")->find_value("y") == "5");
  root->node("a").remove("x");
  CHECK(root->find_node("a")->find_value("x") == nullptr);
  root->set("bad", "quo\"te");
  CHECK_FALSE(write_conf(*root));
}

TEST_CASE("conf_tree: a byte order mark does not hide the first section", "[fencehost][V37]") {
  CHECK(parse_conf("groups { }\n"));
  CHECK(parse_conf("\xEF\xBB\xBFgroups { }\n").error().code == Errc::malformed);
}

}  // namespace duet::fencehost
