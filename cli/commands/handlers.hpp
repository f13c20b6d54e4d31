// SPDX-License-Identifier: Apache-2.0
// The functions behind the command table, by file.
#pragma once

#include "cli/grammar/command.hpp"

namespace duet::cli {

using HandlerType = Outcome<Exit>(Shell&, const Invocation&);

// resource_create.cpp
HandlerType resource_create, resource_update, resource_meta, resource_op_add, resource_op_delete, resource_defaults,
    resource_op_defaults;
// resource_change.cpp
HandlerType resource_delete, resource_enable, resource_disable, resource_safe_disable, resource_restart, resource_move,
    resource_ban, resource_clear, resource_manage, resource_unmanage, resource_cleanup, resource_refresh,
    resource_move_with_constraint;
// resource_show.cpp
HandlerType resource_status, resource_config, resource_failcount, resource_list, resource_standards, resource_providers,
    resource_agents, resource_describe, resource_relations;
// group.cpp
HandlerType group_add, group_delete, group_list;
// constraint.cpp
HandlerType constraint_config, constraint_ref, constraint_delete, location_show, location_set, location_add,
    location_delete, order_add, order_delete, order_show, colocation_add, colocation_delete, colocation_show;
// stonith.cpp
HandlerType stonith_status, stonith_config, stonith_list, stonith_describe, stonith_create, stonith_update,
    stonith_delete, stonith_enable, stonith_disable, stonith_cleanup, stonith_refresh, stonith_meta;
// stonith_fence.cpp
HandlerType stonith_fence, stonith_confirm, stonith_history, stonith_history_cleanup, level_show, level_add,
    level_delete, level_clear, level_verify;
// stonith_key.cpp
HandlerType stonith_key_generate, stonith_key_digest;
// node.cpp
HandlerType node_standby, node_unstandby, node_maintenance, node_unmaintenance, node_attribute;
// property.cpp
HandlerType property_show, property_set, property_unset, property_describe, property_defaults;
// status.cpp
HandlerType status, status_resources, status_nodes, status_cluster, status_quorum, status_groups, status_wait,
    status_query, status_corosync, cluster_status;
// explain.cpp
HandlerType why, why_not, verify;
// config.cpp
HandlerType config_show, history, show_commit, diff_commits;
// cluster.cpp
HandlerType cluster_stop, cluster_start, quorum_config;
// general.cpp
HandlerType help, version, complete, not_yet_command;

}  // namespace duet::cli
