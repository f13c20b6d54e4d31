// SPDX-License-Identifier: Apache-2.0
// Rows: the tables of the store, one for each kind of record, all of one shape: sequence, key, body, digest. Each row
// carries its own digest; all together are bound by a content digest, so that a row that vanished or came back is seen.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.hpp"
#include "platform/store/sqlite.hpp"
#include "platform/store/witness.hpp"

namespace duet {

enum class Table : std::uint8_t { entries, abandoned, marks, joins, evidence, stop_failed, overrides, fence_events };
inline constexpr std::array all_tables{Table::entries,  Table::abandoned,   Table::marks,     Table::joins,
                                       Table::evidence, Table::stop_failed, Table::overrides, Table::fence_events};
std::string_view to_string(Table table);

struct Row {
  std::int64_t sequence = 0;  ///< ascending in the order of writing, over all tables
  std::string key;            ///< unique in its table
  Bytes body;
};

class Rows {
 public:
  /// Opens the database, makes missing tables, prepares statements, reads the state row. Rows are verified by read().
  /// Errors here and below: Errc::storage (the disk does not let us), Errc::malformed (the file is damaged).
  /// Here also Errc::refused: a newer duetd has written it (S17).
  static Result<Rows> open(const std::string& path);

  /// SQLite's own check of the whole file.
  Result<void> check_structure();
  /// The next transaction gets a number above this one.
  void continue_from(std::uint64_t generation) { state_.generation = std::max(state_.generation, generation); }

  /// Everything between begin and commit is one transaction, durable when commit returns. After an error
  /// the object is to be destroyed.
  Result<void> begin();
  Result<void> commit();

  /// Replaces the row with this key.
  Result<void> put(Table table, std::string_view key, ByteView body);
  Result<void> erase(Table table, std::string_view key);
  /// Keeps the `count` rows with the highest keys (or, `by_age`, the newest) and erases the rest.
  enum class Order : std::uint8_t { by_key, by_age };
  Result<void> keep_newest(Table table, std::size_t count, Order order);

  /// All rows by key or age. A row whose digest is wrong is left out and named in `damage`.
  Result<std::vector<Row>> read(Table table, Order order, std::string& damage);
  /// The newest transaction, as the state row names it.
  [[nodiscard]] const Witnessed& state() const { return state_; }
  /// Content digest over every row that is in the file, counted anew.
  Result<Sha256> count_content();

  /// Pages that are allocated in the file and free, 4 KiB each.
  Result<std::int64_t> free_pages();
  /// Makes the file larger by this many free pages, really taken from the disk.
  Result<void> reserve(std::int64_t pages);
  /// The file of the log keeps its size, and is begun anew after a checkpoint: the ledger always has its space there
  /// (protocol.md 10).
  [[nodiscard]] int log_pages() const { return database_.log_pages(); }
  Result<void> checkpoint() { return database_.checkpoint(); }

 private:
  struct Statements {
    Statement find;    ///< digest by key
    Statement insert;  ///< sequence, key, body, digest
    Statement remove;  ///< by key
  };
  explicit Rows(Sqlite database) : database_{std::move(database)} {}
  Result<void> prepare();
  Result<void> load_state();
  Result<void> save_state();

  Sqlite database_;
  std::map<Table, Statements> statements_;
  Statement save_;
  Witnessed state_;  ///< as in the file
  Witnessed next_;   ///< while a transaction is open
  std::int64_t sequence_ = 0;
};

}  // namespace duet
