// SPDX-License-Identifier: Apache-2.0
// Applies requests to a copy and looks at the whole before it is given back.
#include <fmt/core.h>

#include <algorithm>
#include <variant>

#include "core/admin/admin.hpp"
#include "core/admin/steps.hpp"
#include "core/model/fence_cover.hpp"

namespace duet {

namespace {

bool has_usable_device(const ClusterConfig& config) {
  return std::any_of(config.devices.begin(), config.devices.end(), device_enabled);
}

/// The last way to fence goes while fencing is on: nothing could be started any more (S18).
admin::Outcome check_danger(const ClusterConfig& before, const ClusterConfig& after, bool confirmed) {
  if (confirmed || !has_usable_device(before) || has_usable_device(after)) return std::nullopt;
  if (!cluster_options(after).stonith_enabled || after.primitives.empty()) return std::nullopt;
  return Error{Errc::dangerous, "this takes away the last fence device",
               "stonith-enabled is true: nothing would be started any more, and no lost node taken over",
               "add --yes if that is meant"};
}

admin::Outcome check_validity(const ClusterConfig& before, const ClusterConfig& after) {
  std::vector<Finding> fresh = validate(after);
  std::erase_if(fresh, [](const Finding& finding) { return !finding.error; });
  if (fresh.empty()) return std::nullopt;
  const std::vector<Finding> old = validate(before);
  std::erase_if(fresh, [&](const Finding& finding) {
    return std::any_of(old.begin(), old.end(), [&](const Finding& known) {
      return known.error && known.subject == finding.subject && known.text == finding.text;
    });
  });
  if (fresh.empty()) return std::nullopt;
  std::string why;
  if (fresh.size() > 1) why = fmt::format("and {} more: {}", fresh.size() - 1, fresh[1].text);
  return Error{Errc::invalid_argument, fresh.front().text, std::move(why), fresh.front().fix};
}

}  // namespace

Result<ClusterConfig> apply_edits(const ClusterConfig& config, const std::vector<ConfigEdit>& edits, bool confirmed) {
  ClusterConfig after = config;
  bool changed = false;
  for (const ConfigEdit& edit : edits) {
    const admin::Outcome error = std::visit([&](const auto& request) { return admin::apply(after, request); }, edit);
    if (!error) {
      changed = true;
    } else if (error->code != Errc::unchanged) {
      return tl::unexpected{*error};
    }
  }
  if (!changed || after == config) return fail(Errc::unchanged, "unchanged");
  if (const auto error = check_validity(config, after)) return tl::unexpected{*error};
  if (const auto error = check_danger(config, after, confirmed)) return tl::unexpected{*error};
  return after;
}

Result<ClusterConfig> apply_edit(const ClusterConfig& config, const ConfigEdit& edit, bool confirmed) {
  return apply_edits(config, {edit}, confirmed);
}

}  // namespace duet
