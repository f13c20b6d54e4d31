// SPDX-License-Identifier: Apache-2.0
// See fake_systemd.hpp.
#include "tests/unit/daemon/execd/fake_systemd.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace duet::test {

namespace {

constexpr const char* unit_interface = "org.freedesktop.systemd1.Unit";
constexpr const char* manager = "org.freedesktop.systemd1.Manager";
constexpr const char* path_start = "/org/freedesktop/systemd1/unit/u";

void send(sd_bus* bus, sd_bus_message* message) {
  REQUIRE(sd_bus_send(bus, message, nullptr) >= 0);
  sd_bus_message_unref(message);
}

void append_text(sd_bus_message* message, const char* name, const std::string& value) {
  REQUIRE(sd_bus_message_append(message, "{sv}", name, "s", value.c_str()) >= 0);
}

}  // namespace

FakeSystemd::FakeSystemd(Loop& loop) : loop_{loop} {
  char name[] = "/tmp/duet-fake-systemd-XXXXXX";
  REQUIRE(mkdtemp(name) != nullptr);
  directory_ = name;
  listener_ = UniqueFd{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = directory_ + "/bus";
  std::memcpy(address.sun_path, path.c_str(), path.size());
  REQUIRE(bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(listen(listener_.get(), 4) == 0);
  REQUIRE(setenv("DBUS_SYSTEM_BUS_ADDRESS", ("unix:path=" + path).c_str(), 1) == 0);
  accepting_ = std::move(*loop_.watch(listener_.get(), POLLIN, [this](short) { accept(); }));
}

FakeSystemd::~FakeSystemd() {
  serving_.reset();
  sd_bus_close_unref(bus_);
  std::filesystem::remove_all(directory_);
}

void FakeSystemd::accept() {
  const int fd = accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  serving_.reset();
  sd_bus_close_unref(bus_);
  sd_id128_t id{};
  REQUIRE(sd_id128_randomize(&id) >= 0);
  REQUIRE(sd_bus_new(&bus_) >= 0);
  REQUIRE(sd_bus_set_fd(bus_, fd, fd) >= 0);
  REQUIRE(sd_bus_set_server(bus_, 1, id) >= 0);
  const auto filter = [](sd_bus_message* message, void* data, sd_bus_error*) noexcept -> int {
    if (sd_bus_message_is_method_call(message, nullptr, nullptr) <= 0) return 0;
    static_cast<FakeSystemd*>(data)->answer(message);
    return 1;
  };
  REQUIRE(sd_bus_add_filter(bus_, nullptr, filter, this) >= 0);
  REQUIRE(sd_bus_start(bus_) >= 0);
  serving_ = std::move(*loop_.watch(fd, POLLIN, [this](short) { process(); }));
  process();
}

void FakeSystemd::process() {
  int rc = 0;
  while ((rc = sd_bus_process(bus_, nullptr)) > 0) {
  }
  if (rc < 0) return serving_.reset();
  sd_bus_flush(bus_);
}

std::size_t FakeSystemd::calls_of(const std::string& member) const {
  return static_cast<std::size_t>(std::count(calls.begin(), calls.end(), member));
}

FakeSystemd::Unit& FakeSystemd::unit_of(sd_bus_message* call) {
  const std::string path = sd_bus_message_get_path(call);
  std::size_t place = 0;
  std::from_chars(path.data() + std::strlen(path_start), path.data() + path.size(), place);
  return units[paths_.at(place)];
}

void FakeSystemd::answer(sd_bus_message* call) {
  const std::string member = sd_bus_message_get_member(call);
  calls.push_back(member);
  if (auto& next = errors[member]; !next.empty()) {
    const std::string name = next.front();
    next.pop_front();
    const sd_bus_error error{name.c_str(), "as the test wants it", 0};
    REQUIRE(sd_bus_reply_method_error(call, &error) >= 0);
    return;
  }
  if (member == "Hello") {
    REQUIRE(sd_bus_reply_method_return(call, "s", ":1.1") >= 0);
  } else if (member == "LoadUnit") {
    const char* name = nullptr;
    REQUIRE(sd_bus_message_read(call, "s", &name) > 0);
    if (units.count(name) == 0) units[name].load_state = "not-found";
    auto found = std::find(paths_.begin(), paths_.end(), name);
    if (found == paths_.end()) found = paths_.insert(found, name);
    const std::string path = path_start + std::to_string(found - paths_.begin());
    REQUIRE(sd_bus_reply_method_return(call, "o", path.c_str()) >= 0);
  } else if (member == "GetAll") {
    answer_properties(call);
  } else if (member == "Get") {
    REQUIRE(sd_bus_reply_method_return(call, "v", "u", 0U) >= 0);
  } else if (member == "StartUnit" || member == "StopUnit") {
    answer_job(call, member == "StartUnit");
  } else {
    subscribed_ = subscribed_ || member == "Subscribe";
    REQUIRE(sd_bus_reply_method_return(call, "") >= 0);
  }
}

void FakeSystemd::answer_properties(sd_bus_message* call) {
  const Unit& unit = unit_of(call);
  sd_bus_message* reply = nullptr;
  REQUIRE(sd_bus_message_new_method_return(call, &reply) >= 0);
  REQUIRE(sd_bus_message_open_container(reply, 'a', "{sv}") >= 0);
  append_text(reply, "LoadState", unit.load_state);
  append_text(reply, "ActiveState", unit.active_state);
  REQUIRE(sd_bus_message_append(reply, "{sv}", "Job", "(uo)", unit.has_job ? 7U : 0U, "/") >= 0);
  REQUIRE(sd_bus_message_append(reply, "{sv}", "NeedDaemonReload", "b", 0) >= 0);
  REQUIRE(sd_bus_message_close_container(reply) >= 0);
  send(bus_, reply);
}

void FakeSystemd::answer_job(sd_bus_message* call, bool start) {
  const char* name = nullptr;
  REQUIRE(sd_bus_message_read(call, "s", &name) > 0);
  Unit& unit = units[name];
  if (start && unit.load_state != "loaded") {
    const sd_bus_error error{"org.freedesktop.systemd1.NoSuchUnit", "not found", 0};
    REQUIRE(sd_bus_reply_method_error(call, &error) >= 0);
    return;
  }
  const std::string job = "/org/freedesktop/systemd1/job/" + std::to_string(++jobs_);
  REQUIRE(sd_bus_reply_method_return(call, "o", job.c_str()) >= 0);
  if (unit.job_result == "done") unit.active_state = start ? unit.after_start : "inactive";
  if (subscribed_) tell_end_of_job(job, name);
}

void FakeSystemd::tell_end_of_job(const std::string& job, const std::string& unit) {
  sd_bus_message* signal = nullptr;
  REQUIRE(sd_bus_message_new_signal(bus_, &signal, "/org/freedesktop/systemd1", manager, "JobRemoved") >= 0);
  REQUIRE(sd_bus_message_set_sender(signal, "org.freedesktop.systemd1") >= 0);
  REQUIRE(sd_bus_message_append(signal, "uoss", 1U, job.c_str(), unit.c_str(), units[unit].job_result.c_str()) >= 0);
  send(bus_, signal);
}

void FakeSystemd::change(const std::string& unit, const std::string& active_state) {
  units[unit].active_state = active_state;
  const auto place = std::find(paths_.begin(), paths_.end(), unit) - paths_.begin();
  sd_bus_message* signal = nullptr;
  REQUIRE(sd_bus_message_new_signal(bus_, &signal, (path_start + std::to_string(place)).c_str(),
                                    "org.freedesktop.DBus.Properties", "PropertiesChanged") >= 0);
  REQUIRE(sd_bus_message_set_sender(signal, "org.freedesktop.systemd1") >= 0);
  REQUIRE(sd_bus_message_append(signal, "s", unit_interface) >= 0);
  REQUIRE(sd_bus_message_append(signal, "a{sv}", 1, "ActiveState", "s", active_state.c_str()) >= 0);
  REQUIRE(sd_bus_message_append(signal, "as", 0) >= 0);
  send(bus_, signal);
  sd_bus_flush(bus_);
}

}  // namespace duet::test
