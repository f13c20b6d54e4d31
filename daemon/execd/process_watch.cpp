// SPDX-License-Identifier: Apache-2.0
// See process_watch.hpp.
#include "daemon/execd/process_watch.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "platform/process/child.hpp"

namespace duet::execd {

namespace {

/// The line "populated 1" of cgroup.events. Reading arms the next notification.
bool is_populated(int fd) {
  std::array<char, 256> text{};
  const ssize_t got = pread(fd, text.data(), text.size() - 1, 0);
  return got > 0 &&
         std::string_view{text.data(), static_cast<std::size_t>(got)}.find("populated 1") != std::string::npos;
}

}  // namespace

Result<std::unique_ptr<ProcessWatch>> ProcessWatch::of_process(Loop& loop, pid_t pid, Gone gone) {
  const auto start = start_time_of(pid);
  if (!start) return tl::unexpected{start.error()};
  auto process = open_process(pid, *start);
  if (!process) return tl::unexpected{process.error()};
  std::unique_ptr<ProcessWatch> made{new ProcessWatch{std::move(*process)}};
  auto watch = loop.watch(made->fd_.get(), POLLIN, [raw = made.get(), gone = std::move(gone)](short) {
    raw->watch_.reset();
    gone();
  });
  if (!watch) return tl::unexpected{watch.error()};
  made->watch_ = std::move(*watch);
  return made;
}

Result<std::unique_ptr<ProcessWatch>> ProcessWatch::of_cgroup(Loop& loop, const std::string& cgroup, Gone gone) {
  UniqueFd fd{open((cgroup + "/cgroup.events").c_str(), O_RDONLY | O_CLOEXEC)};
  if (!fd) return fail(Errc::backend, cgroup + ": " + std::strerror(errno));
  std::unique_ptr<ProcessWatch> made{new ProcessWatch{std::move(fd)}};
  auto watch = loop.watch(made->fd_.get(), POLLPRI, [raw = made.get(), gone = std::move(gone)](short) {
    if (is_populated(raw->fd_.get())) return;
    raw->watch_.reset();
    gone();
  });
  if (!watch) return tl::unexpected{watch.error()};
  made->watch_ = std::move(*watch);
  if (!is_populated(made->fd_.get())) return fail(Errc::not_found, cgroup + " is empty");
  return made;
}

}  // namespace duet::execd
