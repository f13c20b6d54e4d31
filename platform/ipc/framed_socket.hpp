// SPDX-License-Identifier: Apache-2.0
// FramedSocket: a connected stream socket on the loop that speaks frames, with a bounded queue of what the peer has not
// read yet. Common to the server's connections and the reconnecting client.
#pragma once

#include <functional>
#include <memory>

#include "core/base/result.hpp"
#include "platform/ipc/frame.hpp"
#include "platform/loop/loop.hpp"

namespace duet::ipc {

/// Descriptors that a peer passes are closed by the kernel, because we never ask for ancillary data.
class FramedSocket {
 public:
  struct Handlers {
    std::function<void(Bytes)> frame;
    /// Nothing more is called afterwards. `why` is empty if the peer closed between two frames.
    std::function<void(const std::string& why)> ended;
    /// Something was received or sent.
    std::function<void()> active;
  };
  /// `fd` is non-blocking. Error: Errc::backend.
  static Result<std::unique_ptr<FramedSocket>> create(Loop& loop, UniqueFd fd, std::size_t frame_limit,
                                                      std::size_t queue_limit, Handlers handlers);
  FramedSocket(const FramedSocket&) = delete;
  FramedSocket& operator=(const FramedSocket&) = delete;
  ~FramedSocket();

  /// Sends, or queues what the kernel does not take. One frame alone may be larger than the queue's limit: the answer
  /// to a request is as large as it is. Error: limit if the queue would exceed its limit, disconnected; the caller then
  /// drops the connection: part of the frame may be out.
  Result<void> send(ByteView payload);
  void set_frame_limit(std::size_t limit) { reader_.set_limit(limit); }
  /// Whether frames are taken from the peer; a peer that is not read is held up by its own full socket.
  void set_reading(bool reading);
  /// Takes what a peer has sent that has closed its end meanwhile, and then its end: so that its successor does not
  /// come before it has gone. Does nothing while the peer is there. May destroy the object.
  void finish_if_closed();
  /// In the middle of a frame from the peer.
  [[nodiscard]] bool receiving() const { return reader_.partial(); }
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  FramedSocket(Loop& loop, UniqueFd fd, std::size_t frame_limit, std::size_t queue_limit, Handlers handlers);
  void ready(short events);
  void read_some();
  void deliver();
  Result<void> write_some();
  void end(const std::string& why);
  void update_events();

  Loop& loop_;
  UniqueFd fd_;
  FrameReader reader_;
  Bytes queue_;
  std::size_t queue_at_ = 0;
  std::size_t queue_limit_;
  Handlers handlers_;
  bool reading_ = true;
  bool ended_ = false;
  FdWatch watch_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace duet::ipc
