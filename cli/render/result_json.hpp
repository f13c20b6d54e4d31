// SPDX-License-Identifier: Apache-2.0
// The result of a change as JSON (schema duet.result/1).
#pragma once

#include <string>

#include "core/message/admin.hpp"

namespace duet::cli {

struct ChangeResult {
  bool changed = false;
  bool dry_run = false;
  AdminReply reply;
};
[[nodiscard]] std::string result_json(const ChangeResult& result);

}  // namespace duet::cli
