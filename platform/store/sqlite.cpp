// SPDX-License-Identifier: Apache-2.0
// Calls of SQLite, each result checked.
#include "platform/store/sqlite.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace duet {
namespace {

/// A disk that does not let us read or write now, as opposed to a file that is damaged.
bool is_of_disk(int code) {
  switch (code & 0xFF) {
    case SQLITE_FULL:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_PERM:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return true;
    case SQLITE_IOERR:
      return code != SQLITE_IOERR_SHORT_READ && code != SQLITE_IOERR_DATA && code != SQLITE_IOERR_CORRUPTFS;
    default:
      return false;
  }
}

tl::unexpected<Error> failure(sqlite3* connection) {
  const int code = sqlite3_extended_errcode(connection);
  std::string why = sqlite3_errmsg(connection);
  const int system = sqlite3_system_errno(connection);
  const int primary = code & 0xFF;
  if (system != 0 && (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY)) {
    why += fmt::format(" ({})", std::strerror(system));
  }
  std::string fix;
  if (primary == SQLITE_FULL) fix = "free space on the file system of the state directory";
  if (primary == SQLITE_READONLY) fix = "make the file system of the state directory writable";
  return fail(is_of_disk(code) ? Errc::storage : Errc::malformed, "store", std::move(why), std::move(fix));
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

void Statement::bind(int place, std::int64_t number) {
  sqlite3_bind_int64(statement_.get(), place, number);
}

void Statement::bind(int place, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), place, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);  // NOLINT
}

void Statement::bind(int place, ByteView bytes) {
  sqlite3_bind_blob64(statement_.get(), place, bytes.data(), bytes.size(), SQLITE_TRANSIENT);  // NOLINT
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement_.get());
    return false;
  }
  auto error = failure(sqlite3_db_handle(statement_.get()));
  sqlite3_reset(statement_.get());
  return error;
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::text(int column) const {
  const auto* const text = sqlite3_column_text(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return text == nullptr ? std::string{} : std::string{reinterpret_cast<const char*>(text), static_cast<size_t>(size)};
}

ByteView Statement::bytes(int column) const {
  const void* const data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  if (data == nullptr || size <= 0) return {};
  return {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

void Sqlite::Close::operator()(sqlite3* connection) const noexcept {
  sqlite3_close_v2(connection);
}

Result<Sqlite> Sqlite::open(const std::string& path) {
  // SQLite would make the file with what the umask leaves; its log gets the mode of the database.
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (made < 0) return fail(Errc::storage, path, std::strerror(errno));
  ::close(made);
  sqlite3* connection = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &connection, flags, nullptr);
  Sqlite database{connection};
  if (code != SQLITE_OK) return failure(connection);
  sqlite3_extended_result_codes(connection, 1);
  return database;
}

Result<void> Sqlite::run(const char* sql) {
  if (sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return failure(connection_.get());
}

Result<Statement> Sqlite::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return failure(connection_.get());
  return Statement{statement};
}

Result<std::int64_t> Sqlite::number(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return tl::unexpected{statement.error()};
  const auto row = statement->step();
  if (!row) return tl::unexpected{row.error()};
  return *row ? statement->number(0) : 0;
}

void Sqlite::keep_log() {
  int on = 1;
  sqlite3_file_control(connection_.get(), "main", SQLITE_FCNTL_PERSIST_WAL, &on);
  const auto committed = [](void* pages, sqlite3*, const char*, int count) noexcept {
    *static_cast<int*>(pages) = count;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(connection_.get(), committed, log_pages_.get());
}

Result<void> Sqlite::checkpoint() {
  const int code = sqlite3_wal_checkpoint_v2(connection_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(connection_.get());
  *log_pages_ = 0;
  return {};
}

Result<void> Sqlite::allocate(std::int64_t bytes) {
  int piece = 64 * 1024;
  sqlite3_file_control(connection_.get(), "main", SQLITE_FCNTL_CHUNK_SIZE, &piece);
  sqlite3_int64 wanted = bytes;
  if (sqlite3_file_control(connection_.get(), "main", SQLITE_FCNTL_SIZE_HINT, &wanted) == SQLITE_OK) return {};
  return fail(Errc::storage, "store", "the disk is full: only the reserve of the ledger is left",
              "free space on the file system of the state directory");
}

}  // namespace duet
