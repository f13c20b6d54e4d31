// SPDX-License-Identifier: Apache-2.0
// Configuration commits: proposed, prepared on every required node, committed, acknowledged (protocol.md 5). While the
// peer is lost, emergency commands are node-local overrides instead (S3b).
#include <fmt/core.h>

#include <algorithm>

#include "core/admin/admin.hpp"
#include "core/base/mutant.hpp"
#include "core/node/impl.hpp"
#include "core/policy/failure.hpp"
#include "core/replica/membership.hpp"

namespace duet {

/// nullopt: a commit is possible. Decided from the shared state alone, so both nodes agree.
std::optional<Error> NodeCore::Impl::commit_obstacle() const {
  if (state_.fork) return Error{Errc::refused, "the configuration has forked", *state_.fork, "duet why health"};
  if (!damaged_.empty()) {
    return Error{Errc::storage, "the configuration store of this node is damaged", damaged_, "start the other node"};
  }
  const bool somebody = !state_.joined().empty();
  for (const auto& [id, node] : state_.nodes) {
    if (node.membership == Membership::joined || (state_.solo && somebody)) continue;
    if (mutant::active("M10")) continue;
    const std::string name = effective_.node_name(id);
    if (node.membership == Membership::present) {
      return Error{Errc::busy, fmt::format("{} is still joining", name), node.why, "try again in a moment"};
    }
    return Error{Errc::no_quorum, fmt::format("{} is lost, and nothing proves that it is down", name),
                 "a change that only one node knows could be lost or contradict the other's",
                 fmt::format("restore fencing, or if {} is really off: duet stonith confirm {}", name, name)};
  }
  return std::nullopt;
}

std::vector<NodeId> NodeCore::Impl::required_nodes() const {
  if (mutant::active("M09")) return {identity_.id};
  std::vector<NodeId> required = state_.joined();
  if (!state_.prepared) return required;
  for (const auto& [id, node] : state_.nodes) {
    if (node.membership != Membership::present) continue;
    // Who tells the administrator that it is done has it on its own disk too, also while it is still joining. And who
    // is in a ledger as a member may be the one that goes on alone: nothing is acknowledged without it (S3b).
    if (id == state_.prepared->origin || node.in_ledger) required.push_back(id);
  }
  return required;
}

void NodeCore::Impl::apply(NodeId sender, const Propose& body, const StreamMessage&) {
  if (const auto* action = std::get_if<ClusterAction>(&body.body.body)) {
    apply_action(sender, body, *action);
  } else {
    prepare(sender, body);
  }
}

void NodeCore::Impl::prepare(NodeId origin, const Propose& body) {
  const bool mine = origin == identity_.id;
  const auto refuse = [&](Error error) {
    if (mine) answer_request(origin, body.request, AdminReply{std::move(error), {}, {}, {}});
  };
  if (state_.prepared) {  // the other node was quicker: proposed again when its commit is through
    if (const auto client = clients_.find(body.request); mine && client != clients_.end())
      client->second.in_flight = false;
    return;
  }
  if (auto obstacle = commit_obstacle(); obstacle) return refuse(std::move(*obstacle));
  const ConfigEntry& base = chain_.committed();
  if (body.body.based_on && *body.body.based_on != base.position) {
    return refuse({Errc::refused, "the configuration was changed meanwhile", {}, "look at it again: duet config show"});
  }
  const auto& edits = std::get<std::vector<ConfigEdit>>(body.body.body);
  if (auto obstacle = edit_obstacle(edits); obstacle) return refuse(std::move(*obstacle));
  auto edited = apply_edits(base.config, edits, body.body.confirmed);
  if (!edited) return refuse(edited.error());
  PreparedEntry prepared;
  prepared.entry = chain_.next(std::move(*edited), body.body.author, body.body.command, body.body.unix_ms);
  prepared.origin = origin;
  prepared.request = body.request;
  trace(TraceKind::commit_propose, {{"epoch", std::to_string(prepared.entry.position.epoch)},
                                    {"index", std::to_string(prepared.entry.position.index)},
                                    {"hash", prepared.entry.hash},
                                    {"request", std::to_string(body.request)}});
  state_.prepared = std::move(prepared);
  if (const auto client = clients_.find(body.request); mine && client != clients_.end()) client->second.accepted = true;
}

void NodeCore::Impl::maintain_commit() {
  if (!state_.prepared || syncing_ || chain_writes_owed_ > 0) return;
  const std::string hash = state_.prepared->entry.hash;
  if (prepared_here_ != hash && preparing_ != hash) persist_prepared();
  const bool durable = prepared_here_ == hash || mutant::active("M08");
  if (durable && prepared_said_ != hash && send(Prepared{state_.prepared->entry.position, hash, prepare_error_})) {
    prepared_said_ = hash;
  }
}

void NodeCore::Impl::persist_prepared() {
  const std::string hash = state_.prepared->entry.hash;
  preparing_ = hash;
  prepare_error_.clear();
  // Counted, not compared by hash: the same change may be withdrawn and asked for again while the first write is on its
  // way.
  persist({StoreEntry{state_.prepared->entry}},
          [this, hash, write = ++prepare_write_](bool ok, const std::string& error) {
            if (write != prepare_write_) return;
            preparing_.clear();
            prepared_here_ = hash;
            if (!ok) prepare_error_ = error.empty() ? "the store refused it" : error;
          });
}

void NodeCore::Impl::apply(NodeId sender, const Prepared& body, const StreamMessage&) {
  if (!state_.prepared || state_.prepared->entry.hash != body.hash) return;
  if (!body.error.empty()) {
    withdraw_prepared(fmt::format("{} could not store it: {}", name_of(sender), body.error));
    return;
  }
  auto& acked = state_.prepared->acked;
  if (std::find(acked.begin(), acked.end(), sender) == acked.end()) acked.push_back(sender);
}

/// Runs after every applied message, so that both nodes commit at the same place of the stream.
void NodeCore::Impl::try_commit() {
  if (!state_.prepared || state_.prepared->acked.empty()) return;
  if (commit_obstacle()) return;
  const auto& acked = state_.prepared->acked;
  const auto required = required_nodes();
  const bool all = !required.empty() && std::all_of(required.begin(), required.end(), [&](NodeId node) {
    return std::find(acked.begin(), acked.end(), node) != acked.end();
  });
  if (all) commit_prepared();
}

void NodeCore::Impl::commit_prepared() {
  std::string required;
  for (const NodeId node : required_nodes()) required += (required.empty() ? "" : ",") + std::to_string(node.get());
  const PreparedEntry prepared = std::move(*state_.prepared);
  state_.prepared.reset();
  if (!chain_.follows(prepared.entry)) {
    log(Level::error, "a prepared configuration does not follow the committed one; it is dropped");
    return;
  }
  const ClusterConfig before = chain_.committed().config;
  chain_.commit(prepared.entry);
  if (prepared_here_ == prepared.entry.hash) {
    owe({StoreCommitted{prepared.entry.position}});
  } else {  // it was not required here
    owe_chain({StoreEntry{prepared.entry}, StoreCommitted{prepared.entry.position}});
  }
  refresh_effective();
  sync_with_config(state_, effective_);
  note_changed_parameters(before);
  configuration_changed();
  log(Level::info, fmt::format("commit {}: {}", prepared.entry.position.index, prepared.entry.command));
  // The answer does not wait for the marker: the entry itself is on every required disk, and is found there by whoever
  // starts again (prepared_tail).
  if (prepared.origin != identity_.id || !clients_.contains(prepared.request)) return;
  trace(TraceKind::commit_ack, {{"epoch", std::to_string(prepared.entry.position.epoch)},
                                {"index", std::to_string(prepared.entry.position.index)},
                                {"hash", prepared.entry.hash},
                                {"request", std::to_string(prepared.request)},
                                {"required", required},
                                {"mode", state_.solo ? "solo" : "joined"}});
  AdminReply reply;
  reply.position = prepared.entry.position;
  if (state_.solo)
    reply.notes.emplace_back("stored on this node only: the other one is down, it takes it over when it joins");
  answer_request(prepared.origin, prepared.request, std::move(reply));
}

/// A resource runs with what its start was given; duet-execd stops it with that, too. So it is restarted. Nodes that
/// are away tell by the probes of their join what they still run with.
void NodeCore::Impl::note_changed_parameters(const ClusterConfig& before) {
  for (const Primitive& now : chain_.committed().config.primitives) {
    const Primitive* was = before.primitive(now.id);
    const auto resource = state_.resources.find(now.id);
    if (was == nullptr || resource == state_.resources.end()) continue;
    if (was->agent != now.agent || was->parameters != now.parameters) forget_changed(resource->second);
  }
}

void NodeCore::Impl::withdraw_prepared(const std::string& error) {
  const PreparedEntry prepared = std::move(*state_.prepared);
  state_.prepared.reset();
  prepared_here_.clear();  // the same change may be asked for again
  preparing_.clear();
  ++prepare_write_;
  prepared_said_.clear();
  // Tried once: a late one would take away what was prepared after it. The next entry of this place replaces it anyway.
  persist({StoreAbandon{chain_.link().position}}, [](bool, const std::string&) {});
  if (prepared.origin != identity_.id) return;
  answer_request(prepared.origin, prepared.request,
                 AdminReply{Error{Errc::storage, "the change was not stored, nothing was changed", error,
                                  "free disk space on that node, then repeat the command"},
                            {},
                            {},
                            {}});
}

void NodeCore::Impl::refresh_effective() {
  effective_ = chain_.committed().config;
  for (const AdminRequest& request : overrides_) {
    const auto* edits = std::get_if<std::vector<ConfigEdit>>(&request.body);
    if (edits == nullptr) continue;
    if (auto edited = apply_edits(effective_, *edits, true); edited) effective_ = std::move(*edited);
  }
  plan_dirty_ = true;
  ++generation_;
}

void NodeCore::Impl::configuration_changed() {
  for (auto item = known_agents_.begin(); item != known_agents_.end();) {
    if (effective_.primitive(item->first) == nullptr) {
      execute(ForgetResource{item->first, item->second});
      item = known_agents_.erase(item);
    } else {
      ++item;
    }
  }
  for (const Primitive& primitive : effective_.primitives)
    known_agents_.insert_or_assign(primitive.id, primitive.agent);
  drop_devices();
  follow_devices();
  fencer_.retry_now(now_);
}

/// What was ordered in an emergency becomes an ordinary commit as soon as one is possible, under its own words.
void NodeCore::Impl::maintain_overrides() {
  if (overrides_.empty() || overrides_in_flight_ > 0 || state_.prepared || commit_obstacle() || !can_send()) return;
  AdminRequest all = overrides_.back();
  std::vector<ConfigEdit> edits;
  std::string words;
  for (const AdminRequest& request : overrides_) {
    const auto& more = std::get<std::vector<ConfigEdit>>(request.body);
    edits.insert(edits.end(), more.begin(), more.end());
    words += (words.empty() ? "" : "; ") + request.command;
  }
  all.body = std::move(edits);
  all.command = fmt::format("{} (given on {} while the other node was lost)", words, identity_.name);
  Client client;
  client.request = all;
  client.deadline = now_ + 1h;
  client.overrides = overrides_.size();
  client.in_flight = send(Propose{++request_number_, all});
  overrides_in_flight_ = client.in_flight ? overrides_.size() : 0;
  clients_.emplace(request_number_, std::move(client));
}

}  // namespace duet
