// SPDX-License-Identifier: Apache-2.0
// Create, update, operations, delete.
#include "tests/unit/core/admin/sample.hpp"

using namespace duet;
using namespace duet::test;

TEST_CASE("create: a new resource comes last, and into a group if asked", "[admin]") {
  const ClusterConfig config = good(sample(), CreateResource{dummy("web"), {}});
  CHECK(config.primitives.back().id == "web");
  CHECK(config.group_of("web") == nullptr);
  const ClusterConfig grouped = good(sample(), CreateResource{dummy("web"), GroupPlace{"hagroup", "haproxy", {}}});
  CHECK(grouped.group("hagroup")->members == std::vector<ObjectId>{"VIP", "web", "haproxy"});
  const ClusterConfig fresh = good(sample(), CreateResource{dummy("web"), GroupPlace{"other", {}, {}}});
  CHECK(fresh.group("other")->members == std::vector<ObjectId>{"web"});
}

TEST_CASE("create: the same again is unchanged, with other settings the difference is told", "[admin][E07]") {
  Primitive vip = sample().primitives[0];
  CHECK(is_unchanged(sample(), CreateResource{vip, {}}));
  CHECK(is_unchanged(sample(), CreateResource{vip, GroupPlace{"hagroup", {}, {}}}));
  vip.parameters["ip"] = "10.9.0.101";
  const Error error = bad(sample(), CreateResource{vip, {}});
  CHECK(error.code == Errc::exists);
  CHECK(error.what == "VIP exists with other settings");
  CHECK(error.why == "ip: 10.9.0.100 (now)  10.9.0.101 (asked)");
  CHECK(error.fix == "duet resource update VIP ip=10.9.0.101");
  vip = sample().primitives[0];
  vip.operations = {monitor(10s)};
  CHECK(bad(sample(), CreateResource{vip, {}}).fix == "duet resource update VIP op monitor interval=10s");
  vip = sample().primitives[0];
  vip.meta["target-role"] = "Stopped";
  CHECK(bad(sample(), CreateResource{vip, {}}).fix == "duet resource update VIP meta target-role=Stopped");
}

TEST_CASE("create: an id of another kind is taken", "[admin]") {
  for (const auto* id : {"hagroup", "vmfence"}) {
    const Error error = bad(sample(), CreateResource{dummy(id), {}});
    CHECK(error.code == Errc::exists);
    CHECK(error.what == "'" + std::string{id} + "' already exists");
  }
}

TEST_CASE("create: bad input changes nothing and says what is allowed", "[admin][S15]") {
  for (const auto* id : {"1x", "a b", "a\nb", ""})
    CHECK(bad(sample(), CreateResource{dummy(id), {}}).code == Errc::invalid_argument);
  CHECK(bad(sample(), CreateResource{dummy("x", {{"p", std::string(9000, 'x')}}), {}}).code == Errc::invalid_argument);
  Primitive twice = dummy("x");
  twice.operations = {monitor(10s), monitor(10s)};
  CHECK(bad(sample(), CreateResource{twice, {}}).what.find("same interval") != std::string::npos);
}

TEST_CASE("update: sets, removes with an empty value, replaces operations", "[admin]") {
  UpdateResource request{"VIP", {{"ip", "10.9.0.7"}, {"cidr_netmask", ""}}, {{"priority", "5"}}, {monitor(30s, 9s)}};
  const ClusterConfig config = good(sample(), request);
  CHECK(config.primitives[0].parameters == Attributes{{"ip", "10.9.0.7"}});
  CHECK(config.primitives[0].meta == Attributes{{"priority", "5"}});
  CHECK(config.primitives[0].operations == std::vector<Operation>{monitor(30s, 9s)});
  CHECK(is_unchanged(config, request));
  const ClusterConfig more = good(config, UpdateResource{"VIP", {}, {}, {monitor(10s)}});
  CHECK(more.primitives[0].operations.size() == 2);
}

TEST_CASE("update: groups have meta attributes only; devices everything", "[admin]") {
  CHECK(good(sample(), UpdateResource{"hagroup", {}, {{"target-role", "Stopped"}}, {}}).groups[0].meta.size() == 1);
  CHECK(bad(sample(), UpdateResource{"hagroup", {{"ip", "1"}}, {}, {}}).code == Errc::invalid_argument);
  CHECK(good(sample(), UpdateResource{"vmfence", {{"timeout", "9"}}, {}, {}}).devices[0].parameters.size() == 1);
  const Error error = bad(sample(), UpdateResource{"VPI", {{"ip", "1"}}, {}, {}});
  CHECK(error.code == Errc::not_found);
  CHECK(error.fix == "did you mean 'VIP'?");
}

TEST_CASE("operations: removed by action, or by action and interval", "[admin]") {
  CHECK(good(sample(), RemoveOperation{"VIP", "monitor", {}}).primitives[0].operations.empty());
  CHECK(good(sample(), RemoveOperation{"VIP", "monitor", Duration{30s}}).primitives[0].operations.empty());
  CHECK(bad(sample(), RemoveOperation{"VIP", "monitor", Duration{10s}}).code == Errc::not_found);
  CHECK(bad(sample(), RemoveOperation{"haproxy", "start", {}}).code == Errc::not_found);
}

TEST_CASE("delete: with every constraint that names it; the last member takes its group along", "[admin]") {
  ClusterConfig config = sample();
  config.locations = {{"l", "VIP", NodeId{1}, Score{1}}, {"m", "hagroup", NodeId{1}, Score{1}}};
  config.colocations = {{"c", "solo", "VIP", Score{1}}};
  config.orders = {{"o", "solo", "haproxy", {}, {}, {}, true}};
  ClusterConfig after = good(config, DeleteObjects{{"VIP"}, false});
  CHECK(after.primitive("VIP") == nullptr);
  CHECK(after.group("hagroup")->members == std::vector<ObjectId>{"haproxy"});
  CHECK(after.locations.size() == 1);
  CHECK(after.colocations.empty());
  after = good(after, DeleteObjects{{"haproxy"}, false});
  CHECK(after.groups.empty());
  CHECK(after.locations.empty());
  CHECK(after.orders.empty());
  after = good(config, DeleteObjects{{"hagroup"}, false});
  CHECK(after.primitives.size() == 1);
  CHECK(after.groups.empty());
}

TEST_CASE("delete: what is not there is told, unless that is fine", "[admin]") {
  CHECK(bad(sample(), DeleteObjects{{"VIP", "nothing"}, false}).code == Errc::not_found);
  CHECK(is_unchanged(sample(), DeleteObjects{{"nothing"}, true}));
  CHECK(good(sample(), DeleteObjects{{"nothing", "solo"}, true}).primitives.size() == 2);
}

TEST_CASE("delete: the last fence device only with a confirmation", "[admin][S18]") {
  const DeleteObjects request{{"vmfence"}, false};
  CHECK(bad(sample(), request).code == Errc::dangerous);
  CHECK(apply_edit(sample(), request, true));
  CHECK(bad(sample(), UpdateResource{"vmfence", {}, {{"target-role", "Stopped"}}, {}}).code == Errc::dangerous);
  ClusterConfig off = sample();
  off.properties["stonith-enabled"] = "false";
  CHECK(apply_edit(off, request));
  ClusterConfig two = sample();
  two.devices.push_back({"second", "fence_xvm", {}, {}, {}});
  two.levels = {{NodeId{1}, 1, {"vmfence"}}, {NodeId{4}, 1, {"vmfence", "second"}}};
  const ClusterConfig after = good(two, request);
  CHECK(after.levels == std::vector<FenceLevel>{{NodeId{4}, 1, {"second"}}});
}
