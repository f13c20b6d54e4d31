# SPDX-License-Identifier: Apache-2.0
"""Bad input on the command line: the exit code and message of the manual, and nothing changed."""

from harness.cluster import Failure
from harness.runner import expect

VIP_WORDS = ["resource", "create", "VIP", "ocf:heartbeat:IPaddr2", "ip=10.77.0.101", "cidr_netmask=24"]

CLONES = ["Error: duet does not have clones", "  Why:  it keeps one copy on two nodes"]
ID_RULE = "  Fix:  a letter or '_', then letters, digits, '_', '.', '-'; at most 64"
TIME_RULE = "  Fix:  interval=30s; also 30 (seconds), 2min, 500ms, 1h"
PUPPET = "ocf:labtest:Puppet"

# (what, arguments, the one exit code of the manual, lines that stderr must have)
CASES = [
    ("unknown command", ["resorce"], 64,
     ["Error: no command 'resorce'", "  Fix:  did you mean 'resource'?  duet resource --help"]),
    ("unknown verb", ["resource", "crate"], 64, ["Error: no command 'resource crate'"]),
    ("unknown option", ["status", "--nonsense"], 64, ["Error: no option '--nonsense'"]),
    ("unknown agent", ["resource", "create", "x", "ocf:heartbeat:IPadr2"], 1,
     ["Error: agent 'ocf:heartbeat:IPadr2' is not installed on server1",
      "  Fix:  did you mean 'ocf:heartbeat:IPaddr2'?  list: duet resource agents ocf:heartbeat"]),
    ("unknown parameter", ["resource", "create", "x", "ocf:heartbeat:IPaddr2", "ipp=1.2.3.4"], 1,
     ["Error: 'ipp' is not a parameter of ocf:heartbeat:IPaddr2", "  Fix:  did you mean 'ip'?  all "]),
    ("missing parameter", ["resource", "create", "x", "ocf:heartbeat:IPaddr2"], 1,
     ["Error: x needs parameter 'ip'",
      "  Fix:  duet resource create x ocf:heartbeat:IPaddr2 ip=ADDRESS cidr_netmask=24"]),
    ("wrong type", ["resource", "create", "x", PUPPET, "start_delay=soon"], 64,
     ["Error: start_delay 'soon' of x has a wrong form", "  Fix:  a whole number"]),
    ("duplicate id", VIP_WORDS, 108,
     ["Error: VIP exists with other settings", "  ip: 10.77.0.100 (now)  10.77.0.101 (asked)",
      "  Fix:  duet resource update VIP ip=10.77.0.101"]),
    ("bad interval", ["resource", "create", "x", PUPPET, "op", "monitor", "interval=soon"], 64,
     ["Error: interval 'soon' is not a time", TIME_RULE]),
    ("negative interval", ["resource", "create", "x", PUPPET, "op", "monitor", "interval=-5s"], 64,
     ["Error: interval '-5s' is not a time", TIME_RULE]),
    ("bad --wait", ["resource", "disable", "VIP", "--wait=soon"], 64, ["Error: --wait=soon is not a time"]),
    ("unknown property", ["property", "set", "no-quorum-policyy=stop"], 1,
     ["Error: no property 'no-quorum-policyy'", "  Fix:  did you mean 'no-quorum-policy'?"]),
    ("bad value of a property", ["property", "set", "stonith-enabled=perhaps"], 64,
     ["Error: 'perhaps' is not a value of stonith-enabled", "  Fix:  true or false"]),
    ("unknown resource in a group", ["resource", "group", "add", "g", "nothing"], 105,
     ["Error: cannot add 'nothing' to group g: no such resource", "  Fix:  create it first: duet resource create"]),
    ("delete what is absent", ["resource", "delete", "nothing"], 105, ["Error: no resource 'nothing'"]),
    ("update what is absent", ["resource", "update", "nothing", "ip=1.2.3.4"], 105, ["Error: no resource 'nothing'"]),
    ("disable what is absent", ["resource", "disable", "nothing"], 105, ["Error: no resource 'nothing'"]),
    ("absent constraint", ["constraint", "delete", "nothing"], 105, ["Error: no constraint 'nothing'"]),
    ("unknown node", ["node", "standby", "server9"], 105, ["Error: no node 'server9'"]),
    ("fence an unknown node", ["stonith", "fence", "server9"], 105, ["Error: no node 'server9'"]),
    ("confirm an unknown node", ["stonith", "confirm", "server9", "--yes"], 105, ["Error: no node 'server9'"]),
    ("move to a third node", ["resource", "move", "VIP", "server7"], 105, ["Error: no node 'server7'"]),
    ("constraint for a third node", ["constraint", "location", "VIP", "prefers", "server7=5"], 105,
     ["Error: no node 'server7'"]),
    ("last fence device", ["stonith", "delete", "vmfence"], 107,
     ["Error: this would delete the last fence device while stonith-enabled=true: nothing could be started any more",
      "  Fix:  add --yes if that is meant"]),
    ("clones", ["resource", "create", "x", PUPPET, "clone"], 1, CLONES),
    ("clone", ["resource", "clone", "VIP"], 1, CLONES),
    ("name with a newline", ["resource", "create", "x\ny", PUPPET], 64,
     ["Error: 'x\\ny' is no id of a resource", ID_RULE]),
    ("name with a control byte", ["resource", "create", "x\x1b[31m", PUPPET], 64,
     ["Error: 'x\\x1b[31m' is no id of a resource", ID_RULE]),
    ("name that begins with a dash", ["resource", "create", "--", "-x", PUPPET], 64,
     ["Error: '-x' is no id of a resource", ID_RULE]),
    ("empty name", ["resource", "create", "", PUPPET], 64, ["Error: '' is no id of a resource", ID_RULE]),
    ("65 letters", ["resource", "create", "x" * 65, PUPPET], 64, [ID_RULE]),
    ("shell metacharacters", ["resource", "create", "x;reboot", PUPPET], 64,
     ["Error: 'x;reboot' is no id of a resource", ID_RULE]),
    ("100 KiB value", ["resource", "create", "x", PUPPET, "start_delay=" + "9" * 100_000], 64,
     ["Error: argument 5 is too long: 100012 bytes, at most 65536"]),
    ("secret as an argument", ["stonith", "create", "f", "fence_xvm", "passwd=geheim"], 1,
     ["Error: secrets are not taken from the command line", "  Fix:  passwd=@/root/fence.pw  or  passwd=-"]),
    ("bad score", ["constraint", "location", "VIP", "prefers", "server1=much"], 64,
     ["Error: 'much' is not a score", "  Fix:  a whole number, INFINITY or -INFINITY"]),
    ("agent outside of the folders", ["resource", "create", "x", "ocf:../../../tmp:evil"], 64,
     ["Error: 'ocf:../../../tmp:evil' is not the name of an agent", "  Why:  the provider is not a plain name"]),
    ("fence device for a machine that the host does not have",
     ["stonith", "create", "f", "fence_xvm", "pcmk_host_map=server1:Node 1;server4:Node4"], 1,
     ["Error: f: no power state of server1 (Node 1); the device is not created",
      "  It shows this node: Node1, Node4. Names are case-sensitive.",
      "  Fix:  mend it, or create it without a trial: --no-proof"]),
    ("fence device that nobody answers",
     ["stonith", "create", "f", "fence_xvm", "ipport=1300", "pcmk_host_list=server1"], 1,
     ["Error: f: no power state of server1 (server1); the device is not created",
      "  Why:  Timed out waiting for response"]),
    ("fence key that is there", ["stonith", "key", "generate"], 108,
     ["Error: /etc/cluster/fence_xvm.key exists", "  Fix:  to replace it: --force"]),
    ("fence key that is a folder", ["stonith", "key", "show-digest", "/etc"], 78, ["Error: /etc holds no key"]),
    ("fence key that is absent", ["stonith", "key", "show-digest", "/etc/none"], 105,
     ["Error: cannot read the key /etc/none: No such file or directory"]),
    ("bad host map", ["stonith", "create", "f", "fence_xvm", "pcmk_host_map=server1:Node1 server4:Node4"], 64,
     ["Error: pcmk_host_map \"server1:Node1 server4:Node4\" has no ';'", '  Fix:  "server1:Node1;server4:Node4"']),
]


def test_each_is_refused_and_changes_nothing(c):
    """Each kind of bad input: the one exit code and the words of the manual; nothing is changed."""
    c.ready("server1")
    before = c.status("server1")["commit"], c.duet("server1", "config show").stdout
    wrong = []
    for what, argv, code, lines in CASES:
        done = c.duet("server1", argv, check=False, timeout=30)
        problems = [f"exit {done.returncode}, not {code}"] if done.returncode != code else []
        said = done.stderr.splitlines()
        problems += [f"does not say: {line}" for line in lines if not any(s.startswith(line) for s in said)]
        if done.stdout:
            problems.append(f"stdout: {done.stdout[:100]!r}")
        if "\x1b" in done.stderr or "terminate called" in done.stderr:
            problems.append("raw bytes or an abort in the message")
        if len(done.stderr) > 4000:
            problems.append(f"{len(done.stderr)} bytes of message")
        if "geheim" in done.stderr:
            problems.append("the message shows a secret")
        if problems:
            wrong.append(f"{what}: {'; '.join(problems)}\n  {done.stderr.strip()[:300]}")
    after = c.status("server1")["commit"], c.duet("server1", "config show").stdout
    if before != after:
        wrong.append(f"the configuration changed from {before[0]} to {after[0]}")
    if wrong:
        raise Failure("\n".join(wrong))


def test_one_mebibyte_argument(c):
    """1 MiB of arguments is refused in words, in pieces that are too large and in many that are not."""
    c.ready("server1")
    before = c.status("server1")["commit"]
    for count, size in ((9, 131_000), (20, 60_000)):  # the kernel takes no single argument of more than 128 KiB
        pieces = [f"p{number}=" + "x" * size for number in range(count)]
        done = c.duet("server1", ["resource", "create", "big", "ocf:labtest:Puppet", *pieces], check=False, timeout=30)
        expect(done.returncode == 64, f"{count} pieces: exit {done.returncode}, expected 64")
        expect(done.stderr.startswith("Error: ") and len(done.stderr) < 4000, f"message: {done.stderr[:300]!r}")
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


def test_third_node_of_corosync(c):
    """A corosync.conf with a third node: duetd refuses in words, touches nothing; with two nodes all is as before."""
    c.ready("server1")
    three = ("sed -i.two -e '/^nodelist {/a\\    node {\\n        ring0_addr: 10.77.0.17\\n        name: server7\\n"
             "        nodeid: 3\\n    }' -e 's/two_node: 1/expected_votes: 2/' /etc/corosync/corosync.conf")
    before = c.duet("server1", "resource config").stdout
    for name in ("server4", "server1"):
        c.sh(name, "systemctl stop duetd corosync", timeout=60)
    for name in c.nodes:
        c.sh(name, three)
        c.sh(name, "systemctl start corosync; systemctl start duetd", check=False, timeout=60)
    for name in c.nodes:
        c.wait(lambda name=name: c.sh(name, "systemctl is-active duetd", check=False) == "failed", 30,
               f"{name}: duetd has refused")
        said = c.sh(name, "journalctl -q --no-pager -u duetd -b | tail -60")
        expect("the committed configuration has the node ids 1, 2, corosync's node list has 1, 2, 3" in said
               and "status=78" in said, f"{name} says: {said[-1500:]}")
        expect(c.sh(name, "systemctl is-active haproxy", check=False) != "active", f"{name} runs haproxy")
    for name in c.nodes:
        c.sh(name, "mv /etc/corosync/corosync.conf.two /etc/corosync/corosync.conf; systemctl stop corosync")
    c.ready("server1")
    expect(c.duet("server1", "resource config").stdout == before, "the configuration changed")
