// SPDX-License-Identifier: Apache-2.0
// F44, F45 on small file systems of the test's own (root only): what a full or read-only disk refuses, and that the
// ledger still has its space (protocol.md 10).
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/platform/store/store_samples.hpp"

namespace duet::test {
namespace {

/// A tmpfs of 8 MiB in a mount namespace of this process.
class SmallDisk {
 public:
  SmallDisk() {
    static const bool own_namespace =
        unshare(CLONE_NEWNS) == 0 && mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    REQUIRE(own_namespace);
    REQUIRE(mount("tmpfs", path().c_str(), "tmpfs", 0, "size=8m,mode=0700") == 0);
  }
  ~SmallDisk() { umount2(path().c_str(), MNT_DETACH); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  [[nodiscard]] const std::string& path() const { return directory_.path(); }
  /// Until nothing more fits.
  void fill() const {
    const int fd = open((path() + "/filling").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    REQUIRE(fd >= 0);
    const std::string block(64 * 1024, 'x');
    for (std::size_t size = block.size(); size > 0; size /= 2) {
      while (write(fd, block.data(), size) == static_cast<ssize_t>(size)) {
      }
    }
    close(fd);
  }
  void free() const { REQUIRE(unlink((path() + "/filling").c_str()) == 0); }
  void read_only(bool on) const {
    REQUIRE(mount(nullptr, path().c_str(), nullptr, on ? MS_REMOUNT | MS_RDONLY : MS_REMOUNT, "size=8m") == 0);
  }

 private:
  TemporaryDirectory directory_;
};

bool root() {
  if (geteuid() == 0) return true;
  WARN("not root: no small file system, nothing was tested");
  return false;
}

/// Entry `i` of a chain, committed.
std::vector<StoreRecord> commit(const std::vector<ConfigEntry>& entries, std::size_t i) {
  return {StoreEntry{entries[i]}, StoreCommitted{entries[i].position}};
}

TEST_CASE("disk full: configurations are refused with a reason, the ledger is written", "[store][F44][S20]") {
  if (!root()) return;
  const SmallDisk disk;
  // Large entries (100 KiB), so that they cannot live on what is left over.
  const auto entries = chain(60, 25);
  StoreFile store = open_store(disk.path());
  REQUIRE(store.write(commit(entries, 0)));
  disk.fill();
  std::size_t refused_at = 1;
  while (refused_at < entries.size() && store.write(commit(entries, refused_at))) {
    store.maintain();
    ++refused_at;
  }
  REQUIRE(refused_at < entries.size());
  const auto refused = store.write(commit(entries, refused_at));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::storage);
  CAPTURE(refused.error().why, refused.error().fix);
  CHECK(refused.error().why.find("full") != std::string::npos);

  for (std::uint32_t i = 0; i < 300; ++i) {
    const auto written =
        store.write({StoreEvidence{evidence(i)}, StoreStopFailed{"r" + std::to_string(i % 50), boot('b'), true},
                     StoreJoin{NodeId{2}, {boot('c'), i + 1}}});
    store.maintain();
    if (!written) FAIL("ledger record " << i << ": " << written.error().why);
  }
  SECTION("space comes back: commits go on without a restart") {
    disk.free();
    CHECK(store.write(commit(entries, refused_at)));
  }
  SECTION("everything acknowledged is there after a restart on the full disk") {
    { const StoreFile closed = std::move(store); }
    const StoreImage image = open_store(disk.path()).take_image();
    CHECK(image.damaged.empty());
    CHECK(image.committed == entries[refused_at - 1].position);
    CHECK(image.evidence.back() == evidence(299));
    CHECK(image.joins.back().incarnation.start == 300);
    CHECK(image.stop_failed.size() == 50);
  }
}

TEST_CASE("disk read-only: refused with a reason, and goes on when it is writable again", "[store][F45][L10]") {
  if (!root()) return;
  const SmallDisk disk;
  const auto entries = chain(2);
  {
    StoreFile store = open_store(disk.path());
    REQUIRE(store.write(commit(entries, 0)));
  }
  // A file system with files open for writing cannot be made read-only: a store that is open keeps working, so the
  // refusal is that of the start.
  disk.read_only(true);
  auto directory = StateDirectory::open(disk.path());
  REQUIRE_FALSE(directory);
  CHECK(directory.error().code == Errc::storage);
  disk.read_only(false);
  StoreFile store = open_store(disk.path());
  CHECK(store.write(commit(entries, 1)));
}

}  // namespace
}  // namespace duet::test
