// SPDX-License-Identifier: Apache-2.0
// Watches: sees at once when a resource that should run goes away by itself: its unit or main process ends, the unit is
// restarted, its address or the link under it goes, the last process that its agent started ends. Only a hint is given;
// a monitor then finds out. What our own operations do gives none.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>

#include "core/message/exec.hpp"
#include "daemon/execd/last_starts.hpp"
#include "daemon/execd/process_watch.hpp"
#include "daemon/execd/settings.hpp"
#include "platform/loop/loop.hpp"
#include "platform/net/address_watch.hpp"
#include "platform/units/unit_manager.hpp"

namespace duet::execd {

class Watches {
 public:
  using Hint = std::function<void(const ResourceHint&)>;
  /// `units` may be null. All must outlive the object.
  Watches(Loop& loop, units::UnitManager* units, const Settings& settings, const LastStarts& starts, Hint hint);
  Watches(const Watches&) = delete;
  Watches& operator=(const Watches&) = delete;

  void watch(const WatchResource& request);
  void unwatch(const ObjectId& resource);
  /// duetd has gone; it will ask again.
  void clear();

  /// Also for resources that are not watched (yet).
  void operation_began(const RunAgent& order);
  void operation_ended(const RunAgent& order, const OpOutcome& outcome);

 private:
  struct UnitWatch {
    std::string unit;
    std::string path;  ///< object path, once known
    std::string invocation;
    std::unique_ptr<ProcessWatch> main_process;
  };
  struct AddressOfResource {
    net::IpAddress address;
    int link_index = 0;
  };
  /// Agents that start something: what stays in the cgroup of their start is the service.
  struct ServiceOfAgent {
    std::unique_ptr<ProcessWatch> all;   ///< its last process
    std::unique_ptr<ProcessWatch> main;  ///< the one that the others descend from
  };
  struct Entry {
    WatchResource request;
    std::variant<UnitWatch, AddressOfResource, ServiceOfAgent> target;
    bool present = false;          ///< it was seen here, and we have not begun to stop it
    std::uint64_t generation = 0;  ///< answers for an earlier watch of the same resource are dropped
  };
  bool aim(Entry& entry);
  void refresh(const ObjectId& resource);
  void refresh_unit(const ObjectId& resource);
  void refresh_address(const ObjectId& resource);
  void take_unit_state(const ObjectId& resource, const Result<units::UnitState>& state);
  void take_unit_change(const units::UnitChange& change);
  void watch_main_process(const ObjectId& resource, const std::string& path);
  void refresh_service(const ObjectId& resource);
  void service_ended(const ObjectId& resource, const char* what);
  void open_address_watch();
  void open_address_watch_again();
  void refresh_addresses();
  void read_address_events();
  void take_address_event(const net::NetEvent& event);
  void gone(const ObjectId& resource, Entry& entry, const std::string& what);

  Loop& loop_;
  units::UnitManager* units_;
  const Settings& settings_;
  const LastStarts& starts_;
  Hint hint_;
  std::map<ObjectId, Entry> entries_;
  std::set<ObjectId> changing_;  ///< a start or stop of ours runs: nothing that changes is worth a hint
  std::uint64_t next_generation_ = 1;
  std::shared_ptr<const units::UnitManager::Observers> observer_;
  std::unique_ptr<net::AddressWatch> addresses_;
  FdWatch addresses_ready_;
  Timer open_again_;
};

}  // namespace duet::execd
