// SPDX-License-Identifier: Apache-2.0
// Help topics.
#include "cli/commands/topics.hpp"

namespace duet::cli {

namespace {

constexpr std::string_view tutorial = R"(From nothing to a service that survives a node

  duet status                                  both nodes online?
  duet verify                                  what is missing?
  duet stonith create vmfence fence_xvm pcmk_host_map="server1:Node1;server4:Node4" op monitor interval=30s
  duet resource create VIP ocf:heartbeat:IPaddr2 ip=192.168.122.100 cidr_netmask=24 op monitor interval=30s
  duet resource create haproxy systemd:haproxy op monitor interval=60s
  duet resource group add hagroup VIP haproxy
  duet status                                  hagroup runs on one node
  duet node standby server1 --wait             it moves; duet node unstandby server1 ends it
  duet why hagroup                             why it is where it is
)";

constexpr std::string_view exit_codes = R"(Exit codes

    0  done, unchanged, or "yes"            102  connection lost before an answer
    1  failed or refused; "no" of queries   105  no such object
   64  wrong arguments                      106  no quorum, or the peer's state is unknown
   69  duetd is not running here            107  dangerous: needs --yes, or --safe refused
   70  internal error                       108  exists with other settings
   75  busy, try again                      109  ambiguous name
   77  not permitted                        112  result unknown: duet history tells
   78  configuration not valid (verify)     124  time-out of --wait
                                            130  interrupted; the change goes on
)";

constexpr std::string_view status_words = R"(Words of the status

  Health OK        everything runs, and the next failure is covered
         WARNING   everything runs, the next failure is not covered
         DOWN      something that should run does not
         UNKNOWN   this node cannot tell
  Node   online, standby, maintenance, pending (joining), OFFLINE (known to be down),
         UNCLEAN (lost, and not known to be down: what may run there is not started elsewhere)
  Role   Started, Starting, Stopping, Stopped, FAILED, UNKNOWN (may run on a lost node)
  Flags  disabled, unmanaged, maintenance, blocked, failure ignored, UNCLEAN
)";

constexpr std::string_view differences = R"(Differences from pcs

  move       leaves no constraint; the resource goes there once
  fencing    is tried again until it succeeds; a lost node blocks only what may run there
  status     never says Started of what is not known to run; says UNKNOWN
  Not there: clones, promotable resources, bundles, remote nodes, booth, tickets, rules, resource sets.
  A cluster has exactly two nodes.
)";

}  // namespace

std::string topic_text(std::string_view topic) {
  if (topic == "tutorial") return std::string{tutorial};
  if (topic == "exit-codes") return std::string{exit_codes};
  if (topic == "status-words") return std::string{status_words};
  if (topic == "pcs-differences") return std::string{differences};
  return {};
}

}  // namespace duet::cli
