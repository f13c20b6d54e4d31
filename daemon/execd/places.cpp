// SPDX-License-Identifier: Apache-2.0
// See places.hpp.
#include "daemon/execd/places.hpp"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <sstream>

#include "daemon/execd/run_protocol.hpp"
#include "platform/clock/clock.hpp"
#include "platform/process/child.hpp"
#include "platform/process/read_file.hpp"
#include "platform/process/session.hpp"

namespace duet::execd {

namespace {

constexpr Duration kill_pause{5ms};
constexpr Duration sweep_pause{60s};

struct CloseDirectory {
  void operator()(DIR* open) const noexcept { closedir(open); }
};

std::vector<std::string> entries(const std::string& directory) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, CloseDirectory> open{opendir(directory.c_str())};
  if (!open) return names;
  while (const dirent* entry = readdir(open.get())) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  return names;
}

/// Session of the agent, from duet-run's pid file; 0 if there is none, or if the number has another owner by now. As
/// long as anything is left of a session its number is given to nobody else, so only a new leader must be looked for.
pid_t agent_session(const std::string& directory) {
  const auto text = read_file(directory + '/' + run::pid_file, 256);
  if (!text) return 0;
  std::istringstream words{*text};
  pid_t supervisor = 0;
  pid_t session = 0;
  std::uint64_t supervisor_start = 0;
  std::uint64_t start = 0;
  if (!(words >> supervisor >> supervisor_start >> session >> start) || session <= 1) return 0;
  const auto now = start_time_of(session);
  return now && start != 0 && *now != start ? 0 : session;
}

/// The part behind the last dash: boot-time nanoseconds at which the place was made.
std::uint64_t made_at(const std::string& name) {
  std::uint64_t time = 0;
  const auto dash = name.rfind('-');
  if (dash != std::string::npos) std::from_chars(name.data() + dash + 1, name.data() + name.size(), time);
  return time;
}

}  // namespace

Places::Places(Loop& loop, std::string directory)
    : loop_{loop},
      directory_{std::move(directory)},
      kill_timer_{loop, [this] { continue_kills(); }},
      sweep_timer_{loop, [this] { sweep(); }} {}

Result<std::unique_ptr<Places>> Places::open(Loop& loop, const Settings& settings) {
  for (const std::string& directory : {settings.run_directory, settings.operations(), settings.services()}) {
    const mode_t mode = directory == settings.run_directory ? 0755 : 0700;
    if (mkdir(directory.c_str(), mode) != 0 && errno != EEXIST) {
      return fail(Errc::storage, directory + ": " + std::strerror(errno));
    }
  }
  struct stat found {};
  if (lstat(settings.operations().c_str(), &found) != 0 || !S_ISDIR(found.st_mode) || found.st_uid != geteuid() ||
      (found.st_mode & 077) != 0) {
    return fail(Errc::not_permitted, settings.operations() + " must be a directory of root with mode 0700");
  }
  std::unique_ptr<Places> places{new Places{loop, settings.operations()}};
  if (auto tree = CgroupTree::create(settings.cgroup)) places->cgroups_ = std::move(*tree);
  if (places->cgroups_) {
    for (const std::string& name : places->cgroups_->list()) {
      const bool known = access((places->directory_ + '/' + name).c_str(), F_OK) == 0;
      if (!known && !CgroupTree::remove(places->cgroups_->path(name))) places->busy_cgroups_.insert(name);
    }
  }
  if (!places->busy_cgroups_.empty()) places->sweep_timer_.arm_in(sweep_pause);
  return places;
}

Place Places::place_named(const std::string& name) const {
  return {name, directory_ + '/' + name, cgroups_ ? cgroups_->path(name) : std::string{}};
}

Result<Place> Places::make(char kind, std::uint64_t run) {
  const Place place = place_named(kind + std::to_string(run) + '-' + std::to_string(boot_now().since_origin().count()));
  if (mkdir(place.directory.c_str(), 0700) != 0) {
    return fail(Errc::storage, place.directory + ": " + std::strerror(errno));
  }
  if (cgroups_) {
    if (auto made = cgroups_->make(place.name); !made) {
      rmdir(place.directory.c_str());
      return fail(Errc::storage, made.error().what);
    }
  }
  return place;
}

std::vector<Place> Places::found() const {
  std::vector<Place> places;
  for (const std::string& name : entries(directory_)) places.push_back(place_named(name));
  std::sort(places.begin(), places.end(),
            [](const Place& a, const Place& b) { return made_at(a.name) < made_at(b.name); });
  return places;
}

bool Places::kill_once(const Place& place) const {
  if (!place.cgroup.empty()) {
    CgroupTree::kill(place.cgroup);
    return CgroupTree::is_empty(place.cgroup);
  }
  const auto left = processes_of_session(agent_session(place.directory));
  for (const pid_t pid : left) ::kill(pid, SIGKILL);
  return left.empty();
}

void Places::kill(const Place& place, std::function<void()> done) {
  kills_.push_back({place, boot_now() + std::chrono::milliseconds{run::kill_patience_ms}, std::move(done)});
  kill_timer_.arm(Instant{});
}

void Places::continue_kills() {
  std::vector<Kill> ended;
  for (auto item = kills_.begin(); item != kills_.end();) {
    if (kill_once(item->place) || boot_now() >= item->deadline) {
      ended.push_back(std::move(*item));
      item = kills_.erase(item);
    } else {
      ++item;
    }
  }
  if (!kills_.empty()) kill_timer_.arm_in(kill_pause);
  for (Kill& item : ended) item.done();
}

void Places::discard(const Place& place) {
  for (const std::string& name : entries(place.directory)) unlink((place.directory + '/' + name).c_str());
  rmdir(place.directory.c_str());
  if (place.cgroup.empty() || CgroupTree::remove(place.cgroup)) return;
  busy_cgroups_.insert(place.name);
  if (!sweep_timer_.armed()) sweep_timer_.arm_in(sweep_pause);
}

void Places::sweep() {
  std::erase_if(busy_cgroups_, [&](const std::string& name) { return CgroupTree::remove(cgroups_->path(name)); });
  if (!busy_cgroups_.empty()) sweep_timer_.arm_in(sweep_pause);
}

std::optional<std::string> Places::cgroups() const {
  if (!cgroups_) return std::nullopt;
  return cgroups_->hierarchy();
}

}  // namespace duet::execd
