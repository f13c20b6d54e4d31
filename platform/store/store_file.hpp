// SPDX-License-Identifier: Apache-2.0
// StoreFile: the store of one node on its disk, used from one thread. Loads and verifies, then takes transactions.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/message/ledger.hpp"
#include "platform/store/rows.hpp"
#include "platform/store/state_directory.hpp"
#include "platform/store/witness.hpp"

namespace duet {

class StoreFile {
 public:
  /// Commits of the configuration that are kept.
  static constexpr std::size_t history = 100;
  /// One record is made per fencing, and only the newest against each boot counts.
  static constexpr std::size_t evidence_kept = 200;

  /// Opens or makes store.db and verifies everything. Damage is no error: the file is set aside (store.db.damaged),
  /// what could be verified goes to a new one, and the image's `damaged` says so, also at later starts, until a
  /// configuration is committed again (S3f). Errors: Errc::storage, Errc::not_permitted, Errc::refused (a newer duetd
  /// has written it).
  static Result<StoreFile> open(StateDirectory directory);

  /// What was found. To be taken once.
  [[nodiscard]] StoreImage take_image() { return std::exchange(image_, {}); }
  /// All records or none; durable when it returns. Records of the ledger have space of their own on the disk; a
  /// configuration that would use it up is refused. Error: Errc::storage; a later call may succeed (L10).
  Result<void> write(const std::vector<StoreRecord>& records);
  /// What need not be done while somebody waits for write(): call it afterwards. A failure shows at the next write().
  void maintain();

 private:
  StoreFile(StateDirectory directory, Witness witness)
      : directory_{std::move(directory)}, witness_{std::move(witness)} {}
  [[nodiscard]] std::string path() const { return directory_.file("store.db"); }
  Result<void> load();
  Result<std::string> open_rows();
  Result<void> set_aside(const std::string& why);
  Result<void> reopen();
  [[nodiscard]] Result<void> write_log_again() const;
  Result<void> transaction(const std::vector<StoreRecord>& records);
  Result<void> reserve_for(std::size_t bytes);
  [[nodiscard]] std::int64_t log_limit() const;

  StateDirectory directory_;
  Witness witness_;
  std::optional<Rows> rows_;
  StoreImage image_;
  std::string known_damage_;
  Witnessed acknowledged_;
};

}  // namespace duet
