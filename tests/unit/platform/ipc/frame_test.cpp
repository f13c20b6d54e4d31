// SPDX-License-Identifier: Apache-2.0
// Frames: round trip however the stream is cut, and the bounds.
#include "platform/ipc/frame.hpp"

#include <catch2/catch.hpp>

namespace duet::ipc {

namespace {

Bytes text(std::string_view content) {
  return {content.begin(), content.end()};
}

}  // namespace

TEST_CASE("frame: frames are found again however the stream is cut", "[ipc]") {
  Bytes stream;
  const std::vector<Bytes> payloads{text("a"), Bytes(70'000, 7), text("hello"), Bytes(300, 0)};
  for (const Bytes& payload : payloads) {
    const Bytes frame = make_frame(payload);
    stream.insert(stream.end(), frame.begin(), frame.end());
  }
  const std::size_t step = GENERATE(std::size_t{1}, std::size_t{3}, std::size_t{4096}, std::size_t{1'000'000});
  FrameReader reader{100'000};
  std::vector<Bytes> found;
  for (std::size_t at = 0; at < stream.size(); at += step) {
    reader.feed(ByteView{stream}.subspan(at, std::min(step, stream.size() - at)));
    while (true) {
      auto frame = reader.next();
      REQUIRE(frame);
      if (!*frame) break;
      found.push_back(**frame);
    }
  }
  CHECK(found == payloads);
  CHECK_FALSE(reader.partial());
}

TEST_CASE("frame: an empty frame and one above the limit are refused", "[ipc]") {
  FrameReader reader{10};
  reader.feed(make_frame(Bytes(10, 1)));
  auto largest = reader.next();
  REQUIRE(largest);
  REQUIRE(*largest);
  CHECK((*largest)->size() == 10);

  reader.feed(make_frame(Bytes(11, 1)));
  auto longer = reader.next();
  REQUIRE_FALSE(longer);
  CHECK(longer.error().code == Errc::limit);

  FrameReader other{10};
  other.feed(Bytes{0, 0, 0, 0});
  auto empty = other.next();
  REQUIRE_FALSE(empty);
  CHECK(empty.error().code == Errc::malformed);
}

TEST_CASE("frame: a length field with all bits set is refused before anything is stored for it", "[ipc]") {
  FrameReader reader{1024 * 1024};
  reader.feed(Bytes{0xFF, 0xFF, 0xFF, 0xFF, 1});
  auto frame = reader.next();
  REQUIRE_FALSE(frame);
  CHECK(frame.error().code == Errc::limit);
}

TEST_CASE("frame: a beginning is partial", "[ipc]") {
  FrameReader reader{10};
  CHECK_FALSE(reader.partial());
  reader.feed(Bytes{3});
  CHECK(reader.partial());
  auto frame = reader.next();
  REQUIRE(frame);
  CHECK_FALSE(*frame);
}

}  // namespace duet::ipc
