// SPDX-License-Identifier: Apache-2.0
// setresuid(2), capabilities(7), seccomp(2).
#include "daemon/virtd/privileges.hpp"

#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace duet::virtd {

namespace {

Error last_error(const std::string& what) {
  return Error{Errc::backend, what, std::strerror(errno)};
}

Result<passwd> find_user(const std::string& name) {
  errno = 0;
  const passwd* found = getpwnam(name.c_str());
  if (found == nullptr) {
    return fail(Errc::not_found, "user " + name, errno != 0 ? std::strerror(errno) : "there is no such user",
                "systemd-sysusers, or: useradd --system --no-create-home --shell /usr/sbin/nologin " + name);
  }
  return *found;
}

/// Every capability out of the bounding, inheritable, permitted and effective sets.
Result<void> drop_capabilities() {
  for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    // Without CAP_SETPCAP the bounding set stays; it gives nothing to a process that may gain no rights.
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno != EPERM) {
      return tl::unexpected{last_error("capability bounding set")};
    }
  }
  static_cast<void>(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
  if (syscall(SYS_capset, &header, none.data()) != 0) return tl::unexpected{last_error("capset")};
  return {};
}

Result<void> seal() {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return tl::unexpected{last_error("no new privileges")};
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return tl::unexpected{last_error("not dumpable")};
  return {};
}

}  // namespace

Result<void> become(const std::string& user) {
  const auto entry = find_user(user);
  if (!entry) return tl::unexpected{entry.error()};
  if (entry->pw_uid == 0) return fail(Errc::refused, "user " + user, "it is root");
  if (setgroups(0, nullptr) != 0) return tl::unexpected{last_error("setgroups")};
  if (setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) != 0) return tl::unexpected{last_error("setresgid")};
  // The bounding set first: it needs a capability that goes with the user.
  for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    static_cast<void>(prctl(PR_CAPBSET_DROP, capability, 0, 0, 0));
  }
  if (setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid) != 0) return tl::unexpected{last_error("setresuid")};
  if (auto dropped = drop_capabilities(); !dropped) return dropped;
  if (setresuid(0, 0, 0) == 0) return fail(Errc::backend, "giving root away", "it came back");
  return seal();
}

Result<void> become_helper(const std::string& user) {
  if (!user.empty()) {
    const auto entry = find_user(user);
    if (!entry) return tl::unexpected{entry.error()};
    if (initgroups(user.c_str(), entry->pw_gid) != 0) return tl::unexpected{last_error("initgroups")};
    if (setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) != 0) return tl::unexpected{last_error("setresgid")};
    if (setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid) != 0) return tl::unexpected{last_error("setresuid")};
  }
  if (auto dropped = drop_capabilities(); !dropped) return dropped;
  return seal();
}

Result<void> only_local_sockets() {
#if defined(__x86_64__)
  constexpr std::uint32_t machine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
  constexpr std::uint32_t machine = AUDIT_ARCH_AARCH64;
#else
  constexpr std::uint32_t machine = 0;
#endif
  if (machine == 0) return fail(Errc::refused, "no network for the helper", "not known for this processor");
  // Calls of another machine's numbering (32-bit programs) are refused altogether. The x32 bit of x86-64 makes a number
  // that is none of ours; SYS_socket with it is refused by kernels without x32, which are all of Debian's.
  std::array<sock_filter, 8> code{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, machine, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 2),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  std::array<sock_filter, 9> whole{};
  std::copy(code.begin(), code.end(), whole.begin());
  whole[8] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT);
  const sock_fprog filter{static_cast<unsigned short>(whole.size()), whole.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return tl::unexpected{last_error("no new privileges")};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) return tl::unexpected{last_error("seccomp")};
  return {};
}

}  // namespace duet::virtd
