// SPDX-License-Identifier: Apache-2.0
// Quorum: corosync's quorum and node membership; votequorum's settings are read once, when it connects.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/result.hpp"
#include "core/model/ids.hpp"

namespace duet::corosync {

struct QuorumState {
  bool quorate = false;
  std::vector<NodeId> members;  ///< nodes that corosync sees, ascending
  std::uint64_t ring = 0;
  friend bool operator==(const QuorumState&, const QuorumState&) = default;
};

/// votequorum's settings; constant as long as corosync runs.
struct VoteSettings {
  bool two_node = false;
  bool wait_for_all = false;  ///< configured; it is waiting when this is set and the node is not quorate
  std::uint32_t expected_votes = 0;
};

class Quorum {
 public:
  /// Connects and asks for all changes. Waits for corosync's answer without a limit: not for the main loop's thread.
  /// Error: Errc::try_again, Errc::backend (corosync or its quorum service is not there).
  static Result<std::unique_ptr<Quorum>> connect();
  Quorum(const Quorum&) = delete;
  Quorum& operator=(const Quorum&) = delete;
  ~Quorum();

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] const VoteSettings& settings() const { return settings_; }
  /// The states since the last call, in order; the first comes soon after connect(). Never blocks.
  /// Error: Errc::backend: the connection is lost.
  Result<std::vector<QuorumState>> dispatch(std::size_t limit);

 private:
  Quorum() = default;
  Result<void> open();
  Result<void> read_settings();

  struct Callbacks;
  std::uint64_t handle_ = 0;
  bool connected_ = false;
  int fd_ = -1;
  VoteSettings settings_;
  std::vector<QuorumState> states_;
};

}  // namespace duet::corosync
