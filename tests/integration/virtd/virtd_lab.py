# SPDX-License-Identifier: Apache-2.0
"""Our host daemon in the namespaces of tests/integration/xvm/xvm_lab.py, and an agent made of bytes for what no real
agent does: replays, junk, dead call-back addresses, a requester that goes away."""
import hashlib
import os
import pathlib
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "xvm"))

from xvm_lab import USUAL, Lab  # noqa: E402

OFF, REBOOT, ON, STATUS = 1, 2, 3, 4


class HostLab(Lab):
    """Lab whose daemon() starts duet-virtd."""

    def __init__(self, program, hosts=1):
        super().__init__(hosts)
        self.program = program
        self.extra = []

    def configure(self, listener="", groups="", domains=None, key="key", host=1, uri=None, interface="eth0"):
        node = self.write(f"node{host}.xml", "<node>" + "".join(USUAL if domains is None else domains) + "</node>")
        uri = uri or f"test://{node}"
        where = f'interface = "{interface}";' if interface else ""
        return self.write(
            f"virt{host}.conf", 'fence_virtd { listener = "multicast"; backend = "libvirt"; }\n'
            f'listeners {{ multicast {{ key_file = "{self.folder / key}"; {where} {listener} }} }}\n'
            f'backends {{ libvirt {{ uri = "{uri}"; }} }}\n{groups}\n')

    def command(self, host=1, conf=None):
        return self.inside(host, [self.program, "-f", conf or self.folder / f"virt{host}.conf", "--user", "nobody",
                                  "--state-directory", self.folder / f"state{host}",
                                  "--run-directory", self.folder / f"run{host}", *self.extra])

    def daemon(self, listener="", groups="", domains=None, key="key", host=1, uri=None, interface="eth0"):
        self.configure(listener, groups, domains, key, host, uri, interface)
        return self.begin(host)

    def begin(self, host=1):
        log = self.folder / f"log{host}"
        with log.open("ab") as out:
            out.truncate(0)
            process = subprocess.Popen(self.command(host) + ["-F", "-d", "5"], stdout=out, stderr=out,
                                       stdin=subprocess.DEVNULL)
        self.daemons.append(process)
        self.wait_log(b"listening on", host, process)
        self.wait_log(b"connected to", host, process) if not self.extra else None
        return process

    def wait_log(self, text, host=1, process=None, seconds=10):
        end = time.monotonic() + seconds
        while text not in self.log(host):
            if time.monotonic() > end or (process and process.poll() is not None):
                raise AssertionError(f"no {text!r} in the log: {self.log(host).decode(errors='replace')}")
            time.sleep(0.02)

    def log(self, host=1):
        return (self.folder / f"log{host}").read_bytes()

    def status(self, host=1):
        """What --status prints, as a dictionary."""
        done = subprocess.run([self.program, "--status", "--run-directory", self.folder / f"run{host}"],
                              capture_output=True, text=True, timeout=10, check=True)
        return dict(line.rsplit(": ", 1) for line in done.stdout.splitlines())

    def end(self, process):
        """An orderly end; returns the exit code."""
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=25)
        self.daemons.remove(process)
        return code

    def helper_of(self, process):
        children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        return int(children[0])

    def open_socket(self, kind=socket.SOCK_DGRAM, where=0):
        """A socket of this process in the network namespace of the guest."""
        name = self.guest if where == 0 else f"{self.tag}h{where}"
        own = os.open("/proc/self/ns/net", os.O_RDONLY)
        target = os.open(f"/run/netns/{name}", os.O_RDONLY)
        try:
            os.setns(target, os.CLONE_NEWNET) if hasattr(os, "setns") else _setns(target)
            return socket.socket(socket.AF_INET, kind)
        finally:
            os.setns(own, os.CLONE_NEWNET) if hasattr(os, "setns") else _setns(own)
            os.close(own)
            os.close(target)


def _setns(descriptor):
    import ctypes
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, 0x40000000) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def digest(key, data):
    return hashlib.sha256(key + data).digest() + bytes(32)


def packet(key, operation, domain, address="10.99.0.2", port=1229, seqno=None):
    """A signed request as docs/protocol/fence-xvm.md describes it."""
    head = struct.pack("<BBBB64s28sH6sII", operation, 2, 4, 0, domain.encode(), socket.inet_aton(address), port,
                       os.urandom(6), struct.unpack("<I", os.urandom(4))[0] if seqno is None else seqno, 2)
    return head + digest(key, head + bytes(64))


class PuppetHost(threading.Thread):
    """A host that shows the key to the first datagram it gets, waits, and gives one answer (None: never)."""

    def __init__(self, lab, where, seconds, answer):
        super().__init__(daemon=True)
        self.key, self.seconds, self.answer = (lab.folder / "key").read_bytes(), seconds, answer
        address = {1: "10.99.0.1", 2: "10.99.0.3"}[where]
        self.listener = lab.open_socket(where=where)
        self.listener.bind(("", 1229))
        self.listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                                 socket.inet_aton("225.0.0.12") + socket.inet_aton(address))
        self.listener.settimeout(20)
        self.caller = lab.open_socket(socket.SOCK_STREAM, where=where)
        self.caller.settimeout(20)
        self.heard_out = False  # the agent waited for the answer
        self.start()

    def run(self):
        data = self.listener.recv(512)
        address, port = data[68:96], struct.unpack("<H", data[96:98])[0]
        self.caller.connect((socket.inet_ntoa(address[:4]), port))
        self.caller.sendall(digest(self.key, ByteAgent.read(self.caller, 64)))
        self.caller.sendall(bytes(64))
        ByteAgent.read(self.caller, 64)
        self.heard_out = not select.select([self.caller], [], [], self.seconds)[0]
        try:
            self.caller.sendall(bytes([self.answer]))
        except OSError:
            self.heard_out = False


class ByteAgent:
    """Listens in the guest, sends one request, and does of the handshake what it is told."""

    def __init__(self, lab, port=0):
        self.key = (lab.folder / "key").read_bytes()
        self.listener = lab.open_socket(socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("10.99.0.2", port))
        self.listener.listen(8)
        self.listener.settimeout(5)
        self.port = self.listener.getsockname()[1]
        self.sender = lab.open_socket()

    def send(self, data, to="10.99.0.1"):
        self.sender.sendto(data, (to, 1229))

    def request(self, operation, domain):
        self.send(packet(self.key, operation, domain, port=self.port))
        connection, _ = self.listener.accept()
        connection.settimeout(10)
        return connection

    @staticmethod
    def read(connection, size):
        data = b""
        while len(data) < size:
            part = connection.recv(size - len(data))
            if not part:
                return None
            data += part
        return data

    def challenge(self, connection):
        """Our challenge; True if the host answers it right."""
        mine = os.urandom(64)
        connection.sendall(mine)
        return self.read(connection, 64) == digest(self.key, mine)

    def prove(self, connection):
        """Answers the host's challenge; the answer byte, or None."""
        theirs = self.read(connection, 64)
        if theirs is None:
            return None
        connection.sendall(digest(self.key, theirs))
        answer = self.read(connection, 1)
        return answer[0] if answer else None

    def calls(self, seconds):
        """True if the host calls within this time."""
        return bool(select.select([self.listener], [], [], seconds)[0])
