// SPDX-License-Identifier: Apache-2.0
// Lines appended to the trace file as they come.
#include "daemon/duetd/trace_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "platform/clock/clock.hpp"

namespace duet {

Result<TraceFile> TraceFile::open(const std::string& path) {
  UniqueFd file{::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640)};
  if (!file) return fail(Errc::storage, path, std::strerror(errno));
  return TraceFile{std::move(file)};
}

void TraceFile::write(const TraceEvent& event) const {
  const std::string line = to_json_line(event, boot_now().since_origin().count()) + "\n";
  // A trace that cannot be written must not disturb the cluster; the checkers notice a trace that ends.
  static_cast<void>(::write(file_.get(), line.data(), line.size()) > 0);
}

}  // namespace duet
