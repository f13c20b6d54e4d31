// SPDX-License-Identifier: Apache-2.0
// Several hosts may know one domain: a definition stays where it migrated from. Which copy counts. Pure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "platform/virt/hypervisor.hpp"

namespace duet::virt {

/// `answers`: what each host said of `wanted`, by its number. The copy that is active counts, whoever else has a
/// definition. Without one: that of the host `own`, else the first that has not migrated away. Errors: backend, if
/// several are active or one name belongs to several UUIDs; disconnected, if none is active and a host could not be
/// asked, since it may run there; not_found, if every host was asked and none knows it.
[[nodiscard]] Result<Domain> choose(std::string_view wanted, const std::vector<Result<Domain>>& answers,
                                    std::optional<std::size_t> own = std::nullopt);

/// A list of the domains of several hosts, one entry for each UUID: the active one, if there is one. Keeps the order.
[[nodiscard]] std::vector<Domain> one_of_each(std::vector<Domain> all);

}  // namespace duet::virt
