// SPDX-License-Identifier: Apache-2.0
// Calls of libcpg; its callbacks only hand over what they were told.
#include "platform/corosync/cpg.hpp"

#include <corosync/cpg.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <span>

#include "platform/corosync/cs_error.hpp"

namespace duet::corosync {
namespace {

Departure departure(std::uint32_t reason) {
  if (reason == CPG_REASON_LEAVE) return Departure::leave;
  return reason == CPG_REASON_NODEDOWN ? Departure::node_down : Departure::process_down;
}

Member member(const cpg_address& address) {
  return {NodeId{address.nodeid}, address.pid};
}

}  // namespace

/// What corosync calls. They only queue: an exception through a C frame would be a crash.
struct Cpg::Callbacks {
  static Cpg* object(cpg_handle_t handle) noexcept {
    void* context = nullptr;
    return cpg_context_get(handle, &context) == CS_OK ? static_cast<Cpg*>(context) : nullptr;
  }
  static void deliver(cpg_handle_t handle, const cpg_name*, std::uint32_t node, std::uint32_t pid, void* data,
                      std::size_t size) noexcept {
    Cpg* const cpg = object(handle);
    if (cpg == nullptr) return;
    const auto* const begin = static_cast<const std::uint8_t*>(data);
    cpg->events_.emplace_back(Message{{NodeId{node}, pid}, Bytes(begin, begin + size)});
  }
  static void change(cpg_handle_t handle, const cpg_name*, const cpg_address* members, std::size_t member_count,
                     const cpg_address* left, std::size_t left_count, const cpg_address* joined,
                     std::size_t joined_count) noexcept {
    Cpg* const cpg = object(handle);
    if (cpg != nullptr) cpg->on_change(members, member_count, left, left_count, joined, joined_count);
  }
  static void ring(cpg_handle_t handle, cpg_ring_id id, std::uint32_t, const std::uint32_t*) noexcept {
    Cpg* const cpg = object(handle);
    if (cpg != nullptr) cpg->events_.emplace_back(RingNumber{id.seq});
  }
};

Result<std::unique_ptr<Cpg>> Cpg::join(const std::string& group) {
  std::unique_ptr<Cpg> cpg{new Cpg};
  if (auto opened = cpg->open(group); !opened) return tl::unexpected{opened.error()};
  return cpg;
}

Result<void> Cpg::open(const std::string& group) {
  cpg_model_v1_data_t model{};
  model.model = CPG_MODEL_V1;
  model.cpg_deliver_fn = &Callbacks::deliver;
  model.cpg_confchg_fn = &Callbacks::change;
  model.cpg_totem_confchg_fn = &Callbacks::ring;
  model.flags = CPG_MODEL_V1_DELIVER_INITIAL_TOTEM_CONF;
  auto* const data = reinterpret_cast<cpg_model_data_t*>(&model);
  if (auto done = check(cpg_model_initialize(&handle_, CPG_MODEL_V1, data, this), "cpg_model_initialize"); !done) {
    return done;
  }
  connected_ = true;
  unsigned int node = 0;
  if (auto done = check(cpg_local_get(handle_, &node), "cpg_local_get"); !done) return done;
  self_ = {NodeId{node}, static_cast<std::uint32_t>(getpid())};
  if (auto done = check(cpg_max_atomic_msgsize_get(handle_, &largest_), "cpg_max_atomic_msgsize_get"); !done) {
    return done;
  }
  if (auto done = check(cpg_fd_get(handle_, &fd_), "cpg_fd_get"); !done) return done;
  cpg_name name{};
  name.length = static_cast<std::uint32_t>(std::min<std::size_t>(group.size(), CPG_MAX_NAME_LENGTH - 1));
  std::copy_n(group.data(), name.length, static_cast<char*>(name.value));
  return check(cpg_join(handle_, &name), "cpg_join");
}

Cpg::~Cpg() {
  if (connected_) static_cast<void>(cpg_finalize(handle_));
}

Result<std::vector<Cpg::Event>> Cpg::dispatch(std::size_t limit) {
  for (std::size_t i = 0; i < limit; ++i) {
    const cs_error_t code = cpg_dispatch(handle_, CS_DISPATCH_ONE_NONBLOCKING);
    if (code == CS_ERR_TRY_AGAIN) break;
    if (auto done = check(code, "cpg_dispatch"); !done) return tl::unexpected{done.error()};
  }
  return std::exchange(events_, {});
}

Result<void> Cpg::multicast(ByteView message) {
  if (message.size() > largest_)
    return fail(Errc::limit, "message for the group", "larger than corosync sends at once");
  iovec part{};
  part.iov_base = const_cast<std::uint8_t*>(message.data());  // NOLINT: the C interface has no const here
  part.iov_len = message.size();
  return check(cpg_mcast_joined(handle_, CPG_TYPE_AGREED, &part, 1), "cpg_mcast_joined");
}

void Cpg::on_change(const cpg_address* members, std::size_t member_count, const cpg_address* left,
                    std::size_t left_count, const cpg_address* joined, std::size_t joined_count) {
  GroupChange change;
  for (const cpg_address& address : std::span{members, member_count}) change.members.push_back(member(address));
  for (const cpg_address& address : std::span{left, left_count}) {
    change.left.push_back({member(address), departure(address.reason)});
    change.of_ring = change.of_ring || address.reason == CPG_REASON_NODEDOWN;
  }
  for (const cpg_address& address : std::span{joined, joined_count}) {
    change.joined.push_back(member(address));
    change.of_ring = change.of_ring || address.reason == CPG_REASON_NODEUP;
  }
  events_.emplace_back(std::move(change));
}

}  // namespace duet::corosync
