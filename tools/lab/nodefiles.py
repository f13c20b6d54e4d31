# SPDX-License-Identifier: Apache-2.0
"""Files that make a node out of the common root: name, network, corosync, fence key. All go to the node's overlay."""

import os

from .settings import CLUSTER, HOST_IP, NODES, PREFIX

NETWORK_UNIT = """[Unit]
Description=Address of this node on the lab's bridge
DefaultDependencies=no
Before=network-pre.target network-online.target corosync.service
Wants=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
# libvirt_lxc mounts its own /proc/meminfo, which confuses ps.
ExecStart=-/bin/umount /proc/meminfo
ExecStart=/sbin/ip link set lo up
ExecStart=/sbin/ip address replace {address}/{prefix} dev eth0
ExecStart=/sbin/ip link set eth0 up
ExecStart=/sbin/ip route replace default via {host}

[Install]
WantedBy=basic.target
"""

# two_node sets wait_for_all. The token is corosync's own default, written down because the tests count with it.
# Where it gets no real-time priority (see INIT) corosync would leave its cgroup to look for it in the topmost one, and
# `journalctl -u corosync` would not know it any more.
COROSYNC_CONF = """system {{
    move_to_root_cgroup: no
}}

totem {{
    version: 2
    cluster_name: {cluster}
    transport: knet
    crypto_cipher: aes256
    crypto_hash: sha256
    token: {token}
}}

nodelist {{
{nodes}}}

quorum {{
    provider: corosync_votequorum
    two_node: 1
}}

logging {{
    to_logfile: yes
    logfile: /var/log/corosync/corosync.log
    to_syslog: yes
    timestamp: hires
}}
"""

# PID 1 of a node until it becomes systemd. libvirt gives a container no cgroup namespace, so two systemds would share
# the machine's cgroups, /system.slice and all. This moves the node below the lab's partition of the unified hierarchy
# and shows it only that, as cgroup v2: what a Debian 12 machine has. On a machine with cgroup v2 only (one line in
# /proc/self/cgroup) libvirt has moved it already.
# On cgroup v1 corosync gets no real-time share: it runs with nice -20, in a group that goes before all others. A share
# of 90 ms a second was too small for a ring that is busy: the kernel held corosync back until the second was over, and
# adding 50 resources took 4.5 s instead of 1.7 s.
INIT = """#!/bin/sh
set -e
if [ "$(wc -l </proc/self/cgroup)" -gt 1 ]; then
    mount -t cgroup2 cgroup2 /mnt
    top="/mnt/{partition}.partition/{domain}"
    mkdir -p "$top"
    find "$top" -mindepth 1 -depth -type d -exec rmdir {{}} + 2>/dev/null || true
    own="$top/boot-$(cut -d' ' -f22 /proc/self/stat)"
    mkdir "$own"
    echo $$ >"$own/cgroup.procs"
    umount /mnt
fi
exec unshare -C sh -c 'umount -R /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec /sbin/init'
"""

COROSYNC_NODE = """    node {{
        ring0_addr: {address}
        name: {name}
        nodeid: {nodeid}
    }}
"""


def write(path, content, mode=0o644):
    """Writes one file with its folders; bytes or text."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    data = content if isinstance(content, bytes) else content.encode()
    with open(path, "wb") as out:
        out.write(data)
    os.chmod(path, mode)


def link(path, target):
    """A symbolic link with its folders."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.symlink(target, path)


def corosync_conf(token=3000):
    """corosync.conf of the two nodes; `token` in milliseconds."""
    nodes = "".join(COROSYNC_NODE.format(address=n.address, name=n.name, nodeid=n.nodeid) for n in NODES)
    return COROSYNC_CONF.format(cluster=CLUSTER, token=token, nodes=nodes)


def write_identity(upper, spec, partition):
    """Name, hosts, machine id, network and first program of one node; `partition`: the lab's cgroup."""
    write(f"{upper}/usr/local/sbin/lab-init", INIT.format(partition=partition, domain=spec.domain), 0o755)
    write(f"{upper}/etc/hostname", spec.name + "\n")
    write(f"{upper}/etc/machine-id", spec.machine_id + "\n")
    hosts = ["127.0.0.1 localhost", f"{HOST_IP} host", *[f"{n.address} {n.name}" for n in NODES]]
    write(f"{upper}/etc/hosts", "\n".join(hosts) + "\n")
    write(f"{upper}/etc/systemd/system/lab-network.service",
          NETWORK_UNIT.format(address=spec.address, prefix=PREFIX, host=HOST_IP))
    link(f"{upper}/etc/systemd/system/basic.target.wants/lab-network.service",
         "/etc/systemd/system/lab-network.service")
    link(f"{upper}/etc/systemd/system/default.target", "/lib/systemd/system/multi-user.target")


def write_cluster(upper, authkey, enable=True):
    """corosync's configuration and key; `enable` starts it at boot."""
    write(f"{upper}/etc/corosync/corosync.conf", corosync_conf())
    write(f"{upper}/etc/corosync/authkey", authkey, 0o400)
    if enable:
        link(f"{upper}/etc/systemd/system/multi-user.target.wants/corosync.service",
             "/lib/systemd/system/corosync.service")


def write_fence_key(upper, key):
    """The key that fence_xvm and the host daemon share."""
    write(f"{upper}/etc/cluster/fence_xvm.key", key, 0o600)
