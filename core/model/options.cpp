// SPDX-License-Identifier: Apache-2.0
// From attribute texts to typed options. A value that cannot be read counts as the default; validate() reports it.
#include "core/model/options.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/ascii.hpp"
#include "core/base/duration_text.hpp"
#include "core/base/limits.hpp"
#include "core/model/text.hpp"

namespace duet {

namespace {

const std::string* find(const Attributes& attributes, std::string_view name) {
  const auto it = attributes.find(std::string{name});
  return it == attributes.end() ? nullptr : &it->second;
}

/// A property under its name or, of Pacemaker 3, its second one.
const std::string* property(const ClusterConfig& config, std::string_view name, std::string_view alias = {}) {
  const std::string* value = find(config.properties, name);
  return value != nullptr || alias.empty() ? value : find(config.properties, alias);
}

bool read_bool(const std::string* text, bool otherwise) {
  return text == nullptr ? otherwise : parse_bool(*text).value_or(otherwise);
}

template <class Enum>
Enum read_enum(const std::string* text, Enum otherwise) {
  return text == nullptr ? otherwise : enum_from_text<Enum>(*text).value_or(otherwise);
}

Duration read_duration(const std::string* text, Duration otherwise) {
  if (text == nullptr) return otherwise;
  const auto parsed = parse_duration(*text);
  return parsed ? *parsed : otherwise;
}

std::int32_t read_score(const std::string* text, std::int32_t otherwise) {
  if (text == nullptr) return otherwise;
  const auto parsed = Score::parse(*text);
  return parsed ? parsed->value() : otherwise;
}

/// Own value, else the group's, else the resource defaults.
class MetaReader {
 public:
  MetaReader(const ClusterConfig& config, const Primitive& primitive, const Group* group)
      : scopes_{&primitive.meta, group != nullptr ? &group->meta : nullptr, &config.resource_defaults} {}
  [[nodiscard]] const std::string* operator()(std::string_view name) const {
    for (const Attributes* scope : scopes_) {
      if (scope == nullptr || scope->empty()) continue;
      if (const std::string* value = find(*scope, name)) return value;
    }
    return nullptr;
  }

 private:
  std::array<const Attributes*, 3> scopes_;
};

bool says_stopped(const std::string* role) {
  return role != nullptr && ascii_lower(*role) == "stopped";
}

Requires default_requires(const ClusterOptions& cluster) {
  if (cluster.stonith_enabled) return Requires::fencing;
  return cluster.no_quorum_policy == NoQuorumPolicy::ignore ? Requires::nothing : Requires::quorum;
}

const Operation* find_operation(const std::vector<Operation>& operations, std::string_view action, Duration interval) {
  const auto it = std::find_if(operations.begin(), operations.end(), [&](const Operation& operation) {
    return operation.action == action && operation.interval == interval;
  });
  return it == operations.end() ? nullptr : &*it;
}

/// The monitor whose time-out a probe uses: interval 0 if there is one, else the shortest.
const Operation* probe_operation(const std::vector<Operation>& operations) {
  const Operation* best = nullptr;
  for (const Operation& operation : operations) {
    if (operation.action != "monitor") continue;
    if (best == nullptr || operation.interval < best->interval) best = &operation;
  }
  return best;
}

std::optional<OnFail> configured_on_fail(const ClusterConfig& config, const Primitive& primitive,
                                         std::string_view action, Duration interval) {
  const Operation* operation = find_operation(primitive.operations, action, interval);
  if (operation != nullptr && operation->on_fail) return operation->on_fail;
  const std::string* text = find(config.operation_defaults, "on-fail");
  return text == nullptr ? std::nullopt : enum_from_text<OnFail>(*text);
}

}  // namespace

std::optional<bool> parse_bool(std::string_view text) {
  const std::string word = ascii_lower(text);
  for (const auto* yes : {"true", "on", "yes", "y", "1"}) {
    if (word == yes) return true;
  }
  for (const auto* no : {"false", "off", "no", "n", "0"}) {
    if (word == no) return false;
  }
  return std::nullopt;
}

ClusterOptions cluster_options(const ClusterConfig& config) {
  ClusterOptions options;
  options.stonith_enabled = read_bool(property(config, "stonith-enabled", "fencing-enabled"), options.stonith_enabled);
  options.stonith_action = read_enum(property(config, "stonith-action", "fencing-action"), options.stonith_action);
  options.stonith_timeout =
      read_duration(property(config, "stonith-timeout", "fencing-timeout"), limits::fence_timeout_default);
  if (options.stonith_timeout <= Duration{0}) options.stonith_timeout = limits::fence_timeout_default;
  if (const std::string* delay = property(config, "priority-fencing-delay")) {
    if (const auto parsed = parse_duration(*delay)) options.priority_fencing_delay = *parsed;
  }
  options.maintenance_mode = read_bool(property(config, "maintenance-mode"), options.maintenance_mode);
  options.symmetric_cluster = read_bool(property(config, "symmetric-cluster"), options.symmetric_cluster);
  options.start_failure_is_fatal =
      read_bool(property(config, "start-failure-is-fatal"), options.start_failure_is_fatal);
  options.stop_all_resources = read_bool(property(config, "stop-all-resources"), options.stop_all_resources);
  options.require_encryption = read_bool(property(config, "require-encryption"), options.require_encryption);
  options.no_quorum_policy = read_enum(property(config, "no-quorum-policy"), options.no_quorum_policy);
  options.startup_fence_wait = read_duration(property(config, "startup-fence-wait"), limits::startup_fence_wait);
  return options;
}

ResourceOptions resource_options(const ClusterConfig& config, const ClusterOptions& cluster, const Primitive& primitive,
                                 const Group* group) {
  const MetaReader meta{config, primitive, group};
  ResourceOptions options;
  // A member of a group that is stopped is stopped, whatever it says itself.
  options.stopped =
      says_stopped(meta("target-role")) || (group != nullptr && says_stopped(find(group->meta, "target-role")));
  options.managed = read_bool(meta("is-managed"), options.managed);
  options.maintenance = read_bool(meta("maintenance"), options.maintenance);
  options.stickiness = Score{read_score(meta("resource-stickiness"), 0)};
  options.migration_threshold = read_score(meta("migration-threshold"), options.migration_threshold);
  if (options.migration_threshold < 0) options.migration_threshold = Score::infinite;
  options.failure_timeout = read_duration(meta("failure-timeout"), options.failure_timeout);
  options.multiple_active = read_enum(meta("multiple-active"), options.multiple_active);
  options.priority = read_score(meta("priority"), options.priority);
  options.needs = read_enum(meta("requires"), default_requires(cluster));
  options.critical = read_bool(meta("critical"), options.critical);
  return options;
}

ResourceOptions resource_options(const ClusterConfig& config, const Primitive& primitive) {
  return resource_options(config, cluster_options(config), primitive, config.group_of(primitive.id));
}

NodeOptions node_options(const Node& node) {
  NodeOptions options;
  options.standby = read_bool(find(node.attributes, "standby"), options.standby);
  options.maintenance = read_bool(find(node.attributes, "maintenance"), options.maintenance);
  return options;
}

Duration operation_timeout(const ClusterConfig& config, const std::vector<Operation>& operations,
                           std::string_view action, Duration interval) {
  const bool probe = action == "probe" || (action == "monitor" && interval == Duration{0});
  const Operation* operation = probe ? probe_operation(operations) : find_operation(operations, action, interval);
  if (operation != nullptr && operation->timeout && *operation->timeout > Duration{0}) return *operation->timeout;
  const Duration fallback =
      read_duration(find(config.operation_defaults, "timeout"), limits::operation_timeout_default);
  return fallback > Duration{0} ? fallback : limits::operation_timeout_default;
}

OnFail on_fail(const ClusterConfig& config, const Primitive& primitive, std::string_view action, Duration interval) {
  const bool fencing = cluster_options(config).stonith_enabled;
  const std::optional<OnFail> wanted = configured_on_fail(config, primitive, action, interval);
  if (action == "stop") {
    // Only these three make sense for a stop; everything else means the default (cluster-semantics 5.3).
    const bool sensible = wanted && (*wanted == OnFail::block || *wanted == OnFail::ignore);
    if (sensible) return *wanted;
    return fencing ? OnFail::fence : OnFail::block;
  }
  if (!wanted) return OnFail::restart;
  if (*wanted == OnFail::fence && !fencing) return OnFail::stop;
  return *wanted;
}

}  // namespace duet
