// SPDX-License-Identifier: Apache-2.0
// See channel.hpp.
#include "platform/ipc/channel.hpp"

#include <algorithm>

#include "platform/ipc/client.hpp"

namespace duet::ipc {

Channel::Channel(Loop& loop, ChannelOptions options, ChannelHandlers handlers)
    : loop_{loop},
      options_{std::move(options)},
      handlers_{std::move(handlers)},
      retry_{options_.retry_first},
      again_{loop, [this] { try_connect(); }},
      stable_{loop, [this] { retry_ = options_.retry_first; }} {
  again_.arm_in(Duration{0});
}

void Channel::try_connect() {
  auto fd = connect_checked(options_.path, options_.owners);
  if (!fd) {
    again_.arm_in(retry_);
    retry_ = std::min(retry_ * 2, options_.retry_max);
    if (fd.error().what == last_error_) return;
    last_error_ = fd.error().what;
    return handlers_.disconnected(last_error_);
  }
  auto socket = FramedSocket::create(loop_, std::move(*fd), options_.frame_limit, options_.queue,
                                     {.frame = [this](Bytes frame) { handlers_.frame(std::move(frame)); },
                                      .ended = [this](const std::string& why) { lost(why); },
                                      .active = [] {}});
  if (!socket) return lost(socket.error().what);
  socket_ = std::move(*socket);
  last_error_.clear();
  // A server that accepts and closes at once must not be asked again without pause.
  stable_.arm_in(options_.retry_max);
  handlers_.connected();
}

void Channel::lost(const std::string& why) {
  socket_.reset();
  stable_.cancel();
  again_.arm_in(retry_);
  retry_ = std::min(retry_ * 2, options_.retry_max);
  handlers_.disconnected(why.empty() ? "the server closed the connection" : why);
}

void Channel::reset(const std::string& why) {
  if (socket_) lost(why);
}

Result<void> Channel::send(ByteView payload) {
  if (!socket_) return fail(Errc::disconnected, "not connected to " + options_.path);
  auto sent = socket_->send(payload);
  if (!sent) {
    loop_.post([this, why = sent.error().what, socket = socket_.get(), life = std::weak_ptr{life_}] {
      if (!life.expired() && socket_.get() == socket) lost(why);
    });
  }
  return sent;
}

}  // namespace duet::ipc
