// SPDX-License-Identifier: Apache-2.0
// Status as JSON: snake_case, enumerations in lower case, times RFC 3339, every key always present.
#include "cli/render/status_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/commands/arguments.hpp"
#include "cli/grammar/words.hpp"
#include "cli/render/status_lines.hpp"
#include "cli/render/time_text.hpp"
#include "core/base/ascii.hpp"
#include "core/model/text.hpp"

namespace duet::cli {

namespace {

using Json = nlohmann::ordered_json;

Json node_json(const NodeStatus& node) {
  std::string word = ascii_lower(node.state);
  word = word.substr(0, word.find(' '));
  return {{"name", node.name},
          {"id", node.id.get()},
          {"state", node.unclean ? "unclean" : word},
          {"online", node.online},
          {"dc", node.dc},
          {"standby", node.standby},
          {"maintenance", node.maintenance},
          {"pending", node.pending},
          {"unclean", node.unclean},
          {"leaving", node.leaving},
          {"boot", node.boot},
          {"reason", node.why}};
}

Json item_json(const ItemStatus& item) {
  Json counts = Json::object();
  for (const auto& [node, count] : item.fail_counts) counts[node] = count;
  const bool unclean = std::find(item.flags.begin(), item.flags.end(), "UNCLEAN") != item.flags.end();
  return {{"id", item.id},
          {"type", "primitive"},
          {"agent", item.agent},
          {"role", ascii_lower(item.role)},
          {"node", item.nodes.empty() ? "" : item.nodes.front()},
          {"nodes", item.nodes},
          {"managed", item.managed},
          {"disabled", item.disabled},
          {"failed", item.failed},
          {"blocked", item.blocked},
          {"unclean", unclean},
          {"fail_count", counts},
          {"reason", item.reason}};
}

Json fence_json(const FenceLine& line) {
  const auto& event = line.event;
  Json json{{"target", line.target},
            {"by", line.by},
            {"action", to_string(event.action)},
            {"cause", to_string(event.cause)},
            {"device", event.device},
            {"detail", event.detail},
            {"attempts", event.attempts},
            {"time", event.unix_ms == 0 ? "" : iso_time_ms(event.unix_ms)}};
  json["outcome"] = line.progress ? "pending" : std::string{to_string(event.outcome)};
  json["step"] = line.progress ? line.progress->step : "";
  json["last_error"] = line.progress ? line.progress->last_error : "";
  json["next_try_ms"] = line.progress ? line.progress->next_try_ms : 0;
  return json;
}

Json list_json(const std::vector<FenceLine>& lines) {
  Json json = Json::array();
  for (const auto& line : lines) json.push_back(fence_json(line));
  return json;
}

Json resources_json(const StatusModel& model) {
  Json json = Json::array();
  for (const auto& group : model.resources) {
    if (group.items.empty() || is_device(group.items.front())) continue;
    if (group.id.empty()) {
      json.push_back(item_json(group.items.front()));
      continue;
    }
    Json members = Json::array();
    for (const auto& item : group.items) members.push_back(item_json(item));
    json.push_back({{"id", group.id},
                    {"type", "group"},
                    {"disabled", group.disabled},
                    {"managed", !group.unmanaged},
                    {"members", std::move(members)}});
  }
  return json;
}

Json devices_json(const StatusModel& model) {
  Json json = Json::array();
  for (const auto& group : model.resources) {
    for (const auto& item : group.items) {
      if (!is_device(item)) continue;
      json.push_back({{"id", item.id},
                      {"agent", item.agent},
                      {"state", item.disabled            ? "disabled"
                                : item.role == "Started" ? "healthy"
                                : item.role == "FAILED"  ? "failed"
                                                         : "unproven"},
                      {"healthy", item.role == "Started"},
                      {"node", item.nodes.empty() ? "" : item.nodes.front()},
                      {"note", item.note},
                      {"reason", item.reason}});
    }
  }
  return json;
}

Json failed_json(const StatusModel& model) {
  Json json = Json::array();
  for (const auto& action : model.failed_actions) {
    json.push_back({{"resource", action.resource},
                    {"action", action.action},
                    {"interval", operation_time(action.interval)},
                    {"node", action.node},
                    {"status", to_string(action.outcome.status)},
                    {"exit_code", action.outcome.exit_code},
                    {"reason", action.outcome.reason},
                    {"time", iso_time_ms(action.outcome.unix_ms)},
                    {"took_ms", action.outcome.took_ms},
                    {"count", action.count}});
  }
  return json;
}

}  // namespace

std::string status_json(const StatusModel& model, const StatusOptions& options) {
  Json json;
  json["schema"] = "duet.status/1";
  json["time"] = iso_time_ms(model.now_unix_ms);
  json["from"] = model.from;
  json["version"] = model.version;
  json["cluster"] = {{"name", model.cluster}};
  json["health"] = {{"state", ascii_lower(to_string(model.health))}, {"reasons", Json::array()}};
  for (const auto& reason : model.reasons) {
    json["health"]["reasons"].push_back(
        {{"state", ascii_lower(to_string(reason.level))}, {"text", reason.text}, {"next", reason.next}});
  }
  json["dc"] = model.dc.value_or("");
  json["quorate"] = model.quorate;
  json["waiting_for_all"] = model.waiting_for_all;
  json["commit"] = model.commit.index;
  json["epoch"] = model.commit.epoch;
  json["solo"] = model.solo;
  json["last_change"] = {{"time", model.changed_unix_ms == 0 ? "" : iso_time_ms(model.changed_unix_ms)},
                         {"by", model.changed_by},
                         {"on", model.changed_on},
                         {"command", model.changed_command}};
  json["options"] = {{"stonith_enabled", model.stonith_enabled}, {"maintenance_mode", model.maintenance_mode}};
  json["nodes"] = Json::array();
  for (const auto& node : model.nodes) json["nodes"].push_back(node_json(node));
  json["resources"] = resources_json(model);
  json["fencing"] = {{"devices", devices_json(model)},
                     {"pending", list_json(model.pending_fencing)},
                     {"history", list_json(model.fencing_history)}};
  json["failed_actions"] = failed_json(model);
  json["bans"] = Json::array();
  for (const auto& ban : model.bans) {
    json["bans"].push_back({{"id", ban.id}, {"resource", ban.resource}, {"node", ban.node}});
  }
  json["warnings"] = model.warnings;
  json["daemons"] = Json::array();
  for (const auto& daemon : options.daemons) {
    json["daemons"].push_back({{"name", daemon.name}, {"active", daemon.active}, {"enabled", daemon.enabled}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace duet::cli
