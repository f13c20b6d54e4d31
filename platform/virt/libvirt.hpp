// SPDX-License-Identifier: Apache-2.0
// Hypervisors by libvirt. Each URI has a thread that connects, asks every second whether it is still answered, and
// connects again when it is not; another thread sees when an answer is late. Each call has a connection of its own.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
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
  /// Begins to connect and returns at once.
  explicit Libvirt(LibvirtSettings settings);
  /// Waits for the threads: as long as libvirt takes to connect.
  ~Libvirt() override;

  /// Waits until every URI is connected. False if that took longer than `limit`.
  [[nodiscard]] bool wait_connected(Duration limit);

  [[nodiscard]] Result<Domain> find(std::string_view name_or_uuid) override;
  [[nodiscard]] Result<Domain> look_again(const Domain& domain) override;
  [[nodiscard]] Result<std::vector<Domain>> list() override;
  [[nodiscard]] Result<void> destroy(const Domain& domain, const std::function<bool()>& wanted) override;
  [[nodiscard]] Result<void> forget_saved(const Domain& domain) override;
  [[nodiscard]] Result<void> start(const Domain& domain) override;
  [[nodiscard]] Result<std::string> definition(const Domain& domain) override;
  [[nodiscard]] Result<void> start_from(const Domain& domain, const std::string& definition) override;
  [[nodiscard]] Result<void> abort_migration(const Domain& domain) override;
  [[nodiscard]] Result<void> ask_all() override;
  [[nodiscard]] std::size_t configured() const override { return settings_.uris.size(); }
  [[nodiscard]] std::size_t connected() const override;

 private:
  struct Link;  ///< one URI
  class Lease;
  void keep_connected(Link& link);
  [[nodiscard]] bool watch(Link& link, const std::function<bool()>& answered);
  void notice_late_ones();
  void tell(Link& link, const std::string& line);
  [[nodiscard]] Result<Lease> lease(Link& link);
  [[nodiscard]] Result<Domain> ask_hosts(std::string_view name_or_uuid, std::optional<std::size_t> own);
  template <class Question>
  auto ask(Link& link, Question question);
  template <class Call>
  [[nodiscard]] Result<void> act(const Domain& on, const char* what, Call call);

  LibvirtSettings settings_;
  std::vector<std::unique_ptr<Link>> links_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
  std::thread clock_;
};

}  // namespace duet::virt
