# SPDX-License-Identifier: Apache-2.0
"""The originals: Debian's fence_xvm on both nodes and Debian's fence_virtd on the host, unchanged."""

import contextlib
import os

from harness.runner import expect, figure
from harness.watch import Watch
from lab import fencehost

OURS = "/usr/libexec/duet/fence_xvm"


@contextlib.contextmanager
def _originals(c):
    """Our agent is out of the way on both nodes, and the original daemon runs on the host; undone at the end."""
    def host(program):
        fencehost.stop(c.journal)
        if program:
            os.environ["DUET_FENCE_HOST"] = program
        else:
            os.environ.pop("DUET_FENCE_HOST", None)
        fencehost.start(c.lab.settings, c.journal)

    before = os.environ.get("DUET_FENCE_HOST")
    for name in c.nodes:
        c.sh(name, f"mv {OURS} {OURS}.away")
    try:
        host("fence_virtd")
        yield
    finally:
        host(before)
        for node in c.nodes.values():
            if not node.is_on():
                node.start()
            node.wait_booted(40)
        for name in c.nodes:
            c.sh(name, f"test -e {OURS} || mv {OURS}.away {OURS}")


def test_power_cut_with_the_originals(c):
    """Power cut of the active node, then `stonith fence` of the other: both go through the originals."""
    c.ready("server1")
    with _originals(c):
        for name in c.nodes:
            path = c.sh(name, "command -v fence_xvm")
            expect(path == "/usr/sbin/fence_xvm", f"{name}: fence_xvm is {path}")
        c.duet("server1", "stonith refresh vmfence", check=False)
        with Watch(c) as watch:
            c.server1.crash()
            c.wait_served("server4", 40)
            seen = watch.stop(1)
        seen.check_exclusive()
        expect(any(line.startswith("[virt:") for _, line in seen.fence), f"not fence_virtd's log: {seen.fence[-5:]}")
        expect(seen.fenced("Node1"), "fence_virtd was not asked for Node1")
        figure("power cut with Debian's fence_xvm and fence_virtd: outage in all", seen.gap(), 20)
        if not c.server1.is_on():  # the original's reboot leaves a domain that was off as it is
            c.server1.start()
        c.server1.wait_booted(40)
        c.wait_online(40)
        boot = c.boots()["server1"]
        c.duet("server4", "stonith fence server1", timeout=60)
        c.wait(lambda: c.boots()["server1"] not in (None, boot), 40, "server1 has another boot")
        c.wait_online(60)


test_power_cut_with_the_originals.fresh = True
