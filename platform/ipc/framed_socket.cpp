// SPDX-License-Identifier: Apache-2.0
// See framed_socket.hpp. Each callback may destroy the object: after one, `alive_` is looked at before anything else.
#include "platform/ipc/framed_socket.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace duet::ipc {

namespace {
constexpr std::size_t read_step = 16 * 1024;
}

Result<std::unique_ptr<FramedSocket>> FramedSocket::create(Loop& loop, UniqueFd fd, std::size_t frame_limit,
                                                           std::size_t queue_limit, Handlers handlers) {
  std::unique_ptr<FramedSocket> made{
      new FramedSocket{loop, std::move(fd), frame_limit, queue_limit, std::move(handlers)}};
  auto watch = loop.watch(made->fd(), POLLIN, [raw = made.get()](short events) { raw->ready(events); });
  if (!watch) return tl::unexpected{watch.error()};
  made->watch_ = std::move(*watch);
  return made;
}

FramedSocket::FramedSocket(Loop& loop, UniqueFd fd, std::size_t frame_limit, std::size_t queue_limit, Handlers handlers)
    : loop_{loop},
      fd_{std::move(fd)},
      reader_{frame_limit},
      queue_limit_{queue_limit},
      handlers_{std::move(handlers)} {}

FramedSocket::~FramedSocket() {
  *alive_ = false;
  watch_.reset();
}

void FramedSocket::ready(short events) {
  const auto alive = alive_;
  if ((events & POLLOUT) != 0) {
    if (auto written = write_some(); !written) return end(written.error().what);
    update_events();
  }
  if ((events & (POLLIN | POLLHUP | POLLERR)) == 0) return;
  if (!reading_) {
    if ((events & (POLLHUP | POLLERR)) != 0) end("the peer has gone");
    return;
  }
  read_some();
}

void FramedSocket::read_some() {
  std::array<std::uint8_t, read_step> data;
  const ssize_t got = recv(fd_.get(), data.data(), data.size(), 0);
  if (got < 0) {
    if (errno != EAGAIN && errno != EINTR) end(std::strerror(errno));
    return;
  }
  if (got == 0) return end(reader_.partial() ? "the peer closed in the middle of a frame" : "");
  reader_.feed(ByteView{data}.first(static_cast<std::size_t>(got)));
  deliver();
}

void FramedSocket::finish_if_closed() {
  pollfd state{fd_.get(), POLLRDHUP, 0};
  const auto alive = alive_;
  // Bounded by what a socket can hold: its buffers have at most a few hundred steps.
  for (int i = 0; i < 1024 && *alive && !ended_; ++i) {
    if (poll(&state, 1, 0) != 1) return;
    reading_ = true;
    read_some();
  }
}

void FramedSocket::deliver() {
  const auto alive = alive_;
  while (reading_) {
    auto frame = reader_.next();
    if (!frame) return end(frame.error().what);
    if (!*frame) break;
    const auto take = handlers_.frame;
    take(std::move(**frame));
    if (!*alive || ended_) return;
  }
  handlers_.active();
}

Result<void> FramedSocket::send(ByteView payload) {
  if (ended_) return fail(Errc::disconnected, "the connection has ended");
  const std::size_t waiting = queue_.size() - queue_at_;
  if (waiting > 0 && payload.size() + frame_header > queue_limit_ - std::min(waiting, queue_limit_)) {
    return fail(Errc::limit, "the peer does not read: its queue is full");
  }
  const Bytes frame = make_frame(payload);
  if (queue_at_ > 0) {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(queue_at_));
    queue_at_ = 0;
  }
  queue_.insert(queue_.end(), frame.begin(), frame.end());
  if (waiting == 0) {
    if (auto written = write_some(); !written) return written;
  }
  update_events();
  return {};
}

Result<void> FramedSocket::write_some() {
  while (queue_at_ < queue_.size()) {
    const ssize_t sent = ::send(fd_.get(), queue_.data() + queue_at_, queue_.size() - queue_at_, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) return {};
      return fail(Errc::disconnected, std::strerror(errno));
    }
    queue_at_ += static_cast<std::size_t>(sent);
  }
  queue_.clear();
  if (queue_.capacity() > 64 * 1024) queue_.shrink_to_fit();
  queue_at_ = 0;
  handlers_.active();
  return {};
}

void FramedSocket::set_reading(bool reading) {
  if (reading_ == reading || ended_) return;
  reading_ = reading;
  update_events();
  if (!reading) return;
  // Whole frames may wait in the reader, for which no readiness will be reported again.
  loop_.post([this, alive = alive_] {
    if (*alive && !ended_) deliver();
  });
}

void FramedSocket::update_events() {
  if (ended_) return;
  const int events = (reading_ ? POLLIN : 0) | (queue_.size() > queue_at_ ? POLLOUT : 0);
  watch_.set_events(static_cast<short>(events));
}

void FramedSocket::end(const std::string& why) {
  if (ended_) return;
  ended_ = true;
  watch_.reset();
  const auto ended = handlers_.ended;
  ended(why);
}

}  // namespace duet::ipc
