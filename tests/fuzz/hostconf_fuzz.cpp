// SPDX-License-Identifier: Apache-2.0
// fence_virt.conf: the grammar and the settings. What was read can be written and reads the same; a `groups` section
// never opens anything.
#include "core/fencehost/host_config.hpp"
#include "tests/fuzz/fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace duet;
  using namespace duet::fencehost;
  const std::string text{data, data + size};
  const auto root = parse_conf(text);
  if (!root) {
    DUET_INVARIANT(!root.error().what.empty() && !root.error().why.empty());
    return 0;
  }
  const auto written = write_conf(*root);
  DUET_INVARIANT(written.has_value());
  const auto again = parse_conf(*written);
  DUET_INVARIANT(again.has_value() && *write_conf(*again) == *written);
  const auto config = read_host_config(*root);
  if (!config) {
    DUET_INVARIANT(!config.error().what.empty());
    return 0;
  }
  DUET_INVARIANT(config->port != 0 && !config->uris.empty() && xvm::is_multicast(config->group));
  DUET_INVARIANT(config->groups.has_value() == (root->find_node("groups") != nullptr));
  return 0;
}
