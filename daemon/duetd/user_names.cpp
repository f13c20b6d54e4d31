// SPDX-License-Identifier: Apache-2.0
// /etc/passwd, read directly.
#include "daemon/duetd/user_names.hpp"

#include <grp.h>
#include <pwd.h>

#include <cstdio>
#include <memory>

namespace duet {
namespace {

struct CloseFile {
  void operator()(FILE* file) const noexcept { static_cast<void>(std::fclose(file)); }
};
using File = std::unique_ptr<FILE, CloseFile>;

}  // namespace

std::string user_name(uid_t uid) {
  const File file{std::fopen("/etc/passwd", "re")};
  while (file) {
    const passwd* const entry = fgetpwent(file.get());
    if (entry == nullptr) break;
    if (entry->pw_uid == uid) return entry->pw_name;
  }
  return "uid" + std::to_string(uid);
}

gid_t group_id(const std::string& name) {
  const File file{std::fopen("/etc/group", "re")};
  while (file) {
    const group* const entry = fgetgrent(file.get());
    if (entry == nullptr) break;
    if (name == entry->gr_name) return entry->gr_gid;
  }
  return static_cast<gid_t>(-1);
}

}  // namespace duet
