// SPDX-License-Identifier: Apache-2.0
// What an OCF agent needs inside: exit codes, its parameters out of the environment, and how a failure is told. Pure:
// the agent's main() hands over the environment and does the printing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace duet {

/// Exit codes of OCF actions (cluster-semantics 1.3).
enum class OcfExit : int {
  success = 0,           ///< done; monitor: running
  generic = 1,           ///< failed; monitor: active but broken
  args = 2,              ///< a parameter is wrong for this node
  unimplemented = 3,     ///< action not supported
  permission = 4,        ///< not permitted
  installed = 5,         ///< something that is needed is missing on this node
  configured = 6,        ///< parameters are wrong everywhere
  not_running = 7,       ///< cleanly stopped; monitor only
  running_promoted = 8,  ///< promoted
  failed_promoted = 9,   ///< promoted, but failed
  degraded = 190,        ///< as success, shown as a warning (OCF 1.1)
  degraded_promoted = 191,
};

/// How an action failed. `reason` is one sentence for the administrator, shown in the status; empty: none.
struct OcfFailure {
  OcfExit code{};
  std::string reason;
};

template <class T>
using OcfResult = tl::expected<T, OcfFailure>;

[[nodiscard]] inline tl::unexpected<OcfFailure> ocf_fail(OcfExit code, std::string reason) {
  return tl::unexpected<OcfFailure>{OcfFailure{code, std::move(reason)}};
}

/// A read-only view of `NAME=value` entries that outlive it, e.g. those that main() gets.
class OcfEnvironment {
 public:
  /// `entries` ends with a null pointer.
  explicit OcfEnvironment(const char* const* entries);

  /// An environment variable by its whole name.
  [[nodiscard]] std::optional<std::string_view> variable(std::string_view name) const;
  /// The instance attribute OCF_RESKEY_<name>. An empty value is the same as none: that is how it was always treated
  /// by shell agents, and how managers take a value back.
  [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const;

  /// OCF_RESOURCE_INSTANCE; "default" when the agent is called by hand without it.
  [[nodiscard]] std::string_view instance() const;
  /// OCF_CHECK_LEVEL: 0, 10 or 20; 0 if it is not set or not a number.
  [[nodiscard]] unsigned check_level() const;

 private:
  std::vector<std::string_view> entries_;
};

/// The spellings of resource-agents and Pacemaker: yes true on 1 ja y / no false off 0 n, in any case. Nothing for
/// other texts: a misspelt switch must not silently mean "off".
[[nodiscard]] std::optional<bool> parse_ocf_boolean(std::string_view text);

/// Decimal digits only. Nothing for other texts and for values above `max`.
[[nodiscard]] std::optional<unsigned> parse_ocf_number(std::string_view text, unsigned max);

/// The line for stderr, with its newline, by which a manager takes the reason: "ocf-exit-reason:" or what
/// OCF_EXIT_REASON_PREFIX says. Line breaks and control bytes in `reason` are escaped, so that it stays one line.
[[nodiscard]] std::string exit_reason_line(const OcfEnvironment& environment, std::string_view reason);

/// Replaces & < > " by entities, for meta-data.
[[nodiscard]] std::string escape_xml(std::string_view text);

}  // namespace duet
