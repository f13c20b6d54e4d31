// SPDX-License-Identifier: Apache-2.0
// Challenge and response against the recorded sessions.
#include "core/xvm/challenge.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/core/xvm/vectors.hpp"

using namespace duet;
using namespace duet::xvm;

namespace {

Block block(const Bytes& bytes) {
  REQUIRE(bytes.size() == 64);
  Block out{};
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

/// In the synthetic sessions the auth type given is that of the client; the response tells the one in use.
bool fits(const Secret& secret, HashType type, const test::Step& challenge, const test::Step& response) {
  return response_is_right(secret, type, block(challenge.bytes), block(response.bytes));
}

}  // namespace

TEST_CASE("xvm challenge: both responses of each recorded session are what we compute", "[xvm][golden]") {
  for (const test::SessionVector& session : test::sessions()) {
    CAPTURE(session.name);
    if (session.auth == HashType::none) continue;
    const Secret secret = test::secret(session.key);
    REQUIRE(session.steps.size() >= 5);
    CHECK(fits(secret, session.auth, session.steps[0], session.steps[1]));
    CHECK(fits(secret, session.auth, session.steps[2], session.steps[3]));
    CHECK(respond(secret, session.auth, block(session.steps[0].bytes)) == block(session.steps[1].bytes));
  }
}

TEST_CASE("xvm challenge: another key, type or challenge makes the response wrong", "[xvm]") {
  const Secret secret = test::secret("key32");
  const Secret other = test::secret("key4096");
  Block challenge{};
  challenge[3] = 7;
  const Block response = respond(secret, HashType::sha256, challenge);
  CHECK(response_is_right(secret, HashType::sha256, challenge, response));
  CHECK_FALSE(response_is_right(other, HashType::sha256, challenge, response));
  CHECK_FALSE(response_is_right(secret, HashType::sha512, challenge, response));
  CHECK_FALSE(response_is_right(secret, HashType::sha256, Block{}, response));
  Block padded = response;
  padded[63] = 1;  // the padding counts
  CHECK_FALSE(response_is_right(secret, HashType::sha256, challenge, padded));
}

TEST_CASE("xvm challenge: answers have their numbers", "[xvm]") {
  CHECK(static_cast<int>(Answer::denied) == 3);
  CHECK(static_cast<int>(Answer::list_follows) == 253);
  CHECK(to_string(Answer::denied) == "denied");
}
