// SPDX-License-Identifier: Apache-2.0
// Bus: the system bus (sd-bus) on the loop. Asynchronous only; connects again by itself after the connection was lost,
// as when dbus-daemon is restarted.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "platform/loop/loop.hpp"

struct sd_bus;
struct sd_bus_message;

namespace duet::units {

/// Answer to a call. The message is valid during the callback only. Errors: not_found (systemd: no such unit, its file
/// cannot be loaded or its name is wrong), try_again (connection lost, no reply: systemd executes itself anew, no
/// memory or room in a queue for now), busy (subscribed already), backend.
using Answer = std::function<void(Result<sd_bus_message*>)>;

/// A call to org.freedesktop.systemd1.
struct Call {
  std::string path;
  std::string interface;
  std::string member;
  std::function<int(sd_bus_message*)> append = {};  ///< arguments; negative errno on failure
  Duration timeout{20s};
};

class Bus {
 public:
  struct Handlers {
    std::function<void()> connected;  ///< also after each new connection
    std::function<void()> lost;
    std::function<void(sd_bus_message*)> signal;  ///< of org.freedesktop.systemd1
  };
  Bus(Loop& loop, Handlers handlers);
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;
  ~Bus();

  /// The answer comes from the loop, never from inside this call.
  void call(const Call& call, Answer answer);
  /// Asks for these signals of systemd on this connection; to be repeated in `connected`.
  void subscribe(const std::string& interface, const std::string& member);
  [[nodiscard]] bool connected() const { return ready_; }

 private:
  struct Pending {
    Bus* bus = nullptr;
    std::uint64_t id = 0;
    Answer answer;
  };
  void connect();
  void process();
  void rearm();
  void disconnect(const std::string& why);
  void answer_later(Answer answer, Error error);
  static int take_answer(sd_bus_message* message, void* data, void* error) noexcept;

  Loop& loop_;
  Handlers handlers_;
  sd_bus* bus_ = nullptr;
  bool ready_ = false;
  bool processing_ = false;
  FdWatch watch_;
  Timer deadline_;
  Timer reconnect_;
  Duration retry_{50ms};
  std::map<std::uint64_t, std::unique_ptr<Pending>> pending_;
  std::uint64_t next_id_ = 1;
  std::shared_ptr<int> life_ = std::make_shared<int>(0);
};

}  // namespace duet::units
