// SPDX-License-Identifier: Apache-2.0
// FZ: options of fence_xvm: standard input, and the same bytes as arguments, cut at NUL.
#include <algorithm>

#include "core/base/escape.hpp"
#include "core/xvm/agent_options.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace duet;
using namespace duet::xvm;

/// Nothing that a terminal or a log would take for a command.
void check_texts(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    DUET_INVARIANT(std::none_of(text.begin(), text.end(), [](char c) { return c >= 0 && (c < 0x20 || c == 0x7F); }));
    DUET_INVARIANT(is_utf8(text));
  }
}

void check_call(const AgentCall& call) {
  check_texts(call.errors);
  check_texts(call.warnings);
  const AgentOptions& options = call.options;
  DUET_INVARIANT(options.domain.size() <= domain_length_max && options.domain.find('\0') == std::string::npos);
  DUET_INVARIANT(attempts(options) >= 1);
  if (!call.errors.empty()) return;
  DUET_INVARIANT(!options.domain.empty() || !needs_domain(options.action));
  DUET_INVARIANT(options.port != 0 && options.retrans > 0 && options.timeout > 0);
  DUET_INVARIANT(options.group.family == options.family && !is_unspecified(options.group));
  DUET_INVARIANT(!options.key_file.empty());
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  check_call(read_stdin(text));
  std::vector<std::string_view> arguments;
  while (!text.empty()) {
    const std::size_t end = text.find('\0');
    arguments.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  check_call(read_arguments(arguments));
  return 0;
}
