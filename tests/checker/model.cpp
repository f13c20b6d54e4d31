// SPDX-License-Identifier: Apache-2.0
// The model of the nodes that the checkers share.
#include "tests/checker/model.hpp"

#include <algorithm>
#include <charconv>

namespace duet::checker {

namespace {

std::uint64_t to_number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string boot_key(NodeNumber node, std::string_view boot) {
  return std::to_string(node) + "/" + std::string{boot};
}

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = text.find(separator);
    if (end != 0) parts.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return parts;
}

OpNumber OpNumber::parse(std::string_view text) {
  const auto parts = split(text, '.');
  if (parts.size() != 3) return {};
  return {to_number(parts[0]), to_number(parts[1]), to_number(parts[2])};
}

std::uint64_t number(const TraceEvent& event, std::string_view key) {
  return to_number(event.get(key));
}

void ClusterModel::on(Duration now, const TraceEvent& event) {
  if (event.node == 0) return;
  NodeModel& node = nodes_[event.node];
  switch (event.kind) {
    case TraceKind::boot: {
      std::vector<std::string> boots = std::move(node.boots);
      auto evidence = std::move(node.evidence);
      std::set<std::string> assumed = std::move(node.assumed);
      node = NodeModel{};
      node.on = true;
      node.boot = event.boot;
      node.boots = std::move(boots);
      node.boots.push_back(event.boot);
      node.evidence = std::move(evidence);
      node.assumed = std::move(assumed);
      node.daemon_changed = node.quorate_changed = now;
      return;
    }
    case TraceKind::power_off:
      node.on = node.daemon = node.paused = false;
      node.joined.clear();
      node.greeted.clear();
      node.view.clear();
      node.daemon_changed = now;
      return;
    case TraceKind::proc_start:
    case TraceKind::proc_exit:
      if (event.get("process") != "duetd") return;
      node.daemon = event.kind == TraceKind::proc_start;
      node.daemon_changed = now;
      node.joined.clear();
      node.greeted.clear();
      node.view.clear();
      return;
    case TraceKind::pause:
    case TraceKind::resume:
      node.paused = event.kind == TraceKind::pause;
      node.pause_changed = now;
      return;
    case TraceKind::view:
      return on_view(now, node, event);
    case TraceKind::join:
      return on_join(node, event);
    case TraceKind::evidence: {
      const std::string key = boot_key(static_cast<NodeNumber>(number(event, "target")), event.get("target_boot"));
      const bool known = node.evidence.contains(key);
      const auto left = split(event.get("left"), ',');
      node.evidence[key] = {left.begin(), left.end()};
      if (event.get("evidence_kind") != "off") {
        node.assumed.erase(key);
      } else if (!known) {
        node.assumed.insert(key);
      }
      return;
    }
    default:
      return;
  }
}

void ClusterModel::on_view(Duration now, NodeModel& node, const TraceEvent& event) {
  if (event.text.contains("quorate")) {
    const bool quorate = event.get("quorate") == "yes";
    if (quorate != node.quorate) node.quorate_changed = now;
    node.quorate = quorate;
  }
  if (!event.text.contains("members")) return;
  node.view.clear();
  for (const std::string& member : split(event.get("members"), ',')) {
    node.view.insert(static_cast<NodeNumber>(to_number(member)));
  }
  node.view_at = now;
  ++node.views;
  const auto forget = [&](NodeNumber member) {
    node.joined.erase(member);
    node.greeted.erase(member);
  };
  for (const NodeNumber member : {1U, 2U}) {
    if (!node.view.contains(member)) forget(member);
  }
  if (event.text.contains("left")) forget(static_cast<NodeNumber>(number(event, "left")));
  for (const std::string& member : split(event.get("joined"), ',')) {
    forget(static_cast<NodeNumber>(to_number(member)));
  }
}

void ClusterModel::on_join(NodeModel& node, const TraceEvent& event) {
  const auto member = static_cast<NodeNumber>(number(event, "member"));
  const std::string boot{event.get("member_boot")};
  const std::string_view step = event.get("step");
  if (step == "hello") node.greeted[member] = boot;
  if (step == "recorded" || step == "joined") recorded_[{event.node, member}].insert(boot);
  if (step != "joined") return;
  node.joined[member] = boot;
  node.assumed.erase(boot_key(member, boot));
  node.evidence.erase(boot_key(member, boot));  // it is back: what was true of it (E5) is over
  if (member != event.node) return;
  // The joiner itself: whoever it met there and had joined before is joined to it, too.
  for (const auto& [other, other_boot] : node.greeted) {
    const auto& there = nodes_[other].joined;
    const auto self = there.find(other);
    if (!node.view.contains(other) || self == there.end() || self->second != other_boot) continue;
    node.joined[other] = other_boot;
    recorded_[{event.node, other}].insert(other_boot);
    node.evidence.erase(boot_key(other, other_boot));
    node.assumed.erase(boot_key(other, other_boot));
  }
}

const NodeModel& ClusterModel::node(NodeNumber id) const {
  static const NodeModel unknown;
  const auto found = nodes_.find(id);
  return found == nodes_.end() ? unknown : found->second;
}

bool ClusterModel::is_over(NodeNumber id, const std::string& boot) const {
  const NodeModel& one = node(id);
  return !one.on || one.boot != boot;
}

std::size_t ClusterModel::age(NodeNumber id, const std::string& boot) const {
  const auto& boots = node(id).boots;
  const auto found = std::find(boots.begin(), boots.end(), boot);
  return found == boots.end() ? 0 : static_cast<std::size_t>(found - boots.begin()) + 1;
}

bool ClusterModel::excluded(NodeNumber holder, NodeNumber id, const std::string& boot,
                            const std::string& resource) const {
  return excluded(holder, id, boot, &resource, false);
}

bool ClusterModel::proved(NodeNumber holder, NodeNumber id, const std::string& boot) const {
  return excluded(holder, id, boot, nullptr, true);
}

bool ClusterModel::excluded(NodeNumber holder, NodeNumber id, const std::string& boot, const std::string* resource,
                            bool proof) const {
  const NodeModel& one = node(holder);
  const std::size_t from = age(id, boot);
  const auto greeted = one.greeted.find(id);
  if (from != 0 && greeted != one.greeted.end() && age(id, greeted->second) > from)
    return true;  // E4: its hello is here
  const auto& boots = node(id).boots;
  for (std::size_t i = from == 0 ? boots.size() : from - 1; i < boots.size(); ++i) {
    const std::string key = boot_key(id, boots[i]);
    const auto held = one.evidence.find(key);
    const bool about_it = held != one.evidence.end() && !(resource != nullptr && held->second.contains(*resource));
    if (about_it && !(proof && one.assumed.contains(key))) return true;
    if (i + 1 > from && from != 0 && recorded(holder, id).contains(boots[i])) return true;  // E4: a later boot joined
  }
  return false;
}

const std::set<std::string>& ClusterModel::recorded(NodeNumber holder, NodeNumber id) const {
  static const std::set<std::string> none;
  const auto found = recorded_.find({holder, id});
  return found == recorded_.end() ? none : found->second;
}

}  // namespace duet::checker
