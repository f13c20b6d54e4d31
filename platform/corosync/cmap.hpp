// SPDX-License-Identifier: Apache-2.0
// Cmap: reads corosync's configuration map.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/base/result.hpp"

namespace duet::corosync {

/// Every call waits for corosync's answer without a limit: not for the main loop's thread.
class Cmap {
 public:
  /// Error: Errc::try_again, Errc::backend (corosync is not there).
  static Result<std::unique_ptr<Cmap>> connect();
  Cmap(const Cmap&) = delete;
  Cmap& operator=(const Cmap&) = delete;
  ~Cmap();

  /// nullopt: there is no such key, or it has another type.
  [[nodiscard]] std::optional<std::string> text(const std::string& key) const;
  [[nodiscard]] std::optional<std::uint32_t> number(const std::string& key) const;

 private:
  explicit Cmap(std::uint64_t handle) : handle_{handle} {}
  std::uint64_t handle_;
};

}  // namespace duet::corosync
