// SPDX-License-Identifier: Apache-2.0
// Two blocks of 64 bytes, in order, and nothing else.
#include "core/fencehost/callback.hpp"

#include <algorithm>

#include "core/base/invariant.hpp"

namespace duet::fencehost {

Callback::Callback(const xvm::Secret* secret, xvm::HashType auth)
    : secret_{secret}, auth_{auth}, phase_{auth == xvm::HashType::none ? Phase::over : Phase::their_challenge} {
  DUET_INVARIANT(secret != nullptr || auth == xvm::HashType::none);
}

Callback::Progress Callback::receive(ByteView bytes) {
  if (bytes.empty()) return Progress::more;
  if (phase_ == Phase::between || phase_ == Phase::over) return Progress::wrong;
  if (bytes.size() > received_.size() - filled_) return Progress::wrong;
  std::copy(bytes.begin(), bytes.end(), received_.begin() + static_cast<std::ptrdiff_t>(filled_));
  filled_ += bytes.size();
  if (filled_ < received_.size()) return Progress::more;
  if (phase_ == Phase::their_challenge) {
    phase_ = Phase::between;
    return Progress::challenged;
  }
  phase_ = Phase::over;
  return xvm::response_is_right(*secret_, auth_, asked_, received_) ? Progress::proved : Progress::wrong;
}

xvm::Block Callback::response() const {
  DUET_INVARIANT(phase_ == Phase::between);
  return xvm::respond(*secret_, auth_, received_);
}

void Callback::ask(const xvm::Block& random) {
  DUET_INVARIANT(phase_ == Phase::between);
  asked_ = random;
  filled_ = 0;
  phase_ = Phase::our_challenge;
}

}  // namespace duet::fencehost
