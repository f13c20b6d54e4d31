// SPDX-License-Identifier: Apache-2.0
// Off, on, reboot, status on a Hypervisor, with the answers that fencing needs: success only for what was seen.
#include "daemon/virtd/power.hpp"

#include <algorithm>

#include "core/fencehost/conf_tree.hpp"

namespace duet::virtd {

using fencehost::Order;
using fencehost::Outcome;
using fencehost::OutcomeCode;
using fencehost::Verb;
using virt::Domain;
using virt::Migration;
using virt::State;

namespace {

bool is_off(const Domain& domain) {
  return domain.state == State::shut_off && !domain.migrated_away && domain.migration == Migration::none;
}

bool executes_nothing(const Domain& domain) {
  return domain.state == State::shut_off || domain.state == State::crashed;
}

std::string reason(const Error& error) {
  return error.what + (error.why.empty() ? "" : ": " + error.why);
}

}  // namespace

/// One order under way.
struct Power::Task {
  const Order& order;
  const std::function<bool()>& requester_there;
  Instant began{};
  Domain domain{};
  std::string definition{};  ///< of a transient domain that is to be started again
  bool told = false;         ///< the hypervisor was told to change something: what was begun is ended

  [[nodiscard]] Outcome end(OutcomeCode code, std::string text = {}) const {
    Outcome outcome;
    outcome.id = order.id;
    outcome.code = code;
    outcome.text = std::move(text);
    outcome.state = static_cast<std::uint8_t>(domain.state);
    return outcome;
  }
  [[nodiscard]] Outcome failed(const Error& error) const {
    return end(error.code == Errc::disconnected ? OutcomeCode::unreachable : OutcomeCode::failed, reason(error));
  }
  /// The last moment to see whether anybody still wants this. `now`: a question before may have hung.
  [[nodiscard]] bool still_wanted(Instant now) {
    told = told || (now - order.issued <= order_fresh && requester_there());
    return told;
  }
  /// As still_wanted(), for what cannot be taken back: asked each time.
  [[nodiscard]] bool may_destroy(Instant now) {
    told = (told ? now - began <= off_limit : now - order.issued <= order_fresh) && requester_there();
    return told;
  }
};

Outcome Power::carry_out(const Order& order, const std::function<bool()>& requester_there,
                         const std::function<void(const Outcome&)>& tell) {
  Task task{order, requester_there, clock_.now()};
  if (task.began - order.issued > order_fresh) return task.end(OutcomeCode::failed, "the order waited for too long");
  if (order.verb == Verb::probe) {
    const auto answered = hypervisor_.ask_all();
    return answered ? task.end(OutcomeCode::done) : task.end(OutcomeCode::unreachable, reason(answered.error()));
  }
  Outcome found = find(task);
  if (found.code != OutcomeCode::done || !fencehost::changes_power(order.verb)) return found;
  if (order.verb == Verb::off) return switch_off(task);
  if (order.verb == Verb::on) return switch_on(task);
  Outcome off = switch_off(task);
  if (off.code != OutcomeCode::done) return off;
  // If it was off already, this is the first change that is made.
  if (!task.still_wanted(clock_.now())) return task.end(OutcomeCode::requester_gone);
  tell(task.end(OutcomeCode::off_verified));
  const auto started = start(task);
  // The fencing is done. That the node stays down is for people to see, not for the cluster to fence again.
  off.text += started ? "; on again" : "; BUT IT COULD NOT BE SWITCHED ON AGAIN: " + reason(started.error());
  return off;
}

Outcome Power::find(Task& task) {
  const Order& order = task.order;
  auto domain = hypervisor_.find(order.domain);
  if (!domain) return domain.error().code == Errc::not_found ? unknown(task) : task.failed(domain.error());
  task.domain = std::move(*domain);
  forget_gone(task.domain);
  const fencehost::DomainId id{task.domain.name, task.domain.uuid};
  if (!permissions_.allows(order.source, id)) {
    return task.end(OutcomeCode::denied, "no group has both " + xvm::to_text(order.source) + " and " + id.name);
  }
  if (order.verb == Verb::status && task.domain.migrated_away) {
    return task.end(OutcomeCode::failed, id.name + " was migrated to another host: shut off here says nothing");
  }
  Outcome found = task.end(OutcomeCode::done);
  found.lane = permissions_.lane_of(id);
  return found;
}

/// A name that no hypervisor knows. What we switched off ourselves and what vanished by that is off; of anything else
/// nothing can be said, least of all that it is off.
Outcome Power::unknown(Task& task) {
  const Order& order = task.order;
  const std::optional<Domain> gone = known_gone(order.domain);
  const fencehost::DomainId id =
      gone ? fencehost::DomainId{gone->name, gone->uuid} : fencehost::DomainId{order.domain, order.domain};
  // Who may not act on that name does not learn whether it exists.
  if (!permissions_.allows(order.source, id)) return task.end(OutcomeCode::denied, "it is in no group of the source");
  if (!gone) return task.end(OutcomeCode::unknown_domain);
  task.domain = *gone;
  task.domain.state = State::shut_off;
  if (order.verb == Verb::on || order.verb == Verb::reboot) {
    return task.end(OutcomeCode::unknown_domain, "it was transient, was switched off and is not defined any more");
  }
  Outcome outcome = task.end(OutcomeCode::done, "off, and gone with it");
  outcome.lane = permissions_.lane_of(id);
  return outcome;
}

Outcome Power::switch_off(Task& task) {
  Domain& domain = task.domain;
  if (domain.migrated_away) return task.end(OutcomeCode::failed, "it was migrated and runs on another host");
  if (!is_off(domain) && !domain.persistent && task.order.verb == Verb::reboot) {
    auto definition = hypervisor_.definition(domain);
    if (!definition) return task.failed(definition.error());
    task.definition = std::move(*definition);
  }
  if (!task.still_wanted(clock_.now())) return task.end(OutcomeCode::requester_gone);
  if (is_off(domain)) {
    Outcome outcome = verify_off(task, "");
    if (outcome.code == OutcomeCode::done) outcome.text = "was off already";
    return outcome;
  }
  if (domain.migration != Migration::none) {
    Outcome stays = end_migration(task);
    if (stays.code != OutcomeCode::done) return stays;
  }
  std::string trouble;
  const auto destroyed = hypervisor_.destroy(domain, [&] { return task.may_destroy(clock_.now()); });
  if (!destroyed && destroyed.error().code == Errc::refused) return task.end(OutcomeCode::requester_gone);
  if (!destroyed) trouble = reason(destroyed.error());
  return verify_off(task, trouble);
}

/// Until the domain is here and nowhere else: what is destroyed amid a migration may run on at the other end, and to
/// libvirt it looks as if it had been switched off. One that leaves is held back, one that comes is waited for.
Outcome Power::end_migration(Task& task) {
  if (task.domain.migration == Migration::outgoing) {
    if (auto aborted = hypervisor_.abort_migration(task.domain); !aborted) {
      return task.end(OutcomeCode::failed, "its migration cannot be ended: " + reason(aborted.error()));
    }
  }
  for (;;) {
    const auto now = hypervisor_.look_again(task.domain);
    if (!now && now.error().code != Errc::not_found) return task.failed(now.error());
    if (!now || now->state == State::shut_off) {
      return task.end(OutcomeCode::failed, "it ended here during a migration: it may run on another host");
    }
    task.domain = *now;
    if (now->migration == Migration::none) return task.end(OutcomeCode::done);
    if (clock_.now() - task.began > off_limit) {
      return task.end(OutcomeCode::failed, "it is still on its way from one host to another, or just being started");
    }
    clock_.sleep(look_interval);
  }
}

/// Looks until it is off. `trouble`: what the call that should have done it said; then one look must do.
Outcome Power::verify_off(Task& task, const std::string& trouble) {
  bool may_be_elsewhere = false;
  const State before = task.domain.state;
  for (;;) {
    const auto now = hypervisor_.look_again(task.domain);
    const bool vanished = !now && now.error().code == Errc::not_found;
    if (now) task.domain = *now;
    may_be_elsewhere = may_be_elsewhere || (now && (now->migrated_away || now->migration != Migration::none));
    if ((vanished || (now && now->state == State::shut_off)) && may_be_elsewhere) {
      return task.end(OutcomeCode::failed, "it ended here during a migration: it may run on another host");
    }
    if (now && is_off(*now)) {
      // With it the boot that was fenced would come back at the next start.
      if (auto forgotten = hypervisor_.forget_saved(*now); !forgotten) return task.failed(forgotten.error());
      return task.end(OutcomeCode::done, "off (was " + virt::to_string(before) + "), verified");
    }
    if (vanished) {
      remember_gone(task.domain);
      task.domain.state = State::shut_off;
      return task.end(OutcomeCode::done, "off (was " + virt::to_string(before) + ") and gone with it, verified");
    }
    if (!trouble.empty()) return now ? task.end(OutcomeCode::failed, trouble) : task.failed(now.error());
    if (clock_.now() - task.began > off_limit) {
      return now ? task.end(OutcomeCode::failed, "it is still " + virt::to_string(now->state))
                 : task.failed(now.error());
    }
    clock_.sleep(look_interval);
  }
}

Outcome Power::switch_on(Task& task) {
  if (task.domain.migrated_away) return task.end(OutcomeCode::failed, "it was migrated and runs on another host");
  if (!executes_nothing(task.domain)) return task.end(OutcomeCode::done, "is " + virt::to_string(task.domain.state));
  if (!task.still_wanted(clock_.now())) return task.end(OutcomeCode::requester_gone);
  if (task.domain.state == State::crashed) {
    // What crashed still holds its place; the original leaves it there and calls that "on".
    Outcome off = switch_off(task);
    if (off.code != OutcomeCode::done) return off;
  }
  if (auto started = start(task); !started) return task.failed(started.error());
  return task.end(OutcomeCode::done, "on");
}

/// Starts what is off, and looks whether it runs.
Result<void> Power::start(Task& task) {
  for (;;) {
    Result<void> started = task.definition.empty() ? hypervisor_.forget_saved(task.domain) : Result<void>{};
    if (started) {
      started = task.definition.empty() ? hypervisor_.start(task.domain)
                                        : hypervisor_.start_from(task.domain, task.definition);
    }
    // Whatever the call said: somebody else may have started it.
    const auto now = hypervisor_.look_again(task.domain);
    if (now && !executes_nothing(*now)) {
      task.domain = *now;
      forget_gone(*now);
      return {};
    }
    if (started) started = fail(Errc::backend, "start " + task.domain.name, "it is off again");
    if (clock_.now() + start_again_after - task.began > on_limit) return started;
    clock_.sleep(start_again_after);
  }
}

std::optional<Domain> Power::known_gone(const std::string& name_or_uuid) {
  const std::lock_guard lock{mutex_};
  while (!gone_.empty() && clock_.now() - gone_.front().since > gone_for) gone_.pop_front();
  const auto known = std::find_if(gone_.begin(), gone_.end(), [&](const Gone& gone) {
    return gone.domain.name == name_or_uuid || fencehost::same_word(gone.domain.uuid, name_or_uuid);
  });
  return known != gone_.end() ? std::optional{known->domain} : std::nullopt;
}

void Power::remember_gone(const Domain& domain) {
  const std::lock_guard lock{mutex_};
  // What was not seen since then does not become newer by a second off.
  const bool known =
      std::any_of(gone_.begin(), gone_.end(), [&](const Gone& gone) { return gone.domain.uuid == domain.uuid; });
  if (known) return;
  if (gone_.size() >= gone_max) gone_.pop_front();
  gone_.push_back({domain, clock_.now()});
}

void Power::forget_gone(const Domain& domain) {
  const std::lock_guard lock{mutex_};
  std::erase_if(gone_,
                [&](const Gone& gone) { return gone.domain.name == domain.name || gone.domain.uuid == domain.uuid; });
}

Result<std::vector<xvm::HostRecord>> Power::list(const Order& order) {
  auto all = hypervisor_.list();
  if (!all) return tl::unexpected{all.error()};
  std::vector<xvm::HostRecord> visible;
  for (const Domain& domain : *all) {
    if (visible.size() >= fencehost::listed_domains_max) break;
    if (!permissions_.allows(order.source, {domain.name, domain.uuid})) continue;
    visible.push_back({domain.name, domain.uuid, static_cast<std::uint8_t>(domain.state)});
  }
  return visible;
}

}  // namespace duet::virtd
