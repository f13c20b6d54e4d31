# SPDX-License-Identifier: Apache-2.0
"""duet-virtd as a service under a real systemd (in a node: this machine's own is not touched), on libvirt's test driver
and on a port of its own, beside the lab's fence host."""

import re

from harness.runner import expect, figure

CONF = """fence_virtd { listener = "multicast"; backend = "libvirt"; }
listeners { multicast { key_file = "/etc/cluster/fence_xvm.key"; port = "1230"; interface = "eth0"; } }
backends { libvirt { uri = "test:///default"; } }
"""


def _agent(c, node, *words):
    return c.nodes[node].run(["/usr/libexec/duet/fence_xvm", "-p", "1230", *words], check=False, timeout=60)


def _install(c):
    c.server4.write("/etc/fence_virt.conf", CONF, 0o600)
    c.sh("server4", "systemctl daemon-reload; systemctl reset-failed duet-virtd; systemctl start duet-virtd")


def _main(c):
    """Main process of the service, a pid of the node; never 0, which kill(1) would take for its own group."""
    pid = c.sh("server4", "systemctl show -p MainPID --value duet-virtd")
    return pid if pid not in ("", "0") else None


def _serves(c):
    if _main(c) is None:
        _install(c)
    c.wait(lambda: _agent(c, "server1", "-t", "2", "-o", "status", "-H", "test").returncode == 0, 15, "status served")


def test_service_serves(c):
    """The unit starts, its start is told by the daemon itself, and both nodes can use it: status, off, on, reboot."""
    _install(c)
    expect(c.sh("server4", "systemctl is-active duet-virtd", check=False) == "active",
           "not active: " + c.sh("server4", "journalctl -q --no-pager -u duet-virtd | tail", check=False))
    _serves(c)
    for node in ("server1", "server4"):
        for operation, code in (("off", 0), ("status", 2), ("on", 0), ("status", 0), ("reboot", 0), ("monitor", 0)):
            done = _agent(c, node, "-o", operation, "-H", "test")
            expect(done.returncode == code, f"{node}: {operation}: {done}")
    checked = c.nodes["server4"].run(["duet-virtd", "--check"], check=False)
    shown = c.duet("server4", "stonith key show-digest").stdout
    mark = re.search(r"fingerprint ([0-9a-f]{8})", checked.stdout)
    expect(mark and f"fingerprint {mark.group(1)}" in shown, f"--check: {checked.stdout}\nshow-digest: {shown}")


test_service_serves.recipe = "host"


def test_exposure(c):
    """systemd-analyze security says 2.0 or less for the unit (SEC-UNIT-1); neither process keeps a capability."""
    _serves(c)
    text = c.sh("server4", "systemd-analyze security --no-pager duet-virtd.service")
    score = float(re.search(r"exposure level for duet-virtd.service: ([0-9.]+)", text).group(1))
    print(f"      exposure of duet-virtd.service: {score}", flush=True)
    expect(score <= 2.0, f"exposure {score}:\n{text}")
    group = c.sh("server4", "systemctl show -p ControlGroup --value duet-virtd")
    pids = c.sh("server4", f"cat /sys/fs/cgroup{group}/cgroup.procs").split()
    expect(len(pids) == 2, f"processes of the service: {pids}")
    for pid in pids:
        status = c.sh("server4", f"cat /proc/{pid}/status")
        expect(re.search(r"^CapEff:\t0+$", status, re.MULTILINE), f"process {pid} has capabilities:\n{status}")
    users = {c.sh("server4", f"stat -c %U /proc/{pid}") for pid in pids}
    owner = re.search(r"^Uid:\t(\d+)", c.sh("server4", f"cat /proc/{_main(c)}/status"), re.MULTILINE).group(1)
    expect(owner != "0", f"what reads the network runs as root; owners: {users}")


test_exposure.recipe = "host"


def test_comes_back(c):
    """Killed, either half of it: systemd starts it again within 2 s (V41); stopped, it ends in order."""
    _serves(c)
    for which in ("parser", "helper"):
        main = _main(c)
        expect(main, "the service does not run")
        victim = main if which == "parser" else c.sh("server4", f"cat /proc/{main}/task/{main}/children").split()[0]
        began = c.now()
        c.sh("server4", f"kill -9 {victim}")
        c.wait(lambda main=main: _main(c) not in (None, main), 5, "started again", 0.02)
        figure(f"duet-virtd killed ({which}): started again after", c.now() - began, 2)
        _serves(c)
    c.sh("server4", "systemctl stop duet-virtd")
    expect(c.sh("server4", "systemctl show -p Result --value duet-virtd") == "success", "it did not end in order")


test_comes_back.recipe = "host"
