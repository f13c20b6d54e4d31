# SPDX-License-Identifier: Apache-2.0
"""Failed stops, and things that are slow or hang: they hold up nothing else."""

import os
import socket
import subprocess

from harness.runner import expect, figure
from harness.watch import Watch
from lab import procs


def _puppet(c, rid, node, *options):
    """A test resource that prefers one node and has never begun on the other."""
    c.duet("server1", ["resource", "create", rid, "ocf:labtest:Puppet", *options, "--disabled"])
    c.duet("server1", f"constraint location {rid} prefers {node}=INFINITY")
    c.duet("server1", f"resource enable {rid}")


def test_failed_stop_is_fenced(c):
    """A stop fails on the active node: it is fenced, all runs on the other 1 s after it is verified to be off."""
    c.ready("server1")
    before = c.fencings()
    c.duet("server1", "resource create bad ocf:labtest:Puppet")
    c.duet("server1", "constraint colocation add bad with hagroup INFINITY")
    c.wait_started("bad", "server1", 15)
    c.sh("server1", "echo 1 >/run/puppet/bad/stop.exit")
    with Watch(c) as watch:
        began = c.now()
        c.duet("server4", "resource move hagroup server4", check=False)
        c.wait_served("server4", 30)
        seen = watch.stop(1)
    c.wait_started("bad", "server4", 20)
    seen.check_exclusive()
    off = seen.fenced("Node1")
    expect(off, f"Node1 was not switched off: {c.fencings()}")
    expect(c.fencings()["Node1"] == before["Node1"] + 1 and c.fencings()["Node4"] == before["Node4"],
           f"fencings: {before} {c.fencings()}")
    figure("failed stop: served after the verified off", seen.first_served_after(off[0]) - off[0], 1.0)
    figure("failed stop: from the command to served", seen.first_served_after(off[0]) - began)
    c.wait_online(60)


def test_hanging_stop_is_fenced(c):
    """A stop that hangs and ignores SIGTERM is killed at its time-out and fenced like one that fails."""
    c.ready("server1")
    before = c.fencings()
    c.duet("server1", "resource create bad ocf:labtest:Puppet op stop timeout=3s")
    c.duet("server1", "constraint location bad prefers server1=10")
    c.wait_started("bad", "server1", 15)
    c.sh("server1", ": >/run/puppet/bad/stop.hang")
    c.duet("server4", "resource move bad server4", check=False)
    c.wait_started("bad", "server4", 30, node="server4")
    expect(c.fencings()["Node1"] == before["Node1"] + 1, f"fencings: {before} {c.fencings()}")
    c.wait_served("server4", 15)
    c.wait_online(60)


def test_failed_stop_without_fencing_blocks(c):
    """Fencing switched off by the administrator: a failed stop blocks the resource, it starts nowhere else."""
    c.ready("server1")
    boots = c.boots()
    _puppet(c, "bad", "server1")
    c.wait_started("bad", "server1", 15)
    c.duet("server1", "property set stonith-enabled=false")
    expect("Warning" in c.duet("server1", "status").stdout or "WARNING" in c.duet("server1", "status").stdout,
           "status does not warn that fencing is off")
    c.sh("server1", "echo 1 >/run/puppet/bad/stop.exit")
    c.duet("server1", "resource disable bad")
    c.wait(lambda: (c.resource("bad") or {}).get("blocked"), 15, "bad is shown as blocked")
    expect("blocked" in c.duet("server4", "status").stdout, "the text does not say blocked")
    started = [entry for entry in c.puppet_log("server4") if entry[1:3] == ("bad", "start")]
    expect(not started, "bad was started on server4")
    expect(c.boots() == boots, "a node was fenced although stonith-enabled=false")
    c.sh("server1", "rm /run/puppet/bad/stop.exit")
    c.duet("server1", "resource cleanup bad")
    c.wait(lambda: c.resource("bad")["role"] == "stopped" and not c.resource("bad")["blocked"], 15, "bad stopped")
    c.duet("server1", "property set stonith-enabled=true")


def test_slow_start_holds_up_nothing(c):
    """While an unrelated resource takes 25 s to start, a killed haproxy is recovered at once."""
    c.ready("server1")
    _puppet(c, "slow", "server1", "start_delay=25")
    c.wait(lambda: any(entry[1:] == ("slow", "start", "begin") for entry in c.puppet_log("server1")), 10, "slow begins")
    with Watch(c) as watch:
        c.sh("server1", "kill -9 $(systemctl show -p MainPID --value haproxy)")
        c.wait(lambda: c.sh("server1", "systemctl is-active haproxy", check=False) == "active", 10, "haproxy active")
        seen = watch.stop(1)
    expect(not any(entry[1:] == ("slow", "start", "0") for entry in c.puppet_log("server1")), "slow was not slow")
    figure("gap: haproxy killed during a slow start elsewhere", seen.gap(), 0.7)
    c.wait_started("slow", "server1", 40)


def test_slow_stop_holds_up_no_other_move(c):
    """While an unrelated stop takes 8 s, the group's standby move is not delayed."""
    c.ready("server1")
    _puppet(c, "slow", "server1")
    c.wait_started("slow", "server1", 15)
    c.sh("server1", "echo 8 >/run/puppet/slow/stop.delay")
    c.duet("server1", "resource disable slow")
    with Watch(c) as watch:
        c.duet("server1", "resource move hagroup server4")
        c.wait_served("server4", 10)
        seen = watch.stop(0.5)
    figure("gap: move during a slow stop of another resource", seen.gap(), 0.8)
    c.wait(lambda: c.resource("slow")["role"] == "stopped", 20, "slow stopped")


def _power_cut(c, what, served):
    """Cuts server1's power: fencing must be dispatched at once (L9), and all be served in `served` seconds."""
    def serves():
        # Not by `duet status`: it may find no place in the queue.
        return c.sh("server4", "ip -o address show to 10.77.0.100; systemctl is-active haproxy",
                    check=False).endswith("\nactive")
    with Watch(c) as watch:
        cut = c.server1.crash()
        c.wait(serves, 40, "server4 holds the address and runs haproxy")
        seen = watch.stop(1)
    seen.check_exclusive()
    detected = c.lost_member("server4", cut)
    figure(f"power cut with {what}: fencing dispatched after detection", c.dispatched("server4", cut) - detected, 0.5)
    figure(f"power cut with {what}: served after detection", seen.outage()[1] - detected, served)


def test_hung_agents_delay_no_fencing(c):
    """Monitors that hang on the survivor do not delay the take-over from a node without power."""
    c.ready("server1")
    for number in range(6):
        _puppet(c, f"hung{number}", "server4", "op", "monitor", "interval=2s", "timeout=60s")
    for number in range(6):
        c.wait_started(f"hung{number}", "server4", 20)
    c.sh("server4", "for n in 0 1 2 3 4 5; do : >/run/puppet/hung$n/monitor.hang; done")
    c.wait(lambda: sum(entry[2:] == ("monitor", "begin") for entry in c.puppet_log("server4")) > 12, 20, "all hang")
    _power_cut(c, "hung agents", 0.5)


def test_full_disk_delays_no_fencing(c):
    """A survivor whose store cannot be written (disk full) still fences and serves."""
    c.ready("server1")
    c.fill_store("server4")
    _power_cut(c, "a full disk", 3.0)


test_full_disk_delays_no_fencing.fresh = True


def _slow_disk(c, milliseconds):
    """From now on each fsync of server4's duetd takes so much longer; proven by a change, which needs both disks."""
    c.ready("server1")
    library = os.path.join(c.lab.settings.data, "slow_disk.so")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "agents", "slow_disk.c")
    procs.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source])
    with open(library, "rb") as built:
        c.server4.write("/usr/local/lib/duet-slow-disk.so", built.read(), 0o755)
    c.server4.write("/etc/systemd/system/duetd.service.d/slow.conf",
                    "[Service]\nEnvironment=LD_PRELOAD=/usr/local/lib/duet-slow-disk.so\n")
    c.sh("server4", "systemctl daemon-reload; systemctl restart duetd", timeout=60)
    c.wait_online(30)
    c.wait_settled()
    c.sh("server4", f"echo {milliseconds} >/run/slow-disk")
    began = c.now()
    c.duet("server1", "resource create late ocf:labtest:Puppet --disabled", check=False)
    expect(c.now() - began >= milliseconds / 1000 * 0.95, f"a change took {c.now() - began:.1f} s: no slow disk")


def test_slow_disk_delays_no_fencing(c):
    """A survivor whose disk takes 1 s for each fsync fences at once, and serves when the proof is on disk."""
    _slow_disk(c, 1000)
    _power_cut(c, "a slow disk (1 s)", 4.0)


test_slow_disk_delays_no_fencing.fresh = True


def test_very_slow_disk_delays_no_fencing(c):
    """A survivor whose disk takes 30 s for each fsync fences at once, too; its duetd lives on and is not restarted."""
    _slow_disk(c, 30000)
    pid = c.sh("server4", "systemctl show -p MainPID --value duetd")
    cut = c.server1.crash()
    c.wait(lambda: c.boots()["server1"] is not None, 30, "server1 fenced, so switched on again")
    detected = c.lost_member("server4", cut)
    figure("power cut with a slow disk (30 s): fencing dispatched after detection",
           c.dispatched("server4", cut) - detected, 0.5)
    expect(c.sh("server4", "systemctl show -p MainPID --value duetd") == pid, "duetd was restarted")
    c.sh("server4", "rm /run/slow-disk")
    c.wait_online(90)


test_very_slow_disk_delays_no_fencing.fresh = True


def test_full_queue_delays_no_fencing(c):
    """A thousand idle local clients, and four that ask without end, delay no fencing; status answers afterwards."""
    c.ready("server1")
    path = f"/proc/{c.server4.init()}/root/run/duet/duetd.sock"
    clients, asked = [], []
    try:
        for _ in range(4):
            asked.append(c.server4.popen(["sh", "-c", "while :; do duet status; done"], stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL))
        for _ in range(1000):
            client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            clients.append(client)
            procs.wait_until(lambda client=client: client.connect_ex(path) == 0, 10, "a place in the queue", 0.01)
        _power_cut(c, "a thousand idle clients", 1.0)
    finally:
        for child in asked:
            child.kill()
            child.wait()
        for client in clients:
            client.close()
    c.wait(lambda: c.try_status("server4"), 10, "status answers again")


test_full_queue_delays_no_fencing.fresh = True
