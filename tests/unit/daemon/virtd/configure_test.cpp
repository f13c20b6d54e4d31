// SPDX-License-Identifier: Apache-2.0
// The dialogue of -c: the original's defaults and result, refusals asked again, no endless loop at the end of input.
#include "daemon/virtd/configure.hpp"

#include <catch2/catch.hpp>
#include <deque>

#include "core/fencehost/host_config.hpp"

namespace duet::virtd {

namespace {

struct Typed {
  std::deque<std::string> lines;
  std::string printed;
  Dialogue dialogue() {
    return {[this](const std::string& text) { printed += text; },
            [this]() -> std::optional<std::string> {
              if (lines.empty()) return std::nullopt;
              std::string line = lines.front();
              lines.pop_front();
              return line;
            }};
  }
};

}  // namespace

TEST_CASE("configure: all defaults give the original's file", "[virtd]") {
  Typed typed{{"y", "", "", "", "", "", "", "", "", "y"}, {}};
  const Configuration result = configure(typed.dialogue(), "/etc/fence_virt.conf", std::nullopt, "no file");
  REQUIRE(result.end == Configured::write);
  CHECK(typed.lines.empty());
  const auto root = fencehost::parse_conf(result.text);
  REQUIRE(root);
  REQUIRE(root->nodes.size() == 3);
  CHECK(root->nodes[0].name == "backends");
  CHECK(root->nodes[1].name == "listeners");
  CHECK(root->nodes[2].name == "fence_virtd");
  const auto config = fencehost::read_host_config(*root);
  REQUIRE(config);
  CHECK(config->uris == std::vector<std::string>{"qemu:///system"});
  CHECK(config->key_file == "/etc/cluster/fence_xvm.key");
  CHECK(config->interface.empty());
  CHECK(config->port == 1229);
  const fencehost::ConfNode* multicast = root->find_node("listeners")->find_node("multicast");
  CHECK(*multicast->find_value("family") == "ipv4");
  CHECK(*multicast->find_value("address") == "225.0.0.12");
  CHECK(root->find_node("fence_virtd")->find_value("module_path") != nullptr);
  CHECK_THAT(typed.printed, Catch::Contains("Replace /etc/fence_virt.conf with the above [y/N]? "));
}

TEST_CASE("configure: what is not valid is asked for again", "[virtd]") {
  Typed typed{{"y", "", "", "nonsense", "192.0.2.1", "ff05::3:1", "0", "70000", "x", "4000", "virbr0", "relative", "n",
               "/k\"ey", "/key", "", "lxc:///system", "Y"},
              {}};
  const Configuration result = configure(typed.dialogue(), "f", std::nullopt, "no file");
  REQUIRE(result.end == Configured::write);
  const auto config = fencehost::read_host_config(*fencehost::parse_conf(result.text));
  REQUIRE(config);
  CHECK(config->family == xvm::Family::ipv6);
  CHECK(config->port == 4000);
  CHECK(config->interface == "virbr0");
  CHECK(config->key_file == "/key");
  CHECK(config->uris == std::vector<std::string>{"lxc:///system"});
}

TEST_CASE("configure: the present file gives the defaults and keeps what is not asked", "[virtd]") {
  auto root = fencehost::parse_conf(R"(fence_virtd { listener = "multicast"; backend = "libvirt"; }
    listeners { multicast { hash = "sha512"; interface = "br7"; key_file = "/k"; } }
    backends { libvirt { uri = "test:///default"; } } groups { group { ip = "192.0.2.1"; uuid = "vm1"; } })");
  REQUIRE(root);
  Typed typed{{"", "", "", "", "none", "", "", "", "y"}, {}};
  const Configuration result = configure(typed.dialogue(), "f", std::move(*root), "");
  REQUIRE(result.end == Configured::write);
  const auto config = fencehost::read_host_config(*fencehost::parse_conf(result.text));
  REQUIRE(config);
  CHECK(config->least_hash == xvm::HashType::sha512);
  CHECK(config->interface.empty());
  CHECK(config->key_file == "/k");
  CHECK(config->uris == std::vector<std::string>{"test:///default"});
  REQUIRE(config->groups);
  CHECK(config->groups->size() == 1);
}

TEST_CASE("configure: no is no, and the end of the input ends it everywhere", "[virtd]") {
  Typed no{{"n"}, {}};
  CHECK(configure(no.dialogue(), "f", std::nullopt, "no file").end == Configured::declined);
  const std::deque<std::string> all = {"y", "", "", "", "", "", "", "", ""};
  for (std::size_t given = 0; given <= all.size(); ++given) {
    Typed typed{{all.begin(), all.begin() + static_cast<std::ptrdiff_t>(given)}, {}};
    CHECK(configure(typed.dialogue(), "f", std::nullopt, "no file").end == Configured::input_ended);
  }
  Typed last{{"y", "", "", "", "", "", "", "", "", "n"}, {}};
  CHECK(configure(last.dialogue(), "f", std::nullopt, "no file").end == Configured::declined);
}

TEST_CASE("configure: what this daemon does not have is named before it is taken", "[virtd]") {
  Typed typed{{"y", "", "serial", "n", "serial", "y", "", "", "y"}, {}};
  const Configuration result = configure(typed.dialogue(), "f", std::nullopt, "no file");
  REQUIRE(result.end == Configured::write);
  CHECK_THAT(typed.printed, Catch::Contains("duet-virtd has: multicast"));
  CHECK_THAT(typed.printed, Catch::Contains("would not start with it"));
}

}  // namespace duet::virtd
