// SPDX-License-Identifier: Apache-2.0
// stonith key: the file that fence_xvm and its host share. Needs no daemon, and prints no key.
#include <fmt/core.h>

#include "cli/commands/handlers.hpp"
#include "cli/grammar/parse.hpp"
#include "cli/render/simple_json.hpp"
#include "cli/shell/key_file.hpp"
#include "cli/shell/shell.hpp"
#include "core/base/escape.hpp"

namespace duet::cli {

namespace {

constexpr std::string_view usual_path = "/etc/cluster/fence_xvm.key";  // where fence_xvm and its host look

Outcome<std::string> key_path(const Invocation& call) {
  std::string path = call.args.empty() ? std::string{usual_path} : call.args[0];
  if (path.empty() || path.back() == '/' || path.find('\0') != std::string::npos) {
    return usage_failure(fmt::format("'{}' is no name of a file", escape_line(path, 200)),
                         fmt::format("a path, or nothing for {}", usual_path));
  }
  return path;
}

void show(Shell& shell, const std::string& path, const KeyFacts& facts) {
  if (shell.format == Format::json) {
    const Attributes values{{"file", path}, {"bytes", std::to_string(facts.bytes)}, {"fingerprint", facts.fingerprint}};
    shell.out(names_json("duet.fencekey/1", "key", values));
    return;
  }
  shell.out(fmt::format("{}: {} bytes, fingerprint {}\n", escape_line(path, 200), facts.bytes, facts.fingerprint));
}

}  // namespace

Outcome<Exit> stonith_key_generate(Shell& shell, const Invocation& call) {
  auto path = key_path(call);
  if (!path) return tl::unexpected(path.error());
  if (call.has("dry-run")) {
    shell.out(fmt::format("Write {} random bytes to {}, mode 0600{}\n", new_key_bytes, escape_line(*path, 200),
                          shell.force ? ", in place of what is there" : ""));
    return Exit::ok;
  }
  auto facts = make_key_file(*path, shell.force);
  if (!facts) return tl::unexpected(facts.error());
  show(shell, *path, *facts);
  shell.note(
      fmt::format("The same file is needed on the other node and, as the key_file of its fence_virt.conf, on the "
                  "fence host:\n"
                  "  scp -p {0} root@OTHER-NODE:{0}\n"
                  "  scp -p {0} root@FENCE-HOST:{0}\n"
                  "Then compare the fingerprint: duet stonith key show-digest there, duet-virtd --check on the "
                  "host.\nThe host reads the key when it starts: systemctl restart duet-virtd\n",
                  escape_line(*path, 200)));
  return Exit::ok;
}

Outcome<Exit> stonith_key_digest(Shell& shell, const Invocation& call) {
  auto path = key_path(call);
  if (!path) return tl::unexpected(path.error());
  auto facts = read_key_facts(*path);
  if (!facts) return tl::unexpected(facts.error());
  show(shell, *path, *facts);
  return Exit::ok;
}

}  // namespace duet::cli
