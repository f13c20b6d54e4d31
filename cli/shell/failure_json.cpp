// SPDX-License-Identifier: Apache-2.0
// Failures as JSON. Kept apart, so that only this file needs the JSON library.
#include "cli/shell/failure_json.hpp"

#include <nlohmann/json.hpp>

namespace duet::cli {

std::string failure_json(const Failure& failure) {
  nlohmann::ordered_json json;
  json["schema"] = "duet.error/1";
  json["code"] = static_cast<int>(failure.code);
  json["id"] = failure.id;
  json["message"] = failure.what;
  json["cause"] = failure.why;
  json["fixes"] = failure.fix.empty() ? nlohmann::ordered_json::array() : nlohmann::ordered_json::array({failure.fix});
  json["details"] = failure.detail;
  json["subject"] = nlohmann::ordered_json::object();
  if (!failure.subject.empty()) json["subject"]["id"] = failure.subject;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace duet::cli
