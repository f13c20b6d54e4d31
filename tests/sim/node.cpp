// SPDX-License-Identifier: Apache-2.0
// Power, boots and processes of a simulated node.
#include "tests/sim/node.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/base/digest.hpp"
#include "tests/sim/world.hpp"

namespace duet::sim {

SimNode::SimNode(World& world, int index)
    : rng{world.plan.seed, index == 0 ? "node-n1" : "node-n2"}, world_{world}, index_{index} {}

SimNode::~SimNode() = default;

// ---- power ----------------------------------------------------------------------------------------------------------

void SimNode::power_on(Duration boot_time) {
  if (powered_) return;
  powered_ = true;
  const std::uint64_t generation = ++power_generation_;
  world_.scheduler.after(boot_time, [this, generation] {
    if (powered_ && power_generation_ == generation) kernel_up();
  });
}

void SimNode::kernel_up() {
  ++boot_number_;
  boot_id_ = to_hex(sha256(as_bytes(fmt::format("{}/{}/{}", world_.plan.seed, index_, boot_number_))));
  boot_at_ = world_.scheduler.now();
  clock_offset_ = rng.between(1s, 1000s);
  emit(TraceEvent{TraceKind::boot, 0, {}, 0, {}});
  exec_ =
      std::make_unique<SimExec>(world_.scheduler, world_.plan, *this, world_.fence, index_, boot_number_, agent_faults);
  exec_->set_running(false);
  in_boot(rng.between(20ms, 200ms), [this] { exec_->set_running(true); });
  in_boot(rng.between(200ms, 1500ms), [this] { start_corosync(); });
  in_boot(rng.between(300ms, 2s), [this] { start_duetd(); });
}

void SimNode::power_off(const std::string& why) {
  if (!powered_) return;
  if (exec_ != nullptr) {
    emit(TraceEvent{TraceKind::power_off, 0, {}, 0, {{"why", why}}});
    exec_->power_lost();
  }
  powered_ = false;
  ++power_generation_;
  paused_ = false;
  stopping_ = false;
  frozen_.clear();
  if (driver_ != nullptr) driver_->die();
  world_.corosync.kill(index_);
  exec_.reset();
  if (driver_ == nullptr) return;
  driver_.reset();
  world_.admin.daemon_ended(index_);
}

void SimNode::reboot(const std::string& why) {
  power_off(why);
  power_on(world_.plan.ms("boot_ms"));
}

void SimNode::pause() {
  if (!booted() || paused_) return;
  paused_ = true;
  emit(TraceEvent{TraceKind::pause, 0, {}, 0, {}});
  world_.corosync.pause(index_, true);
}

void SimNode::resume() {
  if (!paused_) return;
  paused_ = false;
  emit(TraceEvent{TraceKind::resume, 0, {}, 0, {}});
  world_.corosync.pause(index_, false);
  for (Scheduler::Task& task : std::exchange(frozen_, {})) in_boot(Duration{0}, std::move(task));
}

// ---- processes ------------------------------------------------------------------------------------------------------

void SimNode::start_duetd() {
  if (!booted() || driver_ != nullptr) return;
  stopping_ = false;
  driver_ = std::make_shared<Driver>(*this, ++pids_);
  driver_->start();
}

void SimNode::kill_duetd(Duration restart_after) {
  if (driver_ == nullptr) return;
  duetd_ended(false, "killed");
  in_boot(restart_after, [this] { start_duetd(); });
}

void SimNode::stop_duetd() {
  if (driver_ == nullptr || stopping_) return;
  stopping_ = true;
  driver_->want_stop();
}

void SimNode::duetd_ended(bool clean, const std::string& why) {
  if (driver_ == nullptr) return;
  const std::shared_ptr<Driver> ended = std::exchange(driver_, nullptr);
  ended->die();
  if (exec_ != nullptr) exec_->disconnect();
  world_.corosync.detach(index_, clean ? SimCorosync::Goodbye::leave : SimCorosync::Goodbye::crash);
  emit(TraceEvent{
      TraceKind::proc_exit, 0, {}, 0, {{"process", "duetd"}, {"why", why}, {"clean", clean ? "yes" : "no"}}});
  world_.admin.daemon_ended(index_);
}

void SimNode::start_corosync() {
  if (!booted() || world_.corosync.running(index_)) return;
  emit(TraceEvent{TraceKind::proc_start, 0, {}, 0, {{"process", "corosync"}}});
  world_.corosync.start(index_);
}

void SimNode::kill_corosync() {
  if (!world_.corosync.running(index_)) return;
  emit(TraceEvent{TraceKind::proc_exit, 0, {}, 0, {{"process", "corosync"}}});
  world_.corosync.kill(index_);
}

void SimNode::stop_corosync() {
  if (!world_.corosync.running(index_)) return;
  emit(TraceEvent{TraceKind::proc_exit, 0, {}, 0, {{"process", "corosync"}, {"clean", "yes"}}});
  world_.corosync.stop(index_);
}

// ---- Machine --------------------------------------------------------------------------------------------------------

void SimNode::in_boot(Duration delay, Scheduler::Task task) {
  world_.scheduler.after(delay, [this, generation = power_generation_, task = std::move(task)]() mutable {
    if (generation != power_generation_) return;
    if (paused_) {
      frozen_.push_back(std::move(task));
    } else {
      task();
    }
  });
}

void SimNode::emit(TraceEvent event) {
  event.node = id().get();
  event.boot = boot_id_;
  world_.record(std::move(event));
}

Instant SimNode::clock() const {
  return Instant{world_.scheduler.now() - boot_at_ + clock_offset_};
}

Duration SimNode::world_time(Instant at) const {
  return at.since_origin() - clock_offset_ + boot_at_;
}

}  // namespace duet::sim
