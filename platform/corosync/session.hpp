// SPDX-License-Identifier: Apache-2.0
// Session: duetd's connections to corosync on its loop: connects, connects again after a loss, keeps the order of what
// is sent, reports views, messages and quorum. No decision is made here.
//
// corosync's calls to connect wait for its answer without a limit, and a stopped corosync never answers. They are
// therefore made in a thread of their own; everything afterwards never blocks.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "platform/corosync/cluster_info.hpp"
#include "platform/corosync/cpg.hpp"
#include "platform/corosync/quorum.hpp"
#include "platform/corosync/send_queue.hpp"
#include "platform/corosync/view_tracker.hpp"
#include "platform/loop/loop.hpp"

namespace duet::corosync {

/// One set of connections, all opened or none.
struct Links {
  std::unique_ptr<Cpg> cpg;
  std::unique_ptr<Quorum> quorum;
  ClusterInfo info;
};
/// Waits for corosync's answers without a limit.
[[nodiscard]] Result<Links> open_links(const std::string& group);

class Session {
 public:
  /// All are called from the loop, never from within a call of Session's own functions.
  struct Callbacks {
    std::function<void(const ClusterInfo&, const VoteSettings&)> opened;  ///< joined with a new handle
    std::function<void(const std::string& why)> closed;                   ///< after `opened` only
    std::function<void(const std::string& why)> refused;  ///< an attempt to connect has failed; it will be repeated
    std::function<void(const View&)> view;
    std::function<void(const QuorumState&)> quorum;
    std::function<void(NodeId sender, Bytes message)> message;
  };

  Session(Loop& loop, std::string group, Callbacks callbacks);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  /// Leaves the group. Waits for an attempt to connect that is going on.
  ~Session();

  /// Begins to connect.
  void start();
  /// Sends to the group, in order; kept while corosync refuses (A7). Without a connection the message is dropped: the
  /// core is told by `closed` and decides anew. When more is waiting than SendQueue takes, the connection is given up.
  void multicast(Bytes message);
  /// Forgets what was not yet handed to corosync.
  void discard_unsent() { unsent_.clear(); }
  [[nodiscard]] bool connected() const { return links_.has_value(); }

 private:
  void connect();
  void connected_to(Result<Links> links);
  void retry_later();
  void close(const std::string& why);
  void on_cpg(short revents);
  void on_quorum(short revents);
  void handle(Cpg::Event& event);
  void flush();
  void post(void (Session::*member)());
  void give_up();

  Loop& loop_;
  std::string group_;
  Callbacks callbacks_;
  std::optional<Links> links_;
  std::optional<Links> dead_;  ///< lost, not yet closed
  std::optional<ViewTracker> tracker_;
  SendQueue unsent_;
  FdWatch cpg_watch_;
  FdWatch quorum_watch_;
  Timer retry_;
  Timer resend_;
  Duration back_off_;
  std::string failure_;  ///< why the connection is to be given up
  std::thread connector_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace duet::corosync
