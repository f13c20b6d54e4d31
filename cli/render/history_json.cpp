// SPDX-License-Identifier: Apache-2.0
// Commits as JSON.
#include "cli/render/history_json.hpp"

#include <nlohmann/json.hpp>

#include "cli/render/time_text.hpp"

namespace duet::cli {

std::string history_json(const HistoryReply& history) {
  nlohmann::ordered_json json{{"schema", "duet.history/1"}, {"commits", nlohmann::ordered_json::array()}};
  for (const auto& item : history.items) {
    json["commits"].push_back({{"commit", item.position.index},
                               {"epoch", item.position.epoch},
                               {"hash", item.hash},
                               {"time", item.unix_ms == 0 ? "" : iso_time_ms(item.unix_ms)},
                               {"author", item.author},
                               {"command", item.command}});
  }
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace duet::cli
