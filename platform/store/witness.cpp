// SPDX-License-Identifier: Apache-2.0
// Reading and replacing the small file.
#include "platform/store/witness.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/base/crc32c.hpp"

namespace duet {
namespace {

constexpr std::uint64_t magic = 0x3154495754455544ULL;  // "DUETWIT1"
constexpr std::size_t record_size = 8 + 8 + 32 + 4;
/// Each place in a block of its own: a torn block hits one record only.
constexpr off_t place_size = 4096;

std::optional<Witnessed> read_place(int fd, off_t place) {
  std::array<std::uint8_t, record_size> raw{};
  if (pread(fd, raw.data(), raw.size(), place * place_size) != static_cast<ssize_t>(raw.size())) return std::nullopt;
  ByteReader reader{raw};
  Witnessed record;
  const bool ours = reader.get_le<std::uint64_t>() == magic;
  record.generation = reader.get_le<std::uint64_t>();
  const ByteView content = reader.get(record.content.size());
  std::copy(content.begin(), content.end(), record.content.begin());
  const auto crc = reader.get_le<std::uint32_t>();
  if (!ours || crc != crc32c(ByteView{raw}.first(record_size - 4))) return std::nullopt;
  return record;
}

}  // namespace

Result<Witness> Witness::open(const std::string& path) {
  UniqueFd file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!file) return fail(Errc::storage, path, std::strerror(errno));
  // Best effort: without it a full disk would only make the witness lag behind.
  static_cast<void>(posix_fallocate(file.get(), 0, 2 * place_size));
  return Witness{std::move(file)};
}

std::optional<Witnessed> Witness::read() const {
  const auto first = read_place(file_.get(), 0);
  const auto second = read_place(file_.get(), 1);
  if (!first || !second) return first ? first : second;
  return first->generation > second->generation ? first : second;
}

void Witness::write(const Witnessed& record) const {
  ByteWriter writer;
  writer.put_le(magic);
  writer.put_le(record.generation);
  writer.put(record.content);
  writer.put_le(crc32c(writer.bytes()));
  const Bytes raw = writer.take();
  const off_t place = static_cast<off_t>(record.generation % 2);
  static_cast<void>(pwrite(file_.get(), raw.data(), raw.size(), place * place_size) > 0);
}

}  // namespace duet
