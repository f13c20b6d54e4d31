// SPDX-License-Identifier: Apache-2.0
// The dialogue as questions with a default and a check each.
#include "daemon/virtd/configure.hpp"

#include "core/base/escape.hpp"
#include "core/fencehost/host_config.hpp"

namespace duet::virtd {

using fencehost::ConfNode;
using fencehost::same_word;

namespace {

/// The original's directory of plug-ins on Debian; kept so that the file serves both programs.
constexpr const char* module_path_default = "/usr/lib/x86_64-linux-gnu/fence-virt/";

template <class T>
using Answer = std::optional<T>;  ///< nullopt: the input has ended

class Questions {
 public:
  Questions(const Dialogue& dialogue, ConfNode& root) : dialogue_{dialogue}, root_{root} {}

  void explain(const std::string& text) const { dialogue_.print("\n" + text + "\n\n"); }

  [[nodiscard]] Answer<std::string> text(const std::string& label, const std::string& otherwise) const {
    dialogue_.print(label + " [" + escape_line(otherwise, 256) + "]: ");
    auto line = dialogue_.read_line();
    if (!line) return std::nullopt;
    return line->empty() ? otherwise : *line;
  }

  [[nodiscard]] Answer<bool> yes(const std::string& label, const bool otherwise) const {
    dialogue_.print(label + (otherwise ? " [Y/n]? " : " [y/N]? "));
    const auto line = dialogue_.read_line();
    if (!line) return std::nullopt;
    if (line->rfind('y', 0) == 0 || line->rfind('Y', 0) == 0) return true;
    if (line->rfind('n', 0) == 0 || line->rfind('N', 0) == 0) return false;
    return otherwise;
  }

  [[nodiscard]] static std::string value_or(const ConfNode& node, const char* key, const std::string& otherwise) {
    const std::string* found = node.find_value(key);
    return found != nullptr ? *found : otherwise;
  }

  /// A value that cannot stand in the file is asked for again.
  [[nodiscard]] bool writable(const std::string& answer) const {
    if (answer.find('"') == std::string::npos) return true;
    dialogue_.print("A value may not have a quotation mark in it.\n");
    return false;
  }

  [[nodiscard]] bool plain(ConfNode& node, const char* key, const std::string& label, const std::string& otherwise,
                           bool none_removes = false) const {
    for (;;) {
      const auto answer = text(label, value_or(node, key, otherwise));
      if (!answer) return false;
      if (!writable(*answer)) continue;
      if (none_removes && same_word(*answer, "none")) {
        node.remove(key);
      } else {
        node.set(key, *answer);
      }
      return true;
    }
  }

  [[nodiscard]] bool choice(ConfNode& node, const char* key, const std::string& label,
                            const std::string& supported) const {
    for (;;) {
      const auto answer = text(label, value_or(node, key, supported));
      if (!answer) return false;
      if (!writable(*answer)) continue;
      if (!same_word(*answer, supported)) {
        dialogue_.print("No such module: " + escape_line(*answer, 64) + ". duet-virtd has: " + supported + "\n");
        const auto anyway = yes("Use this value anyway", false);
        if (!anyway) return false;
        if (!*anyway) continue;
      }
      node.set(key, *answer);
      return true;
    }
  }

  [[nodiscard]] bool multicast_address(ConfNode& node) const {
    for (;;) {
      const auto answer = text("Multicast IP Address", value_or(node, "address", "225.0.0.12"));
      if (!answer) return false;
      const auto address = xvm::parse_address(*answer);
      if (!address || !xvm::is_multicast(*address)) {
        dialogue_.print("Not a multicast address: " + escape_line(*answer, 64) + "\n");
        continue;
      }
      const bool v6 = address->family == xvm::Family::ipv6;
      dialogue_.print(std::string{"\nUsing "} + (v6 ? "ipv6" : "ipv4") + " as family.\n\n");
      node.set("address", *answer);
      node.set("family", v6 ? "ipv6" : "ipv4");
      return true;
    }
  }

  [[nodiscard]] bool port(ConfNode& node) const {
    for (;;) {
      const auto answer = text("Multicast IP Port", value_or(node, "port", "1229"));
      if (!answer) return false;
      const bool digits =
          !answer->empty() && answer->size() <= 5 && answer->find_first_not_of("0123456789") == std::string::npos;
      const unsigned long number = digits ? std::stoul(*answer) : 0;
      if (number == 0 || number > 65535) {
        dialogue_.print("Not a port (1 to 65535): " + escape_line(*answer, 64) + "\n");
        continue;
      }
      node.set("port", std::to_string(number));
      return true;
    }
  }

  [[nodiscard]] bool key_file(ConfNode& node) const {
    for (;;) {
      const auto answer = text("Key File", value_or(node, "key_file", fencehost::default_key_file));
      if (!answer) return false;
      if (!writable(*answer)) continue;
      if (same_word(*answer, "none")) {
        node.remove("key_file");
        return true;
      }
      if (answer->front() != '/') {
        dialogue_.print("Not a full path: " + escape_line(*answer, 256) + "\n");
        const auto anyway = yes("Use anyway", true);
        if (!anyway) return false;
        if (!*anyway) continue;
      }
      node.set("key_file", *answer);
      return true;
    }
  }

  /// False: the input ended.
  [[nodiscard]] bool ask() const {
    // In the order in which the sections of a new file are to stand; the questions have another one.
    ConfNode& backends = root_.node("backends");
    backends.node("libvirt");
    root_.node("listeners").node("multicast");
    ConfNode& daemon = root_.node("fence_virtd");
    explain(
        "duet-virtd has its listener and its back end built in. The path is kept for the original fence_virtd,\n"
        "which can use the same file.");
    if (!plain(daemon, "module_path", "Module search path", module_path_default)) return false;
    dialogue_.print("\nAvailable backends:\n    libvirt\nAvailable listeners:\n    multicast\n");
    explain("The listener takes the requests of the fence agents in the virtual machines.");
    if (!choice(daemon, "listener", "Listener module", "multicast")) return false;
    if (same_word(value_or(daemon, "listener", ""), "multicast")) {
      ConfNode& multicast = root_.node("listeners").node("multicast");
      explain("The group to which fence_xvm sends, by default 225.0.0.12 (IPv4) or ff05::3:1 (IPv6).");
      if (!multicast_address(multicast) || !port(multicast)) return false;
      explain("The bridge of the virtual machines, for example virbr0. none: the interface of the route to the group.");
      if (!plain(multicast, "interface", "Interface", "none", true)) return false;
      explain("The key that this host shares with the fence agents. The same file must be on each node.");
      if (!key_file(multicast)) return false;
    } else {
      dialogue_.print("This listener cannot be configured here; its section is kept as it is.\n");
    }
    explain("The back end talks to the hypervisor.");
    if (!choice(daemon, "backend", "Backend module", "libvirt")) return false;
    if (!same_word(value_or(daemon, "backend", ""), "libvirt")) return true;
    explain("The hypervisor: qemu:///system for KVM, lxc:///system for containers.");
    return plain(root_.node("backends").node("libvirt"), "uri", "Libvirt URI", "qemu:///system");
  }

 private:
  const Dialogue& dialogue_;
  ConfNode& root_;
};

}  // namespace

Configuration configure(const Dialogue& dialogue, const std::string& path, std::optional<ConfNode> existing,
                        const std::string& trouble) {
  ConfNode root = existing ? std::move(*existing) : ConfNode{};
  const Questions questions{dialogue, root};
  if (!existing) {
    dialogue.print(trouble + "\n");
    const auto scratch = questions.yes("Start from scratch", false);
    if (!scratch) return {Configured::input_ended, {}};
    if (!*scratch) return {Configured::declined, {}};
  }
  if (!questions.ask()) return {Configured::input_ended, {}};
  const auto text = write_conf(root);
  if (!text) {
    dialogue.print(text.error().what + ": " + text.error().why + "\n");
    return {Configured::declined, {}};
  }
  dialogue.print("\nConfiguration complete.\n\n=== Begin Configuration ===\n" + *text + "=== End Configuration ===\n");
  // What is written is what will be read: by the parser, and into settings.
  const auto again = fencehost::parse_conf(*text);
  const auto config = again ? fencehost::read_host_config(*again)
                            : Result<fencehost::HostConfig>{fail(again.error().code, again.error().what)};
  if (!config) dialogue.print("duet-virtd would not start with it: " + config.error().what + "\n");
  const auto replace = questions.yes("Replace " + path + " with the above", false);
  if (!replace) return {Configured::input_ended, {}};
  if (!*replace) return {Configured::declined, {}};
  return {Configured::write, *text};
}

}  // namespace duet::virtd
