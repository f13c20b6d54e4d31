// SPDX-License-Identifier: Apache-2.0
// A configuration file in the place of duetd. Edits go through core/admin, so that a file takes and refuses exactly
// what the cluster would.
#include <fcntl.h>
#include <fmt/core.h>

#include "cli/render/config_text.hpp"
#include "cli/shell/config_file.hpp"
#include "core/admin/admin.hpp"
#include "core/base/escape.hpp"
#include "platform/process/read_file.hpp"

namespace duet::cli {

namespace {

constexpr std::size_t largest_file = 16UL * 1024 * 1024;  // 1,000 resources take about 1 MiB

class FileConnection final : public Connection {
 public:
  FileConnection(std::string path, ClusterConfig config) : path_{std::move(path)} {
    view_.generation = 1;
    show(std::move(config));
    if (!view_.effective.nodes.empty()) {
      view_.self = view_.effective.nodes.front().id;
      view_.node_name = view_.effective.nodes.front().name;
    }
  }

  Outcome<IpcReplyBody> call(IpcRequestBody body, const CallOptions& /*options*/) override {
    if (std::holds_alternative<GetCluster>(body)) {
      // No device of a file can be asked: whether one has ever answered is not what is wrong with it.
      for (const auto& device : view_.effective.devices) view_.state.devices[device.id].verified = true;
      return IpcReplyBody{view_};
    }
    const auto* change = std::get_if<AdminRequest>(&body);
    const auto* edits = change == nullptr ? nullptr : std::get_if<std::vector<ConfigEdit>>(&change->body);
    if (edits == nullptr) return needs_cluster();
    AdminReply reply;
    auto config = apply_edits(view_.effective, *edits, change->confirmed);
    if (!config) {
      reply.error = config.error();
    } else if (!change->dry_run) {
      if (auto written = replace_file(AT_FDCWD, path_, config_json(*config, Secrets::shown)); !written) {
        return failure({.what = fmt::format("the configuration cannot be written: {}", written.error().what)});
      }
      show(std::move(*config));
    }
    reply.position = view_.committed.position;
    return IpcReplyBody{std::move(reply)};
  }

 private:
  static tl::unexpected<Failure> needs_cluster() {
    return failure(
        {.code = Exit::usage, .what = "a file has a configuration only: this needs a cluster", .fix = "leave out -f"});
  }
  void show(ClusterConfig config) {
    ++view_.generation;
    view_.committed.config = config;
    view_.effective = std::move(config);
  }
  std::string path_;
  ClusterView view_;
};

}  // namespace

Outcome<std::unique_ptr<Connection>> file_connection(const std::string& path) {
  const auto text = read_file(path, largest_file);
  if (!text) {
    return failure({.what = fmt::format("cannot read the configuration: {}", escape_line(text.error().what, 300)),
                    .fix = "make the file: duet config --output-format=json > FILE"});
  }
  auto config = parse_config_json(*text);
  if (!config) {
    Failure what = config.error();
    what.what = fmt::format("'{}': {}", escape_line(path, 200), what.what);
    return failure(std::move(what));
  }
  return std::unique_ptr<Connection>{std::make_unique<FileConnection>(path, std::move(*config))};
}

}  // namespace duet::cli
