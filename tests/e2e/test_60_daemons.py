# SPDX-License-Identifier: Apache-2.0
"""Daemons die: the services do not notice, nobody is fenced, and what runs is adopted."""

from harness.runner import PAUSE, expect, figure
from harness.watch import Watch

PIDS = {"duetd": "systemctl show -p MainPID --value duetd", "execd": "systemctl show -p MainPID --value duet-execd"}


def _kill(c, node, *daemons):
    """kill -9 of daemons at one instant; returns when."""
    pids = " ".join(f"$({PIDS[daemon]})" for daemon in daemons)
    began = c.now()
    c.sh(node, f"kill -9 {pids}")
    return began


def _adopted(c, what, node, daemons, before=None):
    """Kills and checks: 0 restarts, 0 fencings, adopted within 10 s."""
    boots, fencings, served = c.boots(), c.fencings(), c.unit_start("server1")
    with Watch(c) as watch:
        began = _kill(c, node, *daemons)
        c.wait(lambda: c.where("haproxy", node) == "server1" and c.is_online(node, node), 12,
               f"{node} adopted its resources")
        took = c.now() - began
        seen = watch.stop(2)
    c.wait_online(10)
    expect(c.unit_start("server1") == served, "haproxy was restarted")
    expect(len(seen.pictures) == 1, f"the address was touched: {seen.pictures}")
    expect(c.boots() == boots and c.fencings() == fencings, "a node was fenced")
    expect(seen.gap() < PAUSE, f"the service paused for {seen.gap():.3f} s")
    expect(not c.failed_actions(), f"failed actions: {c.failed_actions()}")
    figure(f"adopted: {what}", took, 10)


def test_idle_kills(c):
    """kill -9 of duetd, of execd, of both, on the active and on the passive node, while nothing else happens."""
    c.ready("server1")
    for node, role in (("server1", "active"), ("server4", "passive")):
        for daemons in (("duetd",), ("execd",), ("duetd", "execd")):
            _adopted(c, f"{' and '.join(daemons)} of the {role} node", node, daemons)


def test_killed_again_and_again(c):
    """duetd of the active node killed five times in quick succession: still no restart and no fencing."""
    c.ready("server1")
    c.sh("server1", "systemctl reset-failed duetd")  # the limit is 5 starts in 300 s; earlier tests count
    boots, served = c.boots(), c.unit_start("server1")
    for _ in range(4):
        _kill(c, "server1", "duetd")
        c.wait(lambda: c.try_status("server1"), 10, "duetd answers again")
    c.wait_online(20)
    expect(c.unit_start("server1") == served, "haproxy was restarted")
    expect(c.boots() == boots, "a node was fenced")


def _during_start(c, daemons):
    """Kills while a start of 3 s is under way on the node that runs it."""
    c.ready("server1")
    boots, fencings, served = c.boots(), c.fencings(), c.unit_start("server1")
    c.duet("server1", "resource create slow ocf:labtest:Puppet start_delay=3 --disabled")
    c.duet("server1", "constraint location slow prefers server1=INFINITY")
    c.sh("server1", ": >/var/log/puppet.log")
    c.duet("server1", "resource enable slow")
    c.wait(lambda: any(entry[2:] == ("start", "begin") for entry in c.puppet_log("server1")), 10, "start has begun")
    _kill(c, "server1", *daemons)
    c.wait_started("slow", "server1", 30)
    c.wait_online(20)
    starts = [entry for entry in c.puppet_log("server1") if entry[2:] == ("start", "begin")]
    expect(c.unit_start("server1") == served, "haproxy was restarted")
    expect(c.boots() == boots and c.fencings() == fencings, "a node was fenced")
    expect(len(starts) <= 2, f"slow was started {len(starts)} times")
    expect(not c.puppet_log("server4") or not [e for e in c.puppet_log("server4") if e[1:3] == ("slow", "start")],
           "slow was started on server4")


def test_duetd_killed_during_a_start(c):
    """duetd dies while a resource starts: the start's result is taken over, nothing is started twice."""
    _during_start(c, ("duetd",))
    starts = [entry for entry in c.puppet_log("server1") if entry[2:] == ("start", "begin")]
    expect(len(starts) == 1, f"slow was started {len(starts)} times")


def test_execd_killed_during_a_start(c):
    """execd dies while a resource starts: it runs in the end, and nobody is fenced."""
    _during_start(c, ("execd",))


def test_both_killed_during_a_start(c):
    """Both die while a resource starts."""
    _during_start(c, ("duetd", "execd"))


def test_execd_killed_during_a_stop(c):
    """execd dies while a resource stops: the stop is repeated, it is no failure and no cause for fencing."""
    c.ready("server1")
    boots, fencings = c.boots(), c.fencings()
    c.duet("server1", "resource create slow ocf:labtest:Puppet --disabled")
    c.duet("server1", "constraint location slow prefers server1=INFINITY")
    c.duet("server1", "resource enable slow")
    c.wait_started("slow", "server1", 15)
    c.sh("server1", "echo 2 >/run/puppet/slow/stop.delay; : >/var/log/puppet.log")
    c.duet("server1", "resource disable slow")
    c.wait(lambda: any(entry[2:] == ("stop", "begin") for entry in c.puppet_log("server1")), 10, "stop has begun")
    _kill(c, "server1", "execd")
    c.wait(lambda: c.resource("slow")["role"] == "stopped", 30, "slow stopped")
    expect(c.boots() == boots and c.fencings() == fencings, "a node was fenced")
    expect(not c.resource("slow")["blocked"], "slow is blocked")


def test_kill_during_a_move(c):
    """duetd of both nodes killed in the middle of a move: the group ends up on one node, nobody is fenced."""
    c.ready("server1")
    boots, fencings = c.boots(), c.fencings()
    with Watch(c) as watch:
        c.duet("server1", "node standby server1")
        for node in c.nodes:
            _kill(c, node, "duetd")
        c.wait_served("server4", 30)
        seen = watch.stop(1)
    seen.check_exclusive()
    c.wait_online(20, nodes=("server4",))
    expect(c.boots() == boots and c.fencings() == fencings, "a node was fenced")


def test_corosync_killed_on_the_active_node(c):
    """corosync killed on the active node: it starts nothing more; the peer fences it once and serves; never both."""
    c.ready("server1")
    boots, fencings = c.boots(), c.fencings()
    with Watch(c) as watch:
        c.sh("server1", "kill -9 $(pidof corosync)")
        c.wait(lambda: c.where("haproxy", "server4") == "server4" or (
            c.where("haproxy", "server1") == "server1"
            and c.is_online("server4", "server1")), 40, "served by one of them, settled")
        seen = watch.stop(12)
    seen.check_exclusive()
    count = c.fencings()
    expect(count["Node4"] == fencings["Node4"], "server4 was fenced although it was well")
    expect(count["Node1"] - fencings["Node1"] <= 1, f"server1 was fenced more than once: {count}")
    if count["Node1"] == fencings["Node1"]:
        expect(c.boots() == boots, "a node was restarted without the fence host")
    c.wait_online(60)
    figure("corosync killed on the active node: outage", seen.gap(), 15)


def test_corosync_killed_on_the_passive_node(c):
    """corosync killed on the passive node: the service goes on without a pause; the active node is not fenced."""
    c.ready("server1")
    boots, fencings, served = c.boots(), c.fencings(), c.unit_start("server1")
    with Watch(c) as watch:
        c.sh("server4", "kill -9 $(pidof corosync)")
        seen = watch.stop(15)
    seen.check_exclusive()
    expect(c.boots()["server1"] == boots["server1"], "server1 was restarted")
    expect(c.fencings()["Node1"] == fencings["Node1"], "server1 was fenced")
    expect(c.unit_start("server1") == served, "haproxy was restarted")
    expect(seen.gap() < PAUSE, f"the service paused for {seen.gap():.3f} s")
    c.sh("server4", "systemctl start corosync duetd", check=False)
    c.wait_online(60)
