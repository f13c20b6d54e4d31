# SPDX-License-Identifier: Apache-2.0
"""The lab itself: a second one beside the first, and nothing left behind, also after kill -9 of the script."""

import os
import subprocess
import sys
import time

from harness.runner import expect
from harness.traces import traces
from lab.build import ROOT
from lab.lab import Lab

SECOND = "second"
UP = """
import sys
sys.path.insert(0, sys.argv[1])
from lab.lab import Lab
lab = Lab(sys.argv[2])
lab.up(lab.lock())
"""


def test_second_lab_and_nothing_left(c):
    """A second lab beside this one has its own nodes; its `down` leaves nothing, and this lab does not notice."""
    before, boots = traces(SECOND), c.boots()
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
    left = traces(SECOND) - before
    expect(not left, f"left behind: {sorted(left)}")
    expect(c.boots() == boots, "a node of the first lab was restarted")
    c.wait_online(5)


def test_repair_after_kill(c):
    """The script is killed with SIGKILL at several points of `up`; the next `down` removes all that it made."""
    before = traces(SECOND)
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
    left = traces(SECOND) - before
    expect(not left, f"left behind: {sorted(left)}")
    c.wait_online(5)
