// SPDX-License-Identifier: Apache-2.0
// Host: the parser's half of duet-virtd as a thin driver around HostService: descriptors to events, commands to calls.
// It has no rights worth having; what it may ask for, the helper decides.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/fencehost/host_service.hpp"
#include "daemon/virtd/replay_file.hpp"
#include "platform/loop/loop.hpp"
#include "platform/net/address_watch.hpp"
#include "platform/net/multicast_listener.hpp"

namespace duet::virtd {

struct HostParts {
  net::MulticastListener listener;
  ReplayFile replay;
  UniqueFd helper;          ///< socket pair
  UniqueFd status;          ///< listening UNIX socket; whoever may connect reads the status
  std::string description;  ///< what is listened to, for people
};

class Host {
 public:
  /// Secret and permissions must outlive it. Error: backend.
  static Result<std::unique_ptr<Host>> create(Loop& loop, HostParts parts, const fencehost::HostRules& rules,
                                              const fencehost::Permissions& permissions);

  /// Stops listening, waits for what is under way, then lets the helper end; the loop stops when it has.
  void stop();
  /// 0 after stop(); 1 if the helper ended by itself.
  [[nodiscard]] int exit_code() const { return exit_code_; }
  [[nodiscard]] bool stopping() const { return stopping_; }
  /// The helper is gone: nothing more will come.
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] const fencehost::Backend& backend() const { return service_.backend(); }
  [[nodiscard]] std::string status() const;

 private:
  struct Peer {
    UniqueFd fd;
    FdWatch watch;
    bool connecting = true;
    bool answered = false;  ///< the service knows it no more: what is left is sent, then it is closed
    Bytes rest;             ///< of the answer
    Instant until{};        ///< once answered
  };
  Host(Loop& loop, HostParts parts, const fencehost::HostRules& rules, const fencehost::Permissions& permissions);
  Result<void> open();
  bool make_room_for_peer();
  void join();
  void read_datagrams();
  void read_links();
  void read_helper();
  void give_status();
  void drain();
  void arm();
  void tick();
  void finish_if_idle();

  void perform(const fencehost::ConnectTo& command);
  void perform(const fencehost::SendTo& command);
  void perform(const fencehost::AnswerTo& command);
  void perform(const fencehost::HangUp& command);
  void perform(const fencehost::AskHelper& command);
  void perform(const fencehost::Persist& command);
  void perform(const fencehost::Say& command);
  void peer_ready(fencehost::CallId call, short events);
  void write_rest(fencehost::CallId call);

  Loop& loop_;
  HostParts parts_;
  fencehost::HostService service_;
  std::map<fencehost::CallId, Peer> peers_;
  std::unique_ptr<net::AddressWatch> links_;
  FdWatch datagrams_;
  FdWatch link_events_;
  FdWatch helper_events_;
  FdWatch status_requests_;
  Timer wakeup_;
  Timer rejoin_;
  std::string joined_ = "nothing";
  std::uint64_t rejoins_ = 0;
  Instant started_{};
  bool stopping_ = false;
  bool ended_ = false;
  int exit_code_ = 0;
};

}  // namespace duet::virtd
