// SPDX-License-Identifier: Apache-2.0
// F46, F47 against real SQLite: whatever happens to the files, the store never comes up silently with less (S3f).
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <fstream>
#include <iterator>

#include "platform/store/store_file.hpp"
#include "tests/unit/platform/store/store_samples.hpp"

namespace duet::test {
namespace {

namespace fs = std::filesystem;

std::string read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void write_file(const std::string& path, const std::string& content) {
  std::ofstream{path, std::ios::binary | std::ios::trunc} << content;
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
}

/// The files of a store whose process was killed: the newest transactions are in the write-ahead log.
struct KilledStore {
  std::string database;
  std::string log;
  std::string witness;
  Bytes content;

  KilledStore() {
    const TemporaryDirectory directory;
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      StoreFile store = open_store(directory.path());
      const bool written = store.write(every_record()).has_value() && store.write({StoreCommitted{{1, 3}}}).has_value();
      std::raise(written ? SIGKILL : SIGTERM);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WTERMSIG(status) == SIGKILL);
    database = read_file(directory.file("store.db"));
    log = read_file(directory.file("store.db-wal"));
    witness = read_file(directory.file("store.witness"));
    content = bytes_of(open_store(directory.path()).take_image());
  }
  void put_to(const TemporaryDirectory& directory) const {
    write_file(directory.file("store.db"), database);
    write_file(directory.file("store.db-wal"), log);
    write_file(directory.file("store.witness"), witness);
  }
};

const KilledStore& killed_store() {
  static const KilledStore store;
  return store;
}

/// Opens what was tampered with. True: all is there. False: damage was said. Anything else is a failed test.
bool intact(const TemporaryDirectory& directory) {
  const StoreImage image = open_store(directory.path()).take_image();
  if (!image.damaged.empty()) {
    // And it is still said at the next start.
    CHECK_FALSE(open_store(directory.path()).take_image().damaged.empty());
    return false;
  }
  CHECK(bytes_of(image) == killed_store().content);
  return true;
}

TEST_CASE("damage: a killed store has everything that was written", "[store][F14]") {
  const TemporaryDirectory directory;
  killed_store().put_to(directory);
  CHECK(intact(directory));
}

TEST_CASE("damage: a flipped bit in the log is noticed or does not matter", "[store][F47][S3f]") {
  const std::string& log = killed_store().log;
  int noticed = 0;
  for (std::size_t at = 0; at < std::min<std::size_t>(log.size(), 200'000); at += 1511) {
    const TemporaryDirectory directory;
    killed_store().put_to(directory);
    std::string flipped = log;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    write_file(directory.file("store.db-wal"), flipped);
    CAPTURE(at);
    noticed += intact(directory) ? 0 : 1;
  }
  CHECK(noticed > 10);
}

TEST_CASE("damage: a flipped bit in the database is noticed or does not matter", "[store][F47][S3f]") {
  // A store that was closed: everything is in the database file. (Its log would make up for what is damaged here.)
  const TemporaryDirectory source;
  killed_store().put_to(source);
  { open_store(source.path()); }
  const std::string database = read_file(source.file("store.db"));
  const std::string witness = read_file(source.file("store.witness"));
  int noticed = 0;
  for (std::size_t at = 0; at < std::min<std::size_t>(database.size(), 150'000); at += 397) {
    const TemporaryDirectory directory;
    std::string flipped = database;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    write_file(directory.file("store.db"), flipped);
    write_file(directory.file("store.witness"), witness);
    CAPTURE(at);
    noticed += intact(directory) ? 0 : 1;
  }
  CHECK(noticed > 5);
}

TEST_CASE("damage: truncated, emptied and deleted files are noticed", "[store][F46][F47][S3f]") {
  struct Row {
    const char* name;
    const char* file;
    int keep_percent;  // -1: deleted
    bool must_show;    // what was cut off may be free pages only
  };
  const auto row = GENERATE(values<Row>({{"log deleted", "store.db-wal", -1, true},
                                         {"log empty", "store.db-wal", 0, true},
                                         {"database deleted", "store.db", -1, true},
                                         {"database empty", "store.db", 0, true},
                                         {"database cut", "store.db", 20, false},
                                         {"database cut to one page", "store.db", 1, false}}));
  DYNAMIC_SECTION(row.name) {
    const TemporaryDirectory directory;
    killed_store().put_to(directory);
    const std::string path = directory.file(row.file);
    if (row.keep_percent < 0) {
      fs::remove(path);
    } else {
      fs::resize_file(path, fs::file_size(path) * static_cast<std::uintmax_t>(row.keep_percent) / 100);
    }
    const bool complete = intact(directory);
    if (row.must_show) CHECK_FALSE(complete);
    CHECK(fs::exists(directory.file("store.db")));
  }
}

TEST_CASE("damage: the log cut at any place is noticed or nothing was lost", "[store][F46][S3f]") {
  const std::string& log = killed_store().log;
  for (std::size_t keep = 0; keep < std::min<std::size_t>(log.size(), 160'000); keep += 4120) {
    const TemporaryDirectory directory;
    killed_store().put_to(directory);
    fs::resize_file(directory.file("store.db-wal"), keep);
    CAPTURE(keep);
    static_cast<void>(intact(directory));
  }
}

TEST_CASE("damage: an older copy of all files but the witness is noticed", "[store][S3f]") {
  const TemporaryDirectory directory;
  killed_store().put_to(directory);
  {
    StoreFile store = open_store(directory.path());
    REQUIRE(store.write({StoreEvidence{evidence(99)}}));
  }
  write_file(directory.file("store.db"), killed_store().database);
  write_file(directory.file("store.db-wal"), killed_store().log);
  const StoreImage image = open_store(directory.path()).take_image();
  CHECK(image.damaged.find("older") != std::string::npos);
}

TEST_CASE("damage: it is said until a configuration is committed again", "[store][S3f]") {
  const TemporaryDirectory directory;
  killed_store().put_to(directory);
  write_file(directory.file("store.db"), "this is no database, and long enough to be looked at as one by the library");
  fs::remove(directory.file("store.db-wal"));
  CHECK_FALSE(open_store(directory.path()).take_image().damaged.empty());
  CHECK(fs::exists(directory.file("store.db.damaged")));
  const auto entries = chain(1);
  {
    StoreFile store = open_store(directory.path());
    CHECK_FALSE(store.take_image().damaged.empty());
    REQUIRE(store.write({StoreJoin{NodeId{2}, {boot('c'), 1}}}));
  }
  {
    StoreFile store = open_store(directory.path());
    CHECK_FALSE(store.take_image().damaged.empty());
    REQUIRE(store.write({StoreEntry{entries[0]}, StoreCommitted{entries[0].position}}));
  }
  const StoreImage image = open_store(directory.path()).take_image();
  CHECK(image.damaged.empty());
  CHECK(image.entries == entries);
  CHECK(image.joins.size() == 1);
}

TEST_CASE("damage: what was acknowledged survives a kill at any moment", "[store][F14][F20]") {
  const auto entries = chain(400);
  for (int round = 0; round < 5; ++round) {
    const TemporaryDirectory directory;
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      StoreFile store = open_store(directory.path());
      for (const ConfigEntry& entry : entries) {
        if (!store.write({StoreEntry{entry}, StoreCommitted{entry.position}})) _exit(1);
        const char acknowledged = 1;
        if (write(ends[1], &acknowledged, 1) != 1) _exit(1);
      }
      _exit(0);
    }
    close(ends[1]);
    std::uint64_t acknowledged = 0;
    char byte = 0;
    while (acknowledged < 20U + 37U * static_cast<unsigned>(round) && read(ends[0], &byte, 1) == 1) ++acknowledged;
    kill(child, SIGKILL);
    while (read(ends[0], &byte, 1) == 1) ++acknowledged;
    close(ends[0]);
    waitpid(child, nullptr, 0);
    const StoreImage image = open_store(directory.path()).take_image();
    CHECK(image.damaged.empty());
    CHECK(image.committed.index >= acknowledged);
    CHECK(image.committed.index <= acknowledged + 1);
    CHECK(image.entries.back() == entries[image.committed.index - 1]);
  }
}

}  // namespace
}  // namespace duet::test
