// SPDX-License-Identifier: Apache-2.0
// How each message is made up. Small lists: the sizes at the bounds have tests of their own.
#include "tests/unit/core/codec/generate.hpp"

#include <algorithm>
#include <utility>

#include "core/model/text.hpp"

namespace duet::test {

// SplitMix64: the same numbers everywhere, which the distributions of the standard library do not promise.
std::uint64_t Generator::next() {
  state_ += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

template <class Enum>
Enum Generator::pick() {
  if constexpr (std::is_same_v<Enum, AttributeScope>) {
    return static_cast<Enum>(below(3));
  } else if constexpr (std::is_same_v<Enum, Errc>) {
    return static_cast<Enum>(below(static_cast<std::uint64_t>(Errc::storage) + 1));
  } else {
    return enum_values<Enum>[below(enum_values<Enum>.size())];
  }
}

std::string Generator::id() {
  constexpr std::string_view first = "abcXYZ_";
  constexpr std::string_view rest = "abcxyzABC019_.-";
  std::string out{first[below(first.size())]};
  for (std::uint64_t n = below(20); n > 0; --n) out.push_back(rest[below(rest.size())]);
  return out;
}

std::string Generator::text() {
  constexpr std::string_view pieces[] = {"stopped",     " ",  "Grüße", "日本",      "\n",
                                         "it's \"so\"", "\t", "100 %", "\U0001F980"};
  std::string out;
  for (std::uint64_t n = below(6); n > 0; --n) out += pieces[below(std::size(pieces))];
  return out;
}

std::string Generator::name() {
  constexpr std::string_view pieces[] = {"op", "é", " ", "-", "x1", "@"};
  std::string out = "n";
  for (std::uint64_t n = below(5); n > 0; --n) out += pieces[below(std::size(pieces))];
  return out;
}

std::string Generator::digest() {
  std::string out;
  for (int i = 0; i < 64; ++i) out.push_back("0123456789abcdef"[below(16)]);
  return out;
}

Attributes Generator::attributes() {
  Attributes out;
  for (std::uint64_t n = below(4); n > 0; --n) out[name()] = text();
  return out;
}

AgentRef Generator::agent() {
  switch (below(3)) {
    case 0:
      return {.standard = "ocf", .provider = "heartbeat", .type = "IPaddr2"};
    case 1:
      return {.standard = "systemd", .provider = "", .type = "getty@tty1"};
    default:
      return {.standard = "lsb", .provider = "", .type = "haproxy"};
  }
}

Operation Generator::operation() {
  Operation out;
  out.action = name();
  out.interval = duration();
  out.timeout = maybe<Duration>([this] { return duration(); });
  out.on_fail = maybe<OnFail>([this] { return pick<OnFail>(); });
  out.enabled = flip();
  out.start_delay = duration();
  out.extra = attributes();
  return out;
}

Primitive Generator::primitive() {
  Primitive out;
  out.id = id();
  out.agent = agent();
  out.parameters = attributes();
  out.operations = list<Operation>(3, [this] { return operation(); });
  out.meta = attributes();
  return out;
}

Group Generator::group() {
  Group out;
  out.id = id();
  out.members = list<ObjectId>(
      4, [this] { return id(); }, 1);
  out.meta = attributes();
  return out;
}

LocationConstraint Generator::location() {
  LocationConstraint out;
  out.id = id();
  out.resource = id();
  out.node = node();
  out.score = score();
  return out;
}

ColocationConstraint Generator::colocation() {
  ColocationConstraint out;
  out.id = id();
  out.resource = id();
  out.with = id();
  out.score = score();
  return out;
}

OrderConstraint Generator::order() {
  OrderConstraint out;
  out.id = id();
  out.first = id();
  out.then = id();
  out.first_action = pick<OrderAction>();
  out.then_action = pick<OrderAction>();
  out.kind = pick<OrderKind>();
  out.symmetrical = flip();
  return out;
}

FenceDevice Generator::device() {
  FenceDevice out;
  out.id = id();
  out.agent = "fence_xvm";
  out.parameters = attributes();
  out.operations = list<Operation>(2, [this] { return operation(); });
  out.meta = attributes();
  return out;
}

FenceLevel Generator::level() {
  FenceLevel out;
  out.target = node();
  out.level = 1 + static_cast<std::uint32_t>(below(9));
  out.devices = ids();
  return out;
}

Node Generator::cluster_node() {
  Node out;
  out.id = node();
  out.name = "server" + std::to_string(below(100)) + ".example";
  out.attributes = attributes();
  return out;
}

ClusterConfig Generator::config() {
  ClusterConfig out;
  out.name = name();
  out.nodes = list<Node>(2, [this] { return cluster_node(); });
  std::sort(out.nodes.begin(), out.nodes.end(), [](const Node& a, const Node& b) { return a.id < b.id; });
  if (out.nodes.size() == 2 && out.nodes[0].id == out.nodes[1].id) out.nodes.pop_back();
  out.properties = attributes();
  out.resource_defaults = attributes();
  out.operation_defaults = attributes();
  out.primitives = list<Primitive>(3, [this] { return primitive(); });
  out.groups = list<Group>(2, [this] { return group(); });
  out.locations = list<LocationConstraint>(2, [this] { return location(); });
  out.colocations = list<ColocationConstraint>(2, [this] { return colocation(); });
  out.orders = list<OrderConstraint>(2, [this] { return order(); });
  out.devices = list<FenceDevice>(2, [this] { return device(); });
  out.levels = list<FenceLevel>(2, [this] { return level(); });
  return out;
}

ConfigEntry Generator::entry() {
  ConfigEntry out;
  out.position = position();
  out.previous_hash = flip() ? digest() : "";
  out.hash = digest();
  out.author = "root@server1";
  out.command = text();
  out.unix_ms = wall_time();
  out.config = config();
  return out;
}

OpOutcome Generator::outcome() {
  OpOutcome out;
  out.status = pick<OpStatus>();
  out.exit_code = static_cast<std::int32_t>(below(257)) - 1;
  out.reason = text();
  out.unix_ms = wall_time();
  out.took_ms = milliseconds();
  out.other_parameters = flip();
  return out;
}

ResourceOnNode Generator::on_node() {
  ResourceOnNode out;
  out.activity = pick<Activity>();
  out.probed = flip();
  out.pending = maybe<PendingOp>([this] { return PendingOp{op_id(), pick<Action>(), text()}; });
  out.highest_op = maybe_op_id();
  out.may_run = maybe<MayRun>([this] { return MayRun{boot(), maybe_op_id()}; });
  out.stop_failed = flip();
  out.hard_ban = flip();
  out.needs_stop = flip();
  out.failures = failure_records();
  return out;
}

std::vector<FailureRecord> Generator::failure_records() {
  return list<FailureRecord>(2, [this] {
    return FailureRecord{pick<Action>(), duration(), static_cast<std::int32_t>(below(1'000'001)), outcome()};
  });
}

Evidence Generator::evidence() {
  Evidence out;
  out.kind = pick<EvidenceKind>();
  out.node = node();
  out.boot = boot();
  out.id = name();
  out.detail = text();
  out.left_running = ids();
  return out;
}

NodeState Generator::node_state() {
  NodeState out;
  out.membership = pick<Membership>();
  out.incarnation = incarnation();
  out.unclean = flip();
  out.in_corosync = flip();
  out.leaving = flip();
  out.reported = flip();
  out.in_ledger = flip();
  out.join_acks = list<NodeId>(2, [this] { return node(); });
  out.joined_at = u64();
  out.evidence = maybe<Evidence>([this] { return evidence(); });
  out.why = text();
  return out;
}

FenceEvent Generator::fence_event() {
  FenceEvent out;
  out.id = name();
  out.target = node();
  out.by = flip() ? node() : NodeId{};
  out.boot = boot();
  out.cause = pick<CauseKind>();
  out.action = pick<FenceAction>();
  out.outcome = pick<FenceOutcome>();
  out.device = text();
  out.detail = text();
  out.attempts = u32();
  out.unix_ms = wall_time();
  return out;
}

DeviceSeen Generator::device_seen() {
  return {flip(), u64(), text()};
}

ClusterState Generator::state() {
  ClusterState out;
  out.stream_epoch = u32();
  out.join_counter = u64();
  out.solo = flip();
  for (std::uint64_t n = below(3); n > 0; --n) out.nodes[node()] = node_state();
  for (std::uint64_t n = below(4); n > 0; --n) {
    ResourceState& resource = out.resources[id()];
    for (std::uint64_t m = below(3); m > 0; --m) resource.on[node()] = on_node();
    resource.fatal = flip();
    resource.preferred = maybe<NodeId>([this] { return node(); });
    resource.last_node = maybe<NodeId>([this] { return node(); });
  }
  out.fencing = list<FenceEvent>(2, [this] { return fence_event(); });
  out.prepared = maybe<PreparedEntry>([this] {
    return PreparedEntry{entry(), node(), u64(), list<NodeId>(2, [this] { return node(); })};
  });
  out.fork = maybe<std::string>([this] { return text(); });
  for (std::uint64_t n = below(3); n > 0; --n) {
    DeviceState& device = out.devices[id()];
    device.verified = flip();
    for (std::uint64_t m = below(3); m > 0; --m) device.seen[node()] = device_seen();
  }
  return out;
}

GroupPlace Generator::place() {
  GroupPlace out;
  out.group = id();
  out.before = maybe<ObjectId>([this] { return id(); });
  out.after = maybe<ObjectId>([this] { return id(); });
  return out;
}

ConfigEdit Generator::edit(std::size_t index) {
  switch (index % std::variant_size_v<ConfigEdit>) {
    case 0:
      return CreateResource{primitive(), maybe<GroupPlace>([this] { return place(); })};
    case 1:
      return UpdateResource{id(), attributes(), attributes(), list<Operation>(2, [this] { return operation(); })};
    case 2:
      return RemoveOperation{id(), name(), maybe<Duration>([this] { return duration(); })};
    case 3:
      return DeleteObjects{ids(), flip()};
    case 4:
      return GroupAdd{place(), ids()};
    case 5:
      return GroupRemove{id(), ids()};
    case 6:
      return AddLocation{location()};
    case 7:
      return AddColocation{colocation()};
    case 8:
      return AddOrder{order()};
    case 9:
      return DeleteConstraints{ids()};
    case 10:
      return ClearResource{id(), maybe<NodeId>([this] { return node(); })};
    case 11:
      return SetAttributes{pick<AttributeScope>(), attributes()};
    case 12:
      return SetNodeAttributes{list<NodeId>(2, [this] { return node(); }), attributes()};
    case 13:
      return CreateDevice{device()};
    case 14:
      return AddLevel{level()};
    case 15:
      return DeleteLevels{maybe<NodeId>([this] { return node(); }),
                          maybe<std::uint32_t>([this] { return 1 + static_cast<std::uint32_t>(below(9)); }), ids()};
    default:
      return InitCluster{name(), {{NodeId{1}, "server1", attributes()}, {NodeId{4}, "server4", {}}}};
  }
}

ClusterAction Generator::action(std::size_t index) {
  switch (index % std::variant_size_v<ClusterAction>) {
    case 0:
      return MoveResource{id(), node()};
    case 1:
      return CleanupResource{maybe<ObjectId>([this] { return id(); }), maybe<NodeId>([this] { return node(); }), flip(),
                             flip()};
    case 2:
      return FenceNode{node(), pick<FenceAction>()};
    case 3:
      return ConfirmFenced{node()};
    case 4:
      return ClearFenceHistory{maybe<NodeId>([this] { return node(); })};
    default:
      return LeaveCluster{};
  }
}

AdminRequest Generator::request() {
  AdminRequest out;
  out.author = "root@server1";
  out.command = text();
  out.unix_ms = wall_time();
  out.dry_run = flip();
  out.confirmed = flip();
  out.based_on = maybe<ConfigPosition>([this] { return position(); });
  if (flip()) {
    out.body = list<ConfigEdit>(4, [this] { return edit(below(1000)); });
  } else {
    out.body = action(below(1000));
  }
  return out;
}

AdminReply Generator::reply() {
  AdminReply out;
  out.error = maybe<Error>([this] { return Error{pick<Errc>(), text(), text(), text()}; });
  out.position = position();
  out.notes = list<std::string>(3, [this] { return text(); });
  out.preview = text();
  return out;
}

Snapshot Generator::snapshot() {
  Snapshot out;
  out.entries = list<ConfigEntry>(3, [this] { return entry(); });
  out.solo_base = position();
  out.state = state();
  return out;
}

Hello Generator::hello() {
  const auto link = [this] { return ChainLink{position(), digest()}; };
  Hello out;
  out.major = static_cast<std::uint16_t>(1 + below(65535));
  out.minor = static_cast<std::uint16_t>(below(65536));
  out.node_name = "server4";
  out.has_state = flip();
  out.joined_at = u64();
  out.stream_epoch = u32();
  out.committed = link();
  out.prepared = maybe<ChainLink>(link);
  out.solo_base = position();
  out.evidence_against_you = maybe<Evidence>([this] { return evidence(); });
  return out;
}

SnapshotChunk Generator::chunk() {
  SnapshotChunk out;
  out.donor = node();
  out.snapshot = u64();
  out.offset = static_cast<std::uint32_t>(below(1000));
  out.sha256 = digest();
  for (std::uint64_t n = 1 + below(200); n > 0; --n) out.data.push_back(static_cast<std::uint8_t>(next()));
  out.total = out.offset + static_cast<std::uint32_t>(out.data.size() + below(1000));
  return out;
}

StreamMessage Generator::stream(std::size_t index) {
  StreamMessage out;
  out.sender = node();
  out.incarnation = incarnation();
  out.sequence = u64();
  out.epoch = u32();
  out.ring = u64();
  const auto reported = [this] {
    return ReportedOp{id(), maybe_op_id(), pick<Action>(), flip(), maybe<OpOutcome>([this] { return outcome(); })};
  };
  const auto failures = [this] { return ReportedFailures{id(), failure_records(), flip()}; };
  switch (index % std::variant_size_v<StreamBody>) {
    case 0:
      out.body = hello();
      break;
    case 1:
      out.body = chunk();
      break;
    case 2:
      out.body = Tick{u64(), node(), u64(), next()};
      break;
    case 3:
      out.body = JoinReport{list<ReportedOp>(3, reported), ids(), flip(), list<ReportedFailures>(2, failures)};
      break;
    case 4:
      out.body = JoinRecorded{node(), incarnation()};
      break;
    case 5:
      out.body = Order{op_id(), id(), node(), pick<Action>(), position(), text()};
      break;
    case 6:
      out.body = OpResult{maybe_op_id(), id(), pick<Action>(), duration(), maybe_op_id(), outcome()};
      break;
    case 7:
      out.body = Propose{u64(), request()};
      break;
    case 8:
      out.body = Prepared{position(), digest(), text()};
      break;
    case 9:
      out.body = FenceReport{fence_event()};
      break;
    case 10:
      out.body = FailureExpired{id(), node()};
      break;
    case 11:
      out.body = LeaveWanted{};
      break;
    case 12:
      out.body = CleanLeave{incarnation(), ids()};
      break;
    case 13:
      out.body = LeaveRecorded{node(), incarnation()};
      break;
    case 14:
      out.body = NodeLost{node(), incarnation()};
      break;
    case 15:
      out.body = JoinRefused{node(), text()};
      break;
    default:
      out.body = DeviceReport{id(), device_seen(), milliseconds()};
      break;
  }
  return out;
}

StoreRecord Generator::record(std::size_t index) {
  switch (index % std::variant_size_v<StoreRecord>) {
    case 0:
      return StoreEntry{entry()};
    case 1:
      return StoreCommitted{position()};
    case 2:
      return StoreAbandon{position()};
    case 3:
      return StoreJoin{node(), incarnation()};
    case 4:
      return StoreEvidence{evidence()};
    case 5:
      return StoreSolo{u32(), position(), boot(), name()};
    case 6:
      return StoreStopFailed{id(), boot(), flip()};
    case 7:
      return StoreOverride{request()};
    case 8:
      return StoreClearOverrides{};
    case 9:
      return StoreFenceEvent{fence_event()};
    default:
      return StoreDevice{id(), flip()};
  }
}

RunAgent Generator::run_agent() {
  RunAgent out;
  out.run = 1 + (u64() >> 1);
  out.op = maybe_op_id();
  out.resource = id();
  out.agent = agent();
  out.action = pick<Action>();
  out.interval = duration();
  out.check_level = u32();
  out.parameters = attributes();
  out.meta = attributes();
  out.node_name = "server1";
  out.timeout = duration();
  out.not_after = maybe<Instant>([this] { return Instant{duration()}; });
  return out;
}

ExecRequest Generator::exec_request(std::size_t index) {
  const std::uint64_t run = 1 + (u64() >> 1);
  switch (index % std::variant_size_v<ExecRequest>) {
    case 0:
      return ExecHello{static_cast<std::uint16_t>(1 + below(65535)), u32()};
    case 1:
      return run_agent();
    case 2:
      return CancelRun{run};
    case 3:
      return AckResult{run};
    case 4:
      return RunFenceAgent{run, "fence_xvm", "off", attributes(), duration()};
    case 5:
      return WatchResource{id(), agent(), attributes()};
    case 6:
      return UnwatchResource{id()};
    case 7:
      return ForgetResource{id(), agent()};
    case 8:
      return RebootNow{text()};
    default:
      return QueryMetadata{run, agent()};
  }
}

KeptRun Generator::kept_run() {
  KeptRun out;
  out.run = 1 + (u64() >> 1);
  out.op = maybe_op_id();
  out.resource = id();
  out.action = pick<Action>();
  out.interval = duration();
  out.outcome = maybe<OpOutcome>([this] { return outcome(); });
  return out;
}

ExecReply Generator::exec_reply(std::size_t index) {
  switch (index % std::variant_size_v<ExecReply>) {
    case 0:
      return ExecWelcome{static_cast<std::uint16_t>(1 + below(65535)), BootId{digest()}, u32(),
                         list<KeptRun>(3, [this] { return kept_run(); })};
    case 1:
      return RunBegun{1 + (u64() >> 1)};
    case 2:
      return RunEnded{1 + (u64() >> 1), outcome(), std::string{"raw \xFF\x00 bytes", 11}};
    default:
      return ResourceHint{id(), text()};
  }
}

IpcRequest Generator::ipc_request(std::size_t index) {
  switch (index % std::variant_size_v<IpcRequestBody>) {
    case 0:
      return {u64(), GetCluster{u64(), static_cast<std::uint32_t>(below(30'001))}};
    case 1:
      return {u64(), GetHistory{u32()}};
    default:
      return {u64(), request()};
  }
}

ClusterView Generator::view() {
  ClusterView out;
  out.generation = u64();
  out.self = node();
  out.node_name = flip() ? "server1" : "";
  out.version = "0.1.0";
  out.corosync_connected = flip();
  out.executor_connected = flip();
  out.quorate = flip();
  out.waiting_for_all = flip();
  out.now_unix_ms = wall_time();
  out.committed = entry();
  out.state = state();
  out.effective = flip() ? out.committed.config : config();
  out.overrides = list<AdminRequest>(2, [this] { return request(); });
  out.fencing = list<FencingProgress>(
      2, [this] { return FencingProgress{node(), pick<CauseKind>(), text(), u32(), text(), milliseconds()}; });
  out.devices =
      list<DeviceHealth>(2, [this] { return DeviceHealth{id(), node(), flip(), flip(), text(), milliseconds()}; });
  out.unsafe = list<Finding>(2, [this] { return Finding{flip(), text(), text(), text()}; });
  out.warnings = list<std::string>(2, [this] { return text(); });
  return out;
}

HistoryItem Generator::history_item() {
  HistoryItem out;
  out.position = position();
  out.hash = digest();
  out.author = "root@server4";
  out.command = text();
  out.unix_ms = wall_time();
  out.config = config();
  return out;
}

IpcReply Generator::ipc_reply(std::size_t index) {
  switch (index % std::variant_size_v<IpcReplyBody>) {
    case 0:
      return {u64(), view()};
    case 1:
      return {u64(), HistoryReply{list<HistoryItem>(3, [this] { return history_item(); })}};
    default:
      return {u64(), reply()};
  }
}

}  // namespace duet::test
