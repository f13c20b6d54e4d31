#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Looks every 10 ms which nodes hold the floating address, without executing anything in them.

For each node a netlink socket made inside its network namespace; one dump costs 50 us. Writes a line whenever the
picture changes ("time server1 server4", each 1, 0 or "-" for off) and at the end "end SAMPLES LONGEST_PAUSE_S
BOTH_SAMPLES".
New lines of the fence host's log get a time stamp on the way: "fence TIME LINE".
"""

import ctypes
import os
import select
import signal
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import fencehost, hypervisor  # noqa: E402  pylint: disable=wrong-import-position
from lab.settings import NODES, Settings  # noqa: E402  pylint: disable=wrong-import-position

INTERVAL = 0.01
RTM_GETADDR, NLM_F_REQUEST, NLM_F_DUMP, NLMSG_DONE, IFA_LOCAL = 22, 1, 0x300, 3, 2
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


OWN_NET = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def os_setns(fd):
    """Moves this thread into the network namespace behind a descriptor (os.setns comes with Python 3.12)."""
    if LIBC.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Watch:
    """The address table of one node, as long as its init lives."""

    def __init__(self, settings, spec, address):
        self.settings, self.spec = settings, spec
        self.wanted = socket.inet_aton(address)
        self.pidfd = self.socket = None
        self.retry = 0.0

    def close(self):
        """Lets go of the namespace: an open socket would keep it."""
        for handle in (self.pidfd, self.socket.fileno() if self.socket else None):
            if handle is not None:
                os.close(handle)
        if self.socket:
            self.socket.detach()
        self.pidfd = self.socket = None

    def open(self):
        """Finds the node's init and opens a socket in its namespace."""
        pid = hypervisor.init_pid(self.settings, self.spec)
        if pid is None:
            return
        try:
            self.pidfd = os.pidfd_open(pid)
            target = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            try:
                os_setns(target)
                self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
                self.socket.settimeout(1)
            finally:
                os_setns(OWN_NET)
                os.close(target)
        except OSError:
            self.close()

    def look(self):
        """"1", "0", or "-" when the node is off."""
        if self.pidfd is not None and select.select([self.pidfd], [], [], 0)[0]:
            self.close()
        if self.socket is None:
            if time.monotonic() < self.retry:
                return "-"
            self.retry = time.monotonic() + 0.02
            self.open()
            if self.socket is None:
                return "-"
        try:
            return "1" if self.wanted in self.addresses() else "0"
        except OSError:
            self.close()
            return "-"

    def addresses(self):
        """All IPv4 addresses of the node, packed."""
        self.socket.send(struct.pack("=IHHIIB7x", 24, RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, 1, 0, socket.AF_INET))
        found = set()
        while True:
            data = self.socket.recv(65536)
            at = 0
            while at + 16 <= len(data):
                length, kind = struct.unpack_from("=IH", data, at)
                if kind == NLMSG_DONE or length < 16:
                    return found
                attribute, end = at + 24, at + length
                while attribute + 4 <= end:
                    size, name = struct.unpack_from("=HH", data, attribute)
                    if name == IFA_LOCAL:
                        found.add(data[attribute + 4:attribute + 8])
                    attribute += max(4, (size + 3) & ~3)
                at += (length + 3) & ~3


class Tail:
    """What a growing file gets after this object was made, line by line."""

    def __init__(self, path):
        self.file = open(path, "rb")  # pylint: disable=consider-using-with
        self.file.seek(0, os.SEEK_END)
        self.rest = b""

    def lines(self):
        """The lines that became complete since the last call."""
        *complete, self.rest = (self.rest + self.file.read()).split(b"\n")
        return [line.decode("utf-8", "replace") for line in complete]


def main():
    """sampler.py LAB ADDRESS FILE"""
    settings = Settings(sys.argv[1])
    watches = [Watch(settings, spec, sys.argv[2]) for spec in NODES]
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
    os.nice(-10)
    fence_log = Tail(fencehost.log_path(settings))
    samples = both = 0
    longest, last, picture = 0.0, time.monotonic(), None
    with open(sys.argv[3], "w", encoding="ascii", buffering=1) as out:
        while not stop:
            now = [watch.look() for watch in watches]
            samples += 1
            for line in fence_log.lines():
                print(f"fence {time.time():.6f} {line}", file=out)
            both += now == ["1", "1"]
            if now != picture:
                print(f"{time.time():.6f} {' '.join(now)}", file=out)
                picture = now
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
            time.sleep(INTERVAL)
        print(f"end {samples} {longest:.6f} {both}", file=out)


if __name__ == "__main__":
    main()
