# SPDX-License-Identifier: Apache-2.0
"""Orderly moves: standby and back, move, ban, disable; the order of stops and starts."""

from harness.runner import PAUSE, expect, figure
from harness.watch import Watch


def unit_times(c, node, since):
    """{what: time} of haproxy's jobs in the node's journal since a moment: stopped, starting, started."""
    found = {}
    script = f"journalctl -o short-unix -q --no-pager _PID=1 --since=@{since - 1:.0f}"
    for line in c.sh(node, script).splitlines():
        if not line or float(line.split()[0]) < since:
            continue
        for word, key in (("Stopped ", "stopped"), ("Starting ", "starting"), ("Started ", "started")):
            if f": {word}" in line and "haproxy" in line:
                found[key] = float(line.split()[0])
    return found


def test_standby_moves_in_order(c):
    """Standby of the active node: gap 0.8 s at most; haproxy stops before the address, and starts after it."""
    c.ready("server1")
    boots = c.boots()
    with Watch(c) as watch:
        began = c.now()
        c.duet("server1", "node standby server1")
        c.wait_served("server4", 15)
        seen = watch.stop(1)
    seen.check_exclusive()
    expect(c.boots() == boots, "a node was fenced")
    one, four = unit_times(c, "server1", began), unit_times(c, "server4", began)
    lost = next(moment for moment, picture in seen.pictures if moment > began and picture["server1"] == "0")
    got = next(moment for moment in seen.held("server4") if moment > began)
    expect(one["stopped"] <= lost + 0.012, f"the address went {one['stopped'] - lost:.3f} s before haproxy was stopped")
    expect(lost <= got + 0.012, "server4 got the address before server1 gave it up")
    early = got - four["starting"]
    expect(early <= 0.012, f"haproxy began {early:.3f} s before the address was there")
    state = c.node_state("server1", "server4")
    expect(state["standby"] and state["state"] in ("online", "standby"), f"server1 is not shown as standby: {state}")
    expect("standby" in c.duet("server4", "status").stdout, "the text does not say standby")
    figure("gap: standby of the active node", seen.gap(), 0.8)


def test_unstandby_moves_nothing_with_stickiness(c):
    """After unstandby the group stays where it is, with resource-stickiness set."""
    c.ready("server1")
    c.duet("server1", "resource defaults update resource-stickiness=100")
    c.duet("server4", "node standby server1")
    c.wait_served("server4", 15)
    before = c.unit_start("server4")
    with Watch(c) as watch:
        c.duet("server4", "node unstandby server1")
        c.wait(lambda: not c.node_state("server1")["standby"], 5, "server1 no longer standby")
        seen = watch.stop(3)
    expect(c.unit_start("server4") == before, "haproxy was restarted")
    expect(seen.gap() < PAUSE, f"the service paused for {seen.gap():.3f} s")
    expect(len(seen.pictures) == 1, f"the address moved: {seen.pictures}")


def test_move_and_back(c):
    """`resource move` goes there once and leaves no constraint; --wait tells where it runs."""
    c.ready("server1")
    with Watch(c) as watch:
        done = c.duet("server1", "resource move hagroup server4 --wait=30")
        c.wait_served("server4", 5)
        seen = watch.stop(0.5)
    seen.check_exclusive()
    expect("server4" in done.stdout + done.stderr, f"move --wait says: {done.stdout}{done.stderr}")
    left = c.duet("server1", "constraint config").stdout
    expect("cli-" not in left and "server4" not in left, f"move left a constraint: {left}")
    figure("gap: resource move", seen.gap(), 0.8)
    c.duet("server4", "resource move hagroup --wait=30")
    c.wait_served("server1", 5)


def test_ban_and_clear(c):
    """`resource ban` drives the group away and shows in status; `clear` takes the ban back."""
    c.ready("server1")
    c.duet("server1", "resource ban hagroup server1")
    c.wait_served("server4", 15)
    expect(c.status("server4")["bans"], "the status shows no ban")
    c.duet("server4", "resource clear hagroup")
    c.wait(lambda: not c.status("server1")["bans"], 5, "ban gone")


def test_disable_and_enable(c):
    """`resource disable` stops a member of the group, --wait ends when that is done; enable starts it."""
    c.ready("server1")
    c.duet("server4", "resource disable haproxy --wait=20")
    expect(c.sh("server1", "systemctl is-active haproxy", check=False) != "active", "haproxy still runs")
    expect(c.where("VIP") == "server1", "VIP does not run any more")
    expect("(disabled)" in c.duet("server1", "status").stdout, "status does not say disabled")
    c.duet("server4", "resource enable haproxy --wait=20")
    expect(c.where("haproxy", "server4") == "server1", "haproxy does not run again")


def test_maintenance_leaves_services_alone(c):
    """In maintenance mode nothing is recovered; afterwards the state is looked at first, then recovered."""
    c.ready("server1")
    c.duet("server1", "property set maintenance-mode=true")
    c.sh("server1", "systemctl stop haproxy")
    c.wait(lambda: c.try_status("server1")["options"]["maintenance_mode"], 5, "maintenance shown")
    import time  # pylint: disable=import-outside-toplevel
    time.sleep(2)
    active = c.sh("server1", "systemctl is-active haproxy", check=False)
    expect(active != "active", "haproxy was started in maintenance")
    c.duet("server1", "property set maintenance-mode=false")
    c.wait(lambda: c.sh("server1", "systemctl is-active haproxy", check=False) == "active", 15, "haproxy active again")


def test_clean_stop_of_a_node(c):
    """`systemctl stop duetd` on the active node is a clean leave: the group moves, nobody is fenced."""
    c.ready("server1")
    boots, fencings = c.boots(), c.fencings()
    with Watch(c) as watch:
        c.sh("server1", "systemctl stop duetd", timeout=60)
        c.wait_served("server4", 15)
        seen = watch.stop(4)
    seen.check_exclusive()
    expect(c.boots() == boots and c.fencings() == fencings, "a node was fenced after a clean leave")
    expect("OFFLINE: [ server1 ]" in c.duet("server4", "status").stdout, "server1 is not shown as offline")
    figure("gap: clean stop of the active node", seen.gap(), 1.0)
    c.sh("server1", "systemctl start duetd")
    c.wait_online(20)
    expect(c.where("haproxy", "server4"), "haproxy does not run after the return")
