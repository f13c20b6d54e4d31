#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The measuring client: opens a new connection through the floating address every 10 ms, whatever the earlier ones do.

A process of its own in the lab's network namespace; event driven, because a client that waits for an answer sees an
outage only in steps of its time-out. It writes one line for each request: start, end (seconds of the wall clock, which
the nodes share) and "ok" or what went wrong.
"""

import errno
import os
import selectors
import signal
import socket
import sys
import time

INTERVAL = 0.01
LIMIT = 2.0  # a request that takes longer has failed


class Request:
    """One connection: connect, send, read to the end."""

    def __init__(self, address, text):
        self.began = time.time()
        self.deadline = time.monotonic() + LIMIT
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        self.unsent = text
        self.received = b""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # no TIME_WAIT pile
        self.failed = self.socket.connect_ex(address)
        if self.failed == errno.EINPROGRESS:
            self.failed = 0

    def advance(self):
        """Goes on after an event; returns None while it is not over, else "ok" or the error."""
        try:
            if self.unsent:
                error = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if error:
                    return errno.errorcode.get(error, str(error))
                self.unsent = self.unsent[self.socket.send(self.unsent):]
                return None
            data = self.socket.recv(65536)
        except BlockingIOError:
            return None
        except OSError as error:
            return errno.errorcode.get(error.errno, str(error))
        if data:
            self.received += data
            return None
        first = self.received.split(b"\r\n", 1)[0]
        return "ok" if first.startswith(b"HTTP/1.1 200") else (first.decode("ascii", "replace")[:40] or "empty")


class Client:
    """The loop: begins a request at each tick, ends those that are over or too old."""

    def __init__(self, host, port, out):
        self.address = (host, port)
        self.text = f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
        self.out = out
        self.selector = selectors.EpollSelector()
        self.open = {}
        self.stop = False

    def finish(self, request, word):
        """Writes the request's line and forgets it."""
        if request.socket.fileno() in self.open:
            self.selector.unregister(request.socket)
            del self.open[request.socket.fileno()]
        request.socket.close()
        print(f"{request.began:.6f} {time.time():.6f} {word}", file=self.out)

    def begin(self):
        """Opens one connection."""
        try:
            request = Request(self.address, self.text)
        except OSError as error:  # out of descriptors: counts as a failed request
            print(f"{time.time():.6f} {time.time():.6f} {errno.errorcode.get(error.errno)}", file=self.out)
            return
        if request.failed:
            self.finish(request, errno.errorcode.get(request.failed, str(request.failed)))
            return
        self.open[request.socket.fileno()] = request
        self.selector.register(request.socket, selectors.EVENT_WRITE)

    def handle(self, key):
        """One event of one connection."""
        request = self.open[key.fd]
        word = request.advance()
        if word is not None:
            self.finish(request, word)
        elif not request.unsent and key.events != selectors.EVENT_READ:
            self.selector.modify(request.socket, selectors.EVENT_READ)

    def run(self):
        """Until SIGTERM."""
        tick = time.monotonic()
        while not self.stop:
            now = time.monotonic()
            if now >= tick:
                self.begin()
                tick = max(tick + INTERVAL, now - 0.1)
            for key, _ in self.selector.select(max(0.0, tick - time.monotonic())):
                self.handle(key)
            while self.open and next(iter(self.open.values())).deadline < now:
                self.finish(next(iter(self.open.values())), "TIMEOUT")
            self.out.flush()


def main():
    """client.py HOST PORT FILE"""
    with open(sys.argv[3], "w", encoding="ascii", buffering=1 << 16) as out:
        client = Client(sys.argv[1], int(sys.argv[2]), out)
        signal.signal(signal.SIGTERM, lambda *_: setattr(client, "stop", True))
        os.nice(-10)
        client.run()


if __name__ == "__main__":
    main()
