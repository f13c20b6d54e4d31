// SPDX-License-Identifier: Apache-2.0
// Which codes mean "call again later"; all others are failures in the words of corosync.
#include "platform/corosync/cs_error.hpp"

#include <string>

namespace duet::corosync {

Result<void> check(cs_error_t code, std::string_view call) {
  if (code == CS_OK) return {};
  const bool later = code == CS_ERR_TRY_AGAIN || code == CS_ERR_QUEUE_FULL;
  return fail(later ? Errc::try_again : Errc::backend, std::string{call}, cs_strerror(code));
}

}  // namespace duet::corosync
