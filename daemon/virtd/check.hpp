// SPDX-License-Identifier: Apache-2.0
// duet-virtd --check: everything that keeps a fence request from being served, found before one is needed.
#pragma once

#include <functional>
#include <string>

namespace duet::virtd {

/// Prints a line for each thing looked at. 0: nothing is wrong; 1: something is; warnings do not count.
[[nodiscard]] int check_installation(const std::string& conf_file, const std::string& user,
                                     const std::function<void(const std::string&)>& print);

}  // namespace duet::virtd
