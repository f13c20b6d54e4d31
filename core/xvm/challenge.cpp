// SPDX-License-Identifier: Apache-2.0
// Challenge and response of the TCP phase.
#include "core/xvm/challenge.hpp"

#include "core/base/invariant.hpp"

namespace duet::xvm {

std::string_view to_string(Answer answer) {
  switch (answer) {
    case Answer::success:
      return "success";
    case Answer::failure:
      return "failure";
    case Answer::off:
      return "off";
    case Answer::denied:
      return "denied";
    case Answer::list_follows:
      return "list";
  }
  return "unknown";
}

Block respond(const Secret& secret, HashType type, const Block& challenge) {
  DUET_INVARIANT(type != HashType::none);
  return secret.digest(type, challenge);
}

bool response_is_right(const Secret& secret, HashType type, const Block& challenge, const Block& response) {
  return equal_constant_time(respond(secret, type, challenge), response);
}

}  // namespace duet::xvm
