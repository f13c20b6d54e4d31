#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pacemaker's own fencing daemon drives our fence_xvm against the original host daemon: pacemaker.py --agent PROGRAM

The daemon runs alone (no cluster), in the lab's cached root with Pacemaker, below namespaces of its own for network,
mounts, processes and IPC: nothing of Pacemaker runs on the machine itself."""
import argparse
import os
import pathlib
import shlex
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve()
sys.path[:0] = [str(HERE.parent), str(HERE.parents[3] / "tools")]

from lab import rootfs  # noqa: E402
from xvm_lab import ORIGINAL_DAEMON, UUID, Lab, missing  # noqa: E402

# {0} root of Pacemaker, {1} scratch folder, {2} agent, {3} key
PREPARE = """set -e
mount --make-rprivate /
mkdir {1}/node; mount -t tmpfs node {1}/node; mkdir {1}/node/upper {1}/node/work {1}/node/root; R={1}/node/root
mount -t overlay node -o lowerdir={0},upperdir={1}/node/upper,workdir={1}/node/work $R
mkdir -p $R/etc/cluster $R/run/crm $R/dev/shm; mount -t tmpfs shm $R/dev/shm; mount -t proc proc $R/proc
for d in null:3 random:8 urandom:9; do [ -e $R/dev/${{d%:*}} ] || mknod $R/dev/${{d%:*}} c 1 ${{d#*:}}; done
cp {2} $R/usr/sbin/fence_xvm; cp {3} $R/etc/cluster/fence_xvm.key
chroot $R chown hacluster:haclient /run/crm
exec chroot $R /bin/bash"""

# Each step prints "NAME CODE OUTPUT-IN-ONE-LINE".
STEPS = [
    ("metadata", "stonith_admin -M -a fence_xvm | grep -c '<parameter name='"),
    ("register", "stonith_admin -R mapped -a fence_xvm -o 'pcmk_host_map=server1:vm1;server4:vm2'"),
    ("query", "stonith_admin -Q mapped"),
    ("covers", "stonith_admin -l server4"),
    ("off", "stonith_admin -F server1 && fence_xvm -o status -H vm1"),
    ("on", "stonith_admin -U server1 && fence_xvm -o status -H vm1"),
    ("reboot", "stonith_admin -B server4 && fence_xvm -o status -H vm2"),
    ("deregister", "stonith_admin -D mapped"),
    # No host map: the daemon takes every word of the agent's list for a machine.
    ("with-port", "stonith_admin -R plain -a fence_xvm -o port=vm2"),
    ("listed", "stonith_admin -l vm2"),
    ("listed-by-uuid", f"stonith_admin -l {UUID.format(2)}"),
    ("not-listed", "stonith_admin -l Warning"),
    ("own-port", "stonith_admin -F vm2 && fence_xvm -o status -H vm2"),
    ("wrong-name", "stonith_admin -R w -a fence_xvm -o pcmk_host_map=server9:Vm1 && stonith_admin -t 10 -F server9"),
]
EXPECTED = {  # exit code and a word of the output
    "metadata": (0, "16"), "register": (0, ""), "query": (0, ""), "covers": (0, "mapped"),
    "off": (2, "Status: OFF"), "on": (0, "Status: ON"), "reboot": (0, "Status: ON"), "deregister": (0, ""),
    "with-port": (0, ""), "listed": (0, "plain"), "listed-by-uuid": (0, "plain"), "not-listed": (0, "0 fence devices"),
    "own-port": (2, "Status: OFF"), "wrong-name": (None, ""),
}


def script():
    """What runs inside: the daemon, then the steps."""
    lines = ["/usr/lib/pacemaker/pacemaker-fenced -s -VV >/tmp/fenced.log 2>&1 &", "daemon=$!",
             "for i in $(seq 100); do stonith_admin -L >/dev/null 2>&1 && break; sleep 0.1; done"]
    for name, command in STEPS:
        lines.append(f"text=$(timeout 30 bash -c {shlex.quote(command)} 2>&1); echo {name} $? $text")
    return "\n".join([*lines, "kill $daemon; tail -n 30 /tmp/fenced.log >&2"])


def run(agent, root):
    """name -> (exit code, output)."""
    with Lab() as lab:
        lab.daemon()
        prepare = PREPARE.format(root, lab.folder, agent, lab.folder / "key")
        command = lab.inside(0, ["unshare", "-m", "-i", "-p", "-u", "--fork", "--kill-child", "bash", "-c", prepare])
        done = subprocess.run(command, input=script(), capture_output=True, text=True, timeout=200)
    results = {}
    for line in done.stdout.splitlines():
        name, code, *text = line.split(" ", 2)
        results[name] = (int(code), text[0] if text else "")
    return results, done.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--agent", required=True)
    agent = pathlib.Path(parser.parse_args().agent).resolve()
    strict = bool(os.environ.get("DUET_TEST_STRICT"))
    lacking = missing(ORIGINAL_DAEMON, *([] if strict else [rootfs.root_path("pacemaker")]))
    if lacking:
        print(lacking)
        return 1 if strict else 0
    results, log = run(agent, rootfs.ensure("pacemaker")[0])
    for name, (code, word) in EXPECTED.items():
        got = results.get(name, (-1, "did not run"))
        refused = code is None and got[0] != 0
        if not (refused or got[0] == code) or word not in got[1]:
            print(f"{name}: expected {code} with {word!r}, got {got}\n{results}\n{log}")
            return 1
    print(f"{len(EXPECTED)} steps of stonith_admin passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
