// SPDX-License-Identifier: Apache-2.0
// why, why-not, verify.
#include <fmt/core.h>

#include <algorithm>

#include "cli/commands/change.hpp"
#include "cli/commands/handlers.hpp"
#include "cli/commands/lookup.hpp"
#include "cli/grammar/words.hpp"
#include "cli/render/simple_json.hpp"
#include "cli/render/why_text.hpp"
#include "cli/shell/config_file.hpp"
#include "core/base/escape.hpp"
#include "core/model/fence_cover.hpp"
#include "core/model/options.hpp"

namespace duet::cli {

namespace {

Outcome<Exit> print(Shell& shell, const Explanation& explanation) {
  const bool json = shell.format == Format::json;
  shell.out(json ? explanation_json(explanation.text, explanation.as_wanted) : explanation.text);
  return explanation.as_wanted ? Exit::failed : Exit::ok;
}

}  // namespace

Outcome<Exit> why(Shell& shell, const Invocation& call) {
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  const ClusterConfig& config = (*view)->effective;
  const Plan plan = plan_of(**view);
  if (call.args.empty()) return print(shell, why_health_text(status_model(**view, plan)));
  const std::string& subject = call.args[0];
  if (subject == "health" && config.primitive(subject) == nullptr && config.node(subject) == nullptr) {
    return print(shell, why_health_text(status_model(**view, plan)));
  }
  if (const Node* node = config.node(subject); node != nullptr && call.args.size() == 1) {
    return print(shell, why_node(**view, node->id));
  }
  if (config.device(subject) != nullptr) return print(shell, why_device(**view, subject));
  if (auto found = need(config, subject, Wanted::resource); !found) return tl::unexpected(found.error());
  if (call.args.size() == 1) return print(shell, why_resource(**view, plan, subject));
  auto node = find_node(config, call.args[1]);
  if (!node) return tl::unexpected(node.error());
  return print(shell, why_not_on(**view, plan, subject, *node));
}

Outcome<Exit> why_not(Shell& shell, const Invocation& call) {
  return why(shell, call);
}

Outcome<Exit> verify(Shell& shell, const Invocation& call) {
  if (!call.args.empty()) {
    auto file = file_connection(call.args[0]);
    if (!file) return tl::unexpected(file.error());
    shell.connect_to(std::move(*file));
  }
  auto view = shell.view();
  if (!view) return tl::unexpected(view.error());
  std::vector<Finding> findings = fencing_findings((*view)->effective, (*view)->state);
  findings.insert(findings.begin(), (*view)->unsafe.begin(), (*view)->unsafe.end());
  for (auto& finding : validate((*view)->effective)) findings.push_back(std::move(finding));
  const bool wrong =
      std::any_of(findings.begin(), findings.end(), [](const Finding& finding) { return finding.error; });
  if (shell.format == Format::json) {
    shell.out(findings_json(findings, !wrong));
    return wrong ? Exit::invalid_config : Exit::ok;
  }
  for (const auto& finding : findings) {
    if (!finding.error && !shell.verbose && !call.has("full")) continue;
    shell.out(fmt::format("{}: {}\n", finding.error ? "error" : "warning", escape_line(finding.text, 400)));
    if (!finding.fix.empty() && (shell.verbose || call.has("full"))) {
      shell.out(fmt::format("  fix: {}\n", escape_line(finding.fix, 400)));
    }
  }
  if (!wrong) return Exit::ok;
  shell.out("Errors found during check: config not valid\n");
  return Exit::invalid_config;
}

}  // namespace duet::cli
