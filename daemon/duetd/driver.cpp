// SPDX-License-Identifier: Apache-2.0
// One function for each kind of command that the core gives, one for each callback that becomes an event.
#include "daemon/duetd/driver.hpp"

#include <fmt/format.h>
#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "core/codec/exec_codec.hpp"
#include "core/codec/stream_codec.hpp"
#include "daemon/duetd/cluster_check.hpp"
#include "daemon/duetd/version.hpp"
#include "platform/clock/clock.hpp"
#include "platform/log/log.hpp"

namespace duet {
namespace {

constexpr const char* group_name = "duet";

LeaveReason reason_of(corosync::Departure departure) {
  switch (departure) {
    case corosync::Departure::leave:
      return LeaveReason::leave;
    case corosync::Departure::node_down:
      return LeaveReason::node_down;
    case corosync::Departure::process_down:
      return LeaveReason::process_down;
  }
  return LeaveReason::process_down;
}

log::Level level_of(LogLine::Level level) {
  switch (level) {
    case LogLine::Level::debug:
      return log::Level::debug;
    case LogLine::Level::info:
      return log::Level::info;
    case LogLine::Level::notice:
      return log::Level::notice;
    case LogLine::Level::warning:
      return log::Level::warning;
    case LogLine::Level::error:
      return log::Level::error;
  }
  return log::Level::error;
}

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

}  // namespace

/// One command each. In the order in which the core gives them.
struct Driver::Performer {
  Driver& driver;

  void operator()(const Multicast& command) const { driver.session_.multicast(encode(command.message)); }
  void operator()(const DiscardUnsent&) const { driver.session_.discard_unsent(); }
  void operator()(Persist& command) const { driver.store_->persist(command.token, std::move(command.records)); }
  void operator()(const Execute& command) const {
    // A failure is a lost connection: the channel reports it, and at the next welcome the executor sees what was lost.
    static_cast<void>(driver.exec_->send(encode(command.request)));
  }
  void operator()(const Answer& command) const { driver.handlers_.answer(command.client, command.reply); }
  void operator()(const LogLine& command) const { log::write(level_of(command.level), command.text); }
  void operator()(const Trace& command) const {
    if (driver.trace_) driver.trace_->write(command.event);
  }
  void operator()(const Stopped& command) const { driver.handlers_.ended(command.reason, EXIT_SUCCESS); }
};

Driver::Driver(Loop& loop, const DuetdOptions& options, std::optional<TraceFile> trace, Handlers handlers)
    : loop_{loop},
      options_{options},
      trace_{std::move(trace)},
      handlers_{std::move(handlers)},
      wakeup_{loop, [this] { feed(TimePassed{}); }},
      session_{loop,
               group_name,
               {[this](const auto& info, const auto& votes) { opened(info, votes); },
                [this](const std::string& why) {
                  log::write(log::Level::warning, "corosync is lost: " + why);
                  feed(StreamClosed{});
                },
                [this](const std::string& why) {
                  if (why == refused_) return;
                  refused_ = why;
                  log::write(log::Level::warning, "waiting for corosync: " + why);
                  handlers_.changed();
                },
                [this](const corosync::View& view) { view_changed(view); },
                [this](const corosync::QuorumState& state) { quorum_changed(state); },
                [this](NodeId sender, const Bytes& bytes) { message(sender, bytes); }}},
      node_name_{host_name()} {}

void Driver::start(std::unique_ptr<Store> store) {
  store_ = std::move(store);
  session_.start();
}

void Driver::feed(Event event) {
  if (!core_) return;
  // A command may lead to the next event (an answer lets the server read on): that one waits for its turn.
  pending_.push_back(std::move(event));
  if (busy_) return;
  busy_ = true;
  while (!pending_.empty()) {
    const Event next = std::move(pending_.front());
    pending_.pop_front();
    std::vector<Command> commands = core_->step(boot_now(), wall_now(), next);
    for (Command& command : commands) std::visit(Performer{*this}, command);
  }
  busy_ = false;
  const auto wakeup = core_->next_wakeup();
  if (wakeup) {
    wakeup_.arm(*wakeup);
  } else {
    wakeup_.cancel();
  }
  if (core_->generation() == reported_) return;
  reported_ = core_->generation();
  handlers_.changed();
}

void Driver::opened(const corosync::ClusterInfo& info, const corosync::VoteSettings& votes) {
  votes_ = votes;
  refused_.clear();
  if (!core_) {
    StoreImage image = store_->take_image();
    if (const std::string why = cluster_mismatch(info, image); !why.empty()) return handlers_.ended(why, EX_CONFIG);
    make_core(info, std::move(image));
  } else if (!same_cluster(info)) {
    return handlers_.ended("corosync came back with another node id, cluster name or node list", EXIT_FAILURE);
  }
  info_ = info;
  log::write(log::Level::notice,
             fmt::format("connected to corosync: cluster {}, node {} {}, token {} ms, consensus {} ms", info.name,
                         info.self.get(), node_name_, info.token / 1ms, info.consensus / 1ms));
  warn("quorum", votes.two_node ? "" : "corosync has no two_node: 1: after the loss of a node no node is quorate");
  // Without two_node a node alone is not quorate anyway.
  feed(StreamOpened{{.encrypted = info.encrypted(), .waits_for_all = votes.wait_for_all || !votes.two_node}});
}

void Driver::make_core(const corosync::ClusterInfo& info, StoreImage image) {
  NodeIdentity identity;
  identity.id = info.self;
  identity.cluster_name = info.name;
  identity.version = version_text;
  for (const auto& node : info.nodes) identity.nodes.push_back({node.id, node.name, {}});
  identity.name = node_name_ = info.node(info.self)->name;
  warn("names", names_differ(info, image));
  if (!image.damaged.empty()) log::write(log::Level::error, "the store was damaged: " + image.damaged);
  core_ = std::make_unique<NodeCore>(std::move(identity), std::move(image));
  exec_ = std::make_unique<ipc::Channel>(
      loop_, ipc::ChannelOptions{.path = options_.exec_socket},
      ipc::ChannelHandlers{[this] {
                             const ExecHello hello{1, static_cast<std::uint32_t>(getpid())};
                             static_cast<void>(exec_->send(encode(ExecRequest{hello})));
                           },
                           [this](const Bytes& frame) { exec_frame(frame); },
                           [this](const std::string& why) { exec_lost(why); }});
}

bool Driver::same_cluster(const corosync::ClusterInfo& info) const {
  return info.self == info_.self && info.name == info_.name && info.nodes == info_.nodes;
}

void Driver::view_changed(const corosync::View& view) {
  ViewChanged event;
  event.ring = view.ring;
  event.members = view.members;
  event.joined = view.joined;
  for (const auto& left : view.left) event.left.push_back({left.node, reason_of(left.reason)});
  feed(event);
}

void Driver::quorum_changed(const corosync::QuorumState& state) {
  feed(QuorumChanged{state.quorate, votes_.wait_for_all && !state.quorate, state.members});
}

void Driver::message(NodeId sender, const Bytes& bytes) {
  auto decoded = decode_stream(bytes);
  if (decoded && decoded->sender == sender) return feed(Delivered{std::move(*decoded)});
  ++refused_messages_;
  const std::string why = decoded ? "it names another sender" : decoded.error().why;
  log::write(log::Level::warning, fmt::format("message of node {} refused: {}", sender.get(), why));
  if (sender == info_.self) return;
  warn("message", fmt::format("{} messages of the cluster were refused, the last one of node {}: {}", refused_messages_,
                              sender.get(), why));
  feed(MessageRefused{sender, why});
}

void Driver::exec_frame(const Bytes& bytes) {
  auto reply = decode_exec_reply(bytes);
  if (!reply) return exec_->reset("malformed frame: " + reply.error().why);
  if (auto* const welcome = std::get_if<ExecWelcome>(&*reply)) {
    exec_welcomed_ = true;
    log::write(log::Level::info, fmt::format("connected to duet-execd: boot {:.12}, start {}, {} operations kept",
                                             welcome->boot.get(), welcome->duetd_start, welcome->runs.size()));
    return feed(ExecConnected{std::move(*welcome)});
  }
  if (exec_welcomed_) feed(ExecReplied{std::move(*reply)});
}

void Driver::exec_lost(const std::string& why) {
  log::write(log::Level::warning, "duet-execd is not there: " + why);
  if (std::exchange(exec_welcomed_, false)) feed(ExecLost{});
}

void Driver::persisted(std::uint64_t token, const std::string& error) {
  if (!error.empty()) log::write(log::Level::error, "cannot write to the store: " + error);
  feed(Persisted{token, error.empty(), error});
}

bool Driver::ask(std::uint64_t client, AdminRequest request) {
  if (!core_) return false;
  feed(AdminAsked{client, std::move(request)});
  return true;
}

void Driver::stop() {
  if (!core_) return handlers_.ended("", EXIT_SUCCESS);
  feed(StopWanted{});
}

void Driver::warn(std::string key, std::string text) {
  if (text.empty()) {
    warnings_.erase(key);
    return;
  }
  std::string& kept = warnings_[std::move(key)];
  if (kept == text) return;
  kept = std::move(text);
  log::write(log::Level::warning, kept);
}

ClusterView Driver::view() const {
  ClusterView view;
  if (core_) {
    view = core_->view(boot_now(), wall_now());
  } else {
    view.node_name = node_name_;
    view.version = version_text;
    view.now_unix_ms = wall_now().unix_ms;
    view.warnings.push_back("waiting for corosync: " + refused_);
  }
  for (const auto& [key, text] : warnings_) view.warnings.push_back(text);
  view.generation = generation();
  return view;
}

/// Above 0, which asks for an answer at once, and above 1, which stands for the time without a core.
std::uint64_t Driver::generation() const {
  return core_ ? core_->generation() + 2 : 1;
}

std::vector<HistoryItem> Driver::history(std::uint32_t count) const {
  return core_ ? core_->history(count) : std::vector<HistoryItem>{};
}

std::string Driver::status() const {
  if (!core_) return "waiting for corosync: " + refused_;
  const ClusterState& state = core_->state();
  const auto joined = state.joined();
  return fmt::format("{}: {} of {} nodes joined{}{}", node_name_, joined.size(), info_.nodes.size(),
                     session_.connected() ? "" : ", without corosync", exec_welcomed_ ? "" : ", without duet-execd");
}

}  // namespace duet
