#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our fence_xvm against the original host daemon, and beside the original agent: interop.py --agent PROGRAM TEST..."""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as xml

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from xvm_lab import ORIGINAL_AGENT, ORIGINAL_DAEMON, UUID, Lab, domain, missing  # noqa: E402

AGENT = None


def check(condition, text):
    if not condition:
        raise AssertionError(text)


def same(lab, *arguments, code=None, stdin=None, key="key"):
    """Both agents, one after the other: equal exit code and standard output."""
    original = lab.run(ORIGINAL_AGENT, *arguments, stdin=stdin, key=key)
    ours = lab.run(AGENT, *arguments, stdin=stdin, key=key)
    note = f"{arguments} {stdin or ''}\noriginal: {original}\nours: {ours}"
    check(original.code == ours.code, "exit codes differ: " + note)
    check(code is None or ours.code == code, f"expected exit {code}: {note}")
    if ours.code in (0, 2):  # the original of Debian 12 prints its errors on standard output, too
        check(original.out == ours.out, "output differs: " + note)
    return ours


def each_operation(lab, *options):
    same(lab, *options, "-o", "status", "-H", "vm1", code=0)
    same(lab, *options, "-o", "status", "-H", "vm3", code=2)
    same(lab, *options, "-o", "status", "-H", "unknown", code=2)
    same(lab, *options, "-o", "status", "-H", "n" * 62, code=0)
    same(lab, *options, "-o", "status", "-u", "-H", UUID.format(2), code=0)
    same(lab, *options, "-o", "off", "-n", "vm1", code=0)  # the second one finds it off
    same(lab, *options, "-o", "status", "-H", "vm1", code=2)
    same(lab, *options, "-o", "on", "-H", "vm1", code=0)
    same(lab, *options, "-o", "status", "-H", "vm1", code=0)
    same(lab, *options, "-o", "reboot", "-H", "vm2", code=0)
    same(lab, *options, "-H", "vm2", code=0)  # reboot is the default
    same(lab, *options, "-o", "off", "-H", "unknown", code=1)
    same(lab, *options, "-o", "on", "-H", "unknown", code=1)
    same(lab, *options, "-o", "null", "-H", "vm1", code=1)
    same(lab, *options, "-o", "monitor", code=0)
    check(same(lab, *options, "-o", "list", code=0).out.count("\n") == 5, "the list has five domains")
    same(lab, *options, "-o", "LIST-STATUS", code=0)


def same_answers_ipv4():
    with Lab() as lab:
        lab.daemon()
        each_operation(lab)
        lab.stop(lab.daemons[0])
        lab.daemon('port = "4321"; address = "225.0.0.77";')
        each_operation(lab, "-p", "4321", "-a", "225.0.0.77")


def same_answers_ipv6():
    with Lab() as lab:
        lab.daemon('family = "ipv6";')
        each_operation(lab, "-i", "ipv6")


def same_answers_stdin():
    with Lab() as lab:
        lab.daemon()
        key = f"key_file={lab.folder / 'key'}\n"
        same(lab, stdin=key + "action=status\nport=vm1\n", code=0)
        same(lab, stdin=key + "ACTION=STATUS\nport=vm3 ignored\nnodename=x\n", code=2)
        same(lab, stdin=key + "option=off\nplug=vm1\nself=a\nagent=fence_xvm\n", code=0)
        same(lab, stdin=key + "# comment\n\n  action=status\ndomain=vm1\nno_such_key=1", code=2)
        same(lab, stdin=key + "action=monitor\n", code=0)
        same(lab, stdin=key + "action=list\nip_family=ipv4\ntimeout=0x1e\nretrans=20\nhash=SHA512\n", code=0)
        same(lab, stdin=key + "", code=1)
        # As Pacemaker sends it: refused by the original, accepted here when both agree.
        pacemaker = key + "action=status\nplug=vm2\nport=vm2\nnodename=server4\ncrm_feature_set=3.16.2\n"
        check(lab.run(AGENT, stdin=pacemaker).code == 0, "plug and port that agree are one domain")
        contradiction = lab.run(AGENT, stdin=pacemaker.replace("port=vm2", "port=vm1"))
        check(contradiction.code == 1 and "vm1" in contradiction.err and "vm2" in contradiction.err, contradiction)


def hashes_and_auth():
    with Lab() as lab:
        for auth in ("none", "sha1", "sha256", "sha512"):
            # With both none the original reads no key, so that it drops what is signed.
            daemon = lab.daemon(f'hash = "{"sha1" if auth == "none" else "none"}"; auth = "{auth}";')
            for used in ("sha1", "sha256", "sha512") if auth == "none" else ("none", "sha1", "sha256", "sha512"):
                ours = lab.run(AGENT, "-c", used, "-C", auth, "-o", "status", "-H", "vm1")
                check(ours.code == 0 and ours.out == "Status: ON\n", f"hash {used}, auth {auth}: {ours}")
                weak = [word for word in (f"hash={used}", f"auth={auth}") if re.search("none|sha1$", word)]
                check(all(word in ours.err for word in weak), f"a warning of {weak}: {ours}")
                check(bool(weak) == ("Warning" in ours.err), f"no warning but of {weak}: {ours}")
            lab.stop(daemon)
        daemon = lab.daemon('hash = "none"; auth = "none";')
        ours = lab.run(AGENT, "-c", "none", "-C", "none", "-o", "status", "-H", "vm1", key="missing")
        check(ours.code == 0 and "hash=none" in ours.err, ours)
        lab.stop(daemon)
        lab.daemon()
        ours = lab.run(AGENT, "-c", "sha1", "-t", "1", "-o", "status", "-H", "vm1")
        check(ours.code == 1, f"the host asks for sha256: {ours}")


def keys():
    with Lab() as lab:
        for content in (b"7 bytes", b"secret\n", bytes(range(256)) * 16 + b"behind the first 4096"):
            lab.key("other", content)
            daemon = lab.daemon(key="other")
            same(lab, "-o", "status", "-H", "vm1", key="other", code=0)
            lab.stop(daemon)
        lab.key("open", (lab.folder / "key").read_bytes(), 0o644)
        lab.daemon()
        ours = lab.run(AGENT, "-o", "status", "-H", "vm1", key="open")
        check(ours.code == 0 and "0644" in ours.err, ours)


def lists():
    with Lab() as lab:
        daemon = lab.daemon(domains=[])
        check(same(lab, "-o", "list", code=0).out == "", "no domain, no line")
        lab.stop(daemon)
        lab.daemon(domains=[domain(f"vm{i:03d}", 1).replace("11111111-0", f"{i:08d}-0", 1) for i in range(150)])
        check(same(lab, "-o", "list", code=0).out.count("\n") == 150, "150 domains")


def groups():
    with Lab() as lab:
        lab.daemon(groups='groups { group { ip = "10.99.0.2"; ip = "127.0.0.1"; uuid = "vm1"; } }')
        same(lab, "-o", "status", "-H", "vm1", code=0)
        denied = same(lab, "-o", "off", "-H", "vm2", code=3)
        check(denied.err.startswith("Permission denied\n"), denied)
        check(same(lab, "-o", "list", code=0).out.split()[0] == "vm1", "only what is permitted is listed")
        hidden = lab.run(AGENT, "-o", "monitor", "-H", "vm2")
        check(hidden.code == 1 and "knows no domain" in hidden.err, hidden)


def refused_use():
    with Lab() as lab:
        lab.daemon()
        for wrong in (["-o", "off", "-H", "vm1", "-x"], ["-o", "off", "-H", "vm1", "vm2"], ["-o", "off"],
                      ["-o", "restart", "-H", "vm1"], ["-o", "off", "-H", "vm1", "-H", "vm2"], ["-o", "off", "-H", ""],
                      ["-o", "list", "-i", "ipv6", "-a", "225.0.0.12"], ["-o", "metadata", "-t", "x"]):
            ours = lab.run(AGENT, *wrong)
            check(ours.code == 1 and ours.out == "" and ours.err, f"{wrong}: {ours}")
            check(ours.seconds < 1, f"{wrong} takes no time: {ours}")
        check(lab.run(AGENT, "-o", "status", "-H", "vm1").out == "Status: ON\n", "none of that did anything")
        check(lab.run(AGENT, "-o", "validate-all", "-H", "vm1").code == 0, "validate-all with all that is needed")
        check(lab.run(AGENT, "-o", "validate-all").code == 1, "validate-all without a domain")
        unknown = lab.run(AGENT, "-o", "monitor", "-H", "unknown")
        check(unknown.code == 1 and "vm1, vm2" in unknown.err, unknown)


def no_key_sends_nothing():
    with Lab() as lab:
        lab.daemon('hash = "none"; auth = "none";')  # a host without protection believes everybody
        lab.key("empty", b"")
        lab.key("zero", bytes(4096))
        for key in ("missing", "empty", "zero", "."):
            ours = lab.run(AGENT, "-o", "off", "-H", "vm1", key=key)
            check(ours.code == 1 and ours.seconds < 0.5 and "Invalid key file" in ours.err, f"{key}: {ours}")
            check(lab.run(AGENT, "-o", "validate-all", "-H", "vm1", key=key).code == 1, f"validate-all with key {key}")
        stdin = lab.run(AGENT, stdin="action=off\nport=vm1\nkey_file=/nowhere/key\n")
        check(stdin.code == 1, stdin)
        time.sleep(0.3)
        check(b"vm1" not in (lab.folder / "log1").read_bytes(), "no request came")


def diagnosis():
    with Lab() as lab:
        nobody = lab.run(AGENT, "-t", "1", "-r", "5", "-o", "off", "-H", "vm1")
        check(nobody.code == 1 and 0.9 < nobody.seconds < 2.5, nobody)
        for fact in ("Timed out waiting for response", "Sent 2 times to 225.0.0.12", "10.99.0.2 (br0)", "fingerprint"):
            check(fact in nobody.err, f"{fact}: {nobody}")
        never = lab.run(AGENT, "-t", "1", "-o", "off", "-H", "vm1")  # timeout below retrans: the original never ends
        check(never.code == 1 and never.seconds < 2.5 and "Sent 1 times" in never.err, never)
        lab.key("wrong", b"another key")
        daemon = lab.daemon()
        wrong = lab.run(AGENT, "-t", "1", "-o", "off", "-H", "vm1", key="wrong")
        check(wrong.code == 1 and "fingerprint" in wrong.err, wrong)
        other = lab.run(AGENT, "-t", "2", "-C", "sha512", "-o", "off", "-H", "vm1")
        check(other.code == 1 and "answers with sha256" in other.err, other)
        unknown = lab.run(AGENT, "-o", "off", "-H", "VM1")
        check(unknown.code == 1 and 'knows no domain "VM1"' in unknown.err and "vm1, vm2" in unknown.err, unknown)
        none = lab.run(AGENT, "-t", "2", "-C", "none", "-o", "status", "-H", "vm1")
        check(none.code == 1 and "said nothing more" in none.err, none)
        check(lab.run(AGENT, "-o", "status", "-H", "vm1").code == 0, "none of that did anything")
        lab.stop(daemon)
        lab.daemon('hash = "none"; auth = "none";', key="wrong")
        open_host = lab.run(AGENT, "-t", "1", "-c", "none", "-o", "status", "-H", "vm1")
        check(open_host.code == 1 and "auth is none" in open_host.err, open_host)


def blocked_callback():
    with Lab() as lab:
        daemon = lab.daemon()
        rules = "table inet t { chain c { type filter hook input priority 0; iifname br0 tcp flags syn drop; }; }"
        subprocess.run(lab.inside(0, ["nft", rules]), check=True)
        ours = lab.run(AGENT, "-t", "3", "-r", "5", "-o", "status", "-H", "vm1")
        check(ours.code == 1 and "10.99.0.1 has the request and called back" in ours.err, ours)
        check("callback_port=1229" in ours.err, ours)
        subprocess.run(lab.inside(0, ["nft", "flush", "ruleset"]), check=True)
        rules = rules.replace("tcp flags syn drop", "tcp dport != 1229 drop")
        subprocess.run(lab.inside(0, ["nft", rules]), check=True)
        lab.stop(daemon)  # it still waits for each of the blocked connections, one after the other
        lab.daemon()
        fixed = lab.run(AGENT, "-l", "1229", "-o", "status", "-H", "vm1")
        check(fixed.code == 0, fixed)


def parallel():
    with Lab() as lab:
        lab.daemon()
        begin = time.monotonic()
        agents = [lab.start(AGENT, "-o", "status", "-H", "vm1") for _ in range(30)]
        for agent in agents:
            out, err = agent.communicate(timeout=45)
            check(agent.returncode == 0 and out == "Status: ON\n", err)
        check(time.monotonic() - begin < 10, "thirty at once")
        # One that waits for nobody does not hold the others up (V38), also with a fixed port that it has.
        stuck = lab.start(AGENT, "-l", "1229", "-a", "225.0.0.99", "-t", "20", "-o", "status", "-H", "vm1")
        time.sleep(0.2)
        for arguments in ((), ("-l", "1229")):
            quick = lab.run(AGENT, *arguments, "-o", "status", "-H", "vm1")
            check(quick.code == 0 and quick.seconds < 1, quick)
        stuck.kill()
        stuck.communicate()


IMPOSTOR = """
import socket, struct, sys
listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
listener.bind(("", 1229))
group = socket.inet_aton("225.0.0.12") + socket.inet_aton("10.99.0.3")
listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
print("ready", flush=True)
kept = []
while True:
    packet = listener.recv(200)
    address = socket.inet_ntoa(packet[68:72])
    if address.startswith("127."):
        continue
    for answer in (bytes(64) + bytes(65), b"\\0", b""):
        try:
            caller = socket.create_connection((address, struct.unpack("<H", packet[96:98])[0]))
            caller.sendall(answer)
            kept.append(caller)
        except OSError:
            break  # that agent has its answer
"""


def impostor():
    """Somebody without the key calls back at once, lies, and stays: the right host decides."""
    with Lab(hosts=2) as lab:
        false = subprocess.Popen(lab.inside(2, [sys.executable, "-c", IMPOSTOR]), stdout=subprocess.PIPE, text=True)
        lab.daemons.append(false)
        check(false.stdout.readline() == "ready\n", "the impostor listens")
        alone = lab.run(AGENT, "-t", "1", "-o", "off", "-H", "vm1")
        check(alone.code == 1 and "Invalid response to challenge" in alone.err, alone)
        lab.daemon()
        for _ in range(5):
            ours = lab.run(AGENT, "-o", "off", "-H", "vm1")
            check(ours.code == 0 and ours.seconds < 3, ours)
        check(lab.run(AGENT, "-o", "status", "-H", "vm1").code == 2, "it is off")


def closed_descriptors():
    """Without standard output and error, nothing that is meant for them goes to the host."""
    with Lab() as lab:
        lab.daemon()
        shell = lab.inside(0, ["bash", "-c", f"{AGENT} -k {lab.folder / 'key'} -o status -H vm3 0<&- 1>&- 2>&-"])
        check(subprocess.run(shell, timeout=30, check=False).returncode == 2, "the answer is the same")


def two_hosts():
    """Both have the key, one has the domain; the other says failure at once."""
    with Lab(hosts=2) as lab:
        lab.daemon(domains=[domain("here", 1)])
        lab.daemon(domains=[domain("there", 2)], host=2)
        for name in ("here", "there") * 3:
            ours = lab.run(AGENT, "-o", "reboot", "-H", name)
            check(ours.code == 0, f"{name}: {ours}")
            ours = lab.run(AGENT, "-o", "off", "-H", name)
            check(ours.code == 0, f"{name}: {ours}")
            check(lab.run(AGENT, "-o", "on", "-H", name).code == 0, name)
            check(lab.run(AGENT, "-o", "monitor", "-H", name).code == 0, "monitor of " + name)
        check(lab.run(AGENT, "-o", "off", "-H", "nowhere").code == 1, "no host has it")


def unicast():
    with Lab(hosts=2) as lab:
        lab.daemon()
        ours = lab.run(AGENT, "-a", "10.99.0.1", "-o", "status", "-H", "vm1")
        check(ours.code == 0 and ours.seconds < 1, ours)
        closed = lab.run(AGENT, "-a", "10.99.0.3", "-o", "status", "-H", "vm1")
        check(closed.code == 1 and "nothing listens" in closed.err and closed.seconds < 1, closed)


def metadata():
    """Structure of the two documents: the same elements and attributes in the same order; only texts differ."""
    def shape(program):
        done = subprocess.run([program, "-o", "metadata"], check=True, capture_output=True, timeout=10)
        root = xml.fromstring(done.stdout)
        lines = [(element.tag, sorted(element.attrib.items())) for element in root.iter()]
        return [(tag, [a for a in attributes if a[0] != "shortdesc"]) for tag, attributes in lines]
    original, ours = shape(ORIGINAL_AGENT), shape(AGENT)
    own = next(i for i, (_, attributes) in enumerate(ours) if ("name", "callback_port") in attributes)
    check(ours[:own] + ours[own + 4:] == original, f"original: {original}\nours: {ours}")


def main():
    global AGENT
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", required=True)
    parser.add_argument("tests", nargs="+")
    arguments = parser.parse_args()
    AGENT = str(pathlib.Path(arguments.agent).resolve())
    lacking = missing(ORIGINAL_AGENT, ORIGINAL_DAEMON, "/usr/sbin/nft")
    if lacking:
        print(lacking)
        return 1 if os.environ.get("DUET_TEST_STRICT") else 0
    for name in arguments.tests:
        globals()[name]()
        print(f"{name}: passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
