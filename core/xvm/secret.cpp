// SPDX-License-Identifier: Apache-2.0
// Digests by OpenSSL's plain SHA functions. They are called "deprecated" in favour of EVP, but EVP reads the system's
// openssl.cnf and costs the agent 0.7 ms of its start, allocates for each digest, and offers nothing that is needed
// here.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "core/xvm/secret.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace duet::xvm {

struct Secret::State {
  std::array<std::uint8_t, key_bytes_max> key{};
  std::size_t size = 0;
  SHA_CTX sha1{};
  SHA256_CTX sha256{};
  SHA512_CTX sha512{};

  explicit State(ByteView bytes) : size{bytes.size()} {
    std::copy(bytes.begin(), bytes.end(), key.begin());
    SHA1_Init(&sha1);
    SHA1_Update(&sha1, key.data(), size);
    SHA256_Init(&sha256);
    SHA256_Update(&sha256, key.data(), size);
    SHA512_Init(&sha512);
    SHA512_Update(&sha512, key.data(), size);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    OPENSSL_cleanse(key.data(), key.size());
    OPENSSL_cleanse(&sha1, sizeof sha1);
    OPENSSL_cleanse(&sha256, sizeof sha256);
    OPENSSL_cleanse(&sha512, sizeof sha512);
  }
};

std::string_view to_string(HashType type) {
  switch (type) {
    case HashType::none:
      return "none";
    case HashType::sha1:
      return "sha1";
    case HashType::sha256:
      return "sha256";
    case HashType::sha512:
      return "sha512";
  }
  return "unknown";
}

std::optional<HashType> parse_hash_type(std::string_view text) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  for (const HashType type : {HashType::none, HashType::sha1, HashType::sha256, HashType::sha512}) {
    const std::string_view name = to_string(type);
    if (std::equal(text.begin(), text.end(), name.begin(), name.end(), [&](char a, char b) { return lower(a) == b; })) {
      return type;
    }
  }
  return std::nullopt;
}

Secret::Secret(std::unique_ptr<State> state) : state_{std::move(state)} {}
Secret::Secret(Secret&&) noexcept = default;
Secret& Secret::operator=(Secret&&) noexcept = default;
Secret::~Secret() = default;

Result<Secret> Secret::from_file(ByteView file) {
  const ByteView key = file.first(std::min(file.size(), key_bytes_max));
  if (key.empty()) return fail(Errc::invalid_argument, "the key is empty");
  if (std::all_of(key.begin(), key.end(), [](std::uint8_t byte) { return byte == 0; })) {
    return fail(Errc::invalid_argument, "the key consists of zero bytes only");
  }
  return Secret{std::make_unique<State>(key)};
}

Block Secret::digest(HashType type, ByteView data) const {
  Block out{};
  switch (type) {
    case HashType::none:
      break;
    case HashType::sha1: {
      SHA_CTX context = state_->sha1;
      SHA1_Update(&context, data.data(), data.size());
      SHA1_Final(out.data(), &context);
      OPENSSL_cleanse(&context, sizeof context);
      break;
    }
    case HashType::sha256: {
      SHA256_CTX context = state_->sha256;
      SHA256_Update(&context, data.data(), data.size());
      SHA256_Final(out.data(), &context);
      OPENSSL_cleanse(&context, sizeof context);
      break;
    }
    case HashType::sha512: {
      SHA512_CTX context = state_->sha512;
      SHA512_Update(&context, data.data(), data.size());
      SHA512_Final(out.data(), &context);
      OPENSSL_cleanse(&context, sizeof context);
      break;
    }
  }
  return out;
}

std::size_t Secret::size() const {
  return state_->size;
}

std::string Secret::fingerprint() const {
  // The label comes behind the key and has a length that no message has, so this is no digest of any message.
  const Block block = digest(HashType::sha256, as_bytes("duet key fingerprint"));
  constexpr std::string_view digits = "0123456789abcdef";  // not by core/base/digest: the agent would load libcrypto
  std::string text;
  for (std::size_t i = 0; i < 4; ++i) {
    text += digits[block[i] >> 4];
    text += digits[block[i] & 0x0FU];
  }
  return text;
}

std::optional<Secret> Secret::without_newline() const {
  const ByteView key = ByteView{state_->key}.first(state_->size);
  if (key.size() < 2 || key.back() != '\n') return std::nullopt;
  auto shorter = from_file(key.first(key.size() - 1));
  if (!shorter) return std::nullopt;
  return std::move(*shorter);
}

std::optional<Secret> Secret::with_newline() const {
  if (state_->size == key_bytes_max) return std::nullopt;
  auto longer = std::make_unique<State>(ByteView{state_->key}.first(state_->size + 1));  // copied with room for it
  longer->key[state_->size] = '\n';
  return Secret{std::make_unique<State>(ByteView{longer->key}.first(longer->size))};
}

bool equal_constant_time(const Block& a, const Block& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace duet::xvm
