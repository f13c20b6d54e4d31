// SPDX-License-Identifier: Apache-2.0
// See unit_manager.hpp.
#include "platform/units/unit_manager.hpp"

#include <systemd/sd-bus.h>

#include <algorithm>
#include <utility>

#include "core/base/bytes.hpp"
#include "core/base/digest.hpp"

namespace duet::units {

namespace {

constexpr const char* manager_path = "/org/freedesktop/systemd1";
constexpr const char* manager_interface = "org.freedesktop.systemd1.Manager";
constexpr const char* unit_interface = "org.freedesktop.systemd1.Unit";
constexpr const char* properties_interface = "org.freedesktop.DBus.Properties";
constexpr Duration subscribe_pause{200ms};

/// Properties of a unit that are of interest, as a{sv} brings them.
struct Properties {
  UnitState state;
  bool saw_invocation = false;
};

int read_text(sd_bus_message* message, std::string& out) {
  const char* text = nullptr;
  const int rc = sd_bus_message_read(message, "v", "s", &text);
  if (rc >= 0 && text != nullptr) out = text;
  return rc;
}

int read_invocation(sd_bus_message* message, std::string& out) {
  int rc = sd_bus_message_enter_container(message, 'v', "ay");
  if (rc < 0) return rc;
  const void* data = nullptr;
  std::size_t size = 0;
  rc = sd_bus_message_read_array(message, 'y', &data, &size);
  if (rc < 0) return rc;
  out = size == 0 ? std::string{} : to_hex(ByteView{static_cast<const std::uint8_t*>(data), size});
  return sd_bus_message_exit_container(message);
}

int read_property(sd_bus_message* message, std::string_view name, Properties& into) {
  if (name == "LoadState") return read_text(message, into.state.load_state);
  if (name == "ActiveState") return read_text(message, into.state.active_state);
  if (name == "SubState") return read_text(message, into.state.sub_state);
  if (name == "Description") return read_text(message, into.state.description);
  if (name == "InvocationID") {
    into.saw_invocation = true;
    return read_invocation(message, into.state.invocation);
  }
  if (name == "Job") {
    std::uint32_t id = 0;
    const char* path = nullptr;
    const int rc = sd_bus_message_read(message, "v", "(uo)", &id, &path);
    into.state.has_job = id != 0;
    return rc;
  }
  if (name == "NeedDaemonReload") {
    int value = 0;
    const int rc = sd_bus_message_read(message, "v", "b", &value);
    into.state.needs_reload = value != 0;
    return rc;
  }
  return sd_bus_message_skip(message, "v");
}

/// a{sv}
bool read_properties(sd_bus_message* message, Properties& into) {
  if (sd_bus_message_enter_container(message, 'a', "{sv}") < 0) return false;
  int rc = 0;
  while ((rc = sd_bus_message_enter_container(message, 'e', "sv")) > 0) {
    const char* name = nullptr;
    if (sd_bus_message_read(message, "s", &name) < 0 || read_property(message, name, into) < 0 ||
        sd_bus_message_exit_container(message) < 0) {
      return false;
    }
  }
  return rc >= 0 && sd_bus_message_exit_container(message) >= 0;
}

Call manager_call(const char* member) {
  return {manager_path, manager_interface, member};
}

}  // namespace

UnitManager::UnitManager(Loop& loop)
    : subscribe_again_{loop, [this] { subscribe(); }},
      bus_{loop,
           {.connected =
                [this] {
                  // Before any job is begun, or a quick one would be missed.
                  bus_.subscribe(manager_interface, "JobRemoved");
                  bus_.subscribe(properties_interface, "PropertiesChanged");
                  missed_signals_ = false;
                  subscribe();
                  each_observer([](const Observers& observer) { observer.connected(); });
                },
            .lost = [this] { each_observer([](const Observers& observer) { observer.lost(); }); },
            .signal = [this](sd_bus_message* message) { take_signal(message); }}} {}

/// Without it systemd sends no signal: every job would seem to take until its time-out.
void UnitManager::subscribe() {
  bus_.call(manager_call("Subscribe"), [this](const Result<sd_bus_message*>& answer) {
    if (!answer && answer.error().code != Errc::busy) {
      missed_signals_ = true;
      return subscribe_again_.arm_in(subscribe_pause);
    }
    if (!std::exchange(missed_signals_, false)) return;
    each_observer([](const Observers& observer) { observer.lost(); });
    each_observer([](const Observers& observer) { observer.connected(); });
  });
}

std::shared_ptr<const UnitManager::Observers> UnitManager::observe(Observers observers) {
  auto made = std::make_shared<const Observers>(std::move(observers));
  observers_.push_back(made);
  return made;
}

void UnitManager::each_observer(const std::function<void(const Observers&)>& visit) {
  std::erase_if(observers_, [](const auto& observer) { return observer.expired(); });
  const auto now = observers_;  // a callback may add one
  for (const auto& weak : now) {
    if (const auto observer = weak.lock()) visit(*observer);
  }
}

void UnitManager::query(const std::string& unit, std::function<void(const Result<UnitState>&)> done) {
  Call call = manager_call("LoadUnit");
  call.append = [&unit](sd_bus_message* message) { return sd_bus_message_append(message, "s", unit.c_str()); };
  bus_.call(call, [this, done = std::move(done)](Result<sd_bus_message*> answer) {
    if (!answer) return done(tl::unexpected{answer.error()});
    const char* path = nullptr;
    if (sd_bus_message_read(*answer, "o", &path) < 0) return done(fail(Errc::backend, "answer to LoadUnit"));
    get_state(path, done);
  });
}

void UnitManager::get_state(const std::string& path, std::function<void(const Result<UnitState>&)> done) {
  Call call{path, properties_interface, "GetAll"};
  call.append = [](sd_bus_message* message) { return sd_bus_message_append(message, "s", unit_interface); };
  bus_.call(call, [path, done = std::move(done)](Result<sd_bus_message*> answer) {
    if (!answer) return done(tl::unexpected{answer.error()});
    Properties properties;
    if (!read_properties(*answer, properties)) return done(fail(Errc::backend, "properties of a unit"));
    properties.state.path = path;
    const UnitState& state = properties.state;
    // What runs while its file was removed or broken is there all the same: it can be stopped, and must be.
    const bool down = state.active_state == "inactive" || state.active_state == "failed";
    if (!state.has_file() && down) return done(fail(Errc::not_found, "the unit is " + state.load_state));
    done(state);
  });
}

void UnitManager::main_process(const std::string& path, std::function<void(const Result<std::uint32_t>&)> done) {
  Call call{path, properties_interface, "Get"};
  call.append = [](sd_bus_message* message) {
    return sd_bus_message_append(message, "ss", "org.freedesktop.systemd1.Service", "MainPID");
  };
  bus_.call(call, [done = std::move(done)](Result<sd_bus_message*> answer) {
    if (!answer) return done(tl::unexpected{answer.error()});
    std::uint32_t pid = 0;
    if (sd_bus_message_read(*answer, "v", "u", &pid) < 0) return done(fail(Errc::backend, "MainPID"));
    done(pid);
  });
}

void UnitManager::begin_job(JobKind kind, const std::string& unit,
                            std::function<void(const Result<std::string>&)> done) {
  Call call = manager_call(kind == JobKind::start ? "StartUnit" : "StopUnit");
  const char* const mode = kind == JobKind::stop_now ? "ignore-dependencies" : "replace";
  call.append = [&unit, mode](sd_bus_message* message) {
    return sd_bus_message_append(message, "ss", unit.c_str(), mode);
  };
  bus_.call(call, [done = std::move(done)](Result<sd_bus_message*> answer) {
    if (!answer) return done(tl::unexpected{answer.error()});
    const char* job = nullptr;
    if (sd_bus_message_read(*answer, "o", &job) < 0) return done(fail(Errc::backend, "answer to StartUnit"));
    done(std::string{job});
  });
}

void UnitManager::cancel_job(const std::string& job) {
  Call call{job, "org.freedesktop.systemd1.Job", "Cancel"};
  bus_.call(call, [](const Result<sd_bus_message*>&) {});
}

void UnitManager::reload(std::function<void(const Result<void>&)> done) {
  reload_waiting_.push_back(std::move(done));
  if (!reload_runs_) run_reload();
}

void UnitManager::run_reload() {
  reload_runs_ = true;
  auto waiting = std::make_shared<std::vector<std::function<void(const Result<void>&)>>>();
  waiting->swap(reload_waiting_);
  Call call = manager_call("Reload");
  call.timeout = 60s;  // many generators on a busy machine
  bus_.call(call, [this, waiting](const Result<sd_bus_message*>& answer) {
    reload_runs_ = false;
    // Those that came after this one began may have written their files too late for it.
    if (!reload_waiting_.empty()) run_reload();
    const Result<void> result = answer ? Result<void>{} : Result<void>{tl::unexpected{answer.error()}};
    for (const auto& done : *waiting) done(result);
  });
}

void UnitManager::take_signal(sd_bus_message* message) {
  if (sd_bus_message_is_signal(message, manager_interface, "JobRemoved") > 0) return take_job_removed(message);
  if (sd_bus_message_is_signal(message, properties_interface, "PropertiesChanged") > 0) take_change(message);
}

void UnitManager::take_job_removed(sd_bus_message* message) {
  std::uint32_t id = 0;
  const char* job = nullptr;
  const char* unit = nullptr;
  const char* result = nullptr;
  if (sd_bus_message_read(message, "uoss", &id, &job, &unit, &result) < 0) return;
  const std::string path = job;
  const std::string word = result;
  each_observer([&](const Observers& observer) { observer.job_removed(path, word); });
}

void UnitManager::take_change(sd_bus_message* message) {
  const char* interface = nullptr;
  if (sd_bus_message_read(message, "s", &interface) < 0 || std::string_view{interface} != unit_interface) return;
  Properties properties;
  const char* const path = sd_bus_message_get_path(message);
  if (path == nullptr || !read_properties(message, properties)) return;
  const UnitChange change{path, properties.state.active_state, properties.state.sub_state, properties.state.invocation};
  if (change.active_state.empty() && change.sub_state.empty() && change.invocation.empty()) return;
  each_observer([&](const Observers& observer) { observer.unit_changed(change); });
}

}  // namespace duet::units
