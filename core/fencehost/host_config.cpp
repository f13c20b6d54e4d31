// SPDX-License-Identifier: Apache-2.0
// Sections of fence_virt.conf to values. Unknown keys and sections are ignored, as the original does: the file may be
// shared with it.
#include "core/fencehost/host_config.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/escape.hpp"

namespace duet::fencehost {

namespace {

const ConfNode& section(const ConfNode& parent, std::string_view name) {
  static const ConfNode empty;
  const ConfNode* found = parent.find_node(name);
  return found != nullptr ? *found : empty;
}

Error bad_value(std::string_view where, const std::string& value, std::string_view allowed) {
  return Error{Errc::invalid_config, std::string{where} + " = \"" + escape_line(value, 64) + "\" is not valid",
               "allowed: " + std::string{allowed}};
}

/// As the original: the number at the beginning of the text, 0 if there is none ("yes" counts as 0).
int leading_number(const std::string* text) {
  int number = 0;
  if (text != nullptr) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

Result<void> read_hash(const ConfNode& from, const char* key, xvm::HashType& into, std::vector<std::string>& warnings) {
  if (const std::string* text = from.find_value(key)) {
    const auto type = xvm::parse_hash_type(*text);
    const std::string where = std::string{"listeners/multicast/"} + key;
    if (!type) return tl::unexpected{bad_value(where, *text, "none, sha1, sha256, sha512")};
    into = *type;
    if (into == xvm::HashType::none) {
      warnings.push_back(where + " = \"none\": whoever reaches this port " +
                         (std::string_view{key} == "hash" ? "may send requests without a key"
                                                          : "may take over a request that a node has signed"));
    } else if (into == xvm::HashType::sha1) {
      warnings.push_back(where + " = \"sha1\" is weak; use sha256");
    }
  }
  return {};
}

Result<void> read_port(const ConfNode& from, std::uint16_t& port) {
  const std::string* text = from.find_value("port");
  if (text == nullptr) return {};
  unsigned number = 0;
  const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (code != std::errc{} || end != text->data() + text->size() || number == 0 || number > 65535) {
    return tl::unexpected{bad_value("listeners/multicast/port", *text, "1 .. 65535")};
  }
  port = static_cast<std::uint16_t>(number);
  return {};
}

Result<void> read_multicast(const ConfNode& from, HostConfig& config) {
  const std::string* key_file = from.find_value("key_file");
  config.key_file = key_file != nullptr ? *key_file : default_key_file;
  if (auto read = read_hash(from, "hash", config.least_hash, config.warnings); !read) return read;
  if (auto read = read_hash(from, "auth", config.auth, config.warnings); !read) return read;
  if (const std::string* family = from.find_value("family")) {
    if (!same_word(*family, "ipv4") && !same_word(*family, "ipv6")) {
      return tl::unexpected{bad_value("listeners/multicast/family", *family, "ipv4, ipv6")};
    }
    config.family = same_word(*family, "ipv6") ? xvm::Family::ipv6 : xvm::Family::ipv4;
  }
  const std::string* address = from.find_value("address");
  const std::string text{address != nullptr                   ? std::string_view{*address}
                         : config.family == xvm::Family::ipv6 ? std::string_view{"ff05::3:1"}
                                                              : std::string_view{"225.0.0.12"}};
  const auto group = xvm::parse_address(text);
  if (!group || group->family != config.family || !xvm::is_multicast(*group)) {
    return tl::unexpected{bad_value("listeners/multicast/address", text,
                                    config.family == xvm::Family::ipv6
                                        ? "an IPv6 multicast address, for example ff05::3:1"
                                        : "an IPv4 multicast address, for example 225.0.0.12 (for IPv6 also set "
                                          "family = \"ipv6\")")};
  }
  config.group = *group;
  if (const std::string* interface = from.find_value("interface")) config.interface = *interface;
  return read_port(from, config.port);
}

Result<void> read_libvirt(const ConfNode& from, HostConfig& config) {
  for (std::size_t number = 0; number <= uris_max; ++number) {
    const std::string key = number == 0 ? "uri" : "uri" + std::to_string(number);
    const std::string* uri = from.find_value(key);
    if (uri == nullptr && number > 0) break;  // uri itself may be missing: uri1, uri2, ...
    if (uri != nullptr) config.uris.push_back(*uri);
  }
  if (config.uris.empty()) {
    return fail(Errc::invalid_config, "backends/libvirt/uri is not set", "no hypervisor to talk to",
                "for example uri = \"qemu:///system\";");
  }
  if (config.uris.size() > uris_max) {
    return fail(Errc::invalid_config, "backends/libvirt has too many URIs", "at most " + std::to_string(uris_max));
  }
  return {};
}

Group read_group(const ConfNode& from, std::size_t number, std::vector<std::string>& warnings) {
  Group group;
  const std::string* name = from.find_value("name");
  group.name = name != nullptr ? *name : !from.value.empty() ? from.value : "group " + std::to_string(number);
  const std::string label = "groups/" + escape_line(group.name, 64);
  for (const std::string& text : from.all_values("ip")) {
    const auto address = xvm::parse_address(text);
    if (address) group.addresses.push_back(*address);
    if (!address)
      warnings.push_back(label + ": ip = \"" + escape_line(text, 64) + "\" is no address and allows nobody");
  }
  group.domains = from.all_values("uuid");
  if (group.addresses.empty()) warnings.push_back(label + ": no ip, so it allows nobody anything");
  if (group.domains.empty()) warnings.push_back(label + ": no uuid, so it allows nothing");
  return group;
}

/// Several `groups` sections: the last one counts, as everywhere in this language.
void read_groups(const ConfNode& root, HostConfig& config) {
  const ConfNode* groups = root.find_node("groups");
  if (groups == nullptr) {
    config.warnings.emplace_back("no groups: every holder of the key may power every domain of this host on and off");
    return;
  }
  config.groups.emplace();
  for (const ConfNode* node : groups->all_nodes("group")) {
    config.groups->push_back(read_group(*node, config.groups->size() + 1, config.warnings));
  }
  if (config.groups->empty()) config.warnings.emplace_back("groups is empty: nobody is allowed anything");
  const auto shared = Permissions{config.groups}.shared_lanes();
  config.warnings.insert(config.warnings.end(), shared.begin(), shared.end());
}

Result<void> choose(const ConfNode& daemon, const char* key, const char* supported, std::string_view others) {
  const std::string* chosen = daemon.find_value(key);
  if (chosen == nullptr) {
    return fail(Errc::invalid_config, std::string{"fence_virtd/"} + key + " is not set",
                std::string{"this version has: "} + supported,
                std::string{key} + " = \"" + supported + "\"; in the section fence_virtd");
  }
  if (same_word(*chosen, supported)) return {};
  const bool known = others.find(std::string{"|"} + *chosen + "|") != std::string_view::npos;
  return fail(known ? Errc::refused : Errc::invalid_config,
              std::string{"fence_virtd/"} + key + " = \"" + escape_line(*chosen, 64) + "\" is " +
                  (known ? "not supported by duet-virtd" : "unknown"),
              std::string{"this version has: "} + supported,
              known ? "use fence_virtd for it, or change it to " + std::string{supported} : "");
}

}  // namespace

Result<HostConfig> read_host_config(const ConfNode& root) {
  const ConfNode* daemon = root.find_node("fence_virtd");
  if (daemon == nullptr) {
    return fail(Errc::invalid_config, "there is no section fence_virtd",
                root.nodes.empty() ? "" : "the first section is " + escape_line(root.nodes.front().name, 64));
  }
  if (auto chosen = choose(*daemon, "listener", "multicast", "|tcp|serial|vsock|"); !chosen) {
    return tl::unexpected{chosen.error()};
  }
  if (auto chosen = choose(*daemon, "backend", "libvirt", "|cpg|"); !chosen) return tl::unexpected{chosen.error()};
  HostConfig config;
  config.foreground = leading_number(daemon->find_value("foreground")) != 0;
  const std::string* wait = daemon->find_value("wait_for_init");
  config.wait_for_init = leading_number(wait != nullptr ? wait : daemon->find_value("wait_for_backend")) != 0;
  config.debug = leading_number(daemon->find_value("debug"));
  const ConfNode& multicast = section(section(root, "listeners"), "multicast");
  if (auto read = read_multicast(multicast, config); !read) return tl::unexpected{read.error()};
  if (auto read = read_libvirt(section(section(root, "backends"), "libvirt"), config); !read) {
    return tl::unexpected{read.error()};
  }
  read_groups(root, config);
  return config;
}

}  // namespace duet::fencehost
