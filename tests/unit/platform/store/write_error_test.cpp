// SPDX-License-Identifier: Apache-2.0
// F45: an fsync that fails once. Linux then takes the pages for clean: the next fsync succeeds without them, and after
// a power cut they are as they were before. This process's own write and sync calls keep account of what such a disk
// would have.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "tests/unit/platform/store/store_samples.hpp"

namespace duet::test {
namespace {

constexpr std::size_t page = 4096;

class ForgetfulDisk {
 public:
  explicit ForgetfulDisk(std::string directory) : directory_{std::move(directory)} {
    for (const auto& entry : std::filesystem::directory_iterator{directory_}) {
      files_[entry.path().string()].durable = content(entry.path().string());
    }
    active = this;
  }
  ~ForgetfulDisk() { active = nullptr; }
  ForgetfulDisk(const ForgetfulDisk&) = delete;
  ForgetfulDisk& operator=(const ForgetfulDisk&) = delete;

  void written(int fd, off_t at, std::size_t size) {
    const std::string name = name_of(fd);
    if (!name.starts_with(directory_ + '/') || size == 0) return;
    const auto first = static_cast<std::size_t>(at) / page;
    const auto last = (static_cast<std::size_t>(at) + size - 1) / page;
    for (std::size_t i = first; i <= last; ++i) files_[name].dirty.insert(i);
  }
  /// False: this one fails.
  bool synced(int fd) {
    const std::string name = name_of(fd);
    if (!name.starts_with(directory_ + '/')) return true;
    File& file = files_[name];
    const std::set<std::size_t> dirty = std::exchange(file.dirty, {});
    if (fails_at.has_value() && name.ends_with(*fails_at)) {
      fails_at.reset();
      return false;
    }
    const std::string now = content(name);
    file.durable.resize(now.size());
    for (const std::size_t i : dirty) {
      if (i * page < now.size()) file.durable.replace(i * page, page, now, i * page, page);
    }
    return true;
  }
  /// What is found after a power cut.
  void cut(const std::string& to) const {
    for (const auto& [name, file] : files_) {
      std::ofstream{to + name.substr(directory_.size()), std::ios::binary} << file.durable;
      std::filesystem::permissions(to + name.substr(directory_.size()), std::filesystem::perms{0600});
    }
  }

  std::optional<std::string> fails_at;  ///< end of the name of the file whose next sync fails
  static inline ForgetfulDisk* active = nullptr;

 private:
  struct File {
    std::string durable;
    std::set<std::size_t> dirty;  ///< pages
  };
  static std::string name_of(int fd) {
    std::error_code none;
    return std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), none).string();
  }
  static std::string content(const std::string& name) {
    std::ifstream file{name, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

  std::string directory_;
  std::map<std::string, File> files_;
};

ssize_t write_at(int fd, const void* data, std::size_t size, off_t at) {
  const long rc = syscall(SYS_pwrite64, fd, data, size, at);
  if (rc > 0 && ForgetfulDisk::active != nullptr) ForgetfulDisk::active->written(fd, at, static_cast<std::size_t>(rc));
  return static_cast<ssize_t>(rc);
}

int sync_file(int fd, long call) {
  if (ForgetfulDisk::active == nullptr || ForgetfulDisk::active->synced(fd)) return static_cast<int>(syscall(call, fd));
  errno = EIO;
  return -1;
}

}  // namespace
}  // namespace duet::test

// In place of the C library's, also for SQLite.
extern "C" {
ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  return duet::test::write_at(fd, data, size, at);
}
ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  return duet::test::write_at(fd, data, size, at);
}
int fsync(int fd) {
  return duet::test::sync_file(fd, SYS_fsync);
}
int fdatasync(int fd) {
  return duet::test::sync_file(fd, SYS_fdatasync);
}
}

namespace duet::test {

TEST_CASE("store: what is acknowledged after a failed fsync is there after a power cut", "[store][F45][S3]") {
  const TemporaryDirectory directory;
  const TemporaryDirectory after;
  const auto entries = chain(8);
  const auto commit = [&](std::size_t i) -> std::vector<StoreRecord> {
    return {StoreEntry{entries[i]}, StoreCommitted{entries[i].position}};
  };
  {
    StoreFile store = open_store(directory.path());
    REQUIRE(store.write(commit(0)));
    store.maintain();
    REQUIRE(store.write(commit(1)));
    ForgetfulDisk disk{std::filesystem::canonical(directory.path()).string()};
    REQUIRE(store.write(commit(2)));
    disk.fails_at = "store.db-wal";
    REQUIRE_FALSE(store.write(commit(3)));
    REQUIRE_FALSE(disk.fails_at);
    for (std::size_t i = 3; i < entries.size(); ++i) REQUIRE(store.write(commit(i)));
    disk.cut(after.path());
  }
  StoreFile store = open_store(after.path());
  const StoreImage image = store.take_image();
  CHECK(image.damaged.empty());
  CHECK(image.committed == entries.back().position);
}

TEST_CASE("store: also a new duetd does not build upon a log that the disk never got", "[store][F45][S3]") {
  const TemporaryDirectory directory;
  const TemporaryDirectory after;
  const auto entries = chain(6);
  const auto commit = [&](std::size_t i) -> std::vector<StoreRecord> {
    return {StoreEntry{entries[i]}, StoreCommitted{entries[i].position}};
  };
  {
    auto store = std::make_unique<StoreFile>(open_store(directory.path()));
    REQUIRE(store->write(commit(0)));
    ForgetfulDisk disk{std::filesystem::canonical(directory.path()).string()};
    disk.fails_at = "store.db-wal";
    REQUIRE_FALSE(store->write(commit(1)));
    store.reset();
    store = std::make_unique<StoreFile>(open_store(directory.path()));
    for (std::size_t i = 1; i < entries.size(); ++i) REQUIRE(store->write(commit(i)));
    disk.cut(after.path());
  }
  StoreFile store = open_store(after.path());
  CHECK(store.take_image().committed == entries.back().position);
}

TEST_CASE("store: while the disk fails nothing is acknowledged", "[store][F45]") {
  const TemporaryDirectory directory;
  const auto entries = chain(3);
  StoreFile store = open_store(directory.path());
  REQUIRE(store.write({StoreEntry{entries[0]}, StoreCommitted{entries[0].position}}));
  ForgetfulDisk disk{std::filesystem::canonical(directory.path()).string()};
  for (int i = 0; i < 3; ++i) {
    disk.fails_at = "store.db-wal";
    const auto refused = store.write({StoreEntry{entries[1]}});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::storage);
  }
  CHECK(store.write({StoreEntry{entries[1]}}));
}

}  // namespace duet::test
