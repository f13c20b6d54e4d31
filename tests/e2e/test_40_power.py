# SPDX-License-Identifier: Apache-2.0
"""A node is gone: power cut, cable, hang, cut between the nodes. The survivor fences first, then serves."""

import time

from harness.runner import PAUSE, expect, figure
from harness.watch import Watch


def rejoined(c, node):
    """The node comes back by itself or is switched on, joins, and nothing moves or is fenced meanwhile."""
    other = c.other(node)
    served = c.unit_start(other)
    if not c.nodes[node].is_on():
        c.nodes[node].start()
    with Watch(c) as watch:
        c.nodes[node].wait_booted(40)
        c.wait_online(40)
        seen = watch.stop(3)
    seen.check_exclusive()
    expect(c.unit_start(other) == served, f"{other}'s haproxy was restarted by the return of {node}")
    expect(not seen.fence or not [line for _, line in seen.fence if "virDomainDestroy" in line], "somebody was fenced")
    expect(seen.gap() < PAUSE, f"the service paused for {seen.gap():.3f} s while {node} returned")


def test_power_cut_of_the_active_node(c):
    """Power cut of the active node: fenced first, then served; 0.5 s at most above corosync's own detection."""
    c.ready("server1")
    before = c.fencings()
    with Watch(c) as watch:
        cut = c.server1.crash()
        c.wait_served("server4", 30)
        seen = watch.stop(1)
    seen.check_exclusive()
    detected = c.lost_member("server4", cut)
    fenced = seen.fenced("Node1")
    got = [moment for moment in seen.held("server4") if moment > cut]
    expect(fenced, f"the fence host was not asked to switch Node1 off: {seen.fence[-5:]}")
    expect(got and fenced[0] <= got[0], "server4 took the address before Node1 was fenced")
    expect(c.fencings()["Node4"] == before["Node4"], "Node4 was fenced")
    first = seen.outage()[1]
    figure("power cut: corosync's detection", detected - cut)
    figure("power cut: outage in all", seen.gap())
    figure("power cut: served after corosync's detection", first - detected, 0.5)
    rejoined(c, "server1")


def test_power_cut_of_the_passive_node(c):
    """Power cut of the passive node: fenced, and the service does not notice."""
    c.ready("server1")
    served = c.unit_start("server1")
    with Watch(c) as watch:
        c.server4.crash()
        c.wait(lambda: c.node_state("server4", "server1").get("state") == "offline", 30, "server4 known to be off")
        seen = watch.stop(1)
    seen.check_exclusive()
    expect(c.unit_start("server1") == served, "haproxy was restarted")
    expect(seen.gap() < PAUSE, f"the service paused for {seen.gap():.3f} s")
    expect(seen.fenced("Node4"), "Node4 was not fenced")
    rejoined(c, "server4")


def _gone(c, what, harm, undo=None):
    """The active node vanishes but keeps its power: exactly one node is fenced, and the other one serves."""
    c.ready("server1")
    before = c.boots()
    fencings = c.fencings()
    with Watch(c) as watch:
        began = c.now()
        harm()
        c.wait_served("server4", 40)
        seen = watch.stop(2)
    seen.check_exclusive()
    after, count = c.boots(), c.fencings()
    expect(after["server4"] == before["server4"], "the winner's node was restarted")
    expect(after["server1"] != before["server1"], "server1 was not fenced")
    expect(count["Node1"] == fencings["Node1"] + 1 and count["Node4"] == fencings["Node4"],
           f"fencings before {fencings}, after {count}: exactly one of Node1 expected")
    got = [moment for moment in seen.held("server4") if moment > began]
    expect(seen.fenced("Node1")[0] <= got[0], "server4 took the address before Node1 was off")
    waited = c.dispatched("server4", began) - c.lost_member("server4", began)
    figure(f"{what}: fencing dispatched after detection (delay of 5 s)", waited, 6)
    expect(waited >= 4.5, f"the node that does not serve fenced after {waited:.3f} s: it must wait 5 s")
    figure(f"{what}: outage in all", seen.gap(), 20)
    if undo:
        undo()
    rejoined(c, "server1")


def test_cable_of_the_active_node(c):
    """The active node's network is unplugged: it is fenced, the other one serves; never both hold the address."""
    _gone(c, "unplugged", c.server1.unplug)


def test_active_node_frozen(c):
    """The active node hangs: it is fenced, the other one serves."""
    _gone(c, "frozen", c.server1.freeze)


def test_cut_between_the_nodes(c):
    """Both nodes live and reach the fence host: the one that runs the group wins, one node is fenced, no gap."""
    c.ready("server1")
    before, fencings = c.boots(), c.fencings()
    served = c.unit_start("server1")
    with Watch(c) as watch:
        c.lab.cut_nodes(True)
        try:
            c.wait(lambda: c.boots()["server4"] != before["server4"], 30, "server4 fenced")
        finally:
            c.lab.cut_nodes(False)
        seen = watch.stop(8)
    seen.check_exclusive()
    count = c.fencings()
    expect(c.boots()["server1"] == before["server1"], "server1 was fenced, too")
    expect(count["Node4"] == fencings["Node4"] + 1 and count["Node1"] == fencings["Node1"], f"fencings: {count}")
    expect(c.unit_start("server1") == served, "haproxy was restarted on the winner")
    expect(seen.gap() < PAUSE, f"the service paused for {seen.gap():.3f} s")
    c.wait_online(40)


def test_no_fence_loop(c):
    """The cut stays: the fenced node boots, is not quorate, starts nothing and fences nobody; healed, it joins."""
    _cut_that_stays(c, 30)


def test_no_fence_loop_in_half_an_hour(c):
    """The cut stays for 30 minutes: exactly one fencing."""
    _cut_that_stays(c, 1800)


test_no_fence_loop_in_half_an_hour.long = True


def _cut_that_stays(c, seconds):
    c.ready("server1")
    before, fencings = c.boots(), c.fencings()
    with Watch(c) as watch:
        c.lab.cut_nodes(True)
        try:
            c.wait(lambda: c.boots()["server4"] not in (None, before["server4"]), 40, "server4 fenced and on again")
            c.server4.wait_booted(30)
            time.sleep(seconds)
            count = c.fencings()
            expect(count["Node1"] + count["Node4"] == fencings["Node1"] + fencings["Node4"] + 1, f"fencings: {count}")
            expect(not c.status("server4")["quorate"], "the node that booted alone says that it is quorate")
        finally:
            c.lab.cut_nodes(False)
        c.wait_online(40)
        seen = watch.stop(2)
    expect(seen.both == 0, f"both nodes held the address in {seen.both} samples")
    expect(all(picture["server1"] == "1" for _, picture in seen.pictures), "the address left server1")
    expect(c.boots()["server1"] == before["server1"], "server1 was fenced")
    expect(sum(c.fencings().values()) == sum(fencings.values()) + 1, f"fencings: {c.fencings()}")
    figure(f"cut of {seconds} s: longest time without an answer", seen.gap())
    failed = len(seen.requests) - len(seen.served())
    expect(failed == 0, f"{failed} of {len(seen.requests)} requests failed")
    figure(f"cut of {seconds} s: longest time between two samples of the address", seen.longest_pause)
    if seconds < 60:  # in half an hour, any machine has a bad moment
        seen.check_exclusive()
        expect(seen.gap() < PAUSE, f"the service paused for {seen.gap():.3f} s")


def test_both_lose_power(c):
    """Both nodes lose power and return: the group runs again on one of them, nobody fences anybody who is well."""
    c.ready("server1")
    fencings = c.fencings()
    for node in c.nodes.values():
        node.crash()
    c.wait(lambda: not any(node.is_on() for node in c.nodes.values()), 5, "both off")
    with Watch(c) as watch:
        for node in c.nodes.values():
            c.wait(lambda node=node: node.power() == "shut off", 20, "libvirt saw it")
            node.start()
        boots = c.boots()
        c.wait(lambda: c.where("haproxy"), 40, "haproxy started")
        seen = watch.stop(3)
    seen.check_exclusive()
    c.wait_online(20)
    # Each has the other's new boot in its first hello, which is evidence enough (E4).
    expect(c.fencings() == fencings, f"fencings before {fencings}, after {c.fencings()}")
    expect(c.boots() == boots, "a node was restarted")
