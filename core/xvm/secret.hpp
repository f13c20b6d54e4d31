// SPDX-License-Identifier: Apache-2.0
// The shared key and every digest that is made with it. All of them are H(key || data), not HMAC: that is the existing
// wire format. Padded with zeros to 64 bytes, whatever the algorithm.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace duet::xvm {

/// The numbers are those of the wire; a higher one is stronger, "at least" compares them.
enum class HashType : std::uint8_t { none = 0, sha1 = 1, sha256 = 2, sha512 = 3 };

/// "none", "sha1", "sha256", "sha512".
[[nodiscard]] std::string_view to_string(HashType type);
/// The other direction, any case; nullopt for another word.
[[nodiscard]] std::optional<HashType> parse_hash_type(std::string_view text);

inline constexpr std::size_t key_bytes_max = 4096;  ///< a longer file counts with its first 4096 bytes, on both sides
inline constexpr std::size_t key_bytes_good = 32;   ///< shorter works (the originals take it) and deserves a warning

/// 64 bytes: digest field of the request, challenge, response.
using Block = std::array<std::uint8_t, 64>;

/// Holds the key; wipes it at the end. Digests allocate nothing, and the key itself is hashed once, not for each
/// message. Not for use by several threads at once while it is moved; `digest` alone may run in parallel.
class Secret {
 public:
  /// From the bytes of the key file, taken as they are: not stripped, not padded, a newline at the end is key.
  /// Errors: Errc::invalid_argument if it is empty or all zero, which would let everybody sign.
  static Result<Secret> from_file(ByteView file);

  Secret(Secret&&) noexcept;
  Secret& operator=(Secret&&) noexcept;
  ~Secret();

  /// H(key || data), zero padded. HashType::none gives all zeros.
  [[nodiscard]] Block digest(HashType type, ByteView data) const;

  /// Bytes that count, 1 .. key_bytes_max.
  [[nodiscard]] std::size_t size() const;

  /// 8 hexadecimal digits by which people compare two key files. Tells nothing useful about a random key; two
  /// machines with the same key show the same.
  [[nodiscard]] std::string fingerprint() const;

  /// The key without a newline at its end, if it has one: to find out that it was lost or added while copying.
  [[nodiscard]] std::optional<Secret> without_newline() const;
  /// The other way round; nullopt if the key has its full length.
  [[nodiscard]] std::optional<Secret> with_newline() const;

 private:
  struct State;
  explicit Secret(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Compares in a time that does not depend on the content.
[[nodiscard]] bool equal_constant_time(const Block& a, const Block& b);

}  // namespace duet::xvm
