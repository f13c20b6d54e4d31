// SPDX-License-Identifier: Apache-2.0
// Calls of libcmap.
#include "platform/corosync/cmap.hpp"

#include <corosync/cmap.h>

#include <cstdlib>

#include "platform/corosync/cs_error.hpp"

namespace duet::corosync {

Result<std::unique_ptr<Cmap>> Cmap::connect() {
  cmap_handle_t handle = 0;
  if (auto done = check(cmap_initialize(&handle), "cmap_initialize"); !done) return tl::unexpected{done.error()};
  return std::unique_ptr<Cmap>{new Cmap{handle}};
}

Cmap::~Cmap() {
  static_cast<void>(cmap_finalize(handle_));
}

std::optional<std::string> Cmap::text(const std::string& key) const {
  char* value = nullptr;
  if (cmap_get_string(handle_, key.c_str(), &value) != CS_OK || value == nullptr) return std::nullopt;
  std::string copy{value};
  std::free(value);  // NOLINT: allocated by the library with malloc
  return copy;
}

std::optional<std::uint32_t> Cmap::number(const std::string& key) const {
  std::uint32_t value = 0;
  if (cmap_get_uint32(handle_, key.c_str(), &value) != CS_OK) return std::nullopt;
  return value;
}

}  // namespace duet::corosync
