// SPDX-License-Identifier: Apache-2.0
// Groups: looked up by plain comparison; a handful of groups with a handful of entries each.
#include "core/fencehost/permissions.hpp"

#include <algorithm>

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

}  // namespace

bool Permissions::knows(const xvm::Address& source) const {
  return !groups_ || std::any_of(groups_->begin(), groups_->end(), [&](const Group& g) { return names(g, source); });
}

bool Permissions::allows(const xvm::Address& source, const DomainId& domain) const {
  return !groups_ || std::any_of(groups_->begin(), groups_->end(),
                                 [&](const Group& g) { return names(g, source) && lists(g, domain); });
}

std::optional<std::size_t> Permissions::only_group_of(const DomainId& domain) const {
  if (!groups_) return std::nullopt;
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < groups_->size(); ++i) {
    if (!lists((*groups_)[i], domain)) continue;
    if (found) return std::nullopt;
    found = i;
  }
  return found;
}

}  // namespace duet::fencehost
