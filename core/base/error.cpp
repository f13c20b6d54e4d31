// SPDX-License-Identifier: Apache-2.0
// Names of the error codes, as logs and JSON show them.
#include "core/base/error.hpp"

#include "core/base/invariant.hpp"

namespace duet {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
      return "invalid_argument";
    case Errc::not_found:
      return "not_found";
    case Errc::exists:
      return "exists";
    case Errc::unchanged:
      return "unchanged";
    case Errc::refused:
      return "refused";
    case Errc::no_quorum:
      return "no_quorum";
    case Errc::dangerous:
      return "dangerous";
    case Errc::invalid_config:
      return "invalid_config";
    case Errc::not_permitted:
      return "not_permitted";
    case Errc::busy:
      return "busy";
    case Errc::timeout:
      return "timeout";
    case Errc::unknown_result:
      return "unknown_result";
    case Errc::not_running:
      return "not_running";
    case Errc::disconnected:
      return "disconnected";
    case Errc::malformed:
      return "malformed";
    case Errc::limit:
      return "limit";
    case Errc::try_again:
      return "try_again";
    case Errc::backend:
      return "backend";
    case Errc::storage:
      return "storage";
  }
  invariant_failed("Errc out of range", __FILE__, __LINE__);
}

}  // namespace duet
