// SPDX-License-Identifier: Apache-2.0
// See outcome_text.hpp.
#include "core/model/outcome_text.hpp"

#include "core/base/invariant.hpp"

namespace duet {

std::optional<std::string_view> exit_code_text(std::int32_t code) {
  switch (code) {
    case 0:
      return "ok";
    case 1:
      return "error";
    case 2:
      return "invalid parameter";
    case 3:
      return "unimplemented feature";
    case 4:
      return "insufficient privileges";
    case 5:
      return "not installed";
    case 6:
      return "not configured";
    case 7:
      return "not running";
    case 8:
      return "promoted";
    case 9:
      return "promoted (failed)";
    case 190:
      return "OCF_DEGRADED";
    case 191:
      return "promoted (degraded)";
    default:
      return std::nullopt;
  }
}

std::string_view agent_action(Action action) {
  switch (action) {
    case Action::probe:
    case Action::monitor:
      return "monitor";
    case Action::start:
      return "start";
    case Action::stop:
      return "stop";
  }
  invariant_failed("Action out of range", __FILE__, __LINE__);
}

}  // namespace duet
