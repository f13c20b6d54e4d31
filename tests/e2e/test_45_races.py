# SPDX-License-Identifier: Apache-2.0
"""Races between nodes that cannot hear each other and both reach the fence host. tests/e2e/races runs 200 of them."""

from harness import race
from harness.runner import expect, figure


def test_races(c):
    """Cut from each other three times, the active node alternating: each time only the other one is switched off, once,
    and the node that serves goes on serving."""
    for number, active in enumerate(("server1", "server4", "server1"), 1):
        c.ready(active)
        result = race.run(c, active)
        print("      " + result.line(number), flush=True)
        expect(not result.faults, "; ".join(result.faults))
        figure("split brain: cut to switched off", result.decided, 20)
