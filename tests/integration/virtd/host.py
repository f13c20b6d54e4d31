#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""duet-virtd with the original agent and ours, on libvirt's test driver: host.py --daemon P --agent P TEST..."""
import argparse
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from virtd_lab import OFF, STATUS, ByteAgent, HostLab, PuppetHost, packet  # noqa: E402
from xvm_lab import ORIGINAL_AGENT, UUID, domain  # noqa: E402

DAEMON = AGENT = None
ENDED = {"capture_output": True, "text": True, "timeout": 20, "check": False}


def check(condition, text):
    if not condition:
        raise AssertionError(text)


def expect(lab, code, *arguments, out=None, agents=None, key="key"):
    """Both agents, one after the other, with the same end."""
    for agent in agents or (ORIGINAL_AGENT, AGENT):
        result = lab.run(agent, *arguments, key=key)
        log = lab.log().decode(errors="replace")
        check(result.code == code, f"{agent} {arguments}: expected exit {code}: {result}\n{log}")
        check(out is None or result.out == out, f"{agent} {arguments}: expected {out!r}: {result}")
    return result


def each_operation(lab, *options):
    on, off = "Status: ON\n", "Status: OFF\n"
    expect(lab, 0, *options, "-o", "status", "-H", "vm1", out=on)
    expect(lab, 2, *options, "-o", "status", "-H", "vm3", out=off)
    expect(lab, 2, *options, "-o", "status", "-H", "vm4", out=off)  # crashed: it executes nothing
    expect(lab, 1, *options, "-o", "status", "-H", "unknown")  # the original daemon calls this one off
    expect(lab, 0, *options, "-o", "status", "-H", "n" * 62, out=on)
    expect(lab, 0, *options, "-o", "status", "-u", "-H", UUID.format(2), out=on)
    expect(lab, 0, *options, "-o", "off", "-H", "vm1")
    expect(lab, 2, *options, "-o", "status", "-H", "vm1", out=off)
    expect(lab, 0, *options, "-o", "on", "-H", "vm1")
    expect(lab, 0, *options, "-o", "status", "-H", "vm1", out=on)
    expect(lab, 0, *options, "-o", "reboot", "-H", "vm2")
    expect(lab, 0, *options, "-o", "reboot", "-H", "vm3")  # off before; the original daemon leaves it off
    expect(lab, 0, *options, "-o", "status", "-H", "vm3", out=on)
    expect(lab, 0, *options, "-o", "off", "-H", "vm3")
    expect(lab, 0, *options, "-o", "off", "-H", "vm4")
    expect(lab, 1, *options, "-o", "off", "-H", "unknown")
    expect(lab, 1, *options, "-o", "on", "-H", "unknown")
    expect(lab, 1, *options, "-o", "reboot", "-H", "unknown")
    expect(lab, 1, *options, "-o", "null", "-H", "vm1")
    expect(lab, 0, *options, "-o", "monitor")
    listed = expect(lab, 0, *options, "-o", "list").out
    check(listed.count("\n") == 5 and f"{'vm1':32s} {UUID.format(1)} on\n" in listed, "the list: " + listed)


def operations_ipv4():
    with HostLab(DAEMON) as lab:
        lab.daemon()
        each_operation(lab)
        lab.end(lab.daemons[0])
        lab.daemon('port = "4321"; address = "225.0.0.77";')
        each_operation(lab, "-p", "4321", "-a", "225.0.0.77")


def operations_ipv6():
    with HostLab(DAEMON) as lab:
        lab.daemon('family = "ipv6";')
        each_operation(lab, "-i", "ipv6")


def hashes_and_auth():
    strength = {"none": 0, "sha1": 1, "sha256": 2, "sha512": 3}
    for least in strength:
        for auth in strength:
            with HostLab(DAEMON) as lab:
                lab.daemon(f'hash = "{least}"; auth = "{auth}";')
                for used in strength:
                    if used == "none" and auth != "none":
                        continue  # the original agent refuses to sign nothing and prove something
                    good = strength[used] >= strength[least]
                    options = ["-c", used, "-C", auth, "-t", "2" if not good else "10", "-r", "10"]
                    expect(lab, 0 if good else 1, *options, "-o", "status", "-H", "vm1", agents=[ORIGINAL_AGENT])
                    if good:
                        expect(lab, 0, *options, "-o", "reboot", "-H", "vm2", agents=[ORIGINAL_AGENT, AGENT])


def keys():
    with HostLab(DAEMON) as lab:
        lab.key("wrong", os.urandom(4096))
        lab.key("long", (lab.folder / "key").read_bytes() + os.urandom(904))
        lab.daemon()
        expect(lab, 1, "-t", "2", "-r", "10", "-o", "off", "-H", "vm1", key="wrong")
        check(int(lab.status()["dropped: wrong key"]) >= 2, "wrong keys are counted")
        expect(lab, 0, "-o", "status", "-H", "vm1", out="Status: ON\n")
        expect(lab, 0, "-o", "status", "-H", "vm1", key="long")  # only the first 4096 bytes count
        log = lab.log().decode()
        check("fingerprint" in log, "the log helps to compare keys: " + log)
        key = (lab.folder / "key").read_bytes()
        check(key[:16].hex() not in log and key not in lab.log(), "no key in the log")


def groups():
    rules = f"""groups {{ group {{ name = "ours"; ip = "10.99.0.2"; ip = "fd99::2"; uuid = "{UUID.format(1)}";
                                  uuid = "vm2"; }}
                group {{ name = "others"; ip = "10.99.0.77"; uuid = "vm3"; }} }}"""
    with HostLab(DAEMON) as lab:
        process = lab.daemon(groups=rules)
        expect(lab, 0, "-o", "status", "-H", "vm1")  # by name, though only the UUID is listed
        expect(lab, 0, "-o", "reboot", "-H", UUID.format(2))
        for operation in ("status", "off", "on", "reboot"):
            expect(lab, 3, "-o", operation, "-H", "vm3")
            expect(lab, 3, "-o", operation, "-H", "unknown")
        listed = expect(lab, 0, "-o", "list").out
        check([line.split()[0] for line in listed.splitlines()] == ["vm1", "vm2"], "the list: " + listed)
        lab.end(process)
        elsewhere = rules.replace("10.99.0.2", "10.99.0.78").replace("fd99::2", "::9")
        for empty in ("groups { }", "groups { group { } }", elsewhere):
            process = lab.daemon(groups=empty)
            expect(lab, 1, "-t", "1", "-r", "10", "-o", "off", "-H", "vm1")
            check("in no group" in lab.log().decode(), "the log says why")
            lab.end(process)


def lists():
    for count in (0, 1, 500):
        with HostLab(DAEMON) as lab:
            many = [f"<domain type='test'><name>d{i:04d}</name><memory>1024</memory><os><type>hvm</type></os></domain>"
                    for i in range(count)]
            lab.daemon(domains=many)
            listed = expect(lab, 0, "-o", "list").out
            check(listed.count("\n") == count, f"{count} domains, listed: {listed.count(chr(10))}")


def rights():
    """The parser has none; the helper no capability and no network."""
    with HostLab(DAEMON) as lab:
        process = lab.daemon()
        parser = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        helper_pid = lab.helper_of(process)
        helper = pathlib.Path(f"/proc/{helper_pid}/status").read_text(encoding="ascii")
        field = lambda text, name: re.search(rf"^{name}:[ \t]*(.*)$", text, re.MULTILINE).group(1).split()
        check("0" not in field(parser, "Uid") and "0" not in field(parser, "Gid"), "parser: not root")
        check(field(parser, "Groups") == [], "parser: no groups")
        for name, text in (("parser", parser), ("helper", helper)):
            for which in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb"):
                check(int(field(text, which)[0], 16) == 0, f"{name}: {which} is not empty")
            check(field(text, "NoNewPrivs") == ["1"], name + " may gain rights")
        check(field(helper, "Seccomp") == ["2"], "helper: system calls are not filtered")
        key = (lab.folder / "key").read_bytes()
        check(key not in _memory(helper_pid), "the helper has the key in its memory")
        check(key in _memory(process.pid), "the search finds the key where it is")
        os.kill(helper_pid, signal.SIGKILL)
        check(process.wait(timeout=5) == 1, "without its helper the daemon ends, to be started again")


def _memory(pid):
    found = b""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            begin, end = (int(x, 16) for x in line.split()[0].split("-"))
            if " rw" in line and end - begin < 64 << 20:
                memory.seek(begin)
                try:
                    found += memory.read(end - begin)
                except OSError:
                    pass
    return found


def requester_gone():
    """Who has gone when its turn comes gets nothing done (S5, S8)."""
    with HostLab(DAEMON) as lab:
        lab.daemon()
        agent = ByteAgent(lab)
        connection = agent.request(OFF, "vm1")
        check(agent.challenge(connection), "the host has the key")
        second = ByteAgent(lab)  # waits for the common lane
        waiting = second.request(OFF, "vm2")
        check(second.challenge(waiting), "the host has the key")
        waiting.settimeout(0.5)
        try:
            check(second.read(waiting, 1) is None, "asked for a proof before its turn")
        except TimeoutError:
            pass
        waiting.settimeout(5)
        # The first never answers the host's challenge, as a node that was powered off: 1 s, then it is dropped.
        begin = time.monotonic()
        check(second.prove(waiting) == 0, "the second is served")
        check(time.monotonic() - begin < 2.5, "the first held the lane for too long")
        expect(lab, 0, "-o", "status", "-H", "vm1", agents=[AGENT])
        expect(lab, 2, "-o", "status", "-H", "vm2", agents=[AGENT])
        gone = agent.request(OFF, "vm1")
        check(agent.challenge(gone), "the host has the key")
        gone.close()
        wrong = agent.request(OFF, "vm1")
        check(agent.challenge(wrong), "the host has the key")
        agent.read(wrong, 64)
        wrong.sendall(bytes(64))
        check(agent.read(wrong, 1) is None, "a wrong proof is hung up on")
        expect(lab, 0, "-o", "status", "-H", "vm1", agents=[AGENT])


def replay():
    """A copy of a datagram does nothing, also after a restart; a repetition by the agent is another datagram."""
    with HostLab(DAEMON) as lab:
        process = lab.daemon()
        agent = ByteAgent(lab)
        off = packet(agent.key, OFF, "vm1", port=agent.port)
        agent.send(off)
        connection, _ = agent.listener.accept()
        check(agent.challenge(connection) and agent.prove(connection) == 0, "served once")
        agent.send(off)
        check(not agent.calls(1), "called back for a copy")
        lab.end(process)
        process = lab.daemon()
        agent.send(off)
        check(not agent.calls(1), "called back for a copy after a restart")
        process.send_signal(signal.SIGKILL)
        process.wait()
        lab.daemons.remove(process)
        lab.daemon()
        agent.send(off)
        check(not agent.calls(1), "called back for a copy after a crash")
        check(lab.status()["dropped: replayed"] == "1", "the copy is counted")
        expect(lab, 0, "-o", "status", "-H", "vm1", agents=[AGENT])


def flood():
    """10,000 junk datagrams a second, replays and dead call-back addresses: at most 1 s more, and no memory (V34)."""
    with HostLab(DAEMON) as lab:
        process = lab.daemon()
        agent = ByteAgent(lab)
        best = min(lab.run(AGENT, "-o", "reboot", "-H", "vm1").seconds for _ in range(3))
        stop, sent = threading.Event(), [0]
        copies = [packet(agent.key, STATUS, "vm1", address=f"10.99.0.{100 + i}") for i in range(100)]

        def junk():
            sender = lab.open_socket()
            wrong = packet(os.urandom(32), OFF, "vm1")
            begin, count = time.monotonic(), 0
            while not stop.is_set():
                for kind in range(100):
                    bad = (wrong, os.urandom(100), wrong + b"x")[kind % 3]
                    data = copies[(count // 100) % 100] if kind == 0 else bad
                    sender.sendto(data, ("10.99.0.1", 1229))
                count += 100
                sent[0] = count
                time.sleep(max(0.0, begin + count / 10_000 - time.monotonic()))

        thread = threading.Thread(target=junk)
        thread.start()
        try:
            time.sleep(1)
            begin, first = time.monotonic(), sent[0]
            memory = _resident(process.pid)
            worst = 0.0
            for _ in range(12):
                result = lab.run(AGENT, "-o", "reboot", "-H", "vm1")
                check(result.code == 0, f"not served: {result}\n{lab.log().decode()[-3000:]}")
                worst = max(worst, result.seconds)
            for _ in range(100):  # dead addresses that no one has called yet, all at once
                agent.send(packet(agent.key, STATUS, "vm1", address="10.99.0." + str(4 + _)))
            result = lab.run(AGENT, "-o", "reboot", "-H", "vm1")
            worst = max(worst, result.seconds)
            rate = (sent[0] - first) / (time.monotonic() - begin)
            time.sleep(5)
            grown = _resident(process.pid) - memory
        finally:
            stop.set()
            thread.join()
        print(f"normal {best * 1000:.0f} ms, worst {worst * 1000:.0f} ms at {rate:.0f} datagrams/s, +{grown} KiB")
        check(worst <= best + 1, f"a request took {worst:.2f} s, {best:.2f} s without the flood")
        check(grown < 2048, f"memory grew by {grown} KiB")
        check(rate > 2000, f"only {rate:.0f} datagrams/s: the machine is too busy to tell")
        check(len(lab.log()) < 200_000, "the log was flooded")


def _resident(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1))


def floating_address():
    """A node with a floating address is called back once; the address is used when the node's own is in no group."""
    floating = "10.99.0.200"
    with HostLab(DAEMON) as lab:
        process = lab.daemon()
        lab._ip(lab.guest, f"addr add {floating}/24 dev br0")
        lab._ip(lab.guest, "link set lo up")
        for operation in ("status", "off", "on", "reboot", "monitor"):
            expect(lab, 0, "-o", operation, "-H", "vm1", agents=[AGENT])
        count = lab.status()
        check(count["dropped: repeated"] == "0" and count["calls to agents"] == "6", f"one call each: {count}")
        check(floating not in lab.log().decode(), "the floating address was used")
        expect(lab, 0, "-o", "reboot", "-H", "vm1", agents=[ORIGINAL_AGENT])
        check("not served" not in re.sub(".* debug .*", "", lab.log().decode()),
              "what the original always does is no warning: " + lab.log().decode())
        lab.end(process)
        lab.daemon(groups=f'groups {{ group {{ ip = "{floating}"; uuid = "vm1"; }} }}')
        result = expect(lab, 0, "-o", "reboot", "-H", "vm1", agents=[AGENT])
        check(result.seconds < 1.5, f"the second address is tried soon: {result}")


def rejoin():
    """The bridge is made anew: the membership comes back (V42)."""
    with HostLab(DAEMON) as lab:
        lab.daemon()
        expect(lab, 0, "-o", "monitor", agents=[AGENT])
        lab._ip(f"{lab.tag}h1", "link del eth0")
        lab.wait_log(b"no interface to listen on")
        time.sleep(0.2)
        lab._ip(f"{lab.tag}h1", f"link add eth0 type veth peer name port1 netns {lab.guest}")
        lab._ip(f"{lab.tag}h1", "addr add 10.99.0.1/24 dev eth0")
        lab._ip(f"{lab.tag}h1", "link set eth0 up")
        lab._ip(lab.guest, "link set port1 master br0 up")
        expect(lab, 0, "-o", "monitor", agents=[AGENT, ORIGINAL_AGENT])


def no_hypervisor():
    """No libvirt: a failure within about 2 s, never a false off; with -w the daemon waits for it (V40)."""
    with HostLab(DAEMON) as lab:
        lab.configure(uri="qemu+unix:///system?socket=/nonexistent/libvirt-sock")
        done = subprocess.run(lab.command() + ["-F"], **ENDED)
        check(done.returncode == 1 and "no hypervisor is connected" in done.stderr, f"without -w: {done}")
        lab.extra = ["-w"]
        lab.begin()
        lab.wait_log(b"cannot connect to")
        for operation in ("status", "off", "on", "reboot", "list"):
            result = lab.run(AGENT, "-o", operation, "-H", "vm1")
            check(result.code == 1 and result.seconds < 3.5, f"{operation}: {result}")
        check(lab.run(ORIGINAL_AGENT, "-o", "monitor").code == 1, "monitor tells that libvirt is away")


def as_a_service():
    """Background, pid file, orderly end, second instance, refusals, --check, -c."""
    with HostLab(DAEMON) as lab:
        lab.configure()
        pid_file = lab.folder / "pid"
        lab.extra = ["-p", pid_file]
        begun = subprocess.run(lab.command(), **ENDED)
        check(begun.returncode == 0, f"background: {begun}")
        pid = int(pid_file.read_text())
        expect_code = lab.run(AGENT, "-o", "reboot", "-H", "vm1")
        check(expect_code.code == 0, str(expect_code))
        again = subprocess.run(lab.command() + ["-F"], **ENDED)
        check(again.returncode != 0 and "another" in again.stderr, f"second instance: {again}")
        look = lab.inside(1, [DAEMON, "--check", "-f", lab.folder / "virt1.conf", "--user", "nobody"])
        checked = subprocess.run(look, **ENDED)
        check(checked.returncode == 0 and "fingerprint" in checked.stdout, str(checked))
        check("5 domains" in checked.stdout, str(checked))
        os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + 10
        while pid_file.exists() or pathlib.Path(f"/proc/{pid}").exists():
            check(time.monotonic() < end, "it does not end, or leaves its pid file")
            time.sleep(0.05)
        lab.extra = []
        for change, text in (('"multicast"', '"serial"'), ('"libvirt";', '"cpg";')):
            conf = lab.write("bad.conf", (lab.folder / "virt1.conf").read_text().replace(change, text, 1))
            done = subprocess.run(lab.command(conf=conf) + ["-F"], **ENDED)
            check(done.returncode == 78 and "not supported" in done.stderr, f"{text}: {done}")
        (lab.folder / "key").chmod(0o644)
        done = subprocess.run(lab.command() + ["-F"], **ENDED)
        check(done.returncode == 78 and "chmod 0600" in done.stderr, f"open key: {done}")
        checked = subprocess.run(look, **ENDED)
        check(checked.returncode == 1 and "WRONG" in checked.stdout, str(checked))
        done = subprocess.run([DAEMON, "--no-such-option"], **ENDED)
        check(done.returncode == 64, str(done))
        fresh = lab.folder / "fresh.conf"
        done = subprocess.run([DAEMON, "-c", "-f", fresh], input="y\n" + "\n" * 8 + "y\n", **ENDED)
        check(done.returncode == 0 and 'uri = "qemu:///system"' in fresh.read_text(), str(done))
        done = subprocess.run([DAEMON, "-c", "-f", fresh], input="\n", **ENDED)
        check(done.returncode == 1 and "nothing was written" in done.stdout, str(done))


def several_hosts():
    """Two hosts with one key. The word of the one that has the domain counts, in whichever order they answer."""
    success, failure, off = 0, 1, 2
    cases = [("status", failure, off, 2), ("status", off, failure, 2), ("status", off, success, 0),
             ("status", success, off, 0), ("status", failure, success, 0), ("off", success, failure, 0),
             ("off", failure, success, 0), ("off", success, success, 0)]
    for action, first, second, expected in cases:
        with HostLab(DAEMON, hosts=2) as lab:
            quick, slow = PuppetHost(lab, 1, 0.0, first), PuppetHost(lab, 2, 0.4, second)
            result = lab.run(AGENT, "-o", action, "-H", "node2", "-t", "10")
            check(result.code == expected, f"{action}: {first}, then {second}: {result}")
            quick.join(5)
            slow.join(5)
            # To switch off is every host's task: one that is still at it is waited for.
            check(slow.heard_out or action == "status", f"{action}: {first}: did not wait for the second host")
    with HostLab(DAEMON, hosts=2) as lab:
        lab.daemon(domains=[domain("node2", 2, 5)])  # a definition that was left behind
        lab.daemon(domains=[domain("node2", 2)], host=2)
        check(lab.run(AGENT, "-o", "status", "-H", "node2").code == 0, "it runs on one of them")
        check(lab.run(AGENT, "-o", "off", "-H", "node2").code == 0, lab.log(2))
        check(b"was running" in lab.log(2), lab.log(2))
        check(lab.run(AGENT, "-o", "status", "-H", "node2").code == 2, "off on both")


def answered_and_not_closed():
    """Agents that keep their connection after the answer take no place from others."""
    with HostLab(DAEMON) as lab:
        lab.daemon()
        agent = ByteAgent(lab)
        for _ in range(5):  # a machine that is busy may be too slow to fill it
            kept, begin = [], time.monotonic()
            for _ in range(300):  # more than the daemon keeps, in less time than it keeps them
                kept.append(agent.request(STATUS, "vm1"))
                check(agent.challenge(kept[-1]) and agent.prove(kept[-1]) == 0, f"{len(kept)}: {lab.status()}")
            if time.monotonic() - begin < 4.5:
                break
        else:
            raise AssertionError("too slow to fill it: the test shows nothing")
        expect(lab, 0, "-o", "off", "-H", "vm1", agents=[AGENT])


def many_at_once():
    """200 questions at once are all answered."""
    with HostLab(DAEMON) as lab:
        lab.daemon(domains=[domain("vm1", 1)])
        begin = time.monotonic()
        running = [lab.start(AGENT, "-o", "status", "-H", "vm1") for _ in range(200)]
        codes = [process.wait(timeout=60) for process in running]
        for process in running:
            process.stdout.close()
            process.stderr.close()
        print(f"200 status requests: {time.monotonic() - begin:.2f} s")
        check(codes == [0] * 200, f"not all were served: {sorted(set(codes))}, {lab.status()}")


def main():
    global DAEMON, AGENT
    parser = argparse.ArgumentParser()
    parser.add_argument("--daemon", required=True)
    parser.add_argument("--agent", required=True)
    parser.add_argument("tests", nargs="+")
    options = parser.parse_args()
    DAEMON, AGENT = os.path.abspath(options.daemon), os.path.abspath(options.agent)
    for name in options.tests:
        globals()[name]()
        print("ok", name)


if __name__ == "__main__":
    main()
