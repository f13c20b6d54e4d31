# SPDX-License-Identifier: Apache-2.0
"""fence_virtd, the original host daemon of fence_xvm, on the lab's bridge and the lab's libvirtd."""

import os
import signal

from . import hypervisor, procs
from .network import inside
from .settings import BRIDGE, LabError

CONF = """fence_virtd {{
    listener = "multicast";
    backend = "libvirt";
    module_path = "{modules}";
}}

listeners {{
    multicast {{
        key_file = "{key}";
        address = "225.0.0.12";
        port = "1229";
        family = "ipv4";
        interface = "{bridge}";
    }}
}}

backends {{
    libvirt {{
        uri = "lxc:///system";
    }}
}}
"""


def key_path(settings):
    """The lab's fence key."""
    return os.path.join(settings.data, "fence_xvm.key")


def make_key(settings):
    """A fresh random key; returns it."""
    key = os.urandom(4096)
    with open(os.open(key_path(settings), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(key)
    return key


def log_path(settings):
    """fence_virtd's output: one line for each request that it serves."""
    return os.path.join(settings.logs, "fence_virtd.log")


def start(settings, journal):
    """Starts the fence host; in libvirtd's mount namespace, where lxc:///system is the lab's."""
    if journal.last_process("fence_virtd"):
        return
    libvirtd = journal.last_process("libvirtd")
    if libvirtd is None:
        raise LabError("libvirtd does not run")
    conf = os.path.join(settings.data, "fence_virt.conf")
    modules = f"/usr/lib/{os.uname().machine}-linux-gnu/fence-virt"
    with open(os.open(conf, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as out:
        out.write(CONF.format(modules=modules, key=key_path(settings), bridge=BRIDGE))
    command = inside(settings, ["nsenter", f"--mount=/proc/{libvirtd[0]}/ns/mnt", "-W/", "stdbuf", "-oL",
                                "fence_virtd", "-F", "-d", "5", "-f", conf, "-p",
                                os.path.join(settings.run, "fence_virtd.pid")])
    child = procs.spawn(command, log_path(settings), env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"})
    journal.add_process(child.pid, "fence_virtd")
    hypervisor.favour_process(settings, child.pid)

    def listens():
        if child.poll() is not None:
            raise LabError(f"fence_virtd ended at once; see {log_path(settings)}")
        sockets = procs.run(inside(settings, ["ss", "-Hnlu", "sport", "=", ":1229"])).stdout
        return "1229" in sockets

    procs.wait_until(listens, 10, "fence_virtd")


def stop(journal):
    """Stops the fence host; False if it did not run."""
    running = journal.last_process("fence_virtd")
    if running is None:
        return False
    procs.kill(*running, signal.SIGKILL)
    procs.wait_until(lambda: procs.start_time(running[0]) != running[1], 5, "fence_virtd ended")
    return True
