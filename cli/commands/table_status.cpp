// SPDX-License-Identifier: Apache-2.0
// Commands that look: status, why, verify.
#include <array>

#include "cli/commands/handlers.hpp"
#include "cli/commands/table.hpp"

namespace duet::cli {

namespace {

constexpr std::array commands{
    Command{.words = "status",
            .also = "status xml;status cib",
            .synopsis = "[ID] [--full] [--hide-inactive] [--check] [-w]",
            .summary = "Show the cluster: health, nodes, resources, failures, fencing.",
            .options = "full hide-inactive check watch",
            .examples = "status | everything at a glance\n"
                        "status hagroup | one resource, group, device or node with its reason\n"
                        "status --full | with node ids, fail counts and fencing history\n"
                        "status --output-format json | for programs\n"
                        "status --output-format classic | the layout of CentOS 7\n"
                        "status --check | one line and exit code for a monitoring system",
            .exits = "0 shown   69 duetd is not running here   --check: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN",
            .see = "duet why, duet verify",
            .json = true,
            .max_args = 1,
            .run = status},
    Command{.words = "status resources",
            .also = "status resource",
            .synopsis = "[ID] [node=NODE] [--hide-inactive]",
            .summary = "Show resources only.",
            .options = "hide-inactive full",
            .examples = "status resources\nstatus resources hagroup\nstatus resources node=server1",
            .json = true,
            .run = status_resources},
    Command{.words = "status nodes",
            .synopsis = "[corosync|both|config]",
            .summary = "Show nodes by state.",
            .examples = "status nodes\nstatus nodes corosync | as corosync sees them",
            .json = true,
            .max_args = 1,
            .run = status_nodes},
    Command{.words = "status cluster",
            .summary = "Show health, summary and nodes.",
            .options = "full",
            .examples = "status cluster",
            .json = true,
            .max_args = 0,
            .run = status_cluster},
    Command{.words = "status corosync",
            .summary = "Show the nodes that corosync sees.",
            .examples = "status corosync",
            .json = true,
            .max_args = 0,
            .run = status_corosync},
    Command{.words = "status quorum",
            .also = "quorum status",
            .summary = "Show quorum in the layout of corosync-quorumtool.",
            .examples = "status quorum",
            .max_args = 0,
            .run = status_quorum},
    Command{.words = "status groups",
            .summary = "Show groups and their members.",
            .examples = "status groups",
            .json = true,
            .max_args = 0,
            .run = status_groups},
    Command{.words = "status wait",
            .synopsis = "[T]",
            .summary = "Wait until nothing is under way any more.",
            .examples = "status wait 60 | at most 60 seconds",
            .exits = "0 at rest   124 time-out",
            .max_args = 1,
            .run = status_wait},
    Command{.words = "status query resource",
            .synopsis = "ID exists|is-type TYPE|is-state STATE [on-node NODE]|is-in-group [GROUP]",
            .summary = "Answer one question by the exit code.",
            .examples = "status query resource VIP is-state started\n"
                        "status query resource VIP is-state started on-node server1\n"
                        "status query resource VIP is-in-group hagroup --quiet",
            .exits = "0 yes   1 no   105 no such resource",
            .min_args = 2,
            .max_args = 5,
            .run = status_query},
    Command{.words = "cluster status",
            .summary = "Show health, summary and nodes.",
            .options = "full",
            .examples = "cluster status",
            .json = true,
            .max_args = 0,
            .run = cluster_status},
    Command{.words = "why",
            .synopsis = "[ID [NODE] | NODE | health]",
            .summary = "Explain why something is where it is, or does not run, and what would change that.",
            .examples = "why VIP | why it runs where it runs, or does not run\n"
                        "why VIP server4 | why it is not there\n"
                        "why server4 | why a node is lost, fenced, in standby\n"
                        "why health | all reasons of the health",
            .exits = "0 explained   1 it is as it should be   105 no such object",
            .see = "duet why-not, duet status",
            .json = true,
            .max_args = 2,
            .run = why},
    Command{.words = "why-not",
            .synopsis = "ID NODE",
            .summary = "Explain why a resource is not on a node, and what would end each obstacle.",
            .examples = "why-not VIP server4",
            .exits = "0 explained   1 it should be there",
            .json = true,
            .min_args = 2,
            .max_args = 2,
            .run = why_not},
    Command{.words = "verify",
            .also = "cluster verify;config verify",
            .synopsis = "[FILE] [--full]",
            .summary = "Check the configuration, of the cluster or in a file.",
            .options = "full",
            .examples = "verify | errors only\nverify -v | with warnings and hints\nverify plan.json | needs no daemon",
            .exits = "0 valid   78 not valid",
            .see = "duet config, duet why health",
            .json = true,
            .max_args = 1,
            .run = verify},
};

}  // namespace

std::span<const Command> status_commands() {
  return commands;
}

}  // namespace duet::cli
