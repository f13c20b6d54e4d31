// SPDX-License-Identifier: Apache-2.0
// Trying what no encoder writes: a generated message is put together by hand and taken.
#pragma once

#include <string>

#include "core/codec/check.hpp"

namespace duet::test {

/// Why `wire` is refused as a Value; empty if it is accepted.
template <class Value, class Wire>
std::string why_refused(const Wire& wire) {
  v1::Check check;
  Value value;
  take(check, wire, value);
  return check.ok() ? "" : check.error("message").why;
}

}  // namespace duet::test
