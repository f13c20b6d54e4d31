// SPDX-License-Identifier: Apache-2.0
// help, version, completion, and what administrators know and comes in a later version.
#include <array>

#include "cli/commands/handlers.hpp"
#include "cli/commands/table.hpp"

namespace duet::cli {

namespace {

constexpr std::array commands{
    Command{.words = "help",
            .synopsis = "[TOPIC | COMMAND...]",
            .summary = "Help of a command or topic: tutorial exit-codes status-words pcs-differences.",
            .examples = "help resource move\nhelp tutorial",
            .json = true,
            .run = help},
    Command{.words = "version",
            .summary = "Show the version.",
            .options = "full",
            .examples = "version",
            .max_args = 0,
            .run = version},
    Command{.words = "__complete",
            .synopsis = "WORDS...",
            .summary = "Candidates for the last word.",
            .examples = "__complete resource mo",
            .run = complete},
};

/// `instead`: what serves until then.
constexpr Command later(std::string_view words, std::string_view summary, std::string_view instead = {}) {
  return Command{
      .words = words, .summary = summary, .examples = "", .see = instead, .kind = Kind::later, .run = not_yet_command};
}

constexpr std::array later_ones{
    later("cluster auth", "Authorize nodes."),
    later("cluster setup", "Create a cluster.",
          "write /etc/corosync/corosync.conf on both nodes, then on both: systemctl start corosync duetd"),
    later("cluster enable", "Start the cluster at boot.", "on that node: systemctl enable corosync duetd"),
    later("cluster disable", "Do not start the cluster at boot.", "on that node: systemctl disable corosync duetd"),
    later("cluster kill", "Kill the daemons."),
    later("cluster destroy", "Remove the cluster."),
    later("cluster report", "Collect logs and state.", "duet status --full; journalctl -u duetd -u duet-execd"),
    later("cluster config", "Show or change the corosync configuration."),
    later("cluster rename", "Rename the cluster."),
    later("cluster node", "Add or remove nodes."),
    later("cluster link", "Change corosync links."),
    later("cluster authkey", "Set the corosync key."),
    later("cluster sync", "Copy corosync.conf to the nodes."),
    later("cluster reload", "Reload corosync."),
    later("cluster corosync", "Show corosync.conf.", "cat /etc/corosync/corosync.conf"),
    later("cluster uidgid", "Corosync access of users."),
    later("cluster cib", "Show the configuration as CIB.", "duet config --output-format=json"),
    later("cluster cib-push", "Load a CIB."),
    later("cluster edit", "Edit the CIB.", "duet resource update, duet resource meta, duet property set"),
    later("cluster cib-upgrade", "Upgrade the CIB."),
    later("host auth", "Authorize nodes."),
    later("host deauth", "Forget nodes."),
    later("pcsd", "The administration daemon."),
    later("client local-auth", "Authorize this user."),
    later("status pcsd", "Show the administration daemons."),
    later("resource debug-start", "Start a resource by hand."),
    later("resource debug-stop", "Stop a resource by hand."),
    later("resource debug-monitor", "Monitor a resource by hand."),
    later("resource relocate", "Move resources to their preferred nodes."),
    later("resource utilization", "Utilization of resources."),
    later("stonith test", "Try the whole way of fencing.", "duet stonith status shows whether devices are proven"),
    later("stonith key distribute", "Copy the fence key to the other node and the host.",
          "scp -p /etc/cluster/fence_xvm.key, as duet stonith key generate tells"),
    later("stonith key rotate", "Change the fence key everywhere.", "duet stonith key generate --force, then copy it"),
    later("stonith sbd", "Watchdog self-fencing."),
    later("node utilization", "Utilization of nodes."),
    later("quorum update", "Change quorum options."),
    later("quorum device", "Quorum device."),
    later("quorum expected-votes", "Set expected votes."),
    later("quorum unblock", "Stop waiting for the other node."),
    later("qdevice", "Quorum device daemon."),
    later("config backup", "Save the configuration.", "duet config --output-format=cmd > FILE"),
    later("config restore", "Restore the configuration."),
    later("config checkpoint restore", "Go back to a commit.", "duet diff N shows in commands what differs"),
    later("alert", "Alerts."),
    later("tag", "Tags."),
    later("acl", "Roles.", "root and members of the group haclient administrate the cluster"),
    later("token", "Pairing code."),
    later("init", "Create a cluster in one step."),
    later("doctor", "Find what is wrong.", "duet why health, duet verify -v"),
    later("watch", "Full screen view.", "duet status -w"),
    later("events", "Events.", "duet history; journalctl -u duetd"),
    later("rollback", "Go back to a commit.", "duet diff N shows in commands what differs"),
    later("confirm", "Keep a rollback."),
    later("export", "Configuration as a file.", "duet config --output-format=cmd or json"),
    later("apply", "Apply a configuration file."),
    later("simulate", "What would happen if.", "--dry-run of the command"),
    later("import", "Import a configuration."),
    later("crash-test", "Prove the fail-over."),
    later("report", "Collect logs and state.", "duet status --full; journalctl -u duetd -u duet-execd"),
    later("completion", "Completion for shells."),
    later("resource clone", "Clones."),
    later("resource promotable", "Promotable clones."),
    later("resource master", "Promotable clones."),
    later("resource bundle", "Bundles."),
    later("resource unclone", "Clones."),
    later("cluster node add-remote", "Remote nodes."),
    later("cluster node add-guest", "Guest nodes."),
    later("booth", "Tickets between sites."),
    later("dr", "Disaster recovery sites."),
};

}  // namespace

std::span<const Command> general_commands() {
  return commands;
}
std::span<const Command> later_commands() {
  return later_ones;
}

}  // namespace duet::cli
