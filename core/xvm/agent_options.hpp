// SPDX-License-Identifier: Apache-2.0
// What fence_xvm is asked: options of the command line, or lines of stdin. Names, letters and defaults are those of the
// original, so that every configuration works with both; what is stricter here is listed in the manual page.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/xvm/request.hpp"

namespace duet::xvm {

/// In the order of the metadata.
enum class Action : std::uint8_t { null, on, off, reboot, metadata, status, monitor, list, list_status, validate_all };
inline constexpr std::array<Action, 10> all_actions{
    Action::null,   Action::on,      Action::off,  Action::reboot,      Action::metadata,
    Action::status, Action::monitor, Action::list, Action::list_status, Action::validate_all};
/// "null", ..., "list-status", "validate-all".
[[nodiscard]] std::string_view to_string(Action action);
/// What goes over the wire; nullopt for metadata and validate-all, which are answered here.
[[nodiscard]] std::optional<Operation> operation_of(Action action);
/// True if the action is about one domain, which then must be named.
[[nodiscard]] bool needs_domain(Action action);

inline constexpr std::string_view default_key_file = "/etc/cluster/fence_xvm.key";

struct AgentOptions {
  int debug = 0;                 ///< 1 and more: tell on stderr what is done
  Family family = Family::ipv4;  ///< from ip_family, else from the address
  Address group;                 ///< multicast group, or the unicast address of one host
  bool default_group = true;     ///< no address was given
  std::uint16_t port = default_port;
  std::uint16_t callback_port = 0;  ///< 0: any free one
  unsigned retrans = 20;            ///< tenths of a second between two datagrams, 1 .. 864000
  unsigned timeout = 30;            ///< seconds, 1 .. 86400; for the call-back, and for each step after it
  unsigned delay = 0;               ///< seconds, 0 .. 86400, before off, on, reboot, null
  HashType auth = HashType::sha256;
  HashType hash = HashType::sha256;
  std::string key_file{default_key_file};
  std::string domain;
  bool use_uuid = false;
  Action action = Action::reboot;
  /// False only if hash and auth are both none: then no key is read.
  [[nodiscard]] bool needs_key() const { return hash != HashType::none || auth != HashType::none; }
};

/// Datagrams are sent this often, `retrans` apart: timeout / retrans, at least once.
[[nodiscard]] unsigned attempts(const AgentOptions& options);

struct AgentCall {
  enum class Kind : std::uint8_t { run, help, version };
  Kind kind = Kind::run;
  AgentOptions options;
  std::vector<std::string> errors;    ///< any: do not run
  std::vector<std::string> warnings;  ///< run, and say so; texts are escaped
};

/// The arguments without the name of the program.
[[nodiscard]] AgentCall read_arguments(std::span<const std::string_view> arguments);

inline constexpr std::size_t stdin_max = 64 * 1024;  ///< a longer input is refused; usual is 200 bytes
/// All of stdin: "key=value" lines. Unknown keys give a warning: managers send keys of their own.
[[nodiscard]] AgentCall read_stdin(std::string_view text);

/// One parameter: for parsing, help and metadata.
struct AgentParameter {
  std::string_view name;  ///< key on stdin
  char letter = 0;        ///< option, 0: none
  bool takes_value = true;
  std::string_view type;      ///< content type in the metadata: string or boolean
  std::string_view fallback;  ///< default; empty: none
  std::string_view brief;
  bool required = false;
  std::string_view obsoletes = {};
  bool deprecated = false;
};
/// In the order of the original's metadata, then what is ours.
[[nodiscard]] std::span<const AgentParameter> agent_parameters();

}  // namespace duet::xvm
