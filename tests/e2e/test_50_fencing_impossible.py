# SPDX-License-Identifier: Apache-2.0
"""The peer is lost and cannot be fenced: nothing is taken over, the way out is told, and each way out works."""

import time

from harness.runner import expect, figure
from harness.watch import Watch
from lab import fencehost


def _impatient(c):
    """The known state, with a device that gives up after 4 s instead of fence_xvm's 30 s."""
    c.ready("server1")
    c.duet("server1", "stonith update vmfence timeout=4")
    c.wait_settled()


def _lose_server1(c, impatient=True):
    """Stops the fence host, cuts server1's power and waits until server4 has tried to fence it in vain."""
    if impatient:
        _impatient(c)
    else:
        c.ready("server1")
    fencehost.stop(c.journal)
    c.server1.crash()
    c.wait(lambda: _tries(c) >= 1, 75, "server4 failed to fence server1 at least once", 0.2)


def _tries(c):
    """Failed tries so far, by the status of server4."""
    status = c.try_status("server4") or {"fencing": {"pending": []}}
    return max((entry.get("attempts", 0) for entry in status["fencing"]["pending"]), default=0)


def _nothing_taken_over(c):
    expect(c.sh("server4", "ip -o address show to 10.77.0.100", check=False) == "", "server4 took the address")
    expect(c.sh("server4", "systemctl is-active haproxy", check=False) != "active", "server4 started haproxy")


def test_nothing_is_taken_over_and_status_tells_why(c):
    """Fence host stopped, active node without power: no take-over; status and why tell the reason and the way out."""
    _lose_server1(c, impatient=False)
    with Watch(c) as watch:
        seen = watch.stop(10)
    expect(not seen.served(), "something was served without fencing")
    _nothing_taken_over(c)
    status = c.status("server4")
    expect(status["health"]["state"] == "down", f"health is {status['health']}")
    expect(c.node_state("server1", status=status)["unclean"], "server1 is not shown as unclean")
    text = c.duet("server4", "status").stdout
    for words in ("Health: DOWN", "Node server1: UNCLEAN (offline)", "Pending Fencing Actions:", "UNKNOWN server1"):
        expect(words in text, f"status does not say '{words}':\n{text}")
    why = c.duet("server4", "why hagroup", check=False)
    said = why.stdout + why.stderr
    expect(why.returncode == 0 and "server1" in said and "confirm" in said, f"why hagroup: {why.returncode}\n{said}")


def test_stopping_still_works(c):
    """While the peer is lost, commands that only stop something work; a commit is refused with 106 and its reason."""
    _impatient(c)
    c.duet("server1", "resource create local1 ocf:labtest:Puppet op monitor interval=10s")
    c.duet("server1", "constraint location local1 prefers server4=INFINITY")
    c.wait_started("local1", "server4", 15)
    fencehost.stop(c.journal)
    c.server1.crash()
    c.wait(lambda: _tries(c) >= 1, 75, "a failed try to fence", 0.2)
    expect(c.where("local1", "server4") == "server4", "local1 was stopped by the loss of the peer")
    refused = c.duet("server4", "resource create other ocf:labtest:Puppet", check=False)
    expect(refused.returncode == 106, f"a commit while the peer is lost: exit {refused.returncode}, expected 106\n"
           + refused.stderr)
    expect("server1" in refused.stderr, f"the refusal does not name the peer: {refused.stderr}")
    c.duet("server4", "resource disable local1")
    c.wait(lambda: c.sh("server4", "test -e /run/puppet/local1/running && echo up", check=False) != "up", 10,
           "local1 stopped")
    _nothing_taken_over(c)


def test_own_node_and_device_while_the_peer_is_unclean(c):
    """Peer unclean: disable, standby and maintenance of the own node work; so does the repair of the device, then all
    goes on."""
    c.ready("server1")
    for rid in ("local1", "local2"):
        c.duet("server1", f"resource create {rid} ocf:labtest:Puppet op monitor interval=10s")
        c.duet("server1", f"constraint location {rid} prefers server4=INFINITY")
    for rid in ("local1", "local2"):
        c.wait_started(rid, "server4", 15)
    c.duet("server1", ["stonith", "update", "vmfence", "pcmk_host_map=server1:Nobody;server4:Node4"])
    c.server1.crash()
    c.wait(lambda: _tries(c) >= 1, 75, "a failed try to fence", 0.2)

    def runs(rid):
        return c.sh("server4", f"test -e /run/puppet/{rid}/running && echo up", check=False) == "up"
    c.duet("server4", "resource disable local1")
    c.wait(lambda: not runs("local1"), 10, "local1 stopped by disable")
    expect(runs("local2"), "local2 was stopped, too")

    c.duet("server4", "node maintenance server4")
    c.wait(lambda: c.node_state("server4", "server4").get("maintenance"), 5, "server4 in maintenance")
    c.sh("server4", "rm /run/puppet/local2/running")
    begun = len(c.puppet_log("server4"))
    time.sleep(3)
    touched = [e for e in c.puppet_log("server4")[begun:] if e[2] in ("start", "stop")]
    expect(not touched, f"touched in maintenance: {touched}")
    c.sh("server4", ": >/run/puppet/local2/running")
    c.duet("server4", "node unmaintenance server4")
    c.wait(lambda: not c.node_state("server4", "server4").get("maintenance"), 5, "maintenance over")

    c.duet("server4", "node standby server4")
    c.wait(lambda: not runs("local2"), 10, "local2 stopped by standby")
    _nothing_taken_over(c)

    c.duet("server4", ["stonith", "update", "vmfence", "pcmk_host_map=server1:Node1;server4:Node4"])
    c.wait(lambda: c.boots()["server1"] is not None or not c.node_state("server1", "server4").get("unclean", True), 70,
           "server1 fenced through the repaired device")
    c.duet("server4", "node unstandby server4")
    c.wait(lambda: c.where("haproxy", "server4"), 60, "haproxy started")
    c.ready("server1")


def test_proceeds_when_the_fence_host_is_back(c):
    """The fence host returns: the pending fencing is tried again by itself within L5, and the group is served."""
    _lose_server1(c)
    _nothing_taken_over(c)
    with Watch(c) as watch:
        began = c.now()
        fencehost.start(c.lab.settings, c.journal)
        c.wait_served("server4", 70)
        seen = watch.stop(0.5)
    figure("fence host back: served after", seen.first_served_after(began) - began, 62)


def test_confirm(c):
    """`stonith confirm` on the survivor counts as evidence: the group is served at once."""
    _lose_server1(c)
    unknown = c.duet("server4", "stonith confirm nobody --yes", check=False)
    expect(unknown.returncode == 105, f"confirm of an unknown node: exit {unknown.returncode}, expected 105")
    unasked = c.duet("server4", "stonith confirm server1", check=False)
    expect(unasked.returncode == 107, f"confirm without --yes and terminal: exit {unasked.returncode}, expected 107")
    _nothing_taken_over(c)
    with Watch(c) as watch:
        began = c.now()
        c.duet("server4", "stonith confirm server1 --yes")
        c.wait_served("server4", 10)
        seen = watch.stop(0.5)
    figure("stonith confirm: served after", seen.first_served_after(began) - began, 3)
    c.duet("server4", "resource create later ocf:labtest:Puppet")  # commits are possible again, alone
    fencehost.start(c.lab.settings, c.journal)
    c.server1.start()
    c.wait_online(60)
    expect(c.resource("later", "server1"), "server1 did not get the commit that was made while it was off")
    expect(c.where("haproxy", "server1") == "server4", "the group moved when server1 returned")


def test_wrong_device_can_be_repaired(c):
    """A wrong host map is noticed when it is needed; repaired on the survivor, it is used for the pending fencing."""
    c.ready("server1")
    c.duet("server1", ["stonith", "update", "vmfence", "pcmk_host_map=server1:Nobody;server4:Node4"])
    with Watch(c) as watch:
        c.server1.crash()
        c.wait(lambda: _tries(c) >= 1, 75, "a failed try to fence", 0.2)
        _nothing_taken_over(c)
        began = c.now()
        c.duet("server4", ["stonith", "update", "vmfence", "pcmk_host_map=server1:Node1;server4:Node4"])
        c.wait_served("server4", 70)
        seen = watch.stop(0.5)
    seen.check_exclusive()
    expect(seen.fenced("Node1"), "Node1 was not switched off")
    figure("wrong device repaired: served after", seen.first_served_after(began) - began, 62)
    c.server1.start()
    c.wait_online(60)
    for name in c.nodes:
        shown = c.duet(name, "stonith config vmfence").stdout
        expect("server1:Node1" in shown, f"{name} has not the repaired device: {shown}")


def test_fails_on_the_spot_is_restarted_on_the_spot(c):
    """While the passive peer cannot be fenced, a service that fails where it already ran is restarted there."""
    _impatient(c)
    fencehost.stop(c.journal)
    c.server4.crash()
    c.wait(lambda: any(e.get("attempts", 0) for e in (c.try_status("server1") or {"fencing": {"pending": []}})
                       ["fencing"]["pending"]), 75, "a failed try to fence", 0.2)
    with Watch(c) as watch:
        c.sh("server1", "kill -9 $(systemctl show -p MainPID --value haproxy)")
        c.wait(lambda: c.sh("server1", "systemctl is-active haproxy", check=False) == "active", 10, "haproxy active")
        seen = watch.stop(1.5)
    figure("gap: haproxy killed while the peer cannot be fenced", seen.gap(), 0.7)
    with Watch(c) as watch:
        c.sh("server1", "ip address del 10.77.0.100/24 dev eth0")
        c.wait(lambda: c.sh("server1", "ip -o address show to 10.77.0.100") != "", 10, "address back")
        seen = watch.stop(1.5)
    figure("gap: address deleted while the peer cannot be fenced", seen.gap(), 0.7)
    fencehost.start(c.lab.settings, c.journal)
    time.sleep(0.1)


def test_stonith_fence_by_hand(c):
    """`stonith fence` of the passive node: off, verified, on again; the history tells it."""
    c.ready("server1")
    before, boots = c.fencings(), c.boots()
    done = c.duet("server1", "stonith fence server4")
    expect("Node: server4 fenced" in done.stdout, f"stonith fence says: {done.stdout}")
    expect(c.fencings()["Node4"] == before["Node4"] + 1, "Node4 was not switched off exactly once")
    c.wait(lambda: c.boots()["server4"] not in (None, boots["server4"]), 20, "server4 switched on again")
    c.wait_online(60)
    history = c.duet("server1", "stonith history").stdout
    expect("server4" in history, f"the history does not tell it: {history}")
