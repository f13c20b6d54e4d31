// SPDX-License-Identifier: Apache-2.0
// One packet each way on the socket pair between parser and helper, with a descriptor if there is one.
#pragma once

#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "platform/loop/unique_fd.hpp"

namespace duet::virtd {

struct Packet {
  Bytes bytes;
  UniqueFd descriptor;  ///< of an order that changes power
};

struct ChannelPair {
  UniqueFd parser;
  UniqueFd helper;
};
[[nodiscard]] Result<ChannelPair> make_channel();

/// Sends the packet whole or not at all; `descriptor` -1 for none. With `wait` it blocks while the other side is
/// behind. Errors: try_again (full), disconnected.
[[nodiscard]] Result<void> send_packet(int socket, ByteView bytes, int descriptor, bool wait);

/// nullopt: the other side has closed. Errors: try_again (nothing there, only without `wait`), malformed (too long, or
/// more than one descriptor), disconnected.
[[nodiscard]] Result<std::optional<Packet>> receive_packet(int socket, bool wait);

/// True if the requester behind this connection has not closed it. A machine that was cut off closes nothing: that it
/// is there was proved a moment ago by its response.
[[nodiscard]] bool still_open(int connection);

}  // namespace duet::virtd
