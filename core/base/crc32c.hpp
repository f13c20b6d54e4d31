// SPDX-License-Identifier: Apache-2.0
// CRC32C (Castagnoli): finds damaged stream messages (A8). Not a defence against an attacker.
#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"

namespace duet {

/// Polynomial 0x1EDC6F41 reflected, initial and final XOR 0xFFFFFFFF (RFC 3720 B.4). "123456789" gives 0xE3069283.
[[nodiscard]] std::uint32_t crc32c(ByteView data);

}  // namespace duet
