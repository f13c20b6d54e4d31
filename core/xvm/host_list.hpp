// SPDX-License-Identifier: Apache-2.0
// The host list that follows the answer byte 253: records of 130 bytes, a record of zeros, one more answer byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"

namespace duet::xvm {

inline constexpr std::size_t host_record_bytes = 130;
inline constexpr std::uint8_t domain_running = 1;  ///< libvirt's number; everything else is shown as "off" in lists

struct HostRecord {
  std::string name = {};   ///< at most 63 bytes on the wire; a longer one is cut
  std::string uuid = {};   ///< 36 characters; at most 63 on the wire
  std::uint8_t state = 0;  ///< libvirt's domain state: 1 running, 3 paused, 5 shut off, 6 crashed, ...
  friend bool operator==(const HostRecord&, const HostRecord&) = default;
};

/// The whole answer to a list: 253, the records in the given order, the end record, success. Bytes that are not used
/// are zero. A record without name and UUID would end the list early: it is left out.
[[nodiscard]] Bytes encode_host_list(const std::vector<HostRecord>& hosts);

struct EndOfList {
  friend bool operator==(EndOfList, EndOfList) = default;
};

/// One record. Text ends at the first NUL or at byte 63: the originals leave garbage behind it. EndOfList if name and
/// UUID are empty. Precondition: exactly host_record_bytes (invariant). The text is foreign: escape before printing.
[[nodiscard]] std::variant<HostRecord, EndOfList> decode_host_record(ByteView record);

/// The line that fence_xvm prints for a record, without newline: name padded to 32, UUID, "on" or "off". Bytes of the
/// name that would break the line or the terminal are escaped.
[[nodiscard]] std::string host_line(const HostRecord& host);

/// True if the list has the domain: by its exact name, or by UUID in any case.
[[nodiscard]] bool knows_domain(const std::vector<HostRecord>& hosts, std::string_view domain);

}  // namespace duet::xvm
