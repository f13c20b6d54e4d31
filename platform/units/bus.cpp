// SPDX-License-Identifier: Apache-2.0
// See bus.hpp.
#include "platform/units/bus.hpp"

#include <systemd/sd-bus.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace duet::units {

namespace {

constexpr const char* systemd_name = "org.freedesktop.systemd1";
constexpr Duration retry_first{50ms};
constexpr Duration retry_max{2s};

bool is_passing(int code) {
  return code == ENOTCONN || code == ECONNRESET || code == ENOBUFS || code == ENOMEM;
}

Error error_of(const sd_bus_error& error) {
  const std::string_view name = error.name == nullptr ? "" : error.name;
  Errc code = Errc::backend;
  for (const std::string_view unknown :
       {"org.freedesktop.systemd1.NoSuchUnit", "org.freedesktop.systemd1.LoadFailed",
        "org.freedesktop.systemd1.BadUnitSetting", "org.freedesktop.DBus.Error.InvalidArgs"}) {
    if (name == unknown) code = Errc::not_found;
  }
  for (const std::string_view passing :
       {"org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.Disconnected",
        "org.freedesktop.DBus.Error.Timeout", "org.freedesktop.DBus.Error.ServiceUnknown",
        "org.freedesktop.DBus.Error.NameHasNoOwner", "org.freedesktop.DBus.Error.LimitsExceeded",
        "org.freedesktop.DBus.Error.NoMemory", "org.freedesktop.systemd1.ShuttingDown", "System.Error.ECONNRESET",
        "System.Error.ENOTCONN", "System.Error.ETIMEDOUT", "System.Error.ENOBUFS", "System.Error.ENOMEM"}) {
    if (name == passing) code = Errc::try_again;
  }
  if (name == "org.freedesktop.systemd1.AlreadySubscribed") code = Errc::busy;
  return Error{code, error.message != nullptr ? error.message : std::string{name}};
}

}  // namespace

Bus::Bus(Loop& loop, Handlers handlers)
    : loop_{loop}, handlers_{std::move(handlers)}, deadline_{loop, [this] { process(); }}, reconnect_{loop, [this] {
                                                                                                        connect();
                                                                                                      }} {
  reconnect_.arm(Instant{});
}

Bus::~Bus() {
  watch_.reset();
  sd_bus_close_unref(bus_);
}

void Bus::connect() {
  const auto retry = [this] {
    reconnect_.arm_in(retry_);
    retry_ = std::min(retry_ * 2, retry_max);
  };
  if (sd_bus_open_system(&bus_) < 0) {
    bus_ = nullptr;
    return retry();
  }
  // Authentication and Hello go on from the loop: calls are queued meanwhile.
  auto watch = loop_.watch(sd_bus_get_fd(bus_), POLLIN, [this](short) { process(); });
  if (!watch) {
    bus_ = sd_bus_close_unref(bus_);
    return retry();
  }
  watch_ = std::move(*watch);
  ready_ = true;
  handlers_.connected();
  rearm();
}

void Bus::subscribe(const std::string& interface, const std::string& member) {
  if (bus_ == nullptr) return;
  const auto deliver = [](sd_bus_message* message, void* data, sd_bus_error*) noexcept -> int {
    static_cast<Bus*>(data)->handlers_.signal(message);
    return 0;
  };
  sd_bus_match_signal_async(bus_, nullptr, systemd_name, nullptr, interface.c_str(), member.c_str(), deliver, nullptr,
                            this);
}

void Bus::answer_later(Answer answer, Error error) {
  loop_.post([answer = std::move(answer), error = std::move(error), life = std::weak_ptr{life_}] {
    if (!life.expired()) answer(tl::unexpected{error});
  });
}

int Bus::take_answer(sd_bus_message* message, void* data, void*) noexcept {
  Bus* const bus = static_cast<Pending*>(data)->bus;
  const auto found = bus->pending_.find(static_cast<Pending*>(data)->id);
  if (found == bus->pending_.end()) return 0;
  const Answer answer = std::move(found->second->answer);
  bus->pending_.erase(found);
  if (const sd_bus_error* error = sd_bus_message_get_error(message)) {
    answer(tl::unexpected{error_of(*error)});
  } else {
    answer(message);
  }
  return 0;
}

void Bus::call(const Call& call, Answer answer) {
  if (!ready_) return answer_later(std::move(answer), {Errc::try_again, "there is no connection to systemd"});
  sd_bus_message* message = nullptr;
  int rc = sd_bus_message_new_method_call(bus_, &message, systemd_name, call.path.c_str(), call.interface.c_str(),
                                          call.member.c_str());
  if (rc >= 0 && call.append) rc = call.append(message);
  auto pending = std::make_unique<Pending>(Pending{this, next_id_++, std::move(answer)});
  if (rc >= 0) {
    const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(call.timeout).count();
    const auto callback = [](sd_bus_message* reply, void* data, sd_bus_error*) noexcept {
      return take_answer(reply, data, nullptr);
    };
    rc = sd_bus_call_async(bus_, nullptr, message, callback, pending.get(), static_cast<std::uint64_t>(microseconds));
  }
  sd_bus_message_unref(message);
  if (rc < 0) {
    return answer_later(std::move(pending->answer),
                        {is_passing(-rc) ? Errc::try_again : Errc::backend, call.member + ": " + std::strerror(-rc)});
  }
  pending_.emplace(pending->id, std::move(pending));
  rearm();
}

void Bus::process() {
  if (bus_ == nullptr) return;
  processing_ = true;
  int rc = 0;
  // Bounded: a flood of signals must not keep the loop from its other work.
  for (int i = 0; i < 64; ++i) {
    rc = sd_bus_process(bus_, nullptr);
    if (rc <= 0) break;
    retry_ = retry_first;
  }
  processing_ = false;
  if (rc < 0) return disconnect(std::strerror(-rc));
  rearm();
}

void Bus::rearm() {
  if (bus_ == nullptr || processing_) return;
  const int events = sd_bus_get_events(bus_);
  if (events < 0) return disconnect(std::strerror(-events));
  watch_.set_events(static_cast<short>(events));
  std::uint64_t microseconds = 0;
  if (sd_bus_get_timeout(bus_, &microseconds) < 0 || microseconds == UINT64_MAX) return deadline_.cancel();
  // sd-bus counts on CLOCK_MONOTONIC, our timers on the boot-time clock: only differences agree.
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t now_us = static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
  const std::int64_t left = static_cast<std::int64_t>(microseconds) - now_us;
  deadline_.arm_in(std::chrono::microseconds{std::max<std::int64_t>(left, 0)});
}

void Bus::disconnect(const std::string& why) {
  watch_.reset();
  deadline_.cancel();
  bus_ = sd_bus_close_unref(bus_);
  ready_ = false;
  std::map<std::uint64_t, std::unique_ptr<Pending>> lost;
  lost.swap(pending_);
  reconnect_.arm_in(retry_);
  retry_ = std::min(retry_ * 2, retry_max);
  handlers_.lost();
  for (auto& [id, pending] : lost)
    answer_later(std::move(pending->answer), {Errc::try_again, "connection to systemd: " + why});
}

}  // namespace duet::units
