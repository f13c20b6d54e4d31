// SPDX-License-Identifier: Apache-2.0
// IpcService: the local requests of the command line: who may ask what, waiting for changes, answers.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "core/message/ipc.hpp"
#include "daemon/duetd/driver.hpp"
#include "platform/ipc/server.hpp"

namespace duet {

class IpcService {
 public:
  /// Serves on `listener`. Error: Errc::backend.
  static Result<std::unique_ptr<IpcService>> create(Loop& loop, UniqueFd listener, Driver& driver);
  IpcService(const IpcService&) = delete;
  IpcService& operator=(const IpcService&) = delete;

  /// The core's answer to a request that was handed to it.
  void answer(std::uint64_t client, const AdminReply& reply);
  /// The generation has grown: who waits for that is answered in the next turn of the loop, once for many changes.
  void changed();

  /// By the kernel's credentials: root, the service's own user and the members of haclient are administrators.
  [[nodiscard]] static Role role_of(const ipc::PeerCredentials& peer, uid_t own_user, gid_t admin_group);

 private:
  struct Caller {
    ipc::ConnectionId connection = 0;
    std::uint64_t number = 0;  ///< of the request
  };
  struct Asked {
    Caller caller;
    std::string author;
    std::string command;
  };
  struct Waiting {
    Caller caller;
    std::uint64_t newer_than = 0;
    std::unique_ptr<Timer> limit;
  };
  IpcService(Loop& loop, Driver& driver);
  std::size_t admit(ipc::ConnectionId connection, const ipc::PeerCredentials& peer);
  void frame(ipc::ConnectionId connection, const Bytes& bytes);
  void serve(Caller caller, const GetCluster& request);
  void serve(Caller caller, const GetHistory& request);
  void serve(Caller caller, AdminRequest request);
  void refuse(Caller caller, Error error);
  void reply(Caller caller, IpcReplyBody body);
  void forget(ipc::ConnectionId connection);
  void answer_waiting();

  Loop& loop_;
  Driver& driver_;
  gid_t admin_group_;
  std::unique_ptr<ipc::Server> server_;
  std::map<std::uint64_t, Asked> asked_;      ///< by the number that the core knows the request by
  std::map<std::uint64_t, Waiting> waiting_;  ///< for a change
  std::uint64_t next_ = 1;
  bool posted_ = false;
  std::shared_ptr<int> life_ = std::make_shared<int>(0);  ///< for work that was posted and comes too late
};

}  // namespace duet
