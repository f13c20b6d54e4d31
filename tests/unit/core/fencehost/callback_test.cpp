// SPDX-License-Identifier: Apache-2.0
// The host's side of the handshake, with the captured session `session-t1` of fence-virt.md 2.5.
#include "core/fencehost/callback.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

namespace duet::fencehost {

namespace {

xvm::Block block(std::string_view hex) {
  const auto digit = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
  xvm::Block out{};
  for (std::size_t i = 0; i < hex.size() / 2; ++i) {
    out[i] = static_cast<std::uint8_t>(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
  }
  return out;
}

const xvm::Secret& key32() {
  static const xvm::Secret secret = [] {
    Bytes key;
    for (std::uint8_t i = 0; i < 32; ++i) key.push_back(i);
    return *xvm::Secret::from_file(key);
  }();
  return secret;
}

const xvm::Block c1 = block(
    "584e20dc5e218d2b459bea52545026b6591acd1410b5ab8a57ee0d10b6bcfa82"
    "c05f2659223270cce33b141d26920b29b4b4a11bc783977dd143f57644a00bee");
const xvm::Block r1 = block("6fca9ac05fd030e1039d672d6f7cfc290e72c4299deff96d942b2c76dc0a761d");
const xvm::Block c2 = block(
    "fb772d1135c7e07cefe0911b3d90c6c6c71d6dccf68a0d42308e62afe41f2ae7"
    "b5f0ca0df5440c634c2ff67b789fe6c5409ec246e91d79bf367ae728d9174924");
const xvm::Block r2 = block("71dc5b9270fc219c7b39b461b387152b4cef9a0c59ab1b303b307ae9a32b46b1");

}  // namespace

TEST_CASE("callback: the captured session is followed, in one piece and byte by byte", "[fencehost]") {
  const auto step = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{64});
  Callback callback{&key32(), xvm::HashType::sha256};
  const auto feed = [&](const xvm::Block& bytes) {
    auto progress = Callback::Progress::more;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      CHECK(progress == Callback::Progress::more);
      progress = callback.receive(ByteView{bytes}.subspan(at, std::min(step, bytes.size() - at)));
    }
    return progress;
  };
  REQUIRE(feed(c1) == Callback::Progress::challenged);
  CHECK(callback.challenge() == c1);
  CHECK(callback.response() == r1);
  callback.ask(c2);
  CHECK(feed(r2) == Callback::Progress::proved);
  CHECK(callback.receive(ByteView{r2}.first(1)) == Callback::Progress::wrong);
}

TEST_CASE("callback: a wrong response, a changed padding byte and bytes out of turn end it", "[fencehost]") {
  for (std::size_t at = 0; at < r2.size(); ++at) {
    Callback callback{&key32(), xvm::HashType::sha256};
    REQUIRE(callback.receive(c1) == Callback::Progress::challenged);
    callback.ask(c2);
    xvm::Block bad = r2;
    bad[at] ^= 1U;
    CHECK(callback.receive(bad) == Callback::Progress::wrong);
  }
  Callback early{&key32(), xvm::HashType::sha256};
  REQUIRE(early.receive(c1) == Callback::Progress::challenged);
  CHECK(early.receive(ByteView{r2}.first(1)) == Callback::Progress::wrong);
  Callback surplus{&key32(), xvm::HashType::sha256};
  Bytes more{c1.begin(), c1.end()};
  more.push_back(0);
  CHECK(surplus.receive(more) == Callback::Progress::wrong);
  Callback open{nullptr, xvm::HashType::none};
  CHECK(open.receive(ByteView{c1}.first(1)) == Callback::Progress::wrong);
}

}  // namespace duet::fencehost
