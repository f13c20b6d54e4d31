// SPDX-License-Identifier: Apache-2.0
// How long a decision takes: at most 1 ms for 100 resources, 10 ms for 1,000 (docs/performance.md).
#include <benchmark/benchmark.h>

#include <string>

#include "core/policy/plan.hpp"

namespace {

using namespace duet;

enum class Kind : std::int64_t { at_rest, cold_start, fail_over, chain, no_fencing };

struct Scene {
  ClusterConfig config;
  ClusterState state;
};

/// Groups of four with options, operations and a location each; `chain`: everything in one group; `no_fencing`: a cold
/// start whose fence device has never answered, so that each start is refused with its reason.
Scene make_scene(std::size_t count, Kind kind) {
  Scene scene;
  scene.config.nodes = {{NodeId{1}, "server1", {}}, {NodeId{4}, "server4", {}}};
  scene.config.devices = {{"vmfence", "fence_xvm", {{"pcmk_host_map", "server1:Node1;server4:Node4"}}, {}, {}}};
  scene.config.resource_defaults = {{"resource-stickiness", "100"}, {"migration-threshold", "3"}};
  scene.state.devices["vmfence"].verified = kind != Kind::no_fencing;
  const std::size_t size = kind == Kind::chain ? count : 4;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string id = "resource-" + std::to_string(i);
    Operation monitor;
    monitor.action = "monitor";
    monitor.interval = 30s;
    scene.config.primitives.push_back({id, {"ocf", "heartbeat", "Dummy"}, {{"state", "/run/x"}}, {monitor}, {}});
    if (i % size == 0) {
      const std::string group = "group-" + std::to_string(i / size);
      scene.config.groups.push_back({group, {}, {}});
      scene.config.locations.push_back({"location-" + group, group, NodeId{1}, Score{50}});
    }
    scene.config.groups.back().members.push_back(id);
  }
  for (const Node& node : scene.config.nodes) {
    NodeState& state = scene.state.nodes[node.id];
    state.membership = Membership::joined;
    state.reported = true;
    state.incarnation = {BootId{node.name}, 1};
    for (const Primitive& primitive : scene.config.primitives) {
      ResourceOnNode& place = scene.state.resources[primitive.id].on[node.id];
      place.probed = true;
      const bool cold = kind == Kind::cold_start || kind == Kind::no_fencing;
      place.activity = !cold && node.id == NodeId{1} ? Activity::running : Activity::stopped;
      if (place.activity == Activity::running) place.may_run = MayRun{state.incarnation.boot, {}};
    }
  }
  if (kind == Kind::fail_over) {
    NodeState& lost = scene.state.nodes[NodeId{1}];
    lost.membership = Membership::absent;
    lost.evidence = Evidence{EvidenceKind::fenced, NodeId{1}, lost.incarnation.boot, "E3-1", "", {}};
    for (auto& [id, resource] : scene.state.resources) {
      resource.on[NodeId{1}] = ResourceOnNode{};
      resource.on[NodeId{1}].activity = Activity::stopped;
    }
  }
  return scene;
}

void decide(benchmark::State& run) {
  const Scene scene = make_scene(static_cast<std::size_t>(run.range(0)), static_cast<Kind>(run.range(1)));
  for (auto _ : run) {
    Plan plan = make_plan({scene.config, scene.state, true, {}});
    benchmark::DoNotOptimize(plan);
  }
}
BENCHMARK(decide)
    ->ArgNames({"resources", "kind"})
    ->ArgsProduct({{100, 1000}, {0, 1, 2, 3, 4}})
    ->Unit(benchmark::kMicrosecond);

void digest(benchmark::State& run) {
  const Scene scene = make_scene(static_cast<std::size_t>(run.range(0)), Kind::at_rest);
  for (auto _ : run) benchmark::DoNotOptimize(scene.state.digest());
}
BENCHMARK(digest)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);

void check_configuration(benchmark::State& run) {
  const Scene scene = make_scene(static_cast<std::size_t>(run.range(0)), Kind::at_rest);
  for (auto _ : run) benchmark::DoNotOptimize(validate(scene.config));
}
BENCHMARK(check_configuration)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
