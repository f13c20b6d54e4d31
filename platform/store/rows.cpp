// SPDX-License-Identifier: Apache-2.0
// The statements that read and change rows, and the digests over them.
#include "platform/store/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/invariant.hpp"

namespace duet {
namespace {

/// One process only, so no shared memory file. 512 KiB of cache bound our memory.
constexpr const char* settings =
    "PRAGMA page_size=4096; PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    "PRAGMA cache_size=-512; PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=OFF;"
    "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;";

/// Version of the form of the file, in SQLite's own header field.
constexpr std::int64_t format_version = 1;
/// Up to here a number is a later format's, beyond it is damage.
constexpr std::int64_t last_format_version = 15;

template <class T>
tl::unexpected<Error> error_of(const Result<T>& result) {
  return tl::unexpected{result.error()};
}

Sha256 row_digest(Table table, std::int64_t sequence, std::string_view key, ByteView body) {
  ByteWriter writer;
  const std::string_view name = to_string(table);
  writer.put_le(static_cast<std::uint32_t>(name.size()));
  writer.put(as_bytes(name));
  writer.put_le(static_cast<std::uint64_t>(sequence));
  writer.put_le(static_cast<std::uint32_t>(key.size()));
  writer.put(as_bytes(key));
  writer.put(body);
  return sha256(writer.bytes());
}

/// Adds a row to the content, or takes it out again: the same operation.
void toggle(Sha256& content, ByteView digest) {
  for (std::size_t i = 0; i < content.size() && i < digest.size(); ++i) content[i] ^= digest[i];
}

Bytes state_bytes(const Witnessed& state, std::int64_t sequence) {
  ByteWriter writer;
  writer.put_le(state.generation);
  writer.put(state.content);
  writer.put_le(static_cast<std::uint64_t>(sequence));
  return writer.take();
}

}  // namespace

std::string_view to_string(Table table) {
  switch (table) {
    case Table::entries:
      return "entries";
    case Table::abandoned:
      return "abandoned";
    case Table::marks:
      return "marks";
    case Table::joins:
      return "joins";
    case Table::evidence:
      return "evidence";
    case Table::stop_failed:
      return "stop_failed";
    case Table::overrides:
      return "overrides";
    case Table::fence_events:
      return "fence_events";
  }
  invariant_failed("Table out of range", __FILE__, __LINE__);
}

Result<Rows> Rows::open(const std::string& path) {
  auto database = Sqlite::open(path);
  if (!database) return error_of(database);
  Rows rows{std::move(*database)};
  rows.database_.keep_log();
  if (auto done = rows.database_.run(settings); !done) return error_of(done);
  if (auto done = rows.prepare(); !done) return error_of(done);
  if (auto done = rows.load_state(); !done) return error_of(done);
  return rows;
}

Result<void> Rows::prepare() {
  auto version = database_.number("PRAGMA user_version");
  if (!version) return error_of(version);
  if (*version > format_version && *version <= last_format_version) {
    return fail(Errc::refused, "store",
                fmt::format("was written by a newer duetd: format {}, this one knows {}", *version, format_version),
                "install the version of duet that wrote it");
  }
  if (*version != 0 && *version != format_version) return fail(Errc::malformed, "store", "its format has no sense");
  if (*version == 0) {
    std::string sql = "BEGIN IMMEDIATE;";
    for (const Table table : all_tables) {
      sql += fmt::format(
          "CREATE TABLE {}(sequence INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, body BLOB NOT NULL, digest BLOB NOT "
          "NULL);",
          to_string(table));
    }
    sql += "CREATE TABLE state(id INTEGER PRIMARY KEY, body BLOB NOT NULL, digest BLOB NOT NULL);";
    sql += "CREATE TABLE reserve(id INTEGER PRIMARY KEY, body BLOB NOT NULL);";
    sql += fmt::format("PRAGMA user_version={};COMMIT;", format_version);
    if (auto done = database_.run(sql.c_str()); !done) return done;
  }
  for (const Table table : all_tables) {
    const std::string_view name = to_string(table);
    auto find = database_.prepare(fmt::format("SELECT digest FROM {} WHERE key=?", name));
    auto insert = database_.prepare(fmt::format("INSERT INTO {}(sequence,key,body,digest) VALUES(?,?,?,?)", name));
    auto remove = database_.prepare(fmt::format("DELETE FROM {} WHERE key=?", name));
    for (const auto* statement : {&find, &insert, &remove}) {
      if (!*statement) return error_of(*statement);
    }
    statements_[table] = {std::move(*find), std::move(*insert), std::move(*remove)};
  }
  auto save = database_.prepare("INSERT OR REPLACE INTO state(id,body,digest) VALUES(1,?,?)");
  if (!save) return error_of(save);
  save_ = std::move(*save);
  return {};
}

Result<void> Rows::load_state() {
  auto query = database_.prepare("SELECT body,digest FROM state WHERE id=1");
  if (!query) return error_of(query);
  const auto row = query->step();
  if (!row) return error_of(row);
  if (!*row) return {};  // a new file
  const Sha256 wanted = sha256(query->bytes(0));
  ByteReader reader{query->bytes(0)};
  state_.generation = reader.get_le<std::uint64_t>();
  const ByteView content = reader.get(state_.content.size());
  std::copy(content.begin(), content.end(), state_.content.begin());
  sequence_ = static_cast<std::int64_t>(reader.get_le<std::uint64_t>());
  const ByteView digest = query->bytes(1);
  if (!reader.ok() || !std::equal(wanted.begin(), wanted.end(), digest.begin(), digest.end())) {
    return fail(Errc::malformed, "store", "the state row is damaged");
  }
  return {};
}

Result<void> Rows::check_structure() {
  auto query = database_.prepare("PRAGMA integrity_check(1)");
  if (!query) return error_of(query);
  const auto row = query->step();
  if (!row) return error_of(row);
  const std::string verdict = *row ? query->text(0) : "no answer";
  return verdict == "ok" ? Result<void>{} : fail(Errc::malformed, "store", verdict);
}

Result<void> Rows::begin() {
  next_ = state_;
  return database_.run("BEGIN IMMEDIATE");
}

Result<void> Rows::commit() {
  ++next_.generation;
  if (auto done = save_state(); !done) return done;
  if (auto done = database_.run("COMMIT"); !done) return done;
  state_ = next_;
  return {};
}

Result<void> Rows::save_state() {
  const Bytes body = state_bytes(next_, sequence_);
  save_.bind(1, body);
  save_.bind(2, ByteView{sha256(body)});
  const auto done = save_.step();
  if (!done) return error_of(done);
  return {};
}

Result<void> Rows::put(Table table, std::string_view key, ByteView body) {
  if (auto done = erase(table, key); !done) return done;
  ++sequence_;
  const Sha256 digest = row_digest(table, sequence_, key, body);
  Statement& insert = statements_.at(table).insert;
  insert.bind(1, sequence_);
  insert.bind(2, key);
  insert.bind(3, body);
  insert.bind(4, ByteView{digest});
  const auto done = insert.step();
  if (!done) return error_of(done);
  toggle(next_.content, digest);
  return {};
}

Result<void> Rows::erase(Table table, std::string_view key) {
  Statements& statements = statements_.at(table);
  statements.find.bind(1, key);
  const auto found = statements.find.step();
  if (!found) return error_of(found);
  if (!*found) return {};
  toggle(next_.content, statements.find.bytes(0));
  statements.find.reset();
  statements.remove.bind(1, key);
  const auto done = statements.remove.step();
  if (!done) return error_of(done);
  return {};
}

Result<void> Rows::keep_newest(Table table, std::size_t count, Order order) {
  const char* const column = order == Order::by_key ? "key" : "sequence";
  auto query = database_.prepare(
      fmt::format("SELECT key FROM {} ORDER BY {} DESC LIMIT -1 OFFSET {}", to_string(table), column, count));
  if (!query) return error_of(query);
  std::vector<std::string> old;
  for (;;) {
    const auto row = query->step();
    if (!row) return error_of(row);
    if (!*row) break;
    old.push_back(query->text(0));
  }
  for (const std::string& key : old) {
    if (auto done = erase(table, key); !done) return done;
  }
  return {};
}

Result<std::vector<Row>> Rows::read(Table table, Order order, std::string& damage) {
  const char* const column = order == Order::by_key ? "key" : "sequence";
  auto query =
      database_.prepare(fmt::format("SELECT sequence,key,body,digest FROM {} ORDER BY {}", to_string(table), column));
  if (!query) return error_of(query);
  std::vector<Row> rows;
  for (;;) {
    const auto found = query->step();
    if (!found) return error_of(found);
    if (!*found) return rows;
    Row row{query->number(0), query->text(1), {}};
    const ByteView body = query->bytes(2);
    const Sha256 digest = row_digest(table, row.sequence, row.key, body);
    const ByteView stored = query->bytes(3);
    if (!std::equal(digest.begin(), digest.end(), stored.begin(), stored.end())) {
      damage += fmt::format("row {} of {} is damaged; ", row.sequence, to_string(table));
      continue;
    }
    row.body.assign(body.begin(), body.end());
    rows.push_back(std::move(row));
  }
}

Result<Sha256> Rows::count_content() {
  Sha256 content{};
  for (const Table table : all_tables) {
    auto query = database_.prepare(fmt::format("SELECT digest FROM {}", to_string(table)));
    if (!query) return error_of(query);
    for (;;) {
      const auto row = query->step();
      if (!row) return error_of(row);
      if (!*row) break;
      toggle(content, query->bytes(0));
    }
  }
  return content;
}

Result<std::int64_t> Rows::free_pages() {
  return database_.number("PRAGMA freelist_count");
}

Result<void> Rows::reserve(std::int64_t pages) {
  // The file's space first: a log that cannot be moved into the database because that cannot grow would be stuck.
  const auto now = database_.number("PRAGMA page_count");
  if (!now) return error_of(now);
  if (auto done = database_.allocate((*now + pages + 16) * 4096); !done) return done;
  // In two transactions with a checkpoint between: pages that are freed by the one that made them are never written.
  if (auto done = database_.run("DELETE FROM reserve"); !done) return done;
  const std::string fill = fmt::format("INSERT INTO reserve(id,body) VALUES(1,zeroblob({}))", pages * 4096);
  if (auto done = database_.run(fill.c_str()); !done) return done;
  if (auto done = database_.checkpoint(); !done) return done;
  return database_.run("DELETE FROM reserve");
}

}  // namespace duet
