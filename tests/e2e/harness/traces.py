# SPDX-License-Identifier: Apache-2.0
"""What a lab leaves on the machine: compared before and after, it must be nothing."""

import os

from lab import procs
from lab.settings import Settings


def traces(lab_id):
    """What the lab of this id could leave on the machine: namespaces, mounts, links, cgroups, folders, processes."""
    names = os.listdir("/run/netns") if os.path.isdir("/run/netns") else []
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        found = {f"mount {line.split()[1]} {line.split()[2]}" for line in mounts}
    found |= {f"namespace {name}" for name in names}
    found |= {f"link {name}" for name in os.listdir("/sys/class/net")}
    for top in ("/run", "/var/lib", "/run/duet-lab", "/var/lib/duet-lab"):
        names = os.listdir(top) if os.path.isdir(top) else []
        found |= {f"{top}/{name}" for name in names if os.path.isdir(f"{top}/{name}")}
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        roots = [line.split()[1] for line in mounts if line.split()[2] in ("cgroup", "cgroup2")]
    for root in roots:
        found |= {f"cgroup {root}/{name}" for name in os.listdir(root) if os.path.isdir(f"{root}/{name}")}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cgroup", encoding="ascii") as groups:
                ours = f"{Settings(lab_id).cgroup}.partition" in groups.read()
        except OSError:
            continue
        if ours and procs.start_time(int(pid)):
            found.add(f"process {pid} {procs.comm(int(pid))}")
    # Other labs may come and go meanwhile; what they make has their name in it.
    return {entry for entry in found if "duet-" not in entry or lab_id in entry}
