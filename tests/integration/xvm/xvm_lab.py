# SPDX-License-Identifier: Apache-2.0
"""Network namespaces with host daemons and one guest: the smallest place where fence agents and daemons can meet.

    guest (bridge br0, 10.99.0.2, fd99::2) --- veth --- host 1 (10.99.0.1, fd99::1)
                                           --- veth --- host 2 (10.99.0.3, fd99::3)

Nothing of it touches the machine: each daemon has its own configuration, its own libvirt test driver and its own pid
file. Names carry the pid, so that tests run side by side. Everything started here is ended by its pid.
"""
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

ORIGINAL_AGENT = "/usr/sbin/fence_xvm"
ORIGINAL_DAEMON = "/usr/sbin/fence_virtd"
UUID = "{0}{0}{0}{0}{0}{0}{0}{0}-0000-0000-0000-000000000000"


def missing(*needed):
    """What these tests need and the machine lacks; in words, or nothing. tools/test takes that for a failure."""
    lacking = [program for program in needed if not os.path.exists(program)]
    if os.geteuid() != 0:
        lacking.append("root")
    return "needs " + ", ".join(lacking) if lacking else ""


def domain(name, digit, state=1):
    return (f"<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'><name>{name}</name>"
            f"<uuid>{UUID.format(digit)}</uuid><memory>1024</memory><os><type>hvm</type></os>"
            f"<test:runstate>{state}</test:runstate></domain>")


USUAL = [domain("vm1", 1), domain("vm2", 2), domain("vm3", 3, 5), domain("vm4", 4, 6), domain("n" * 62, 6)]


class Result:
    def __init__(self, process, seconds):
        self.code, self.out, self.err, self.seconds = process.returncode, process.stdout, process.stderr, seconds

    def __repr__(self):
        return f"exit {self.code} after {self.seconds:.2f} s\nstdout: {self.out!r}\nstderr: {self.err}"


class Lab:
    def __init__(self, hosts=1):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="xvm-lab-"))
        self.tag = f"xvm{os.getpid()}"
        self.namespaces, self.daemons = [], []
        self.guest = self.tag + "g"
        self._namespace(self.guest)
        self._ip(self.guest, "link add br0 address 52:54:00:99:00:02 type bridge mcast_snooping 0")
        self._ip(self.guest, "addr add 10.99.0.2/24 dev br0")
        self._ip(self.guest, "addr add fd99::2/64 dev br0 nodad")
        self._ip(self.guest, "link set br0 up")
        for number in range(1, hosts + 1):
            self._host(number)
        self.key("key", bytes((7 * i + 3) % 256 for i in range(4096)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for daemon in self.daemons:
            daemon.kill()
            daemon.wait()
        for name in self.namespaces:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _namespace(self, name):
        subprocess.run(["ip", "netns", "add", name], check=True)
        self.namespaces.append(name)
        self._ip(name, "link set lo up")

    def _ip(self, namespace, command):
        subprocess.run(["ip", "-n", namespace, *command.split()], check=True)

    def _host(self, number):
        name, address = f"{self.tag}h{number}", {1: 1, 2: 3}.get(number, number)
        self._namespace(name)
        self._ip(name, f"link add eth0 type veth peer name port{number} netns {self.guest}")
        self._ip(name, f"addr add 10.99.0.{address}/24 dev eth0")
        self._ip(name, f"addr add fd99::{address}/64 dev eth0 nodad")
        self._ip(name, "link set eth0 up")
        self._ip(self.guest, f"link set port{number} master br0 up")

    def add_nodes(self, first, count):
        """More machines on the bridge, 10.99.0.<first> and so on; `where` names them by that number."""
        for number in range(first, first + count):
            if f"{self.tag}h{number}" not in self.namespaces:
                self._host(number)

    def key(self, name, content, mode=0o600):
        path = self.folder / name
        path.write_bytes(content)
        path.chmod(mode)
        return path

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="ascii")
        path.chmod(0o600)
        return path

    def inside(self, where, command):
        """The command as it runs in the guest (0) or in a host (1, 2). Not by `ip netns exec`, which remounts /sys."""
        name = self.guest if where == 0 else f"{self.tag}h{where}"
        return ["nsenter", f"--net=/run/netns/{name}", *map(str, command)]

    def daemon(self, listener="", groups="", domains=None, key="key", host=1):
        """Starts the original daemon and waits until it listens. Returns its process."""
        node = self.write(f"node{host}.xml", "<node>" + "".join(USUAL if domains is None else domains) + "</node>")
        conf = self.write(f"virt{host}.conf", 'fence_virtd { listener = "multicast"; backend = "libvirt"; }\n'
                          f'listeners {{ multicast {{ key_file = "{self.folder / key}"; interface = "eth0"; '
                          f'{listener} }} }}\n'
                          f'backends {{ libvirt {{ uri = "test://{node}"; }} }}\n{groups}\n')
        log = self.folder / f"log{host}"
        with log.open("wb") as out:
            process = subprocess.Popen(self.command(conf, host), stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        self.daemons.append(process)
        end = time.monotonic() + 10
        while not all(word in log.read_bytes() for word in self.started):
            if time.monotonic() > end or process.poll() is not None:
                raise AssertionError("the host daemon did not start: " + log.read_text(errors="replace"))
            time.sleep(0.02)
        return process

    started = (b"_recv_sk: success",)  # what the daemon has logged when it is ready

    def command(self, conf, host):
        return self.inside(host, ["stdbuf", "-oL", ORIGINAL_DAEMON, "-F", "-d", "99", "-f", conf, "-p",
                                  self.folder / f"pid{host}"])

    def stop(self, process):
        process.kill()
        process.wait()
        self.daemons.remove(process)

    def start(self, program, *arguments, stdin=None, key="key", where=0):
        command = [program, *arguments] if stdin is not None else [program, "-k", self.folder / key, *arguments]
        process = subprocess.Popen(self.inside(where, command), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL, text=True)
        return process

    def run(self, program, *arguments, stdin=None, key="key", where=0):
        begin = time.monotonic()
        process = self.start(program, *arguments, stdin=stdin, key=key, where=where)
        try:
            process.stdout_text, process.stderr_text = process.communicate(stdin, timeout=45)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise AssertionError(f"{program} {arguments} did not end") from None
        done = subprocess.CompletedProcess([], process.returncode, process.stdout_text, process.stderr_text)
        return Result(done, time.monotonic() - begin)
