// SPDX-License-Identifier: Apache-2.0
// Bytes, and reading and writing of fixed-width little-endian fields with every length checked.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace duet {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

[[nodiscard]] inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Appends fields in order. Never fails; sizes are the caller's to check.
class ByteWriter {
 public:
  template <class Unsigned>
  void put_le(Unsigned value) {
    for (std::size_t i = 0; i < sizeof(Unsigned); ++i) out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  void put(ByteView data) { out_.insert(out_.end(), data.begin(), data.end()); }
  [[nodiscard]] Bytes take() { return std::move(out_); }
  [[nodiscard]] const Bytes& bytes() const { return out_; }

 private:
  Bytes out_;
};

/// Reads fields in order. After a read past the end, `ok()` is false and every further read gives zero or nothing:
/// check once at the end.
class ByteReader {
 public:
  explicit ByteReader(ByteView data) : rest_{data} {}
  template <class Unsigned>
  [[nodiscard]] Unsigned get_le() {
    const ByteView field = get(sizeof(Unsigned));
    Unsigned value = 0;
    for (std::size_t i = 0; i < field.size(); ++i) {
      value = static_cast<Unsigned>(value | static_cast<Unsigned>(Unsigned{field[i]} << (8 * i)));
    }
    return value;
  }
  [[nodiscard]] ByteView get(std::size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const ByteView field = rest_.first(size);
    rest_ = rest_.subspan(size);
    return field;
  }
  [[nodiscard]] ByteView rest() const { return rest_; }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  ByteView rest_;
  bool ok_ = true;
};

}  // namespace duet
