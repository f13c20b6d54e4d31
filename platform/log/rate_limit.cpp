// SPDX-License-Identifier: Apache-2.0
// A window of time for each reason.
#include "platform/log/rate_limit.hpp"

#include <algorithm>
#include <utility>

namespace duet::log {

std::optional<std::uint64_t> RateLimit::admit(std::string_view reason, Instant now) {
  auto found = windows_.find(reason);
  if (found == windows_.end() && windows_.size() >= reasons_) {
    std::erase_if(windows_, [&](const auto& window) {
      return now - window.second.began >= period_ && window.second.left_out == 0;
    });
  }
  if (found == windows_.end()) {
    const bool full = windows_.size() >= reasons_;
    found = windows_.try_emplace(full ? std::string{} : std::string{reason}, Window{now}).first;
  }
  Window& window = found->second;
  if (now - window.began >= period_) {
    window.began = now;
    window.lines = 0;
  }
  if (window.lines >= burst_) {
    ++window.left_out;
    return std::nullopt;
  }
  ++window.lines;
  return std::exchange(window.left_out, 0);
}

std::string RateLimit::reason_of(std::string_view text) {
  std::string reason;
  for (const char c : text) {
    if (reason.size() >= 64) break;
    if (c < '0' || c > '9') reason.push_back(c);
  }
  return reason;
}

}  // namespace duet::log
