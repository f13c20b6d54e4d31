// SPDX-License-Identifier: Apache-2.0
// Rows of the store to what the core is told at its start, every digest and every link of the chain verified.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/message/ledger.hpp"
#include "platform/store/rows.hpp"

namespace duet {

/// Keys of the marks.
namespace mark {
inline constexpr const char* committed = "committed";
inline constexpr const char* solo = "solo";
inline constexpr const char* damaged = "damaged";  ///< text; there until a configuration is committed again
inline constexpr const char* device = "device/";   ///< and its id: verified at least once (S18)
}  // namespace mark

/// Sorts as the positions do.
[[nodiscard]] std::string entry_key(ConfigPosition position);

struct LoadedImage {
  StoreImage image;   ///< what could be verified; `damaged` names what could not
  std::string known;  ///< text of the damage mark: found at an earlier start
};
/// Errors: as Rows: the file cannot be read to its end.
[[nodiscard]] Result<LoadedImage> read_image(Rows& rows);

/// The image as records that would make it, for a new file.
[[nodiscard]] std::vector<StoreRecord> records_of(const StoreImage& image);

}  // namespace duet
