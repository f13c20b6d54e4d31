// SPDX-License-Identifier: Apache-2.0
// Witness: a small file beside the database that remembers the newest transaction.
//
// SQLite takes a write-ahead log with a damaged or missing end for a shorter log: it would come up with an older
// configuration, and say nothing (S3f). The witness is written after each transaction is durable, so a database that is
// older than its witness has lost something. It is not synced: a witness that is older than its database is normal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "platform/loop/unique_fd.hpp"

namespace duet {

struct Witnessed {
  std::uint64_t generation = 0;  ///< number of the transaction
  Sha256 content{};              ///< digest over all rows
  friend bool operator==(const Witnessed&, const Witnessed&) = default;
};

class Witness {
 public:
  /// Opens or makes the file and takes its space. Error: Errc::storage.
  static Result<Witness> open(const std::string& path);
  /// The newest valid record; nullopt: none. Two places are used in turn, so a torn write leaves the one before.
  [[nodiscard]] std::optional<Witnessed> read() const;
  /// A failure is not reported: the next start finds an older witness, which is allowed.
  void write(const Witnessed& record) const;

 private:
  explicit Witness(UniqueFd file) : file_{std::move(file)} {}
  UniqueFd file_;
};

}  // namespace duet
