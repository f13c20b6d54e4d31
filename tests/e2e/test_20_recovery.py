# SPDX-License-Identifier: Apache-2.0
"""Failures on a running node: seen when they happen, recovered there, and after too many of them elsewhere."""

import re

from harness.runner import expect, figure
from harness.watch import Watch

LIMIT = 0.7  # with the tutorial's monitors of 30 s and 60 s


def _recover(c, what, script, resource):
    """Does harm on server1 and checks that it is recovered there in time, and shows as a failed action."""
    c.ready("server1")
    boots, fencings = c.boots(), c.fencings()
    with Watch(c) as watch:
        c.sh("server1", script)
        c.wait(lambda: c.resource(resource)["fail_count"].get("server1", 0) >= 1, 10, f"{resource}: failure counted")
        c.wait_served("server1", 10)
        seen = watch.stop(1)
    seen.check_exclusive()
    expect(not seen.held("server4"), "the address went to server4")
    failed = c.failed_actions("server4")
    expect(any(resource in str(entry) for entry in failed), f"no failed action of {resource}: {failed}")
    expect(c.boots() == boots and c.fencings() == fencings, "a node was fenced")
    text = c.duet("server4", "status").stdout
    expect("Failed Resource Actions:" in text, f"status shows no failed action:\n{text}")
    figure(f"gap: {what}", seen.gap(), LIMIT)


def test_address_deleted(c):
    """`ip addr del` of the floating address: back within 0.7 s, counted as a failure."""
    _recover(c, "address deleted", "ip address del 10.77.0.100/24 dev eth0", "VIP")


def test_haproxy_stopped_by_hand(c):
    """`systemctl stop haproxy`: started again within 0.7 s, counted as a failure."""
    _recover(c, "systemctl stop haproxy", "systemctl stop haproxy", "haproxy")


def test_haproxy_killed(c):
    """kill -9 of haproxy: running again within 0.7 s."""
    _recover(c, "kill -9 of haproxy", "kill -9 $(systemctl show -p MainPID --value haproxy)", "haproxy")


# In the node itself, by one clock: what the way into the node takes is not the executor's.
_KILL_AND_LOOK = """
import json, os, signal, subprocess, sys, time
show = ["systemctl", "show", "-p", "MainPID", "--value", "haproxy"]
pid = int(subprocess.run(show, capture_output=True, text=True, check=True).stdout)
killed = time.time()
os.kill(pid, signal.SIGKILL)
for _ in range(100):
    time.sleep(0.05)
    journal = subprocess.run(["journalctl", "-o", "json", "--since", f"@{int(killed)}", "-t", "duet-execd", "-q"],
                             capture_output=True, text=True, check=True).stdout
    for line in journal.splitlines():
        entry = json.loads(line)
        at = int(entry.get("_SOURCE_REALTIME_TIMESTAMP", entry["__REALTIME_TIMESTAMP"])) / 1e6
        told = str(entry.get("MESSAGE", ""))
        if at >= killed and ("its main process has ended" in told or "unit haproxy.service is" in told):
            print(1000 * (at - killed))
            sys.exit(0)
sys.exit("duet-execd did not see it")
"""


def test_killed_service_is_seen_at_once(c):
    """kill -9 of a unit's main process: duet-execd has seen it within 20 ms (median of 5)."""
    c.ready("server1")
    took = []
    for _ in range(5):
        took.append(float(c.sh("server1", f"python3 -c '{_KILL_AND_LOOK}'")))
        c.wait(lambda: c.resource("haproxy")["fail_count"].get("server1", 0) >= 1, 10, "failure counted")
        c.wait_served("server1", 10)
        c.duet("server1", "resource cleanup haproxy")
        c.wait(lambda: not c.resource("haproxy")["fail_count"], 10, "failure forgotten")
        c.wait_served("server1", 10)
    figure("killed service seen", sorted(took)[2] / 1000, 0.02)


def test_address_flushed(c):
    """`ip addr flush` of the floating address: back within 0.7 s, on one node only."""
    c.ready("server1")
    with Watch(c) as watch:
        c.sh("server1", "ip address flush to 10.77.0.100 dev eth0")
        c.wait(lambda: c.sh("server1", "ip -o address show to 10.77.0.100") != "", 5, "address back")
        c.wait_served("server1", 10)
        seen = watch.stop(0.5)
    seen.check_exclusive()
    figure("gap: address flushed", seen.gap(), LIMIT)


def test_link_down_is_noticed(c):
    """The link under an address loses its carrier: noticed at once although the monitor looks every ten minutes."""
    c.ready("server1")
    for node in c.nodes:
        c.sh(node, "ip link delete t0 2>/dev/null; ip link add t0 type veth peer name t1 &&"
                   "ip link set t0 up && ip link set t1 up")
    c.duet("server1", "resource create linked ocf:duet:IPaddr2 ip=10.99.0.7 cidr_netmask=24 nic=t0 arp_count=1 "
                      "op monitor interval=600s --disabled")
    c.duet("server1", "constraint location linked prefers server1=10")
    c.duet("server1", "resource enable linked")
    c.wait_started("linked", "server1", 15)
    began = c.now()
    c.sh("server1", "ip link set t1 down")
    c.wait(lambda: c.resource("linked")["fail_count"].get("server1", 0) >= 1, 10, "the failure is counted", 0.02)
    took = c.now() - began
    said = c.sh("server1", f"journalctl -q --no-pager -u duet-execd --since=@{began - 1:.0f}")
    expect("link t0 is down" in said, f"not noticed by its link: {said[-600:]}")
    figure("link down: counted as a failure", took, 1.0)
    c.wait_started("linked", "server4", 20)  # it cannot start on server1 without a link
    expect(c.sh("server1", "ip -o address show to 10.99.0.7", check=False) == "", "server1 kept the address")


def test_cleanup_forgets_failures(c):
    """`resource cleanup` removes fail counts and failed actions, and restarts nothing."""
    c.ready("server1")
    c.sh("server1", "systemctl stop haproxy")
    c.wait(lambda: c.resource("haproxy")["fail_count"].get("server1"), 10, "failure counted")
    c.wait_served("server1", 10)
    before = c.unit_start("server1")
    done = c.duet("server4", "resource cleanup haproxy")
    expect("Cleaned up haproxy on server1" in done.stdout, f"cleanup says: {done.stdout}")
    c.wait(lambda: not c.resource("haproxy")["fail_count"] and not c.failed_actions(), 10, "failures forgotten")
    expect(c.unit_start("server1") == before, "cleanup restarted haproxy")


def _kill_until_it_moves(c, limit):
    for turn in range(1, limit + 1):
        c.sh("server1", "kill -9 $(systemctl show -p MainPID --value haproxy)")
        if turn < limit:
            c.wait(lambda turn=turn: c.resource("haproxy")["fail_count"].get("server1", 0) >= turn, 10,
                   f"failure {turn}")
            c.wait_served("server1", 10)
    c.wait_served("server4", 15)


def test_migration_threshold_moves_the_group(c):
    """The third failure reaches migration-threshold=3 and moves the whole group; cleanup lets it return."""
    c.ready("server1")
    c.duet("server1", "resource update haproxy meta migration-threshold=3")
    c.duet("server1", "constraint location hagroup prefers server1=50")
    with Watch(c) as watch:
        _kill_until_it_moves(c, 3)
        seen = watch.stop(1)
    seen.check_exclusive()
    expect(c.where("VIP") == "server4", "VIP did not go with haproxy")
    c.duet("server1", "resource cleanup haproxy")
    c.wait_served("server1", 15)
    _forget_constraints(c)
    c.duet("server1", "resource update haproxy meta migration-threshold=")


def test_failure_timeout_brings_it_back(c):
    """After failure-timeout the failures no longer count, and the group returns to the node that it prefers."""
    c.ready("server1")
    c.duet("server1", "resource update haproxy meta migration-threshold=1 failure-timeout=8s")
    c.duet("server1", "constraint location hagroup prefers server1=50")
    began = c.now()
    _kill_until_it_moves(c, 1)
    c.wait_served("server1", 30)
    took = c.now() - began
    expect(took >= 7.5, f"back after {took:.1f} s, before failure-timeout=8s")
    figure("failure-timeout=8s: group is back after", took, 20)
    _forget_constraints(c)
    c.duet("server1", "resource update haproxy meta migration-threshold= failure-timeout=")


def _forget_constraints(c):
    shown = c.duet("server1", "constraint config --full").stdout
    for word in re.findall(r"\(id: ?([^)]+)\)", shown):
        c.duet("server1", f"constraint delete {word}")
    expect("prefers" not in c.duet("server1", "constraint config").stdout, f"constraints are left of: {shown}")
