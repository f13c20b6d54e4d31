// SPDX-License-Identifier: Apache-2.0
// Calls of libquorum and libvotequorum.
#include "platform/corosync/quorum.hpp"

#include <corosync/quorum.h>
#include <corosync/votequorum.h>

#include <algorithm>
#include <span>
#include <utility>

#include "platform/corosync/cs_error.hpp"

namespace duet::corosync {

/// What corosync calls. They only queue. The list of nodes of the quorum call is the one that belongs to its verdict;
/// that of the other call may be of a ring whose quorum is not decided yet, so it is not used.
struct Quorum::Callbacks {
  static void quorum(quorum_handle_t handle, std::uint32_t quorate, quorum_ring_id ring, std::uint32_t count,
                     const std::uint32_t* nodes) noexcept {
    const void* context = nullptr;
    if (quorum_context_get(handle, &context) != CS_OK || context == nullptr) return;
    auto* const object = static_cast<Quorum*>(const_cast<void*>(context));  // NOLINT: it is ours
    QuorumState state;
    state.quorate = quorate != 0;
    state.ring = ring.seq;
    for (const std::uint32_t node : std::span{nodes, count}) state.members.emplace_back(node);
    std::sort(state.members.begin(), state.members.end());
    object->states_.push_back(std::move(state));
  }
  static void nodes(quorum_handle_t, quorum_ring_id, std::uint32_t, const std::uint32_t*, std::uint32_t,
                    const std::uint32_t*, std::uint32_t, const std::uint32_t*) noexcept {}
};

Result<std::unique_ptr<Quorum>> Quorum::connect() {
  std::unique_ptr<Quorum> quorum{new Quorum};
  if (auto opened = quorum->open(); !opened) return tl::unexpected{opened.error()};
  return quorum;
}

Result<void> Quorum::open() {
  if (auto done = read_settings(); !done) return done;
  quorum_model_v1_data_t model{};
  model.model = QUORUM_MODEL_V1;
  model.quorum_notify_fn = &Callbacks::quorum;
  model.nodelist_notify_fn = &Callbacks::nodes;
  auto* const data = reinterpret_cast<quorum_model_data_t*>(&model);
  std::uint32_t type = QUORUM_FREE;
  if (auto done = check(quorum_model_initialize(&handle_, QUORUM_MODEL_V1, data, &type, this), "quorum_initialize");
      !done) {
    return done;
  }
  connected_ = true;
  if (type != QUORUM_SET) {
    return fail(Errc::backend, "quorum", "corosync runs without a quorum provider",
                "set provider: corosync_votequorum and two_node: 1 in corosync.conf");
  }
  if (auto done = check(quorum_fd_get(handle_, &fd_), "quorum_fd_get"); !done) return done;
  return check(quorum_trackstart(handle_, CS_TRACK_CHANGES | CS_TRACK_CURRENT), "quorum_trackstart");
}

Result<void> Quorum::read_settings() {
  votequorum_handle_t votes = 0;
  votequorum_callbacks_t callbacks{};
  if (auto done = check(votequorum_initialize(&votes, &callbacks), "votequorum_initialize"); !done) return done;
  votequorum_info info{};
  const cs_error_t code = votequorum_getinfo(votes, VOTEQUORUM_QDEVICE_NODEID, &info);
  static_cast<void>(votequorum_finalize(votes));
  // Node 0 means the quorum device in this call; without one the answer is about the asking node.
  if (auto done = check(code, "votequorum_getinfo"); !done) return done;
  settings_.two_node = (info.flags & VOTEQUORUM_INFO_TWONODE) != 0;
  settings_.wait_for_all = (info.flags & VOTEQUORUM_INFO_WAIT_FOR_ALL) != 0;
  settings_.expected_votes = info.highest_expected;
  return {};
}

Quorum::~Quorum() {
  if (connected_) static_cast<void>(quorum_finalize(handle_));
}

Result<std::vector<QuorumState>> Quorum::dispatch(std::size_t limit) {
  for (std::size_t i = 0; i < limit; ++i) {
    const cs_error_t code = quorum_dispatch(handle_, CS_DISPATCH_ONE_NONBLOCKING);
    if (code == CS_ERR_TRY_AGAIN) break;
    if (auto done = check(code, "quorum_dispatch"); !done) return tl::unexpected{done.error()};
  }
  return std::exchange(states_, {});
}

}  // namespace duet::corosync
