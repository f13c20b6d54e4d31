// SPDX-License-Identifier: Apache-2.0
// The host's side of the handshake on one connection: answer the agent's challenge, then ask our own and check the
// response. When our own goes out is the owner's choice (after the lane was taken). Pure; bytes in, bytes out.
#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/xvm/challenge.hpp"
#include "core/xvm/secret.hpp"

namespace duet::fencehost {

class Callback {
 public:
  /// `secret` may be nullptr with HashType::none only; it must outlive this.
  Callback(const xvm::Secret* secret, xvm::HashType auth);

  enum class Progress : std::uint8_t {
    more,        ///< not enough yet
    challenged,  ///< the agent's challenge is whole: send response()
    proved,      ///< the agent has the key, and is there now
    wrong,       ///< the response is wrong, or bytes came out of turn: close
  };
  /// With HashType::none nothing is to come: every byte is wrong.
  [[nodiscard]] Progress receive(ByteView bytes);

  /// What the agent asked; after `challenged`.
  [[nodiscard]] const xvm::Block& challenge() const { return received_; }
  /// To be sent after `challenged`.
  [[nodiscard]] xvm::Block response() const;
  /// Makes `random` our challenge; to be sent by the caller. Once, after `challenged`.
  void ask(const xvm::Block& random);

 private:
  enum class Phase : std::uint8_t { their_challenge, between, our_challenge, over };
  const xvm::Secret* secret_;
  xvm::HashType auth_;
  Phase phase_;
  xvm::Block received_{};
  std::size_t filled_ = 0;
  xvm::Block asked_{};
};

}  // namespace duet::fencehost
