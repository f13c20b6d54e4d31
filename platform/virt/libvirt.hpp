// SPDX-License-Identifier: Apache-2.0
// Hypervisors by libvirt. Each URI has a thread that connects, and connects again whenever the connection was lost;
// another thread turns libvirt's event loop, without which a hypervisor that hangs would not be noticed.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/base/time.hpp"
#include "platform/virt/hypervisor.hpp"

namespace duet::virt {

struct LibvirtSettings {
  std::vector<std::string> uris;
  Duration wait_for_connection = std::chrono::seconds{2};  ///< of a call, since there is none; V40
  /// One line for people, from any thread: connected, lost, cannot connect and why.
  std::function<void(const std::string&)> changed;
};

class Libvirt final : public Hypervisor {
 public:
  /// Begins to connect and returns at once. One for each process: libvirt's event loop is global.
  explicit Libvirt(LibvirtSettings settings);
  /// Waits for the threads: as long as libvirt takes to connect.
  ~Libvirt() override;

  /// Waits until every URI is connected. False if that took longer than `limit`.
  [[nodiscard]] bool wait_connected(Duration limit);

  [[nodiscard]] Result<Domain> find(std::string_view name_or_uuid) override;
  [[nodiscard]] Result<Domain> look_again(const Domain& domain) override;
  [[nodiscard]] Result<std::vector<Domain>> list() override;
  [[nodiscard]] Result<void> destroy(const Domain& domain) override;
  [[nodiscard]] Result<void> start(const Domain& domain) override;
  [[nodiscard]] Result<std::string> definition(const Domain& domain) override;
  [[nodiscard]] Result<void> start_from(const Domain& domain, const std::string& definition) override;
  [[nodiscard]] Result<void> abort_migration(const Domain& domain) override;
  [[nodiscard]] std::size_t configured() const override { return settings_.uris.size(); }
  [[nodiscard]] std::size_t connected() const override;

 private:
  struct Link;  ///< one URI
  void keep_connected(Link& link);
  [[nodiscard]] Result<std::size_t> index_of(const Domain& domain) const;

  LibvirtSettings settings_;
  std::vector<std::unique_ptr<Link>> links_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
  int event_timer_ = -1;
  std::thread events_;
};

}  // namespace duet::virt
