// SPDX-License-Identifier: Apache-2.0
// Which boot this is, and how often duetd has come in it (protocol.md 1).
#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.hpp"
#include "core/model/ids.hpp"

namespace duet::execd {

/// SHA-256 over the kernel's boot id, the machine id and the start time of PID 1: the first is shared by all containers
/// of a machine and by all their restarts. Error: backend if one of them cannot be read.
[[nodiscard]] Result<BootId> read_boot_id();

/// Counts the connections of duetd in this boot. The number is in a file below /run, which begins empty in each boot,
/// and that names its boot in case it did not.
class StartCounter {
 public:
  StartCounter(std::string file, BootId boot) : file_{std::move(file)}, boot_{std::move(boot)} {}
  /// The next number, from 1; durable against a restart of this process before it is returned. Error: storage.
  Result<std::uint32_t> next();

 private:
  std::string file_;
  BootId boot_;
};

}  // namespace duet::execd
