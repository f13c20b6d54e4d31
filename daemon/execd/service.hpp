// SPDX-License-Identifier: Apache-2.0
// Service: the connection with duetd and the parts that carry its orders out.
#pragma once

#include <memory>
#include <optional>

#include "core/message/exec.hpp"
#include "daemon/execd/boot.hpp"
#include "daemon/execd/last_starts.hpp"
#include "daemon/execd/operations.hpp"
#include "daemon/execd/places.hpp"
#include "daemon/execd/settings.hpp"
#include "daemon/execd/transient.hpp"
#include "daemon/execd/watches.hpp"
#include "platform/ipc/server.hpp"
#include "platform/loop/loop.hpp"
#include "platform/units/unit_manager.hpp"

namespace duet::execd {

class Service {
 public:
  /// Takes up what an earlier process left and begins to listen. `settings` must outlive the object. Errors: storage,
  /// backend, not_found (no listening socket).
  static Result<std::unique_ptr<Service>> create(Loop& loop, const Settings& settings);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

 private:
  Service(Loop& loop, const Settings& settings, std::unique_ptr<Places> places, BootId boot);
  Result<void> listen();
  void adopt();
  std::size_t admit(ipc::ConnectionId id, const ipc::PeerCredentials& peer);
  void take_frame(const Bytes& frame);
  void disconnected(const std::string& why);
  void reply(const ExecReply& reply);

  void take(const ExecHello& hello);
  void take(const RunAgent& order);
  void take(const CancelRun& order);
  void take(const AckResult& order);
  void take(const RunFenceAgent& order);
  void take(const WatchResource& order);
  void take(const UnwatchResource& order);
  void take(const ForgetResource& order);
  void take(const RebootNow& order);
  void take(const QueryMetadata& order);

  Loop& loop_;
  const Settings& settings_;
  BootId boot_;
  StartCounter starts_;
  std::unique_ptr<Places> places_;
  LastStarts last_starts_;
  std::unique_ptr<units::UnitManager> units_;
  std::unique_ptr<Watches> watches_;
  std::unique_ptr<Operations> operations_;
  std::unique_ptr<TransientRuns> transient_;
  std::unique_ptr<ipc::Server> server_;
  std::optional<uid_t> client_user_;
  std::optional<ipc::ConnectionId> client_;
  bool greeted_ = false;
};

}  // namespace duet::execd
