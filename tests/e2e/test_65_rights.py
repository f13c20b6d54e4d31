# SPDX-License-Identifier: Apache-2.0
"""What the daemons may and what they cost: user, capabilities, sockets, memory; what they write for systemd."""

import re

from harness.cluster import GROUP
from harness.runner import expect

MEMORY = 32 * 1024  # KiB of PSS, all daemons of a node together


def _pid(c, node, unit):
    return c.sh(node, f"systemctl show -p MainPID --value {unit}")


def _status(c, node, pid):
    """/proc/PID/status as a dictionary."""
    return dict(line.split(":\t", 1) for line in c.sh(node, f"cat /proc/{pid}/status").splitlines() if ":\t" in line)


def test_duetd_has_no_rights(c):
    """duetd runs as user duet, with no capability and no way to get one; also after it was restarted."""
    c.ready("server1")
    for turn in range(2):
        for node in c.nodes:
            status = _status(c, node, _pid(c, node, "duetd"))
            wanted = c.sh(node, "id -u duet"), c.sh(node, "id -g duet")
            expect(set(status["Uid"].split()) == {wanted[0]}, f"{node}: Uid {status['Uid']}, duet is {wanted[0]}")
            expect(set(status["Gid"].split()) == {wanted[1]}, f"{node}: Gid {status['Gid']}, duet is {wanted[1]}")
            expect(wanted[0] != "0", "user duet is root")
            for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
                expect(int(status[name], 16) == 0, f"{node}: {name} {status[name]}")
            expect(status["NoNewPrivs"].strip() == "1", f"{node}: NoNewPrivs {status['NoNewPrivs']}")
        if turn == 0:
            c.sh("server4", "systemctl restart duetd", timeout=60)
            c.wait_online(30)


def test_executor_has_no_network_socket(c):
    """duet-execd, the only process with rights, has no socket that a network reaches; duetd has none, either."""
    c.ready("server1")
    for node in c.nodes:
        everything = c.sh(node, "ss -Hanp -t -u -w -0 -S")
        expect("corosync" in everything, f"ss shows no owners: {everything[:300]}")
        for program in ("duet-execd", "duetd", "duet-run"):
            found = [line for line in everything.splitlines() if f'"{program}"' in line]
            expect(not found, f"{node}: {program} has network sockets: {found}")
        root = _status(c, node, _pid(c, node, "duet-execd"))
        expect(set(root["Uid"].split()) == {"0"}, f"duet-execd is not root: {root['Uid']}")


def test_sockets_are_closed_to_others(c):
    """The sockets of both daemons are open to those whom they are for, and to nobody else."""
    c.ready("server1")
    for node in c.nodes:
        found = c.sh(node, "stat -c '%a %U %G' /run/duet/duetd.sock /run/duet/execd.sock").splitlines()
        expect(found == ["660 root haclient", "660 root duet"], f"{node}: {found}")
        expect(c.sh(node, "stat -c '%a %U' /var/lib/duet") == "700 duet", f"{node}: /var/lib/duet")


def test_memory(c):
    """All daemons of a node together have at most 32 MiB (PSS), with the tutorial's group running."""
    c.ready("server1")
    for node in c.nodes:
        script = ("for p in $(pgrep -x 'duetd|duet-execd|duet-run|duet-admind|duet-webd'); do "
                  "echo $(cat /proc/$p/comm) $(sed -n 's/^Pss: *\\([0-9]*\\) kB/\\1/p' /proc/$p/smaps_rollup); done")
        parts = dict.fromkeys(("duetd", "duet-execd"), 0)
        for line in c.sh(node, script).splitlines():
            name, size = line.split()
            parts[name] = parts.get(name, 0) + int(size)
        expect(all(parts.values()), f"{node}: no figure of a daemon: {parts}")
        total = sum(parts.values())
        print(f"      memory of the daemons on {node}: {total / 1024:.1f} MiB (limit {MEMORY // 1024} MiB): {parts}")
        expect(total <= MEMORY, f"{node}: {total} KiB: {parts}")


def _drop_in(c, node, unit="haproxy.service"):
    return c.sh(node, f"cat /run/systemd/system/{unit}.d/50-duet.conf 2>/dev/null", check=False)


def test_drop_in_of_a_managed_unit(c):
    """While systemd:haproxy is managed a run-time drop-in keeps systemd from restarting it; deleted, it is gone."""
    c.ready("server1")
    text = _drop_in(c, "server1")
    for line in ("Restart=no", "Before=duetd.service"):
        expect(line in text.splitlines(), f"the drop-in has no line {line}: {text!r}")
    expect(c.sh("server1", "systemctl show -p Restart --value haproxy") == "no", "Restart= is not in force")
    expect(c.sh("server1", "systemctl show -p NeedDaemonReload --value haproxy") == "no", "systemd has not read it")
    c.duet("server1", "resource move hagroup server4 --wait=30")
    c.wait_served("server4")
    expect("Restart=no" in _drop_in(c, "server4"), "no drop-in on the node where it runs now")
    for rid in reversed(GROUP):
        c.duet("server1", f"resource delete {rid}")
    for node in c.nodes:
        c.wait(lambda node=node: _drop_in(c, node) == "", 10, f"{node}: drop-in gone with the resource")
        c.wait(lambda node=node: c.sh(node, "systemctl show -p Restart --value haproxy") != "no", 10,
               f"{node}: systemd knows that it is gone")
        expect(not re.search("50-duet", c.sh(node, "systemctl show -p DropInPaths --value haproxy")), node)
    expect(c.sh("server4", "systemctl is-active haproxy", check=False) != "active", "haproxy outlived its resource")


def test_blackbox(c):
    """USR1 makes duetd write what it did lately, readable by its user only; it goes on as before."""
    c.ready("server1")
    pid = _pid(c, "server1", "duetd")
    path = "/var/lib/duet/duetd.blackbox"
    c.sh("server1", f"rm -f {path}; systemctl kill -s USR1 duetd")
    # The mode is libqb's.
    written = f"test -s {path} && stat -c '%a %U' {path}"
    c.wait(lambda: c.sh("server1", written, check=False) in ("600 duet", "700 duet"), 10,
           "a blackbox that only duetd's user reads")
    expect(_pid(c, "server1", "duetd") == pid, "duetd was restarted")
    expect(c.is_online("server1", "server1"), "duetd does not answer")
