// SPDX-License-Identifier: Apache-2.0
// Administrators' requests: what is answered here, what goes through the stream, what is possible in an emergency.
#include <fmt/core.h>

#include <algorithm>

#include "core/admin/admin.hpp"
#include "core/base/limits.hpp"
#include "core/codec/stream_codec.hpp"
#include "core/model/fence_cover.hpp"
#include "core/node/impl.hpp"
#include "core/replica/membership.hpp"

namespace duet {

namespace {

constexpr Duration answer_within = 30s;  ///< L8

/// Members of a group, or the resource itself; empty if there is neither.
std::vector<ObjectId> primitives_of(const ClusterConfig& config, const ObjectId& id) {
  if (const Group* group = config.group(id); group != nullptr) return group->members;
  if (config.primitive(id) != nullptr) return {id};
  return {};
}

/// Commands that only stop something here, or repair fencing: possible while the peer is in doubt (S3b, protocol.md 4,
/// 5).
bool is_emergency(const ConfigEdit& edit, const ClusterConfig& config, NodeId self) {
  if (const auto* update = std::get_if<UpdateResource>(&edit); update != nullptr) {
    if (config.device(update->id) != nullptr) return true;
    const bool only_role = update->parameters.empty() && update->operations.empty() && update->meta.size() == 1;
    const auto role = update->meta.find("target-role");
    return only_role && role != update->meta.end() && role->second == "Stopped";
  }
  if (const auto* node = std::get_if<SetNodeAttributes>(&edit); node != nullptr) {
    if (node->nodes != std::vector<NodeId>{self}) return false;
    return std::all_of(node->values.begin(), node->values.end(),
                       [](const auto& value) { return value.first == "standby" || value.first == "maintenance"; });
  }
  return std::holds_alternative<CreateDevice>(edit);
}

}  // namespace

void NodeCore::Impl::handle(const AdminAsked& event) {
  if (me_.boot.get().empty()) {
    answer_error(event.client, {Errc::busy, "this node is starting: duet-execd is not connected yet", {}, "try again"});
    return;
  }
  if (const auto* edits = std::get_if<std::vector<ConfigEdit>>(&event.request.body)) {
    ask_edit(event.client, event.request, *edits);
  } else {
    ask_action(event.client, event.request, std::get<ClusterAction>(event.request.body));
  }
}

void NodeCore::Impl::ask_edit(std::uint64_t client, const AdminRequest& request, const std::vector<ConfigEdit>& edits) {
  if (request.dry_run) return dry_run(client, edits);
  // Refused here already, so that a mistake is told even when no commit is possible.
  if (auto edited = apply_edits(effective_, edits, request.confirmed); !edited)
    return answer_error(client, edited.error());
  if (encode(StreamMessage{identity_.id, me_, 1, 1, 1, Propose{1, request}}).size() > stream_message_max) {
    return answer_error(client, {Errc::limit, "the change is too large for one commit", "at most 64 KiB", "split it"});
  }
  if (auto obstacle = commit_obstacle(); obstacle || !can_send()) {
    if (try_override(client, request, edits)) return;
    if (!obstacle)
      obstacle = Error{Errc::no_quorum, "there is no connection to corosync", {}, "systemctl start corosync"};
    return answer_error(client, std::move(*obstacle));
  }
  propose_for(client, request);
}

void NodeCore::Impl::dry_run(std::uint64_t client, const std::vector<ConfigEdit>& edits) {
  auto edited = apply_edits(effective_, edits, true);
  if (!edited) return answer_error(client, edited.error());
  AdminReply reply;
  reply.position = chain_.committed().position;
  reply.preview = preview(effective_, *edited, state_, quorate_);
  answer(client, std::move(reply));
}

bool NodeCore::Impl::try_override(std::uint64_t client, const AdminRequest& request,
                                  const std::vector<ConfigEdit>& edits) {
  const bool emergency = std::all_of(
      edits.begin(), edits.end(), [&](const ConfigEdit& edit) { return is_emergency(edit, effective_, identity_.id); });
  if (!emergency || edits.empty() || !damaged_.empty() || state_.fork) return false;
  persist({StoreOverride{request}}, [this, client, request](bool ok, const std::string& error) {
    if (!ok) return answer_error(client, {Errc::storage, "the change was not stored, nothing was changed", error, {}});
    overrides_.push_back(request);
    refresh_effective();
    configuration_changed();
    AdminReply reply;
    reply.position = chain_.committed().position;
    reply.notes.emplace_back(
        "valid on this node only, because the other one is lost; it becomes a commit when that is possible again");
    answer(client, std::move(reply));
  });
  return true;
}

void NodeCore::Impl::propose_for(std::uint64_t client, const AdminRequest& request) {
  Client entry;
  entry.client = client;
  entry.request = request;
  entry.deadline = now_ + answer_within;
  clients_.emplace(++request_number_, std::move(entry));
}

void NodeCore::Impl::maintain_clients() {
  for (auto item = clients_.begin(); item != clients_.end();) {
    Client& client = item->second;
    if (now_ >= client.deadline) {
      const Client late = client;
      const auto number = item->first;
      item = clients_.erase(item);
      const bool sent = late.in_flight || late.accepted;
      log(Level::warning, fmt::format("request {} was not answered in time", number));
      answer_error(late.client,
                   sent ? Error{Errc::unknown_result, "result unknown: the change was sent, but not confirmed",
                                "the other node did not confirm it in time", "duet history"}
                        : Error{Errc::timeout, "the change could not be sent in time, nothing was changed", {}, {}});
      continue;
    }
    const bool edit = std::holds_alternative<std::vector<ConfigEdit>>(client.request.body);
    const bool turn = !client.in_flight && !client.accepted && !syncing_ && !awaiting_hellos_;
    if (turn && !(edit && state_.prepared)) {
      if (auto obstacle = edit ? commit_obstacle() : std::nullopt; obstacle && client.client != 0) {
        const auto number = client.client;
        item = clients_.erase(item);
        answer_error(number, std::move(*obstacle));
        continue;
      }
      client.in_flight = send(Propose{item->first, client.request});
    }
    wake_at(client.deadline);
    ++item;
  }
}

void NodeCore::Impl::give_up_proposals() {
  for (auto item = clients_.begin(); item != clients_.end();) {
    const Client client = item->second;
    if (client.client == 0 || !client.in_flight || client.accepted) {
      ++item;
      continue;
    }
    item = clients_.erase(item);
    answer_error(client.client, {Errc::unknown_result, "result unknown: the change was sent, but not confirmed",
                                 "the other node was lost meanwhile", "duet history"});
  }
}

void NodeCore::Impl::answer(std::uint64_t client, AdminReply reply) {
  if (client != 0) out_.emplace_back(Answer{client, std::move(reply)});
}

void NodeCore::Impl::answer_error(std::uint64_t client, Error error) {
  answer(client, AdminReply{std::move(error), chain_.committed().position, {}, {}});
}

void NodeCore::Impl::answer_request(NodeId origin, std::uint64_t request, AdminReply reply) {
  if (origin != identity_.id) return;
  const auto found = clients_.find(request);
  if (found == clients_.end()) return;
  const Client client = found->second;
  clients_.erase(found);
  if (client.client == 0) {  // our own overrides, now committed or refused
    if (reply.error) log(Level::error, "an emergency change could not be committed: " + reply.error->what);
    // Those that were given since it was proposed stay, and get their turn.
    const auto done = std::min(client.overrides, overrides_.size());
    overrides_.erase(overrides_.begin(), overrides_.begin() + static_cast<std::ptrdiff_t>(done));
    overrides_in_flight_ = 0;
    std::vector<StoreRecord> records{StoreClearOverrides{}};
    for (const AdminRequest& left : overrides_) records.emplace_back(StoreOverride{left});
    owe(std::move(records));
    refresh_effective();
    configuration_changed();
    return;
  }
  answer(client.client, std::move(reply));
}

/// What is running is not deleted: first it is stopped, by the command line or by hand.
std::optional<Error> NodeCore::Impl::edit_obstacle(const std::vector<ConfigEdit>& edits) const {
  for (const ConfigEdit& edit : edits) {
    const auto* remove = std::get_if<DeleteObjects>(&edit);
    if (remove == nullptr) continue;
    for (const ObjectId& id : remove->ids) {
      for (const ObjectId& primitive : primitives_of(chain_.committed().config, id)) {
        const auto resource = state_.resources.find(primitive);
        if (resource == state_.resources.end()) continue;
        for (const auto& [node, on] : resource->second.on) {
          if (!on.may_run && !on.pending) continue;
          const std::string name = effective_.node_name(node);
          return Error{Errc::refused, fmt::format("'{}' may be running on {}", primitive, name),
                       "it must be stopped first", fmt::format("duet resource disable {} --wait", primitive)};
        }
      }
    }
  }
  return std::nullopt;
}

void NodeCore::Impl::ask_action(std::uint64_t client, const AdminRequest& request, const ClusterAction& action) {
  if (request.dry_run) {
    return answer_error(client,
                        {Errc::refused, "an action has no dry run in the daemon", {}, "duet why, duet --dry-run"});
  }
  if (std::holds_alternative<LeaveCluster>(action)) {
    leave_clients_.push_back(client);
    handle(StopWanted{});
    return;
  }
  if (const auto* confirm = std::get_if<ConfirmFenced>(&action)) return confirm_fenced(client, confirm->target);
  if (const auto* fence = std::get_if<FenceNode>(&action)) {
    const Node* target = effective_.node(fence->target);
    if (target == nullptr) return answer_error(client, {Errc::not_found, "there is no such node", {}, {}});
    if (!node_covered(effective_, *target)) {
      return answer_error(client, {Errc::refused,
                                   fmt::format("no fence device covers {}", target->name),
                                   {},
                                   "duet stonith create ID AGENT pcmk_host_map=\"NODE:PLUG;NODE:PLUG\""});
    }
  }
  if (!can_send()) {
    return answer_error(client,
                        {Errc::no_quorum, "there is no connection to corosync", {}, "systemctl start corosync"});
  }
  propose_for(client, request);
}

void NodeCore::Impl::confirm_fenced(std::uint64_t client, NodeId target) {
  const auto node = state_.nodes.find(target);
  if (node == state_.nodes.end() || target == identity_.id) {
    return answer_error(client, {Errc::not_found, "only the other node of the cluster can be confirmed", {}, {}});
  }
  const std::string name = name_of(target);
  const auto heard = heard_.find(target);
  const bool mute = awaiting_hellos_ && now_ - hello_wait_since_ >= limits::peer_silence;
  if (in_view(target) && !solo_stream_ && !(mute && (heard == heard_.end() || heard->second < hello_wait_since_))) {
    return answer_error(client, {Errc::refused, fmt::format("{} is in the cluster and speaks", name), {}, {}});
  }
  // Evidence that opened no solo epoch (fencing switched off, our own restart since): the word opens one. What a node
  // left running when it left, the word ends, too.
  if (node->second.evidence && state_.solo && node->second.evidence->left_running.empty())
    return answer_error(client, {Errc::unchanged, fmt::format("{} is known to be down", name), {}, {}});
  if (evidence_pending_) return answer_error(client, {Errc::busy, "evidence is just being written", {}, "try again"});
  record_evidence({EvidenceKind::administrator,
                   target,
                   node->second.incarnation.boot,
                   "",
                   fmt::format("confirmed on {}", identity_.name),
                   {}},
                  client);
  fenced_event_ = FenceEvent{evidence_pending_->evidence.id,
                             target,
                             identity_.id,
                             node->second.incarnation.boot,
                             CauseKind::administrator,
                             FenceAction::off,
                             FenceOutcome::succeeded,
                             "a human",
                             "confirmed by an administrator",
                             1,
                             wall_.unix_ms};
}

void NodeCore::Impl::apply_action(NodeId origin, const Propose& body, const ClusterAction& action) {
  AdminReply reply;
  reply.position = chain_.committed().position;
  if (const auto* move = std::get_if<MoveResource>(&action)) {
    const auto members = primitives_of(chain_.committed().config, move->id);
    if (members.empty()) reply.error = Error{Errc::not_found, fmt::format("'{}' does not exist", move->id), {}, {}};
    for (const ObjectId& id : members) state_.resources[id].preferred = move->target;
  } else if (const auto* cleanup = std::get_if<CleanupResource>(&action)) {
    if (cleanup->id && primitives_of(chain_.committed().config, *cleanup->id).empty()) {
      reply.error = Error{Errc::not_found, fmt::format("'{}' does not exist", *cleanup->id), {}, {}};
    } else {
      clean_up(*cleanup);
    }
  } else if (const auto* fence = std::get_if<FenceNode>(&action)) {
    const auto client = clients_.find(body.request);
    if (origin == identity_.id && client != clients_.end()) {
      client->second.accepted = true;
      client->second.fences = fence->target;
      client->second.deadline = now_ + 2 * cluster_options(effective_).stonith_timeout;
    }
    if (fence->target != identity_.id) {
      admin_fence_ = AdminFence{fence->target, fence->action, state_.nodes[fence->target].incarnation.boot,
                                now_ + 2 * cluster_options(effective_).stonith_timeout};
      fencer_.retry_now(now_);
    }
    return;
  } else if (const auto* clear = std::get_if<ClearFenceHistory>(&action)) {
    std::erase_if(state_.fencing,
                  [&](const FenceEvent& event) { return !clear->target || event.target == *clear->target; });
  }
  answer_request(origin, body.request, std::move(reply));
}

/// Failures are forgotten and the resource is looked at again; what the new probe finds decides. A failed stop is not
/// forgotten by this: only the probe can show that nothing runs (S2).
void NodeCore::Impl::clean_up(const CleanupResource& request) {
  std::set<ObjectId> chosen;
  if (request.id) {
    const Group* group = request.strict ? nullptr : chain_.committed().config.group_of(*request.id);
    for (const ObjectId& id : primitives_of(chain_.committed().config, group != nullptr ? group->id : *request.id)) {
      chosen.insert(id);
    }
  }
  for (auto& [id, resource] : state_.resources) {
    if (request.id && !chosen.contains(id)) continue;
    resource.fatal = false;
    for (auto& [node, on] : resource.on) {
      if (request.node && *request.node != node) continue;
      const bool failed = !on.failures.empty() || on.hard_ban || on.stop_failed;
      if (!failed && !request.refresh) continue;
      on.failures.clear();
      on.hard_ban = false;
      if (!on.pending && state_.nodes[node].membership != Membership::absent) on.probed = false;
    }
  }
}

}  // namespace duet
