# SPDX-License-Identifier: Apache-2.0
"""The fence host on the lab's bridge and the lab's libvirtd: duet-virtd where Duet is installed in the lab, else the
original fence_virtd. DUET_FENCE_HOST=fence_virtd takes the original everywhere, DUET_FENCE_HOST=PATH that
duet-virtd."""

import os
import re
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
    """The daemon's output: a line for each power action."""
    return os.path.join(settings.logs, "fence_virtd.log")


def _program(settings):
    """Our own daemon in the layer that the lab has installed, or None."""
    ours = os.path.join(settings.data, "duet/usr/sbin/duet-virtd")
    wanted = os.environ.get("DUET_FENCE_HOST", "duet-virtd")
    if wanted.startswith("/"):
        return wanted
    if wanted not in ("duet-virtd", "fence_virtd"):
        raise LabError(f"DUET_FENCE_HOST={wanted}: duet-virtd, fence_virtd or the full path of a duet-virtd")
    return ours if wanted == "duet-virtd" and os.path.exists(ours) else None


def _command(settings, conf):
    ours = _program(settings)
    if ours is None:
        return ["stdbuf", "-oL", "fence_virtd", "-F", "-d", "5", "-f", conf, "-p",
                os.path.join(settings.run, "fence_virtd.pid")]
    # The user duet-virtd is in the nodes, not on the machine that plays the host.
    return [ours, "-F", "-d", "5", "-f", conf, "--user", "nobody",
            "--state-directory", os.path.join(settings.data, "virtd"),
            "--run-directory", os.path.join(settings.run, "virtd")]


_SWITCHED_OFF = re.compile(r"^\[virt:(?:OFF|REBOOT)\] Calling virDomainDestroy.* (?P<original>\S+)$|"
                           r" (?:off|reboot) of '(?P<ours>[^']+)' for \S+: done: off \(was ")


def switched_off(line):
    """The domain that this line of the log tells to be switched off (it was on before), or None."""
    found = _SWITCHED_OFF.search(line.rstrip("\n"))
    return found and (found.group("original") or found.group("ours"))


_OFF = re.compile(r"^\[virt:OFF\] (?:Success for|Nothing to do - domain) (?P<original>\S+)|"
                  r" (?:off|reboot) of '(?P<ours>[^']+)' for \S+: done: (?:off \(|was off)")


def seen_off(line):
    """The domain that was off when this line was written, whether it was switched off or off before; or None."""
    found = _OFF.search(line)
    return found and (found.group("original") or found.group("ours"))


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
    command = inside(settings, ["nsenter", f"--mount=/proc/{libvirtd[0]}/ns/mnt", "-W/", *_command(settings, conf)])
    child = procs.spawn(command, log_path(settings), env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"})
    journal.add_process(child.pid, "fence_virtd")
    hypervisor.favour_process(settings, child.pid)

    def listens():
        if child.poll() is not None:
            raise LabError(f"the fence host ended at once; see {log_path(settings)}")
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
