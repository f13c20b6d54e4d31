// SPDX-License-Identifier: Apache-2.0
// A configuration without findings, and a search in findings.
#pragma once

#include <algorithm>
#include <string_view>

#include "core/model/options.hpp"

namespace duet::test {

inline ClusterConfig valid_config() {
  ClusterConfig config;
  config.name = "TestCluster";
  config.nodes = {{NodeId{1}, "server1", {}}, {NodeId{4}, "server4", {}}};
  for (const auto* id : {"A", "B", "C", "D"}) {
    config.primitives.push_back({id, {"ocf", "duet", "Dummy"}, {{"state", "x"}}, {}, {}});
  }
  config.groups = {{"G", {"B", "C"}, {}}};
  config.devices = {{"vmfence", "fence_xvm", {{"pcmk_host_map", "server1:Node1;server4:Node4"}}, {}, {}}};
  return config;
}

inline bool finds(const ClusterConfig& config, std::string_view text, bool error) {
  const auto findings = validate(config);
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.error == error && finding.text.find(text) != std::string::npos;
  });
}

}  // namespace duet::test
