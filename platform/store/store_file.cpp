// SPDX-License-Identifier: Apache-2.0
// Opening, pragmas, transactions, and the room that is set aside for a full disk.
#include "platform/store/store_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/codec/ledger_codec.hpp"
#include "platform/store/record_writer.hpp"
#include "platform/store/store_image.hpp"

namespace duet {
namespace {

/// Free pages that only the ledger may use. Its largest transaction (a join with evidence, stop-failed marks and a
/// fence event) changes about ten, its tables are bounded.
constexpr std::int64_t ledger_pages = 64;
/// Taken from the disk in addition when something is taken while a commit waits for it: 256 KiB.
constexpr std::int64_t growth_pages = 64;
/// The same when nobody waits: 2 MiB, the growth of some 300 commits of a large configuration. Filling them also makes
/// the log's file as large as it gets before it is begun anew.
constexpr std::int64_t quiet_growth_pages = 512;
/// The log is moved into the database from here on when nobody waits.
constexpr std::int64_t longest_log = 48;
/// Room for one more transaction in the log's file.
constexpr std::int64_t log_margin = 96;
/// A page of the log and its header.
constexpr std::int64_t log_frame = 4096 + 24;

bool exists(const std::string& path) {
  struct stat found {};
  return lstat(path.c_str(), &found) == 0;
}

Result<void> sync_directory(const std::string& path) {
  const UniqueFd directory{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (directory && fsync(directory.get()) == 0) return {};
  return fail(Errc::storage, path, std::strerror(errno));
}

/// A name for a damaged file that does not overwrite an earlier one; the last of nine is overwritten.
std::string aside_name(const std::string& path) {
  std::string name = path + ".damaged";
  for (int i = 2; i <= 9 && exists(name); ++i) name = fmt::format("{}.damaged{}", path, i);
  return name;
}

}  // namespace

Result<StoreFile> StoreFile::open(StateDirectory directory) {
  for (const char* const name : {"store.db", "store.db-wal", "store.witness", "store.db.damaged"}) {
    if (auto ok = directory.check_file(name); !ok) return tl::unexpected{ok.error()};
  }
  auto witness = Witness::open(directory.file("store.witness"));
  if (!witness) return tl::unexpected{witness.error()};
  StoreFile store{std::move(directory), std::move(*witness)};
  if (auto done = store.load(); !done) return tl::unexpected{done.error()};
  return store;
}

Result<void> StoreFile::load() {
  auto damage = open_rows();
  if (!damage) return tl::unexpected{damage.error()};
  if (!damage->empty()) {
    if (auto done = set_aside(*damage); !done) return done;
  }
  image_.damaged = *damage + known_damage_;
  acknowledged_ = rows_->state();
  witness_.write(acknowledged_);
  // A disk that is full at the start must not keep the node from running what it has.
  maintain();
  return {};
}

/// Opens, verifies, fills image_. Returns what is damaged and was not known before.
Result<std::string> StoreFile::open_rows() {
  const auto witnessed = witness_.read();
  if (witnessed && witnessed->generation > 0 && !exists(path())) return std::string{"store.db has gone; "};
  if (auto done = write_log_again(); !done) return tl::unexpected{done.error()};
  auto rows = Rows::open(path());
  if (!rows) {
    if (rows.error().code == Errc::malformed) return "store.db cannot be opened: " + rows.error().why + "; ";
    return tl::unexpected{rows.error()};
  }
  rows_ = std::move(*rows);
  if (auto done = sync_directory(directory_.path()); !done) return tl::unexpected{done.error()};
  std::string damage;
  const auto checked = rows_->check_structure();
  if (!checked && checked.error().code != Errc::malformed) return tl::unexpected{checked.error()};
  if (!checked) damage += checked.error().why + "; ";
  auto loaded = read_image(*rows_);
  if (!loaded && loaded.error().code != Errc::malformed) return tl::unexpected{loaded.error()};
  if (!loaded) return damage + loaded.error().why + "; ";
  image_ = std::move(loaded->image);
  known_damage_ = std::move(loaded->known);
  damage += image_.damaged;
  const Witnessed& state = rows_->state();
  if (witnessed && (witnessed->generation > state.generation ||
                    (witnessed->generation == state.generation && witnessed->content != state.content))) {
    damage += fmt::format("store.db is older than the last transaction (number {}, not {}); ", state.generation,
                          witnessed->generation);
  }
  return damage;
}

Result<void> StoreFile::set_aside(const std::string& why) {
  rows_.reset();
  const std::string aside = aside_name(path());
  for (const char* const suffix : {"", "-wal"}) {
    const std::string from = path() + suffix;
    if (exists(from) && std::rename(from.c_str(), (aside + suffix).c_str()) != 0) {
      return fail(Errc::storage, from, std::strerror(errno));
    }
  }
  auto rows = Rows::open(path());
  if (!rows) return tl::unexpected{rows.error()};
  rows_ = std::move(*rows);
  if (const auto witnessed = witness_.read()) rows_->continue_from(witnessed->generation);
  if (auto done = rows_->begin(); !done) return done;
  for (const StoreRecord& record : records_of(image_)) {
    if (auto done = write_record(*rows_, record); !done) return done;
  }
  const std::string text = why + known_damage_;
  if (auto done = rows_->put(Table::marks, mark::damaged, as_bytes(text)); !done) return done;
  if (auto done = rows_->commit(); !done) return done;
  return sync_directory(directory_.path());
}

/// After a failed fsync the system takes the pages for written although the disk never got them: the log that is read
/// back is whole, and the one on the disk has a hole behind which nothing is found again after a power cut. Whether it
/// has one cannot be asked, so what is read back is written again before anything is added. In place, not by moving the
/// log into the database and cutting it off: its space is the ledger's when the disk is full (protocol.md 10).
Result<void> StoreFile::write_log_again() const {
  const std::string name = path() + "-wal";
  const UniqueFd log{::open(name.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW)};
  if (!log && errno == ENOENT) return {};
  const auto failed = [&] { return fail(Errc::storage, name, std::strerror(errno)); };
  if (!log) return failed();
  Bytes piece(static_cast<std::size_t>(256) * 1024);
  for (off_t at = 0;;) {
    const ssize_t got = pread(log.get(), piece.data(), piece.size(), at);
    if (got < 0) return failed();
    if (got == 0) break;
    for (ssize_t done = 0; done < got;) {
      const ssize_t put =
          pwrite(log.get(), piece.data() + done, static_cast<std::size_t>(got - done), at + static_cast<off_t>(done));
      if (put < 0) return failed();
      done += put;
    }
    at += got;
  }
  if (fsync(log.get()) != 0) return failed();
  return {};
}

Result<void> StoreFile::reopen() {
  rows_.reset();
  if (auto done = write_log_again(); !done) return done;
  auto rows = Rows::open(path());
  if (!rows) return tl::unexpected{rows.error()};
  // A transaction whose commit failed may have reached the disk all the same: one more is possible, one less is not.
  if (rows->state().generation < acknowledged_.generation) {
    return fail(Errc::storage, "store", "store.db has lost transactions while it was in use", "restart duetd");
  }
  rows_ = std::move(*rows);
  return {};
}

Result<void> StoreFile::write(const std::vector<StoreRecord>& records) {
  if (!rows_) {
    if (auto done = reopen(); !done) return done;
  }
  if (auto done = transaction(records); !done) {
    // What an error leaves in memory is not to be trusted (SEC-FILE 1): begin anew from what is on the disk.
    rows_.reset();
    return fail(Errc::storage, done.error().what, done.error().why, done.error().fix);
  }
  acknowledged_ = rows_->state();
  witness_.write(acknowledged_);
  return {};
}

void StoreFile::maintain() {
  if (!rows_) return;
  if (rows_->log_pages() >= longest_log) static_cast<void>(rows_->checkpoint());
  const auto free = rows_->free_pages();
  if (!free || *free >= ledger_pages + quiet_growth_pages / 2) return;
  if (rows_->reserve(ledger_pages + quiet_growth_pages)) return;
  static_cast<void>(reserve_for(static_cast<std::size_t>(growth_pages) * 1024));  // a disk that is nearly full
}

/// How long the log may get while a commit waits. Its file never shrinks while it is open, so up to its length nothing
/// needs to be taken from the disk: the ledger can be written on a full one.
std::int64_t StoreFile::log_limit() const {
  struct stat log {};
  const std::string file = path() + "-wal";
  const std::int64_t frames = stat(file.c_str(), &log) == 0 ? log.st_size / log_frame : 0;
  return std::max(longest_log, frames - log_margin);
}

Result<void> StoreFile::transaction(const std::vector<StoreRecord>& records) {
  if (rows_->log_pages() >= log_limit()) static_cast<void>(rows_->checkpoint());
  std::size_t configuration = 0;
  for (const StoreRecord& record : records) {
    if (is_configuration(record)) configuration += encode(record).size();
  }
  if (configuration > 0) {
    if (auto done = reserve_for(configuration); !done) return done;
  }
  if (auto done = rows_->begin(); !done) return done;
  for (const StoreRecord& record : records) {
    if (auto done = write_record(*rows_, record); !done) return done;
  }
  return rows_->commit();
}

/// A configuration may use free pages only if the ledger's stay; if there are too few, more are taken from the disk.
Result<void> StoreFile::reserve_for(std::size_t bytes) {
  const auto pages = rows_->free_pages();
  if (!pages) return tl::unexpected{pages.error()};
  // The row, its copy in the index of overflow pages, and some pages of the tables' own.
  const auto wanted = ledger_pages + 32 + static_cast<std::int64_t>(bytes / 2048);
  if (*pages >= wanted) return {};
  return rows_->reserve(wanted + growth_pages);
}

}  // namespace duet
