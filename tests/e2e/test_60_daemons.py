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
    for _ in range(5):
        _kill(c, "server1", "duetd")
        c.wait(lambda: c.try_status("server1"), 10, "duetd answers again")
    c.wait_online(20)
    expect(c.where("haproxy") == "server1" and not c.failed_actions(), f"failed actions: {c.failed_actions()}")
    expect(c.unit_start("server1") == served, "haproxy was restarted")
    expect(c.boots() == boots, "a node was fenced")


def _slow(c, *options):
    """The test resource `slow`, for server1 only, not started yet."""
    c.duet("server1", ["resource", "create", "slow", "ocf:labtest:Puppet", *options, "--disabled"])
    c.duet("server1", "constraint location slow prefers server1=INFINITY")


def _during(c, daemons, action, order, done):
    """Kills while an action of some seconds on `slow` is under way, and checks what L6 promises."""
    boots, fencings, served = c.boots(), c.fencings(), c.unit_start("server1")
    c.sh("server1", ": >/var/log/puppet.log")
    with Watch(c) as watch:
        c.duet("server1", order)
        c.wait(lambda: any(entry[2:] == (action, "begin") for entry in c.puppet_log("server1")), 10,
               f"{action} has begun")
        began = _kill(c, "server1", *daemons)
        c.wait(lambda: c.where("haproxy") == "server1" and c.is_online("server1"), 12, "server1 adopted its resources")
        took = c.now() - began
        c.wait(done, 30, f"{action} is over")
        seen = watch.stop(1)
    c.wait_online(20)
    figure(f"adopted: {' and '.join(daemons)} killed during a {action}", took, 10)
    expect(c.unit_start("server1") == served, "haproxy was restarted")
    expect(len(seen.pictures) == 1 and seen.gap() < PAUSE, f"the service paused {seen.gap():.3f} s: {seen.pictures}")
    expect(c.boots() == boots and c.fencings() == fencings, "a node was fenced")
    expect(not c.failed_actions(), f"failed actions: {c.failed_actions()}")
    expect(not [e for e in c.puppet_log("server4") if e[1] == "slow" and e[2] != "monitor"], "server4 touched slow")
    return [entry[2:] for entry in c.puppet_log("server1") if entry[1] == "slow" and entry[2] in ("start", "stop")]


def _during_start(c, *daemons):
    c.ready("server1")
    _slow(c, "start_delay=3")
    calls = _during(c, daemons, "start", "resource enable slow", lambda: c.where("slow", "server1") == "server1")
    if "execd" not in daemons:
        expect(calls == [("start", "begin"), ("start", "0")], f"not one start: {calls}")
    # An executor that lost a start may have to repeat it; what it has got running is not stopped or started again.
    expect(calls.count(("start", "0")) == 1 and calls[-1] == ("start", "0"), f"not one finished start: {calls}")
    expect(calls.count(("start", "begin")) <= 2 and calls.count(("stop", "begin")) == 0, f"too much was done: {calls}")


def _during_stop(c, *daemons):
    c.ready("server1")
    _slow(c)
    c.duet("server1", "resource enable slow")
    c.wait_started("slow", "server1", 15)
    c.sh("server1", "echo 3 >/run/puppet/slow/stop.delay")
    calls = _during(c, daemons, "stop", "resource disable slow", lambda: c.resource("slow")["role"] == "stopped")
    if "execd" not in daemons:
        expect(calls == [("stop", "begin"), ("stop", "0")], f"not one stop: {calls}")
    expect(("stop", "0") in calls and ("start", "begin") not in calls, f"not stopped, or started again: {calls}")
    expect(c.sh("server1", "test -e /run/puppet/slow/running && echo up", check=False) == "", "slow still runs")
    expect(not c.resource("slow")["blocked"], "slow is blocked")


def test_duetd_killed_during_a_start(c):
    """duetd dies while a resource starts: the start's result is taken over, nothing is started twice."""
    _during_start(c, "duetd")


def test_execd_killed_during_a_start(c):
    """execd dies while a resource starts: it runs in the end, nothing has failed, nobody is fenced."""
    _during_start(c, "execd")


def test_both_killed_during_a_start(c):
    """Both die while a resource starts: the same."""
    _during_start(c, "duetd", "execd")


def test_duetd_killed_during_a_stop(c):
    """duetd dies while a resource stops: the stop's result is taken over."""
    _during_stop(c, "duetd")


def test_execd_killed_during_a_stop(c):
    """execd dies while a resource stops: the stop is repeated if need be; no failure, no cause for fencing."""
    _during_stop(c, "execd")


def test_both_killed_during_a_stop(c):
    """Both die while a resource stops: the same."""
    _during_stop(c, "duetd", "execd")


def _hangs(c, daemon):
    """SIGSTOP of a daemon on the active node: systemd's watchdog restarts it; 0 restarts of resources, 0 fencings."""
    c.ready("server1")
    boots, fencings, served = c.boots(), c.fencings(), c.unit_start("server1")
    with Watch(c) as watch:
        pid = c.sh("server1", PIDS[daemon])
        began = c.now()
        c.sh("server1", f"kill -STOP {pid}")
        c.wait(lambda: c.sh("server1", PIDS[daemon]) not in (pid, "0", ""), 30, f"systemd has started another {daemon}")
        c.wait(lambda: c.where("haproxy", "server1") == "server1" and c.is_online("server1"), 12, "adopted")
        took = c.now() - began
        c.wait_online(20)
        seen = watch.stop(2)
    expect(c.unit_start("server1") == served, "haproxy was restarted")
    expect(len(seen.pictures) == 1 and seen.gap() < PAUSE, f"the service paused {seen.gap():.3f} s: {seen.pictures}")
    expect(c.boots() == boots and c.fencings() == fencings, "a node was fenced")
    expect(not c.failed_actions(), f"failed actions: {c.failed_actions()}")
    figure(f"adopted: {daemon} hangs (watchdog of 10 s)", took, 30)


def test_duetd_hangs(c):
    """duetd hangs."""
    _hangs(c, "duetd")


def test_execd_hangs(c):
    """duet-execd hangs."""
    _hangs(c, "execd")


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
        killed = c.now()
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
    else:
        # What runs goes on running where it is until the power is off (S6).
        expect(seen.outage()[0] >= c.dispatched("server4", killed) - 0.3, "the service stopped before it was fenced")
    c.wait_online(60)
    figure("corosync killed on the active node: outage", seen.gap(), 15)


def test_corosync_killed_begins_no_start(c):
    """corosync killed while an order of two starts is half done: the second does not begin before the node is back."""
    c.ready("server1")
    c.duet("server1", "resource create first ocf:labtest:Puppet start_delay=2 --disabled")
    c.duet("server1", "resource create second ocf:labtest:Puppet --disabled")
    for rid in ("first", "second"):
        c.duet("server1", f"constraint location {rid} prefers server1=1000")
    c.duet("server1", "constraint order first then second")
    for name in c.nodes:
        c.sh(name, ": >/var/log/puppet.log")
    c.duet("server1", "resource enable second")
    with Watch(c) as watch:
        c.duet("server1", "resource enable first")
        c.wait(lambda: any(e[1:] == ("first", "start", "begin") for e in c.puppet_log("server1")), 10, "first begins")
        killed = c.now()
        c.sh("server1", "kill -9 $(pidof corosync)")
        c.wait(lambda: any(e[1:] == ("first", "start", "0") for e in c.puppet_log("server1"))
               or not c.server1.is_on(), 10, "first has started")
        c.wait(lambda: c.where("second", "server4"), 60, "second runs, in the end")
        seen = watch.stop(1)
    c.wait_online(60)
    off = [moment for moment in seen.fenced("Node1") if moment > killed]
    back = _first_member_line(c, "server1", killed)
    until = min(off[:1] + ([back] if back else []), default=None)
    expect(until is not None, "server1 was neither fenced nor did its corosync return")
    expect(until - killed > 1, f"server1 was back after {until - killed:.1f} s: this test shows nothing")
    begun = [e for e in c.puppet_log("server1") if e[2:] == ("start", "begin") and killed + 0.05 < e[0] < until]
    expect(not begun, f"begun on a node without corosync, killed at {killed:.3f}: {begun}")
    mine = [m for m, what in _unit_starts(c, "server1") if killed + 0.05 < m < until]
    expect(not mine, f"haproxy was started on a node without corosync: {mine}")


def _first_member_line(c, node, since):
    """When corosync of `node` formed a membership after `since`, or None."""
    script = f"journalctl -o short-unix -q --no-pager -u corosync --since=@{since - 1:.0f}"
    for line in c.sh(node, script).splitlines():
        if "A new membership" in line and float(line.split()[0]) > since:
            return float(line.split()[0])
    return None


def _unit_starts(c, node):
    script = "journalctl -o short-unix -q --no-pager _PID=1"
    return [(float(line.split()[0]), line) for line in c.sh(node, script).splitlines()
            if ": Starting " in line and "haproxy" in line]


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
