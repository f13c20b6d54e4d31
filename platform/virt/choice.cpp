// SPDX-License-Identifier: Apache-2.0
// The copy that runs, or none and nobody who could not be asked.
#include "platform/virt/choice.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace duet::virt {

namespace {

bool active(const Domain& domain) {
  return domain.state != State::shut_off;
}

/// Of two inactive ones: the one of the host that is asked about, else the one that says more than "not here".
bool better(const Domain& one, const Domain& than, std::optional<std::size_t> own) {
  if (own && (one.host == *own) != (than.host == *own)) return one.host == *own;
  return !one.migrated_away && than.migrated_away;
}

}  // namespace

Result<Domain> choose(std::string_view wanted, const std::vector<Result<Domain>>& answers,
                      std::optional<std::size_t> own) {
  const std::string what = "domain " + std::string{wanted};
  const Error* trouble = nullptr;
  const Domain* running = nullptr;
  const Domain* inactive = nullptr;
  const Domain* first = nullptr;
  for (const auto& answer : answers) {
    if (!answer) {
      if (answer.error().code != Errc::not_found && trouble == nullptr) trouble = &answer.error();
      continue;
    }
    if (first != nullptr && first->uuid != answer->uuid) {
      return fail(Errc::backend, what, "two hosts have different domains of this name", "use the UUID");
    }
    if (first == nullptr) first = &*answer;
    if (active(*answer)) {
      if (running != nullptr) return fail(Errc::backend, what, "it is active on two hosts");
      running = &*answer;
    } else if (inactive == nullptr || better(*answer, *inactive, own)) {
      inactive = &*answer;
    }
  }
  if (running != nullptr) return *running;
  // Whoever could not be asked may run it.
  if (trouble != nullptr) return tl::unexpected{*trouble};
  if (inactive != nullptr) return *inactive;
  return fail(Errc::not_found, what, "no hypervisor knows it");
}

std::vector<Domain> one_of_each(std::vector<Domain> all) {
  std::map<std::string, std::size_t> best;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto [known, is_new] = best.try_emplace(all[i].uuid, i);
    if (is_new) continue;
    const Domain& other = all[known->second];
    if ((active(all[i]) && !active(other)) ||
        (active(all[i]) == active(other) && better(all[i], other, std::nullopt))) {
      known->second = i;
    }
  }
  std::vector<Domain> kept;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (best.at(all[i].uuid) == i) kept.push_back(std::move(all[i]));
  }
  return kept;
}

}  // namespace duet::virt
