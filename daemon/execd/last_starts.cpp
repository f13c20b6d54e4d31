// SPDX-License-Identifier: Apache-2.0
// See last_starts.hpp. A file is the path of the cgroup, a newline, and the encoded order.
#include "daemon/execd/last_starts.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "core/codec/exec_codec.hpp"
#include "platform/log/log.hpp"
#include "platform/process/read_file.hpp"

namespace duet::execd {

LastStarts::LastStarts(std::string directory) : directory_{std::move(directory)} {
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator{directory_, none}) {
    const auto text = read_file(entry.path().string());
    const auto line_end = text ? text->find('\n') : std::string::npos;
    if (line_end == std::string::npos) continue;
    auto request = decode_exec_request(as_bytes(std::string_view{*text}.substr(line_end + 1)));
    auto* const order = request ? std::get_if<RunAgent>(&*request) : nullptr;
    if (order == nullptr || order->resource != entry.path().filename().string()) {
      log::write(log::Level::warning, "cannot be read: " + entry.path().string());
      continue;
    }
    const ObjectId resource = order->resource;
    starts_.insert_or_assign(resource, Start{std::move(*order), text->substr(0, line_end)});
  }
}

Result<void> LastStarts::remember(const RunAgent& start, const std::string& cgroup) {
  const Bytes order = encode(ExecRequest{start});
  std::string text = cgroup + '\n';
  text.append(order.begin(), order.end());
  if (auto kept = replace_file(AT_FDCWD, file(start.resource), text); !kept) return kept;
  starts_.insert_or_assign(start.resource, Start{start, cgroup});
  return {};
}

void LastStarts::forget(const ObjectId& resource) {
  if (starts_.erase(resource) != 0) unlink(file(resource).c_str());
}

const LastStarts::Start* LastStarts::find(const ObjectId& resource) const {
  const auto found = starts_.find(resource);
  return found == starts_.end() ? nullptr : &found->second;
}

RunAgent LastStarts::in_force(RunAgent order) const {
  const Start* const start = order.action == Action::start ? nullptr : find(order.resource);
  if (start == nullptr) return order;
  order.agent = start->order.agent;
  order.parameters = start->order.parameters;
  return order;
}

bool LastStarts::differs(const RunAgent& order) const {
  const Start* const start = find(order.resource);
  return start != nullptr && (start->order.agent != order.agent || start->order.parameters != order.parameters);
}

}  // namespace duet::execd
