// SPDX-License-Identifier: Apache-2.0
// See session.hpp.
#include "platform/process/session.hpp"

#include <dirent.h>

#include <charconv>
#include <cstring>
#include <memory>
#include <string>

#include "platform/process/read_file.hpp"

namespace duet {

namespace {

struct CloseDirectory {
  void operator()(DIR* open) const noexcept { closedir(open); }
};

/// A number of /proc/PID/stat by its place in proc(5), from 3 on; 0 if it cannot be read.
pid_t stat_field(pid_t pid, int wanted) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/stat", 4096);
  if (!text) return 0;
  auto at = text->rfind(')');
  for (int field = 2; at != std::string::npos && field < wanted; ++field) at = text->find(' ', at + 1);
  pid_t number = 0;
  if (at != std::string::npos) std::from_chars(text->data() + at + 1, text->data() + text->size(), number);
  return number;
}

constexpr int parent_field = 4;
constexpr int session_field = 6;

}  // namespace

std::vector<pid_t> processes_of_session(pid_t session) {
  std::vector<pid_t> found;
  const std::unique_ptr<DIR, CloseDirectory> proc{opendir("/proc")};
  if (!proc || session <= 1) return found;
  while (const dirent* entry = readdir(proc.get())) {
    pid_t pid = 0;
    const char* const end = entry->d_name + std::strlen(entry->d_name);
    const auto parsed = std::from_chars(entry->d_name, end, pid);
    if (parsed.ec == std::errc{} && parsed.ptr == end && stat_field(pid, session_field) == session)
      found.push_back(pid);
  }
  return found;
}

pid_t parent_of(pid_t pid) {
  return stat_field(pid, parent_field);
}

}  // namespace duet
