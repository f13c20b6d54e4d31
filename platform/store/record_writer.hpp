// SPDX-License-Identifier: Apache-2.0
// One record of the ledger to changes of rows, inside a transaction.
#pragma once

#include "core/base/result.hpp"
#include "core/message/ledger.hpp"
#include "platform/store/rows.hpp"

namespace duet {

/// Error: Errc::storage: roll back.
[[nodiscard]] Result<void> write_record(Rows& rows, const StoreRecord& record);

/// A configuration takes space that grows with it; everything else is the ledger, small and bounded.
[[nodiscard]] bool is_configuration(const StoreRecord& record);

}  // namespace duet
