# SPDX-License-Identifier: Apache-2.0
"""Bad input on the command line: the exit code and message of the manual, and nothing changed."""

from harness.cluster import Failure
from harness.runner import expect

VIP_WORDS = ["resource", "create", "VIP", "ocf:heartbeat:IPaddr2", "ip=10.77.0.101", "cidr_netmask=24"]

# (what, arguments, exit codes allowed, words that stderr must have)
CASES = [
    ("unknown command", ["resorce"], (64,), ["Error:", "resorce", "resource"]),
    ("unknown agent", ["resource", "create", "x", "ocf:heartbeat:IPadr2"], (1, 64, 105), ["IPadr2", "IPaddr2"]),
    ("unknown parameter", ["resource", "create", "x", "ocf:heartbeat:IPaddr2", "ipp=1.2.3.4"], (1, 64),
     ["'ipp'", "'ip'"]),
    ("missing parameter", ["resource", "create", "x", "ocf:heartbeat:IPaddr2"], (1, 64), ["'ip'"]),
    ("wrong type", ["resource", "create", "x", "ocf:labtest:Puppet", "start_delay=soon"], (1, 64), ["start_delay"]),
    ("duplicate id", VIP_WORDS, (108,), ["VIP", "10.77.0.100", "10.77.0.101"]),
    ("bad interval", ["resource", "create", "x", "ocf:labtest:Puppet", "op", "monitor", "interval=soon"], (1, 64),
     ["interval"]),
    ("negative interval", ["resource", "create", "x", "ocf:labtest:Puppet", "op", "monitor", "interval=-5s"], (1, 64),
     ["interval"]),
    ("unknown property", ["property", "set", "no-quorum-policyy=stop"], (1, 64),
     ["'no-quorum-policyy'", "'no-quorum-policy'"]),
    ("unknown resource in a group", ["resource", "group", "add", "g", "nothing"], (105,), ["nothing"]),
    ("delete what is absent", ["resource", "delete", "nothing"], (105,), ["nothing"]),
    ("unknown node", ["node", "standby", "server9"], (105,), ["server9"]),
    ("third node", ["constraint", "location", "VIP", "prefers", "server7=5"], (1, 64, 105), ["server7"]),
    ("clones", ["resource", "create", "x", "ocf:labtest:Puppet", "clone"], (1, 64), ["clone"]),
    ("name with a newline", ["resource", "create", "x\ny", "ocf:labtest:Puppet"], (1, 64), ["Error:"]),
    ("name with a control byte", ["resource", "create", "x\x1b[31m", "ocf:labtest:Puppet"], (1, 64), ["Error:"]),
    ("name that begins with a dash", ["resource", "create", "--", "-x", "ocf:labtest:Puppet"], (1, 64), ["Error:"]),
    ("empty name", ["resource", "create", "", "ocf:labtest:Puppet"], (1, 64), ["Error:"]),
    ("65 letters", ["resource", "create", "x" * 65, "ocf:labtest:Puppet"], (1, 64), ["Error:"]),
    ("100 KiB value", ["resource", "create", "x", "ocf:labtest:Puppet", "start_delay=" + "9" * 100_000], (1, 64),
     ["Error:"]),
    ("secret as an argument", ["stonith", "create", "f", "fence_xvm", "passwd=geheim"], (1, 64), ["Error:"]),
    ("bad score", ["constraint", "location", "VIP", "prefers", "server1=much"], (1, 64), ["much"]),
    ("shell metacharacters", ["resource", "create", "x;reboot", "ocf:labtest:Puppet"], (1, 64), ["Error:"]),
    ("agent outside of the folders", ["resource", "create", "x", "ocf:../../../tmp:evil"], (1, 64, 105), ["Error:"]),
    ("bad host map", ["stonith", "create", "f", "fence_xvm", "pcmk_host_map=server1:Node1 server4:Node4"], (1, 64),
     ["pcmk_host_map"]),
]


def test_each_is_refused_and_changes_nothing(c):
    """Each kind of bad input: documented exit code, a message that names the thing, the configuration untouched."""
    c.ready("server1")
    before = c.status("server1")["commit"], c.duet("server1", "config show").stdout
    wrong = []
    for what, argv, codes, words in CASES:
        done = c.duet("server1", argv, check=False, timeout=30)
        problems = [f"exit {done.returncode}, allowed {codes}"] if done.returncode not in codes else []
        problems += [f"does not say {word!r}" for word in words if word not in done.stderr]
        if "\x1b" in done.stderr or "terminate called" in done.stderr:
            problems.append("raw bytes or an abort in the message")
        if len(done.stderr) > 4000:
            problems.append(f"{len(done.stderr)} bytes of message")
        if problems:
            wrong.append(f"{what}: {'; '.join(problems)}\n  {done.stderr.strip()[:300]}")
    after = c.status("server1")["commit"], c.duet("server1", "config show").stdout
    if before != after:
        wrong.append(f"the configuration changed from {before[0]} to {after[0]}")
    if wrong:
        raise Failure("\n".join(wrong))


def test_one_mebibyte_argument(c):
    """An argument of 1 MiB is refused in words (by the kernel's limit it comes in pieces of 128 KiB)."""
    c.ready("server1")
    before = c.status("server1")["commit"]
    pieces = [f"p{number}=" + "x" * 131_000 for number in range(8)]
    done = c.duet("server1", ["resource", "create", "big", "ocf:labtest:Puppet", *pieces], check=False, timeout=30)
    expect(done.returncode in (1, 64), f"exit {done.returncode}")
    expect("Error:" in done.stderr and len(done.stderr) < 4000, f"message of {len(done.stderr)} bytes")
    expect(c.status("server1")["commit"] == before, "the configuration changed")


def test_closed_stdout(c):
    """A reader that goes away early, or a closed stdout, does no harm."""
    c.ready("server1")
    expect(c.sh("server1", "duet status | head -1") == "Cluster name: TestCluster", "head -1 of the status")
    before = c.status("server1")["commit"]
    c.sh("server1", "duet resource create closed ocf:labtest:Puppet --disabled >&-")
    expect(c.status("server1")["commit"] != before, "a change with closed stdout did not happen")


def test_who_may(c):
    """A user outside of group haclient may not even look; root may."""
    c.ready("server1")
    done = c.server1.run(["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "duet", "status"],
                         check=False)
    expect(done.returncode == 77, f"exit {done.returncode}, expected 77: {done.stderr}")


def test_daemon_not_running(c):
    """Without duetd on this node: exit 69 and the way out."""
    c.ready("server1")
    c.sh("server4", "systemctl stop duetd.socket duetd", timeout=60)
    done = c.duet("server4", "status", check=False)
    expect(done.returncode == 69, f"exit {done.returncode}, expected 69: {done.stderr}")
    expect("duetd is not running on this node" in done.stderr and "Fix:" in done.stderr, done.stderr)
    c.sh("server4", "systemctl start duetd.socket duetd", timeout=60)
    c.wait_online(30)
