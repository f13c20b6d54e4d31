// SPDX-License-Identifier: Apache-2.0
// Driver: between NodeCore and the world. Turns callbacks into events, performs the commands in their order, arms the
// one timer. Nothing in here decides about the cluster.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/node/node_core.hpp"
#include "daemon/duetd/options.hpp"
#include "daemon/duetd/trace_file.hpp"
#include "platform/corosync/session.hpp"
#include "platform/ipc/channel.hpp"
#include "platform/loop/loop.hpp"
#include "platform/store/store.hpp"

namespace duet {

class Driver {
 public:
  struct Handlers {
    std::function<void(std::uint64_t client, const AdminReply&)> answer;
    std::function<void()> changed;  ///< after a step that raised the generation
    /// The core has left (`reason` empty: cleanly), or this node cannot take part; `status` for the process then.
    std::function<void(const std::string& reason, int status)> ended;
  };

  /// Connects to corosync at once. The core comes into being when corosync has said who this node is: from then on it
  /// connects to duet-execd. `store` has its image still in it; its answers go to persisted().
  Driver(Loop& loop, const DuetdOptions& options, std::optional<TraceFile> trace, Handlers handlers);
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  void start(std::unique_ptr<Store> store);
  void persisted(std::uint64_t token, const std::string& error);
  /// Asks the core for a change; false: there is no core yet.
  [[nodiscard]] bool ask(std::uint64_t client, AdminRequest request);
  /// Leaves cleanly; `ended` follows.
  void stop();

  /// What the core knows, and what only the driver sees (crypto, waiting for corosync).
  [[nodiscard]] ClusterView view() const;
  [[nodiscard]] std::uint64_t generation() const;
  [[nodiscard]] std::vector<HistoryItem> history(std::uint32_t count) const;
  [[nodiscard]] const std::string& node_name() const { return node_name_; }
  /// One line for people.
  [[nodiscard]] std::string status() const;

 private:
  struct Performer;
  void feed(Event event);
  void opened(const corosync::ClusterInfo& info, const corosync::VoteSettings& votes);
  void make_core(const corosync::ClusterInfo& info, StoreImage image);
  [[nodiscard]] bool same_cluster(const corosync::ClusterInfo& info) const;
  void view_changed(const corosync::View& view);
  void quorum_changed(const corosync::QuorumState& state);
  void message(NodeId sender, const Bytes& bytes);
  void exec_frame(const Bytes& bytes);
  void exec_lost(const std::string& why);
  void warn(std::string key, std::string text);

  Loop& loop_;
  DuetdOptions options_;
  std::optional<TraceFile> trace_;
  Handlers handlers_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<NodeCore> core_;
  std::deque<Event> pending_;
  bool busy_ = false;
  Timer wakeup_;
  corosync::Session session_;
  std::unique_ptr<ipc::Channel> exec_;
  bool exec_welcomed_ = false;
  corosync::VoteSettings votes_;
  corosync::ClusterInfo info_;
  std::string node_name_;
  std::string refused_;  ///< why corosync cannot be reached
  std::map<std::string, std::string> warnings_;
  std::uint64_t reported_ = 0;  ///< generation that `changed` was called for
  std::uint64_t refused_messages_ = 0;
};

}  // namespace duet
