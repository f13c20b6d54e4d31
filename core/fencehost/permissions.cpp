// SPDX-License-Identifier: Apache-2.0
// Groups: looked up by plain comparison; a handful of groups with a handful of entries each.
#include "core/fencehost/permissions.hpp"

#include <algorithm>
#include <numeric>

#include "core/base/escape.hpp"
#include "core/fencehost/conf_tree.hpp"

namespace duet::fencehost {

namespace {

bool names(const Group& group, const xvm::Address& source) {
  return std::find(group.addresses.begin(), group.addresses.end(), source) != group.addresses.end();
}

bool lists(const Group& group, const DomainId& domain) {
  return std::any_of(group.domains.begin(), group.domains.end(), [&](const std::string& entry) {
    return same_word(entry, domain.uuid) || same_word(entry, domain.name);
  });
}

/// 8-4-4-4-12 digits; what has another form can only be a name.
bool may_be_uuid(const std::string& entry) {
  constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return entry.size() == form.size() &&
         std::equal(entry.begin(), entry.end(), form.begin(), [](char c, char f) { return (c == '-') == (f == '-'); });
}

bool share_domain(const Group& one, const Group& other) {
  return std::any_of(one.domains.begin(), one.domains.end(), [&](const std::string& entry) {
    return std::any_of(other.domains.begin(), other.domains.end(),
                       [&](const std::string& more) { return same_word(entry, more); });
  });
}

/// One says a name and the other a UUID.
bool may_share_domain(const Group& one, const Group& other) {
  const auto any = [](const Group& group, bool uuid) {
    return std::any_of(group.domains.begin(), group.domains.end(),
                       [&](const std::string& entry) { return may_be_uuid(entry) == uuid; });
  };
  return share_domain(one, other) || (any(one, true) && any(other, false)) || (any(one, false) && any(other, true));
}

bool share_address(const Group& one, const Group& other) {
  return std::any_of(one.addresses.begin(), one.addresses.end(),
                     [&](const xvm::Address& address) { return names(other, address); });
}

/// For each group the first one of those with which it is connected by addresses and domains.
std::vector<std::size_t> unions_of(const std::vector<Group>& groups) {
  std::vector<std::size_t> first(groups.size());
  std::iota(first.begin(), first.end(), std::size_t{0});
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (first[i] == first[j] || !(share_domain(groups[i], groups[j]) || share_address(groups[i], groups[j])))
        continue;
      const auto [low, high] = std::minmax(first[i], first[j]);
      std::replace(first.begin(), first.end(), std::size_t{high}, std::size_t{low});
    }
  }
  return first;
}

std::vector<LaneId> lanes_of(const std::vector<Group>& groups) {
  const std::vector<std::size_t> first = unions_of(groups);
  std::vector<LaneId> lanes(groups.size(), common_lane);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    std::vector<std::string> domains;
    bool clear = true;
    for (std::size_t j = 0; j < groups.size(); ++j) {
      if (first[j] != first[i]) continue;
      for (const std::string& entry : groups[j].domains) {
        const bool known = std::any_of(domains.begin(), domains.end(),
                                       [&](const std::string& other) { return same_word(entry, other); });
        if (!known) domains.push_back(entry);
      }
      for (std::size_t k = 0; k < groups.size(); ++k)
        clear = clear && (k == j || !may_share_domain(groups[j], groups[k]));
    }
    if (clear && domains.size() >= 2) lanes[i] = static_cast<LaneId>(first[i] + 1);
  }
  return lanes;
}

}  // namespace

Permissions::Permissions(std::optional<std::vector<Group>> groups)
    : groups_{std::move(groups)}, lanes_{groups_ ? lanes_of(*groups_) : std::vector<LaneId>{}} {}

bool Permissions::knows(const xvm::Address& source) const {
  return !groups_ || std::any_of(groups_->begin(), groups_->end(), [&](const Group& g) { return names(g, source); });
}

bool Permissions::allows(const xvm::Address& source, const DomainId& domain) const {
  return !groups_ || std::any_of(groups_->begin(), groups_->end(),
                                 [&](const Group& g) { return names(g, source) && lists(g, domain); });
}

LaneId Permissions::lane_of(const DomainId& domain) const {
  std::optional<LaneId> found;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (!lists((*groups_)[i], domain)) continue;
    if (found && *found != lanes_[i]) return common_lane;
    found = lanes_[i];
  }
  return found.value_or(common_lane);
}

std::vector<std::string> Permissions::shared_lanes() const {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const auto same = std::count(lanes_.begin(), lanes_.end(), lanes_[i]);
    if (same < 2) continue;
    const std::string label = "groups/" + escape_line((*groups_)[i].name, 64);
    lines.push_back(label + (lanes_[i] == common_lane
                                 ? ": one domain only, or domains that other groups may list too: it waits for the "
                                   "power actions of all groups like this"
                                 : ": shares an address with another group: they wait for each other"));
  }
  return lines;
}

}  // namespace duet::fencehost
