// SPDX-License-Identifier: Apache-2.0
// What the command line is shown: one consistent picture of configuration, shared state and what only this node knows.
#include <fmt/core.h>

#include "core/node/impl.hpp"
#include "core/replica/membership.hpp"

namespace duet {

ClusterView NodeCore::Impl::view(Instant now, WallTime wall) const {
  ClusterView view;
  view.generation = generation_;
  view.self = identity_.id;
  view.node_name = identity_.name;
  view.version = identity_.version;
  view.corosync_connected = stream_open_;
  view.executor_connected = executor_.is_connected();
  view.quorate = quorate_;
  view.waiting_for_all = waiting_for_all_;
  view.now_unix_ms = wall.unix_ms;
  view.committed = chain_.committed();
  view.state = state_;
  view.effective = effective_;
  view.overrides = overrides_;
  if (auto progress = fencer_.progress(now); progress) view.fencing.push_back(std::move(*progress));
  view.devices = device_health(now);
  view.unsafe = unsafe_;
  if (!transport_.encrypted && unsafe_.empty()) {
    view.warnings.emplace_back(
        "corosync's messages are neither encrypted nor authenticated (require-encryption=false): anybody on its "
        "network "
        "can command this cluster");
  }
  for (const auto& [node, why] : blocked_) {
    view.warnings.push_back(fmt::format(
        "{} is blocked: three of its messages could not be understood, the last one because of {}; install the same "
        "version of duet on both nodes, then on {}: systemctl restart duetd",
        name_of(node), why, name_of(node)));
  }
  if (!damaged_.empty()) view.warnings.push_back("the configuration store is damaged: " + damaged_);
  if (state_.fork) view.warnings.push_back(*state_.fork);
  if (!overrides_.empty()) {
    view.warnings.push_back(fmt::format("{} emergency change(s) are valid on {} only and not committed yet",
                                        overrides_.size(), identity_.name));
  }
  if (me_.boot.get().empty()) view.warnings.emplace_back("duet-execd has not connected yet: nothing can be decided");
  return view;
}

std::vector<HistoryItem> NodeCore::Impl::history(std::uint32_t count) const {
  const auto& entries = chain_.entries();
  const std::size_t skip = entries.size() > count ? entries.size() - count : 0;
  std::vector<HistoryItem> items;
  for (std::size_t i = skip; i < entries.size(); ++i) {
    const ConfigEntry& entry = entries[i];
    items.push_back({entry.position, entry.hash, entry.author, entry.command, entry.unix_ms, entry.config});
  }
  return items;
}

}  // namespace duet
