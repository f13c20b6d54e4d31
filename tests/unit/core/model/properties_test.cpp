// SPDX-License-Identifier: Apache-2.0
// The table of properties is complete, sorted, and its defaults are those that apply.
#include <algorithm>
#include <catch2/catch.hpp>

#include "core/model/options.hpp"

using namespace duet;

TEST_CASE("properties: sorted, explained, each once", "[model]") {
  const auto& known = known_properties();
  CHECK(std::is_sorted(known.begin(), known.end(),
                       [](const PropertyInfo& a, const PropertyInfo& b) { return a.name < b.name; }));
  for (const PropertyInfo& info : known) {
    CAPTURE(info.name);
    CHECK_FALSE(info.help.empty());
    CHECK_FALSE(info.type.empty());
    CHECK_FALSE(info.default_value.empty());
    CHECK(std::count_if(known.begin(), known.end(), [&](const PropertyInfo& p) { return p.name == info.name; }) == 1);
  }
}

TEST_CASE("properties: setting every property to its default changes nothing and is valid", "[model]") {
  ClusterConfig config;
  for (const PropertyInfo& info : known_properties()) config.properties[std::string{info.name}] = info.default_value;
  CHECK(validate(config).empty());
  const ClusterOptions set = cluster_options(config);
  const ClusterOptions unset = cluster_options({});
  CHECK(set.stonith_enabled == unset.stonith_enabled);
  CHECK(set.stonith_action == unset.stonith_action);
  CHECK(set.stonith_timeout == unset.stonith_timeout);
  CHECK(set.maintenance_mode == unset.maintenance_mode);
  CHECK(set.symmetric_cluster == unset.symmetric_cluster);
  CHECK(set.start_failure_is_fatal == unset.start_failure_is_fatal);
  CHECK(set.stop_all_resources == unset.stop_all_resources);
  CHECK(set.no_quorum_policy == unset.no_quorum_policy);
  CHECK(set.startup_fence_wait == unset.startup_fence_wait);
}
