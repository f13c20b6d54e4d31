// SPDX-License-Identifier: Apache-2.0
// The tutorial's cluster, and short forms for edits.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "core/admin/admin.hpp"

namespace duet::test {

inline Primitive dummy(const std::string& id, Attributes parameters = {}) {
  return {id, {"ocf", "duet", "Dummy"}, std::move(parameters), {}, {}};
}

inline Operation monitor(Duration interval, std::optional<Duration> timeout = {}) {
  Operation operation;
  operation.action = "monitor";
  operation.interval = interval;
  operation.timeout = timeout;
  return operation;
}

inline ClusterConfig sample() {
  ClusterConfig config;
  config.name = "TestCluster";
  config.nodes = {{NodeId{1}, "server1", {}}, {NodeId{4}, "server4", {}}};
  Primitive vip = dummy("VIP", {{"ip", "10.9.0.100"}, {"cidr_netmask", "24"}});
  vip.operations = {monitor(30s)};
  config.primitives = {vip, dummy("haproxy"), dummy("solo")};
  config.groups = {{"hagroup", {"VIP", "haproxy"}, {}}};
  config.devices = {{"vmfence", "fence_xvm", {}, {}, {}}};
  return config;
}

inline ClusterConfig good(const ClusterConfig& config, const ConfigEdit& edit) {
  auto result = apply_edit(config, edit);
  INFO((result ? std::string{} : result.error().what));
  REQUIRE(result);
  return *result;
}

inline Error bad(const ClusterConfig& config, const ConfigEdit& edit) {
  const auto result = apply_edit(config, edit);
  REQUIRE_FALSE(result);
  return result.error();
}

inline bool is_unchanged(const ClusterConfig& config, const ConfigEdit& edit) {
  return bad(config, edit).code == Errc::unchanged;
}

}  // namespace duet::test
