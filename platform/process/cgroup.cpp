// SPDX-License-Identifier: Apache-2.0
// See cgroup.hpp.
#include "platform/process/cgroup.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <memory>

#include "platform/loop/unique_fd.hpp"
#include "platform/process/read_file.hpp"
#include "platform/process/session.hpp"

namespace duet {

namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return parts;
}

struct Mount {
  std::string_view root;   ///< of the hierarchy, what is mounted here
  std::string_view point;  ///< where
  std::string_view options;
  bool unified = false;
};

std::vector<Mount> cgroup_mounts(std::string_view mountinfo) {
  std::vector<Mount> mounts;
  for (const std::string_view line : split(mountinfo, '\n')) {
    const auto fields = split(line, ' ');
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (fields.size() < 7 || fields.end() - dash < 4) continue;
    const bool unified = dash[1] == "cgroup2";
    if (unified || dash[1] == "cgroup") mounts.push_back({fields[3], fields[4], dash[3], unified});
  }
  return mounts;
}

bool has_option(std::string_view options, std::string_view wanted) {
  const auto parts = split(options, ',');
  return std::find(parts.begin(), parts.end(), wanted) != parts.end();
}

/// `path` seen from a mount of `root`; nothing if it is not below it.
std::optional<std::string> below(std::string_view path, std::string_view root) {
  if (root == "/") return std::string{path == "/" ? "" : path};
  if (path == root) return std::string{};
  if (path.starts_with(root) && path[root.size()] == '/') return std::string{path.substr(root.size())};
  return std::nullopt;
}

/// Better ones are lower: systemd's own hierarchy is delegated with the unit; the others are a way out.
int preference(const CgroupPlace& place) {
  if (place.hierarchy == "unified") return 0;
  if (place.hierarchy == "name=systemd") return 1;
  return place.hierarchy == "pids" ? 2 : 3;
}

std::vector<pid_t> processes(const std::string& directory) {
  std::vector<pid_t> found;
  const auto text = read_file(directory + "/cgroup.procs");
  if (!text) return found;
  for (const std::string_view line : split(*text, '\n')) {
    pid_t pid = 0;
    // 0 stands for a process of another namespace; 1 must never be hit.
    if (std::from_chars(line.data(), line.data() + line.size(), pid).ec == std::errc{} && pid > 1) found.push_back(pid);
  }
  return found;
}

/// The cgroups right below one. An agent may make some: container engines do.
std::vector<std::string> below_cgroup(const std::string& directory) {
  std::vector<std::string> found;
  struct Close {
    void operator()(DIR* open) const noexcept { closedir(open); }
  };
  const std::unique_ptr<DIR, Close> open{opendir(directory.c_str())};
  if (!open) return found;
  while (const dirent* entry = readdir(open.get())) {
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.') found.push_back(directory + '/' + entry->d_name);
  }
  return found;
}

}  // namespace

std::vector<CgroupPlace> cgroup_places(std::string_view mountinfo, std::string_view cgroup) {
  std::vector<CgroupPlace> places;
  const auto mounts = cgroup_mounts(mountinfo);
  for (const std::string_view line : split(cgroup, '\n')) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    const std::string_view hierarchy = line.substr(first + 1, second - first - 1);
    const std::string_view path = line.substr(second + 1);
    for (const Mount& mount : mounts) {
      const bool same =
          hierarchy.empty() ? mount.unified : !mount.unified && has_option(mount.options, split(hierarchy, ',')[0]);
      const auto relative = same ? below(path, mount.root) : std::nullopt;
      if (!relative) continue;
      places.push_back({std::string{mount.point} + *relative, hierarchy.empty() ? "unified" : std::string{hierarchy}});
      break;
    }
  }
  std::stable_sort(places.begin(), places.end(),
                   [](const CgroupPlace& a, const CgroupPlace& b) { return preference(a) < preference(b); });
  return places;
}

Result<CgroupTree> CgroupTree::create(const std::string& name) {
  const auto mountinfo = read_file("/proc/self/mountinfo");
  const auto own = read_file("/proc/self/cgroup");
  if (!mountinfo || !own) return fail(Errc::not_permitted, "cannot read /proc/self/cgroup");
  for (const CgroupPlace& place : cgroup_places(*mountinfo, *own)) {
    const std::string root = place.directory + '/' + name;
    if (mkdir(root.c_str(), 0755) != 0 && errno != EEXIST) continue;
    // It may exist and belong to another mount of a hybrid set-up where nothing can be put in: try it.
    const std::string trial = root + "/trial";
    if (mkdir(trial.c_str(), 0755) != 0 && errno != EEXIST) continue;
    const bool usable = access((trial + "/cgroup.procs").c_str(), W_OK) == 0;
    rmdir(trial.c_str());
    if (usable) return CgroupTree{root, place.hierarchy};
  }
  return fail(Errc::not_permitted, "no cgroup can be made below the own one");
}

Result<std::string> CgroupTree::make(const std::string& name) {
  std::string directory = path(name);
  if (mkdir(directory.c_str(), 0755) == 0 || errno == EEXIST) return directory;
  return fail(Errc::backend, directory + ": " + std::strerror(errno));
}

void CgroupTree::kill(const std::string& directory) {
  const UniqueFd all{open((directory + "/cgroup.kill").c_str(), O_WRONLY | O_CLOEXEC)};
  if (all && write(all.get(), "1", 1) == 1) return;
  for (const pid_t pid : processes(directory)) ::kill(pid, SIGKILL);
  for (const std::string& lower : below_cgroup(directory)) kill(lower);
}

bool CgroupTree::is_empty(const std::string& directory) {
  // Version 2 knows of what is below, version 1 has no such file.
  if (const auto events = read_file(directory + "/cgroup.events", 4096)) {
    return events->find("populated 1") == std::string::npos;
  }
  const auto lower = below_cgroup(directory);
  return processes(directory).empty() && std::all_of(lower.begin(), lower.end(), is_empty);
}

pid_t CgroupTree::main_process(const std::string& directory) {
  const std::vector<pid_t> all = processes(directory);
  pid_t main = 0;
  for (const pid_t pid : all) {
    const pid_t parent = parent_of(pid);
    if (parent == 0 || std::find(all.begin(), all.end(), parent) != all.end()) continue;
    if (main != 0) return 0;
    main = pid;
  }
  return main;
}

bool CgroupTree::remove(const std::string& directory) {
  if (rmdir(directory.c_str()) == 0 || errno == ENOENT) return true;
  if (!is_empty(directory)) return false;
  for (const std::string& lower : below_cgroup(directory)) {
    if (!remove(lower)) return false;
  }
  return rmdir(directory.c_str()) == 0 || errno == ENOENT;
}

std::vector<std::string> CgroupTree::list() const {
  std::vector<std::string> names;
  struct Close {
    void operator()(DIR* open) const noexcept { closedir(open); }
  };
  const std::unique_ptr<DIR, Close> directory{opendir(root_.c_str())};
  if (!directory) return names;
  while (const dirent* entry = readdir(directory.get())) {
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  return names;
}

}  // namespace duet
