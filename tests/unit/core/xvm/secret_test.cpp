// SPDX-License-Identifier: Apache-2.0
// Keyed digests against the library's other interface, and which keys are refused.
#include "core/xvm/secret.hpp"

#include <openssl/evp.h>

#include <catch2/catch.hpp>

#include "tests/unit/core/xvm/vectors.hpp"

using namespace duet;
using namespace duet::xvm;

namespace {

/// The same digest by another interface of the library, over the joined bytes.
Block reference(const EVP_MD* algorithm, const Bytes& key, ByteView data) {
  Bytes joined{key};
  joined.insert(joined.end(), data.begin(), data.end());
  Block out{};
  EVP_Digest(joined.data(), joined.size(), out.data(), nullptr, algorithm, nullptr);
  return out;
}

}  // namespace

TEST_CASE("xvm secret: digests are H(key || data), zero padded to 64 bytes", "[xvm]") {
  const std::string name = GENERATE("key32", "key4096", "keytxt");
  const Secret secret = test::secret(name);
  const Bytes key = test::key_file(name);
  const ByteView data = as_bytes("any data, of any length");
  CHECK(secret.digest(HashType::none, data) == Block{});
  CHECK(secret.digest(HashType::sha1, data) == reference(EVP_sha1(), key, data));
  CHECK(secret.digest(HashType::sha256, data) == reference(EVP_sha256(), key, data));
  CHECK(secret.digest(HashType::sha512, data) == reference(EVP_sha512(), key, data));
  CHECK(secret.digest(HashType::sha256, data) == reference(EVP_sha256(), key, data));  // a second time
}

TEST_CASE("xvm secret: a key counts with its first 4096 bytes", "[xvm]") {
  const Secret cut = test::secret("key5000");
  CHECK(cut.size() == 4096);
  CHECK(cut.digest(HashType::sha256, {}) == test::secret("key4096").digest(HashType::sha256, {}));
}

TEST_CASE("xvm secret: a key by which everybody could sign is refused (V21)", "[xvm]") {
  CHECK(Secret::from_file({}).error().code == Errc::invalid_argument);
  CHECK(Secret::from_file(Bytes(4096, 0)).error().code == Errc::invalid_argument);
  Bytes late(5000, 0);
  late[4096] = 1;  // behind what counts
  CHECK_FALSE(Secret::from_file(late));
  CHECK(Secret::from_file(Bytes{0, 1}).has_value());
}

TEST_CASE("xvm secret: a newline at the end is key, and can be taken off to find the reason", "[xvm]") {
  const Secret with = test::secret("keytxt");
  const auto without = with.without_newline();
  REQUIRE(without);
  CHECK(without->size() + 1 == with.size());
  CHECK(without->digest(HashType::sha256, {}) == Secret::from_file(as_bytes("secret"))->digest(HashType::sha256, {}));
  CHECK_FALSE(without->without_newline());
  CHECK_FALSE(Secret::from_file(as_bytes("\n"))->without_newline());
}

TEST_CASE("xvm secret: a fingerprint names the key and differs between keys", "[xvm]") {
  CHECK(test::secret("key32").fingerprint() == test::secret("key32").fingerprint());
  CHECK(test::secret("key32").fingerprint() != test::secret("key4096").fingerprint());
  CHECK(test::secret("key32").fingerprint().size() == 8);
}

TEST_CASE("xvm secret: hash types have their text in any case", "[xvm]") {
  for (const HashType type : {HashType::none, HashType::sha1, HashType::sha256, HashType::sha512}) {
    CHECK(parse_hash_type(to_string(type)) == type);
  }
  CHECK(parse_hash_type("SHA256") == HashType::sha256);
  const char* other = GENERATE("", "sha", "sha2566", "md5", "sha-256");
  CHECK_FALSE(parse_hash_type(other));
}

TEST_CASE("xvm secret: blocks are equal only if all 64 bytes are", "[xvm]") {
  Block a{};
  for (std::size_t i = 0; i < a.size(); ++i) {
    Block b = a;
    b[i] ^= 0x80;
    CHECK_FALSE(equal_constant_time(a, b));
  }
  CHECK(equal_constant_time(a, a));
}
