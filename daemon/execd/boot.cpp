// SPDX-License-Identifier: Apache-2.0
// See boot.hpp.
#include "daemon/execd/boot.hpp"

#include <fcntl.h>

#include <charconv>

#include "core/base/digest.hpp"
#include "platform/process/child.hpp"
#include "platform/process/read_file.hpp"

namespace duet::execd {

Result<BootId> read_boot_id() {
  const auto kernel = read_file("/proc/sys/kernel/random/boot_id", 256);
  const auto machine = read_file("/etc/machine-id", 256);
  const auto init = start_time_of(1);
  if (!kernel) return fail(Errc::backend, kernel.error().what);
  if (!machine) return fail(Errc::backend, machine.error().what);
  if (!init) return fail(Errc::backend, init.error().what);
  return BootId{to_hex(sha256(as_bytes(*kernel + *machine + std::to_string(*init))))};
}

Result<std::uint32_t> StartCounter::next() {
  std::uint32_t count = 0;
  const auto text = read_file(file_, 256);
  if (text && text->starts_with(boot_.get() + ' ')) {
    std::from_chars(text->data() + boot_.get().size() + 1, text->data() + text->size(), count);
  }
  ++count;
  auto kept = replace_file(AT_FDCWD, file_, boot_.get() + ' ' + std::to_string(count) + '\n');
  if (!kept) return tl::unexpected{kept.error()};
  return count;
}

}  // namespace duet::execd
