# SPDX-License-Identifier: Apache-2.0
"""The lab itself: a second one beside the first, and nothing left behind, also after kill -9 of the script."""

import os
import subprocess
import sys
import time

from harness.runner import expect
from lab import procs
from lab.build import ROOT
from lab.lab import Lab
from lab.settings import Settings

SECOND = "second"
UP = """
import sys
sys.path.insert(0, sys.argv[1])
from lab.lab import Lab
lab = Lab(sys.argv[2])
lab.up(lab.lock())
"""


def traces():
    """What the second lab could leave on the machine: namespaces, mounts, links, cgroups, folders, processes."""
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
                ours = f"{Settings(SECOND).cgroup}.partition" in groups.read()
        except OSError:
            continue
        if ours and procs.start_time(int(pid)):
            found.add(f"process {pid} {procs.comm(int(pid))}")
    # Other labs may come and go meanwhile; what they make has their name in it.
    return {entry for entry in found if "duet-" not in entry or SECOND in entry}


def test_second_lab_and_nothing_left(c):
    """A second lab beside this one has its own nodes; its `down` leaves nothing, and this lab does not notice."""
    before, boots = traces(), c.boots()
    lab = Lab(SECOND)
    journal = lab.lock()
    try:
        lab.up(journal)
        lab.wait_corosync(30)
        expect(lab.node("server1").init() != c.server1.init(), "both labs name the same node")
        lab.node("server4").freeze()
        lab.node("server1").crash()
    finally:
        lab.down()
    time.sleep(0.5)
    left = traces() - before
    expect(not left, f"left behind: {sorted(left)}")
    expect(c.boots() == boots, "a node of the first lab was restarted")
    c.wait_online(5)


def test_repair_after_kill(c):
    """The script is killed with SIGKILL at several points of `up`; the next `down` removes all that it made."""
    before = traces()
    for moment in (0.15, 0.3, 0.45, 0.7, 1.2):
        child = subprocess.Popen([sys.executable, "-c", UP, os.path.join(ROOT, "tools"), SECOND],
                                 stderr=subprocess.DEVNULL)
        time.sleep(moment)
        child.kill()
        child.wait()
    lab = Lab(SECOND)
    lab.lock()
    lab.down()
    time.sleep(0.5)
    left = traces() - before
    expect(not left, f"left behind: {sorted(left)}")
    c.wait_online(5)
