// SPDX-License-Identifier: Apache-2.0
// fence_virt.conf to settings: defaults, refusals, groups that fail closed.
#include "core/fencehost/host_config.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

namespace duet::fencehost {

namespace {

std::string file(std::string_view multicast,
                 std::string_view rest = R"(backends { libvirt { uri = "test:///default"; } })",
                 std::string_view daemon = R"(listener = "multicast"; backend = "libvirt";)") {
  return "fence_virtd { " + std::string{daemon} + " } listeners { multicast { " + std::string{multicast} + " } } " +
         std::string{rest};
}

Result<HostConfig> read(const std::string& text) {
  auto root = parse_conf(text);
  REQUIRE(root);
  return read_host_config(*root);
}

bool warns(const HostConfig& config, std::string_view of) {
  return std::any_of(config.warnings.begin(), config.warnings.end(),
                     [&](const std::string& line) { return line.find(of) != std::string::npos; });
}

}  // namespace

TEST_CASE("host_config: defaults are those of the original", "[fencehost]") {
  const auto config = read(file(""));
  REQUIRE(config);
  CHECK(config->key_file == "/etc/cluster/fence_xvm.key");
  CHECK(config->least_hash == xvm::HashType::sha256);
  CHECK(config->auth == xvm::HashType::sha256);
  CHECK(xvm::to_text(config->group) == "225.0.0.12");
  CHECK(config->port == 1229);
  CHECK(config->interface.empty());
  CHECK(config->uris == std::vector<std::string>{"test:///default"});
  CHECK_FALSE(config->groups);
  CHECK_FALSE(config->foreground);
  CHECK(warns(*config, "no groups"));
  CHECK(xvm::to_text(read(file(R"(family = "IPv6";)"))->group) == "ff05::3:1");
}

TEST_CASE("host_config: all keys", "[fencehost]") {
  const auto config = read(file(
      R"(key_file="/k"; hash="sha512"; auth="sha1"; family="ipv6"; address="ff02::1:7"; port="4000"; interface="br0";)",
      R"(backends { libvirt { uri = "a:///"; uri1 = "b:///"; uri2 = "c:///"; uri4 = "d:///"; } })",
      R"(LISTENER = "Multicast"; backend = "libvirt"; foreground = "1"; wait_for_backend = "1"; debug = "4"; x = "y";)"));
  REQUIRE(config);
  CHECK(config->key_file == "/k");
  CHECK(config->least_hash == xvm::HashType::sha512);
  CHECK(config->auth == xvm::HashType::sha1);
  CHECK(xvm::to_text(config->group) == "ff02::1:7");
  CHECK(config->port == 4000);
  CHECK(config->interface == "br0");
  CHECK(config->uris == std::vector<std::string>{"a:///", "b:///", "c:///"});  // read until the first gap
  CHECK(config->foreground);
  CHECK(config->wait_for_init);
  CHECK(config->debug == 4);
  CHECK(warns(*config, "auth = \"sha1\""));
  CHECK(warns(*read(file(R"(hash = "none";)")), "hash = \"none\""));
  CHECK_FALSE(read(file("", R"(backends { libvirt { uri = "a:///"; } })",
                        R"(listener = "multicast"; backend = "libvirt"; foreground = "yes";)"))
                  ->foreground);
}

TEST_CASE("host_config: what is wrong or not supported is refused, with the place", "[fencehost]") {
  struct Row {
    std::string text;
    Errc code;
    const char* what;
  };
  const std::string backend = R"(backends { libvirt { uri = "x"; } })";
  const std::vector<Row> rows = {
      {file(R"(hash = "md5";)"), Errc::invalid_config, "listeners/multicast/hash"},
      {file(R"(auth = "sha3";)"), Errc::invalid_config, "listeners/multicast/auth"},
      {file(R"(port = "0";)"), Errc::invalid_config, "listeners/multicast/port"},
      {file(R"(port = "65536";)"), Errc::invalid_config, "listeners/multicast/port"},
      {file(R"(port = "12x";)"), Errc::invalid_config, "listeners/multicast/port"},
      {file(R"(family = "ipx";)"), Errc::invalid_config, "listeners/multicast/family"},
      {file(R"(address = "ff05::3:1";)"), Errc::invalid_config, "listeners/multicast/address"},
      {file(R"(address = "192.0.2.1";)"), Errc::invalid_config, "listeners/multicast/address"},
      {file("", "backends { libvirt { } }"), Errc::invalid_config, "backends/libvirt/uri"},
      {file("", backend, R"(backend = "libvirt";)"), Errc::invalid_config, "fence_virtd/listener"},
      {file("", backend, R"(listener = "tcp"; backend = "libvirt";)"), Errc::refused, "not supported"},
      {file("", backend, R"(listener = "serial"; backend = "libvirt";)"), Errc::refused, "not supported"},
      {file("", backend, R"(listener = "vsock"; backend = "libvirt";)"), Errc::refused, "not supported"},
      {file("", backend, R"(listener = "multicast"; backend = "cpg";)"), Errc::refused, "not supported"},
      {file("", backend, R"(listener = "multicas"; backend = "libvirt";)"), Errc::invalid_config, "unknown"},
      {"listeners { }", Errc::invalid_config, "no section fence_virtd"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto config = read(row.text);
    REQUIRE_FALSE(config);
    CHECK(config.error().code == row.code);
    CHECK_THAT(config.error().what, Catch::Contains(row.what));
  }
}

TEST_CASE("host_config: groups that are empty or broken allow nothing", "[fencehost][V37]") {
  const std::string backend = R"(backends { libvirt { uri = "x"; } } )";
  for (const char* groups : {"groups { }", "groups { group { } }", "groups { group { name = \"a\"; uuid = \"vm1\"; } }",
                             "groups { group { ip = \"nonsense\"; uuid = \"vm1\"; } group { } }"}) {
    CAPTURE(groups);
    const auto config = read(file("", backend + groups));
    REQUIRE(config);
    REQUIRE(config->groups);
    const Permissions permissions{config->groups};
    CHECK_FALSE(permissions.open());
    CHECK_FALSE(permissions.allows(*xvm::parse_address("192.0.2.1"), {"vm1", "u1"}));
    CHECK(warns(*config, "groups"));
  }
}

}  // namespace duet::fencehost
