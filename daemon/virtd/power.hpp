// SPDX-License-Identifier: Apache-2.0
// Power: what the helper does for one order. Off is believed only when the hypervisor says so a second time; a reboot
// is off, verified, on, also for a domain that was off already. Blocks; several threads at once.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.hpp"
#include "core/fencehost/permissions.hpp"
#include "core/fencehost/power_wire.hpp"
#include "platform/virt/hypervisor.hpp"

namespace duet::virtd {

inline constexpr Duration order_fresh = 2s;  ///< an older order is not carried out: nobody waits for it any more
inline constexpr Duration off_limit = 15s;   ///< as the original; within the lane's 20 s. Nothing is destroyed later
inline constexpr Duration on_limit = 18s;    ///< counted from the order, so that the lane's limit holds
inline constexpr Duration look_interval = 20ms;
inline constexpr Duration start_again_after = 500ms;  ///< a container's start may fail right after its end
/// How long a transient domain that was switched off here is known to be off: for the retries and the status of one
/// fencing. Later it may run on another host.
inline constexpr Duration gone_for = 60s;
inline constexpr std::size_t gone_max = 1024;  ///< of them; the oldest go first

/// Time, so that tests need none.
struct Clock {
  std::function<Instant()> now;
  std::function<void(Duration)> sleep;
};

class Power {
 public:
  Power(virt::Hypervisor& hypervisor, const fencehost::Permissions& permissions, Clock clock)
      : hypervisor_{hypervisor}, permissions_{permissions}, clock_{std::move(clock)} {}

  /// Carries out everything but a list. `requester_there` is asked immediately before the hypervisor is told to change
  /// something (S5, S8). `tell` gets what is known before the end: off_verified.
  [[nodiscard]] fencehost::Outcome carry_out(const fencehost::Order& order,
                                             const std::function<bool()>& requester_there,
                                             const std::function<void(const fencehost::Outcome&)>& tell);
  /// What the source of this order may see. Error: as Hypervisor::list().
  [[nodiscard]] Result<std::vector<xvm::HostRecord>> list(const fencehost::Order& order);

 private:
  struct Task;
  [[nodiscard]] fencehost::Outcome find(Task& task);
  [[nodiscard]] fencehost::Outcome switch_off(Task& task);
  [[nodiscard]] fencehost::Outcome switch_on(Task& task);
  [[nodiscard]] fencehost::Outcome end_migration(Task& task);
  [[nodiscard]] fencehost::Outcome verify_off(Task& task, const std::string& trouble);
  [[nodiscard]] Result<void> start(Task& task);
  [[nodiscard]] fencehost::Outcome unknown(Task& task);
  [[nodiscard]] std::optional<virt::Domain> known_gone(const std::string& name_or_uuid);
  void remember_gone(const virt::Domain& domain);
  void forget_gone(const virt::Domain& domain);

  virt::Hypervisor& hypervisor_;
  const fencehost::Permissions& permissions_;
  Clock clock_;
  std::mutex mutex_;
  struct Gone {
    virt::Domain domain;
    Instant since{};
  };
  /// Transient domains that were verified off here and are not known to the hypervisor any more; oldest first.
  std::deque<Gone> gone_;
};

}  // namespace duet::virtd
