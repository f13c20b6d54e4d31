# SPDX-License-Identifier: Apache-2.0
"""libvirtd hangs or is started again: the fence host never says that it has done what it has not, fails in bounded
time, and goes on by itself. With the lab's own libvirtd and real containers."""

import time

from harness.runner import expect, figure
from harness.watch import Watch
from lab import fencehost, hypervisor, procs

ANSWER = 8  # seconds: 2 of the host for the request, 2 of the agent's second question, the rest for a busy machine


def _agent(c, node, action, domain=None):
    """One call of our fence_xvm on a node; (exit code, seconds, what it said)."""
    argv = ["/usr/libexec/duet/fence_xvm", "-o", action, *(["-H", domain] if domain else [])]
    began = time.monotonic()
    done = c.nodes[node].run(argv, check=False, timeout=60)
    return done.returncode, time.monotonic() - began, done.stdout + done.stderr


def _no_action_succeeds(c, what):
    for action in ("status", "off", "reboot", "on", "list", "monitor"):
        domain = None if action in ("list", "monitor") else "Node4"
        code, took, said = _agent(c, "server1", action, domain)
        expect(code == 1, f"{what}: {action} ended with {code}, 1 expected: {said}")
        expect(said.strip() != "Status: OFF", f"{what}: {action} says that Node4 is off")
        figure(f"{what}: failure of {action}", took, ANSWER)


def _serves_again(c, what):
    began = time.monotonic()
    c.wait(lambda: _agent(c, "server1", "status", "Node4")[0] == 0, 30, "status served again", 0.2)
    figure(f"{what}: served again after", time.monotonic() - began, 15)


def test_hung_libvirtd(c):
    """libvirtd hangs: every request fails in bounded time, none is carried out later, and afterwards all works."""
    c.ready("server1")
    boots, count = c.boots(), c.fencings()
    hypervisor.freeze_daemon(c.journal, True)
    try:
        _no_action_succeeds(c, "libvirtd hangs")
    finally:
        hypervisor.freeze_daemon(c.journal, False)
    _serves_again(c, "libvirtd hung")
    time.sleep(3)
    expect(c.boots() == boots, "a request that was told to have failed was carried out when libvirtd went on")
    expect(c.fencings() == count, f"fencings before {count}, after {c.fencings()}")
    code, _, said = _agent(c, "server1", "list")
    expect(code == 0 and "Node1" in said and "Node4" in said, f"the list afterwards: {code} {said}")


def test_no_take_over_while_libvirtd_hangs(c):
    """The active node loses power while libvirtd hangs: nothing is taken over; when it goes on, all is served."""
    c.ready("server1")
    with Watch(c) as watch:
        hypervisor.freeze_daemon(c.journal, True)
        try:
            cut = c.server1.cut_power()
            c.wait(lambda: (c.try_status("server4") or {"fencing": {"pending": []}})["fencing"]["pending"], 30,
                   "server4 wants to fence server1")
            time.sleep(15)
            expect(c.sh("server4", "ip -o address show to 10.77.0.100", check=False) == "", "server4 took the address")
            expect(not [t for t in fencings_seen(c) if t == "Node1"], "the host says that Node1 is off")
        finally:
            hypervisor.freeze_daemon(c.journal, False)
        began = c.now()
        c.wait_served("server4", 70)
        seen = watch.stop(1)
    seen.check_exclusive()
    got = [moment for moment in seen.held("server4") if moment > cut]
    expect(got and seen.fenced("Node1")[0] <= got[0], "the address was taken before Node1 was off")
    figure("libvirtd goes on: served after", seen.first_served_after(began) - began, 62)
    c.server1.start()
    c.wait_online(60)


def fencings_seen(c):
    """Domains of which the fence host has said that they are off, in the order of its log."""
    with open(fencehost.log_path(c.lab.settings), encoding="utf-8", errors="replace") as log:
        return [domain for domain in map(fencehost.seen_off, log) if domain]


test_no_take_over_while_libvirtd_hangs.fresh = True


def test_restarted_libvirtd(c):
    """libvirtd ends: failures in bounded time; started again: the host connects by itself, the containers live on."""
    c.ready("server1")
    boots, count = c.boots(), c.fencings()
    resume = hypervisor.stop_daemon(c.lab.settings, c.journal)
    try:
        _no_action_succeeds(c, "no libvirtd")
        expect(c.boots() == boots, "a container ended with libvirtd")
    finally:
        resume()
    _serves_again(c, "libvirtd restarted")
    expect(c.boots() == boots and c.fencings() == count, "something was powered off")
    done = c.duet("server1", "stonith fence server4")
    expect("Node: server4 fenced" in done.stdout, f"stonith fence says: {done.stdout}")
    expect(c.fencings()["Node4"] == count["Node4"] + 1, f"fencings before {count}, after {c.fencings()}")
    procs.wait_until(lambda: c.boots()["server4"] not in (None, boots["server4"]), 20, "server4 switched on again")
    c.wait_online(60)
