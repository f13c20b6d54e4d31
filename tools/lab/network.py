# SPDX-License-Identifier: Apache-2.0
"""The lab's network: one namespace with one bridge, from which nothing leaves."""

import os

from . import procs, shared
from .settings import BACKENDS, BRIDGE, BRIDGE_MAC, HOST_IP, PREFIX


def inside(settings, argv):
    """The command line that runs argv in the lab's namespace (`ip netns exec` would remount /sys: no cgroups)."""
    return ["nsenter", f"--net=/run/netns/{settings.netns}", *argv]


def create(settings, journal):
    """Makes the namespace and the bridge with a port that stays, so that the bridge always has a carrier."""
    shared.note_netns_folder()
    journal.add("netns", name=settings.netns)
    procs.run(["ip", "netns", "add", settings.netns])
    # No spanning tree, no delay, no snooping: fence_xvm's multicast has no querier here and would get lost.
    batch = [
        "link set lo up",
        f"link add {BRIDGE} address {BRIDGE_MAC} type bridge mcast_snooping 0 stp_state 0 forward_delay 0",
        "link add keep0 type veth peer name keep1",
        f"link set keep0 master {BRIDGE}",
        "link set keep1 arp off",
        "link set keep0 up",
        f"address add {HOST_IP}/{PREFIX} dev {BRIDGE}",
        *[f"address add {address}/{PREFIX} dev {BRIDGE}" for address in BACKENDS.values()],
        f"link set {BRIDGE} up",
        f"route add 224.0.0.0/4 dev {BRIDGE}",
    ]
    quiet = "echo 1 >/proc/sys/net/ipv6/conf/keep1/disable_ipv6; ip link set keep1 up"
    for line in batch:
        procs.run(inside(settings, ["ip", *line.split()]))
    procs.run(inside(settings, ["sh", "-c", quiet]))


def delete(name):
    """Removes a namespace and with it all that is in it."""
    if os.path.exists(f"/run/netns/{name}"):
        procs.run(["ip", "netns", "delete", name], check=False)


def pids_in(name):
    """All processes whose network namespace is this one."""
    try:
        wanted = os.stat(f"/run/netns/{name}").st_ino
    except OSError:
        return []
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                if os.stat(f"/proc/{entry}/ns/net").st_ino == wanted:
                    found.append(int(entry))
            except OSError:
                continue
    return found


def port_of(settings, eth0_line):
    """Name of the host-side port of a node, from the node's `ip -o link show eth0` (eth0@ifN: index N on the host)."""
    index = eth0_line.split("@if", 1)[1].split(":", 1)[0]
    for line in procs.run(inside(settings, ["ip", "-o", "link"])).stdout.splitlines():
        number, name = line.split(":")[:2]
        if number.strip() == index:
            return name.strip().split("@")[0]
    return None


def set_port(settings, port, up):
    """Plugs or unplugs a node's cable at the host's end."""
    procs.run(inside(settings, ["ip", "link", "set", port, "up" if up else "down"]))


def cut_between(settings, port, address, cut):
    """Cuts only the traffic between the node behind `port` and the other at `address` (both keep the host), or heals.

    Both directions at the one port: a node that is fenced meanwhile gets a new port and stays cut off.
    """
    procs.run(inside(settings, ["nft", "delete", "table", "netdev", "cut"]), check=False)
    if not cut:
        return
    rules = f"""table netdev cut {{
        chain out {{ type filter hook ingress device "{port}" priority 0; ip daddr {address} drop; }}
        chain in {{ type filter hook egress device "{port}" priority 0; ip saddr {address} drop; }}
    }}"""
    procs.run(inside(settings, ["nft", rules]))
