// SPDX-License-Identifier: Apache-2.0
// The result of a change as JSON.
#include "cli/render/result_json.hpp"

#include <nlohmann/json.hpp>

#include "cli/grammar/words.hpp"

namespace duet::cli {

std::string result_json(const ChangeResult& result) {
  nlohmann::ordered_json json;
  json["schema"] = "duet.result/1";
  json["changed"] = result.changed;
  json["dry_run"] = result.dry_run;
  json["commit"] = result.reply.position.index;
  json["epoch"] = result.reply.position.epoch;
  json["notes"] = result.reply.notes;
  json["preview"] = nlohmann::ordered_json::array();
  for (const auto line : split(result.reply.preview, '\n')) json["preview"].push_back(line);
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace duet::cli
