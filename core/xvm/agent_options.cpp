// SPDX-License-Identifier: Apache-2.0
// Reading of the agent's options: both forms end in the same setters, so both have the same names, ranges and errors.
#include "core/xvm/agent_options.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/concat.hpp"
#include "core/base/escape.hpp"

namespace duet::xvm {

namespace {

constexpr std::array<AgentParameter, 16> parameters{{
    {"debug", 'd', false, "boolean", "", "Tell on standard error what is done; given twice or as 2, more of it"},
    {"ip_family", 'i', true, "string", "auto", "IP family: auto, ipv4 or ipv6"},
    {"multicast_address", 'a', true, "string", "",
     "Multicast group of the host (225.0.0.12 or ff05::3:1 if not set), or the address of one host"},
    {"ipport", 'p', true, "string", "1229", "UDP port of the host"},
    {"retrans", 'r', true, "string", "20", "Tenths of a second until a request is sent again"},
    {"auth", 'C', true, "string", "sha256", "Authentication of the call-back: none, sha1, sha256 or sha512"},
    {"hash", 'c', true, "string", "sha256", "Signature of the request: none, sha1, sha256 or sha512"},
    {"key_file", 'k', true, "string", default_key_file, "File with the key that host and nodes share"},
    {"plug", 'n', true, "string", "", "Name or UUID of the domain (virtual machine, container)", true, "port"},
    {"port", 'H', true, "string", "", "The same as plug", true, "", true},
    {"use_uuid", 'u', false, "string", "0", "The domain is given as a UUID; hosts find that out by themselves"},
    {"action", 'o', true, "string", "reboot",
     "What to do: null, on, off, reboot, metadata, status, monitor, list, list-status or validate-all"},
    {"timeout", 't', true, "string", "30", "Seconds to wait for the host to call back, and for each of its answers"},
    {"delay", 'w', true, "string", "0", "Seconds to wait before the action; not for status, monitor and list"},
    {"domain", 0, true, "string", "", "The same as plug", false, "", true},
    {"callback_port", 'l', true, "string", "0",
     "TCP port on which the host calls back; 0: any free one. The original uses 1229"},
}};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string quoted(std::string_view text) {
  return "'" + escape_line(text, 200) + "'";
}

/// A number as C writes it: 30, 0x1e, 036. Nothing before or behind it.
std::optional<unsigned> c_number(std::string_view text, unsigned min, unsigned max) {
  int base = 10;
  if (text.size() > 2 && text[0] == '0' && lower(text[1]) == 'x') {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
    text.remove_prefix(1);
  }
  unsigned value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc{} || stop != end || value < min || value > max) return std::nullopt;
  return value;
}

constexpr unsigned day = 86'400;

/// Collects settings from either source, in order; the last one wins, but for the domain.
class Reader {
 public:
  void set(std::string_view key, std::optional<std::string_view> value);
  void error(std::string text) { call_.errors.push_back(std::move(text)); }
  void warn(std::string text) { call_.warnings.push_back(std::move(text)); }
  void set_kind(AgentCall::Kind kind) { call_.kind = kind; }
  [[nodiscard]] AgentCall finish();

 private:
  void set_domain(std::string_view key, std::string_view value);
  void set_debug(std::optional<std::string_view> value);
  void set_family(std::string_view value);
  void set_group(std::string_view value);
  void set_action(std::string_view value);
  void set_type(HashType& field, std::string_view key, std::string_view value);
  template <class Number>
  void set_number(Number& field, std::string_view key, std::string_view value, unsigned min, unsigned max);
  void settle_family();

  AgentCall call_;
  std::string domain_key_;
  std::optional<Family> family_;
  std::optional<Address> group_;
};

template <class Number>
void Reader::set_number(Number& field, std::string_view key, std::string_view value, unsigned min, unsigned max) {
  const auto number = c_number(value, min, max);
  if (!number) return error(concat("Invalid ", key, ": ", quoted(value), " (a number from ", min, " to ", max, ")"));
  field = static_cast<Number>(*number);
}

void Reader::set_type(HashType& field, std::string_view key, std::string_view value) {
  const auto type = parse_hash_type(value);
  if (!type) return error(concat("Unsupported ", key, ": ", quoted(value), " (none, sha1, sha256, sha512)"));
  field = *type;
}

void Reader::set_domain(std::string_view key, std::string_view value) {
  if (value.empty() || value.size() > domain_length_max || value.find('\0') != std::string_view::npos) {
    return error(concat("Invalid domain name: ", quoted(value), " in ", key, " (1 to 63 characters)"));
  }
  std::string& domain = call_.options.domain;
  if (!domain_key_.empty() && domain != value) {
    // Pacemaker sends plug beside a configured port. Equal ones are one; of two different ones none is to be guessed.
    return error(concat("Two different domains: ", domain_key_, "=", quoted(domain), " and ", key, "=", quoted(value)));
  }
  domain = value;
  domain_key_ = key;
}

void Reader::set_debug(std::optional<std::string_view> value) {
  int& debug = call_.options.debug;
  const auto number = value ? c_number(*value, 0, 100) : std::optional{static_cast<unsigned>(debug) + 1};
  // Other agents take a file name here, and nobody's fencing shall fail for that.
  if (!number) return warn("debug is not a number: " + quoted(*value));
  debug = static_cast<int>(*number);
}

void Reader::set_family(std::string_view value) {
  if (same_word(value, "auto")) {
    family_.reset();
  } else if (same_word(value, "ipv4")) {
    family_ = Family::ipv4;
  } else if (same_word(value, "ipv6")) {
    family_ = Family::ipv6;
  } else {
    error(concat("Unsupported family: ", quoted(value), " (auto, ipv4, ipv6)"));
  }
}

void Reader::set_group(std::string_view value) {
  group_ = parse_address(value);
  if (!group_ || is_unspecified(*group_)) error("Not an IP address: multicast_address " + quoted(value));
}

void Reader::set_action(std::string_view value) {
  for (const Action action : all_actions) {
    if (same_word(value, to_string(action))) {
      call_.options.action = action;
      return;
    }
  }
  error("Unsupported operation: " + quoted(value));
}

void Reader::set(std::string_view key, std::optional<std::string_view> value) {
  AgentOptions& options = call_.options;
  if (key == "debug") return set_debug(value);
  if (key == "use_uuid") {
    options.use_uuid = !value || c_number(*value, 1, 100).has_value();  // no value means yes, as with -u
    return;
  }
  if (!value) return error(concat(key, " has no value"));
  if (key == "plug" || key == "port" || key == "domain") return set_domain(key, *value);
  if (key == "ip_family") return set_family(*value);
  if (key == "multicast_address") return set_group(*value);
  if (key == "ipport") return set_number(options.port, "port", *value, 1, 65'535);
  if (key == "callback_port") return set_number(options.callback_port, key, *value, 0, 65'535);
  if (key == "retrans") return set_number(options.retrans, key, *value, 1, day * 10);
  if (key == "timeout") return set_number(options.timeout, key, *value, 1, day);
  if (key == "delay") return set_number(options.delay, key, *value, 0, day);
  if (key == "auth") return set_type(options.auth, "authentication", *value);
  if (key == "hash") return set_type(options.hash, "hash", *value);
  if (key == "action") return set_action(*value);
  options.key_file = *value;  // key_file is the last of the table
}

void Reader::settle_family() {
  AgentOptions& options = call_.options;
  options.default_group = !group_;
  if (group_ && family_ && group_->family != *family_) {
    error(concat("multicast_address ", to_text(*group_), " is not of the family that was asked for"));
  }
  options.family = family_ ? *family_ : group_ ? group_->family : Family::ipv4;
  const std::string_view usual = options.family == Family::ipv4 ? default_group_ipv4 : default_group_ipv6;
  options.group = group_ ? *group_ : *parse_address(usual);
}

AgentCall Reader::finish() {
  settle_family();
  const AgentOptions& options = call_.options;
  if (options.key_file.empty()) error("key_file has no value");
  if (needs_domain(options.action) && options.domain.empty() && domain_key_.empty()) error("No domain specified!");
  return std::move(call_);
}

const AgentParameter* by_letter(char letter) {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const AgentParameter& p) { return p.letter != 0 && p.letter == letter; });
  return found == parameters.end() ? nullptr : &*found;
}

std::optional<std::string_view> by_key(std::string_view key) {
  if (same_word(key, "option")) return "action";
  for (const AgentParameter& parameter : parameters) {
    if (same_word(key, parameter.name)) return parameter.name;
  }
  return std::nullopt;
}

/// Reads one argument that begins with '-'; may take the next one as its value. Returns how many were used.
std::size_t read_letters(Reader& reader, std::string_view letters, std::optional<std::string_view> next) {
  for (std::size_t i = 1; i < letters.size(); ++i) {
    const char letter = letters[i];
    if (letter == 'h' || letter == '?' || letter == 'V') {
      reader.set_kind(letter == 'V' ? AgentCall::Kind::version : AgentCall::Kind::help);
      continue;
    }
    const AgentParameter* const parameter = by_letter(letter);
    if (parameter == nullptr) {
      reader.error(concat("Unknown option: ", quoted(std::string{"-"} + letter)));
      continue;
    }
    if (!parameter->takes_value) {
      reader.set(parameter->name, std::nullopt);
      continue;
    }
    if (i + 1 < letters.size()) {
      reader.set(parameter->name, letters.substr(i + 1));
      return 1;
    }
    if (!next) reader.error(concat("Option -", letter, " needs a value"));
    if (next) reader.set(parameter->name, *next);
    return 2;
  }
  return 1;
}

void read_line(Reader& reader, std::string_view line) {
  const std::size_t begin = line.find_first_not_of(" \t");
  if (line.starts_with('#') || begin == std::string_view::npos) return;
  line.remove_prefix(begin);
  line = line.substr(0, line.find_first_of(" \t\r"));  // as the original: what follows a space is not part of it
  if (line.empty()) return;
  const std::size_t equals = line.find('=');
  const std::string_view key = line.substr(0, equals);
  for (const std::string_view ignored : {"agent", "self", "nodename"}) {
    if (same_word(key, ignored)) return;
  }
  const auto name = by_key(key);
  if (!name) return reader.warn("Parse error: Ignoring unknown option " + quoted(key));
  reader.set(*name, equals == std::string_view::npos ? std::nullopt : std::optional{line.substr(equals + 1)});
}

}  // namespace

std::string_view to_string(Action action) {
  switch (action) {
    case Action::null:
      return "null";
    case Action::on:
      return "on";
    case Action::off:
      return "off";
    case Action::reboot:
      return "reboot";
    case Action::metadata:
      return "metadata";
    case Action::status:
      return "status";
    case Action::monitor:
      return "monitor";
    case Action::list:
      return "list";
    case Action::list_status:
      return "list-status";
    case Action::validate_all:
      return "validate-all";
  }
  return "unknown";
}

std::optional<Operation> operation_of(Action action) {
  switch (action) {
    case Action::null:
      return Operation::null;
    case Action::on:
      return Operation::on;
    case Action::off:
      return Operation::off;
    case Action::reboot:
      return Operation::reboot;
    case Action::status:
      return Operation::status;
    case Action::monitor:
      return Operation::monitor;
    case Action::list:
    case Action::list_status:
      return Operation::list;
    case Action::metadata:
    case Action::validate_all:
      return std::nullopt;
  }
  return std::nullopt;
}

bool needs_domain(Action action) {
  switch (action) {
    case Action::metadata:
    case Action::monitor:
    case Action::list:
    case Action::list_status:
      return false;
    case Action::null:
    case Action::on:
    case Action::off:
    case Action::reboot:
    case Action::status:
    case Action::validate_all:
      return true;
  }
  return true;
}

unsigned attempts(const AgentOptions& options) {
  return std::max(1U, options.timeout * 10 / options.retrans);
}

AgentCall read_arguments(std::span<const std::string_view> arguments) {
  Reader reader;
  std::size_t at = 0;
  while (at < arguments.size()) {
    const std::string_view argument = arguments[at];
    const auto next = at + 1 < arguments.size() ? std::optional{arguments[at + 1]} : std::nullopt;
    if (argument == "--help" || argument == "--version") {
      reader.set_kind(argument == "--help" ? AgentCall::Kind::help : AgentCall::Kind::version);
      ++at;
    } else if (argument.size() > 1 && argument[0] == '-') {
      at += read_letters(reader, argument, next);
    } else {
      reader.error("Not an option: " + quoted(argument));
      ++at;
    }
  }
  return reader.finish();
}

AgentCall read_stdin(std::string_view text) {
  Reader reader;
  if (text.size() > stdin_max) reader.error(concat("More than ", stdin_max, " bytes on standard input"));
  text = text.substr(0, stdin_max);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    read_line(reader, text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return reader.finish();
}

std::span<const AgentParameter> agent_parameters() {
  return parameters;
}

}  // namespace duet::xvm
