// SPDX-License-Identifier: Apache-2.0
// The helper's loop: a packet in, a worker, a packet out. Power, the look-ups before it and questions have threads of
// their own, so that a question that hangs takes no thread from a fencing.
#include "daemon/virtd/helper.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <memory>
#include <thread>

#include "core/fencehost/power_wire.hpp"
#include "daemon/virtd/order_channel.hpp"
#include "daemon/virtd/power.hpp"
#include "daemon/virtd/privileges.hpp"
#include "daemon/virtd/worker_pool.hpp"
#include "platform/clock/clock.hpp"
#include "platform/virt/libvirt.hpp"

namespace duet::virtd {

using fencehost::Backend;
using fencehost::Note;
using fencehost::NoteLevel;
using fencehost::Order;
using fencehost::Outcome;
using fencehost::OutcomeCode;
using fencehost::PowerReply;
using fencehost::Verb;

namespace {

constexpr std::size_t power_threads = 64;  ///< lanes at work at once; 50 are demanded
constexpr std::size_t lookup_threads = 32;
constexpr std::size_t question_threads = 16;
constexpr std::size_t queue_length = 256;  ///< more orders than the parser ever has open

class Helper {
 public:
  Helper(UniqueFd socket, const HelperSettings& settings)
      : socket_{std::move(socket)},
        permissions_{settings.permissions},
        hypervisor_{virt::LibvirtSettings{settings.uris, 2s, [this](const std::string& line) { changed(line); }}},
        power_{hypervisor_, permissions_, Clock{boot_now, [](Duration d) { std::this_thread::sleep_for(d); }}} {
    const std::lock_guard lock{mutex_};
    ready_ = true;
    tell_backend();
  }

  int serve() {
    for (;;) {
      auto packet = receive_packet(socket_.get(), true);
      if (!packet || !*packet) break;
      auto order = fencehost::decode_order((*packet)->bytes);
      // Our own other half is broken, or somebody has taken it over: nothing more is believed.
      if (!order) return 1;
      dispatch(std::move(*order), std::move((*packet)->descriptor));
    }
    // What was begun is ended: a node that was switched off for a reboot is switched on again.
    return workers_.wait_idle(20s) ? 0 : 1;
  }

 private:
  void dispatch(Order order, UniqueFd requester) {
    if (fencehost::changes_power(order.verb) && !requester) {
      send(Outcome{order.id, OutcomeCode::requester_gone, 0, 0, {}});
      return;
    }
    const std::uint64_t id = order.id;
    WorkerPool& pool = pool_for(order.verb);
    auto shared = std::make_shared<UniqueFd>(std::move(requester));
    const auto work = [this, order = std::move(order), shared] { carry_out(order, *shared); };
    if (!pool.run(work)) {
      send(Outcome{id, OutcomeCode::unreachable, 0, 0, "too many orders wait for the hypervisor"});
    }
  }

  WorkerPool& pool_for(Verb verb) {
    if (fencehost::changes_power(verb)) return workers_;
    return verb == Verb::lookup ? lookups_ : questions_;
  }

  void carry_out(const Order& order, const UniqueFd& requester) {
    if (order.verb != Verb::list) {
      send(power_.carry_out(
          order, [&] { return still_open(requester.get()); }, [this](const Outcome& early) { send(early); }));
      return;
    }
    const auto records = power_.list(order);
    if (!records) {
      send(Outcome{order.id, OutcomeCode::unreachable, 0, 0, records.error().what + ": " + records.error().why});
      return;
    }
    for (std::size_t at = 0; at < records->size(); at += fencehost::list_part_max) {
      fencehost::ListPart part{order.id, {}};
      const std::size_t end = std::min(at + fencehost::list_part_max, records->size());
      part.records.assign(records->begin() + static_cast<std::ptrdiff_t>(at),
                          records->begin() + static_cast<std::ptrdiff_t>(end));
      send(std::move(part));
    }
    send(Outcome{order.id, OutcomeCode::done, 0, 0, {}});
  }

  /// From libvirt's threads; the first calls may come before this object is complete.
  void changed(const std::string& line) {
    const bool good = line.rfind("connected", 0) == 0;
    send(Note{good ? NoteLevel::info : NoteLevel::warning, line});
    const std::lock_guard lock{mutex_};
    if (ready_) tell_backend();
  }
  void tell_backend() {
    send(Backend{static_cast<std::uint32_t>(hypervisor_.connected()),
                 static_cast<std::uint32_t>(hypervisor_.configured())});
  }

  /// From any thread. If the parser is gone, nobody wants the answer.
  void send(const PowerReply& reply) {
    static_cast<void>(send_packet(socket_.get(), fencehost::encode(reply), -1, true));
  }

  UniqueFd socket_;
  std::mutex mutex_;
  bool ready_ = false;
  fencehost::Permissions permissions_;
  virt::Libvirt hypervisor_;
  Power power_;
  WorkerPool workers_{power_threads, queue_length};
  WorkerPool lookups_{lookup_threads, queue_length};
  WorkerPool questions_{question_threads, queue_length};
};

}  // namespace

bool all_local(const std::vector<std::string>& uris) {
  return std::all_of(uris.begin(), uris.end(), [](const std::string& uri) {
    const std::size_t colon = uri.find("://");
    if (colon == std::string::npos) return false;
    const std::string scheme = uri.substr(0, colon);
    const bool transport = scheme.find('+') != std::string::npos && scheme.find("+unix") == std::string::npos;
    return !transport && colon + 3 < uri.size() && uri[colon + 3] == '/';
  });
}

int run_helper(UniqueFd socket, const HelperSettings& settings) {
  // Ends by the end of the parser, not by a signal to the group: a reboot that is half done is completed.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) std::signal(signal, SIG_IGN);
  static_cast<void>(prctl(PR_SET_NAME, "duet-virtd-pwr", 0, 0, 0));
  const auto tell = [&socket](const std::string& text) {
    static_cast<void>(
        send_packet(socket.get(), fencehost::encode(PowerReply{Note{NoteLevel::warning, text}}), -1, true));
  };
  const UniqueFd null{open("/dev/null", O_RDWR | O_CLOEXEC)};
  for (int fd = 0; null && fd < (settings.quiet ? 3 : 2); ++fd) dup2(null.get(), fd);
  if (geteuid() == 0) {
    if (auto dropped = become_helper(settings.user); !dropped) {
      tell("helper: " + dropped.error().what + ": " + dropped.error().why);
      return 1;
    }
  }
  if (all_local(settings.uris)) {
    if (auto limited = only_local_sockets(); !limited)
      tell("helper: " + limited.error().what + ": " + limited.error().why);
  }
  // Never destroyed: threads of it may hang in a hypervisor that does not answer.
  auto* helper = new Helper{std::move(socket), settings};
  const int code = helper->serve();
  for (const std::string& file : settings.remove_at_end) static_cast<void>(unlink(file.c_str()));
  _exit(code);
}

}  // namespace duet::virtd
