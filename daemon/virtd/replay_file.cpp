// SPDX-License-Identifier: Apache-2.0
// A header of one slot (magic, version, digest of the key), then replay_slots slots; unused ones are zeros.
#include "daemon/virtd/replay_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/base/digest.hpp"

namespace duet::virtd {

namespace {

constexpr std::size_t header_bytes = 64;
constexpr std::size_t file_bytes = header_bytes + fencehost::replay_slots * fencehost::replay_slot_bytes;
constexpr std::uint64_t magic = 0x315941'4C50'4552ULL;  // "REPLAY1" read as a little-endian number

Error last_error(const std::string& what) {
  return Error{Errc::storage, what, std::strerror(errno)};
}

Bytes header_for(ByteView key) {
  ByteWriter out;
  out.put_le(magic);
  out.put(sha256(key));
  Bytes bytes = out.take();
  bytes.resize(header_bytes);
  return bytes;
}

bool write_all(int fd, ByteView bytes, std::size_t at) {
  return pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(at)) == static_cast<ssize_t>(bytes.size());
}

}  // namespace

Result<ReplayFile> ReplayFile::open(const std::string& path, ByteView key) {
  UniqueFd fd{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!fd) return tl::unexpected{last_error(path)};
  struct stat about {};
  if (fstat(fd.get(), &about) != 0) return tl::unexpected{last_error(path)};
  if (!S_ISREG(about.st_mode) || about.st_uid != geteuid() || (about.st_mode & 077) != 0) {
    return fail(Errc::not_permitted, path, "it is not a regular file of this user alone", "remove it");
  }
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail(Errc::busy, path, "another duet-virtd uses it", "give each its own --state-directory");
  }
  ReplayFile file{std::move(fd)};
  if (auto loaded = file.load(key); !loaded) return tl::unexpected{loaded.error()};
  return file;
}

Result<void> ReplayFile::load(ByteView key) {
  Bytes found(header_bytes);
  const Bytes header = header_for(key);
  const ssize_t got = pread(fd_.get(), found.data(), found.size(), 0);
  if (got < 0) return tl::unexpected{last_error("replay memory")};
  if (static_cast<std::size_t>(got) != header_bytes || found != header) {
    if (ftruncate(fd_.get(), 0) != 0) return tl::unexpected{last_error("replay memory")};
    // A disk that becomes full later takes nothing from it.
    if (const int error = posix_fallocate(fd_.get(), 0, static_cast<off_t>(file_bytes)); error != 0) {
      return fail(Errc::storage, "replay memory", std::strerror(error));
    }
    if (!write_all(fd_.get(), header, 0) || fsync(fd_.get()) != 0) {
      return tl::unexpected{last_error("replay memory")};
    }
    return {};
  }
  // One that an earlier version made has holes; if there is no room for them now, it is as good as it was.
  static_cast<void>(posix_fallocate(fd_.get(), 0, static_cast<off_t>(file_bytes)));
  Bytes block(4096 * fencehost::replay_slot_bytes);
  for (std::size_t at = header_bytes;;) {
    const ssize_t read = pread(fd_.get(), block.data(), block.size(), static_cast<off_t>(at));
    if (read < 0) return tl::unexpected{last_error("replay memory")};
    const auto size = static_cast<std::size_t>(read);
    for (std::size_t i = 0; i + fencehost::replay_slot_bytes <= size; i += fencehost::replay_slot_bytes) {
      const auto slot = fencehost::decode_slot(ByteView{block}.subspan(i, fencehost::replay_slot_bytes));
      if (slot) memory_.restore(*slot);
    }
    at += size;
    if (size < block.size() || at >= file_bytes) return {};
  }
}

Result<void> ReplayFile::write(const fencehost::ReplaySlot& slot) {
  const std::uint64_t place = (slot.number - 1) % fencehost::replay_slots;
  const std::size_t at = header_bytes + static_cast<std::size_t>(place) * fencehost::replay_slot_bytes;
  if (!write_all(fd_.get(), fencehost::encode_slot(slot), at)) return tl::unexpected{last_error("replay memory")};
  // Begins the writing without waiting for its end.
  if (sync_file_range(fd_.get(), static_cast<off_t>(at), fencehost::replay_slot_bytes, SYNC_FILE_RANGE_WRITE) != 0) {
    return tl::unexpected{last_error("replay memory")};
  }
  return {};
}

}  // namespace duet::virtd
