# SPDX-License-Identifier: Apache-2.0
"""Names, addresses and folders of one lab. All labs have the same addresses, each in its own network namespace."""

import os
import re
from dataclasses import dataclass

BRIDGE = "br0"
BRIDGE_MAC = "52:54:00:77:00:fe"  # pinned, or each container start may change it (stale ARP entries in the nodes)
HOST_IP = "10.77.0.1"
BACKENDS = {"web1": "10.77.0.2", "web2": "10.77.0.3"}
VIP = "10.77.0.100"
PREFIX = 24
CLUSTER = "TestCluster"

CACHE = "/var/cache/duet-lab"
RUN = "/run/duet-lab"
DATA = "/var/lib/duet-lab"


@dataclass(frozen=True)
class NodeSpec:
    """One node: its host name, its libvirt domain, its address and its corosync node id."""
    name: str
    domain: str
    address: str
    nodeid: int
    machine_id: str


NODES = (
    NodeSpec("server1", "Node1", "10.77.0.11", 1, "d0e70000000000000000000000000011"),
    NodeSpec("server4", "Node4", "10.77.0.14", 2, "d0e70000000000000000000000000014"),
)


class LabError(Exception):
    """A step of the lab failed; the text is for the person who called it."""


class Settings:
    """Where one lab keeps its things. The id appears in every name that other labs can see."""

    def __init__(self, lab_id):
        if not re.fullmatch(r"[a-z][a-z0-9]{0,11}", lab_id):
            raise LabError(f"lab id '{lab_id}': a small letter, then at most 11 small letters or digits")
        self.id = lab_id
        self.netns = f"duet-{lab_id}"
        self.cgroup = f"duet-{lab_id}"  # libvirt calls it /duet-ID and writes duet-ID.partition on disk
        self.run = os.path.join(RUN, lab_id)
        self.data = os.path.join(DATA, lab_id)
        self.libvirt_run = os.path.join(self.run, "libvirt")
        self.uri = f"lxc+unix:///system?socket={self.libvirt_run}/libvirt-sock"
        self.logs = os.path.join(self.data, "logs")

    def node_dir(self, spec):
        """Upper and work directory of the node's overlay, and its mount point."""
        return os.path.join(self.data, "nodes", spec.domain)


def node_spec(name):
    """The node with this host name or domain name."""
    for spec in NODES:
        if name in (spec.name, spec.domain):
            return spec
    raise LabError(f"no node '{name}'; there are: {', '.join(s.name for s in NODES)}")
