// SPDX-License-Identifier: Apache-2.0
// Sqlite and Statement: a connection to one database file and a prepared statement. Errors are values.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace duet {

/// One statement, used again and again. Parameters are counted from 1, columns from 0.
class Statement {
 public:
  Statement() = default;
  void bind(int place, std::int64_t number);
  void bind(int place, std::string_view text);
  void bind(int place, ByteView bytes);
  /// True: a row is there. After false or an error the statement is ready to be bound anew. Errors: as Sqlite::run().
  Result<bool> step();
  /// Ends a query before its last row.
  void reset();
  [[nodiscard]] std::int64_t number(int column) const;
  [[nodiscard]] std::string text(int column) const;
  /// Valid until the next step or reset.
  [[nodiscard]] ByteView bytes(int column) const;

 private:
  friend class Sqlite;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_{statement} {}
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// Belongs to one thread at a time.
class Sqlite {
 public:
  /// Opens or makes the file; refuses a symbolic link. Errors: as run().
  static Result<Sqlite> open(const std::string& path);
  /// One or more statements without results. Errors: Errc::storage when the disk does not let us read or write now
  /// (full, read-only, I/O error), else Errc::malformed: the file is damaged. The text has SQLite's and the system's
  /// words.
  Result<void> run(const char* sql);
  Result<Statement> prepare(std::string_view sql);
  /// First column of the first row; 0 if there is none.
  Result<std::int64_t> number(std::string_view sql);
  /// Keep the file of the write-ahead log over a close: its space stays ours (protocol.md 10). Moving it into the
  /// database is the caller's job from now on.
  void keep_log();
  /// Pages in the log that are not known to be in the database.
  [[nodiscard]] int log_pages() const { return *log_pages_; }
  /// Moves the log into the database.
  Result<void> checkpoint();
  /// Takes the disk's space for a file of this many bytes. Error: Errc::storage: there is not so much.
  Result<void> allocate(std::int64_t bytes);

 private:
  struct Close {
    void operator()(sqlite3* connection) const noexcept;
  };
  explicit Sqlite(sqlite3* connection) : connection_{connection} {}
  std::unique_ptr<int> log_pages_ = std::make_unique<int>(0);  ///< its address is SQLite's, too
  std::unique_ptr<sqlite3, Close> connection_;
};

}  // namespace duet
