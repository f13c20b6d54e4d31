#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The lab's web back ends: each answers GET, HEAD and POST with its own name. A program; start() starts it."""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answer(BaseHTTPRequestHandler):
    """Says who answers and what was asked."""

    protocol_version = "HTTP/1.1"
    server_name = ""

    def _answer(self):
        length = min(int(self.headers.get("Content-Length") or 0), 1 << 20)
        if length:
            self.rfile.read(length)
        origin = self.headers.get("X-Forwarded-For", "-")
        text = f"{self.server_name} {self.command} {self.path} for {origin}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    do_GET = do_HEAD = do_POST = do_OPTIONS = _answer

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        """Nothing: the measuring client asks a hundred times a second."""


class Server(ThreadingHTTPServer):
    """Takes as many waiting connections as the measuring client may have."""
    request_queue_size = 1024
    daemon_threads = True


def start(settings, journal, name, address):
    """Starts one back end in the lab's network namespace."""
    from . import hypervisor, network, procs  # pylint: disable=import-outside-toplevel
    command = network.inside(settings, ["/usr/bin/python3", os.path.abspath(__file__), name, address, "80"])
    child = procs.spawn(command, os.path.join(settings.logs, f"{name}.log"))
    journal.add_process(child.pid, name)
    hypervisor.favour_process(settings, child.pid)


def main():
    """backends.py NAME ADDRESS PORT"""
    name, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    Server((address, port), type("Named", (Answer,), {"server_name": name})).serve_forever()


if __name__ == "__main__":
    main()
