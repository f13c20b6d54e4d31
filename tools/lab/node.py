# SPDX-License-Identifier: Apache-2.0
"""One node of the lab: commands in it, and what can happen to it (power cut, cable, freeze)."""

import os
import subprocess
import time

from . import hypervisor, network, procs
from .settings import LabError

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Node:
    """Handle of one node; holds no state of its own, so any process may make one."""

    def __init__(self, settings, spec):
        self.settings = settings
        self.spec = spec
        self.name = spec.name

    def init(self):
        """Pid of the node's init; LabError when it is off."""
        pid = hypervisor.init_pid(self.settings, self.spec)
        if pid is None:
            raise LabError(f"{self.name} is off")
        return pid

    def is_on(self):
        """Whether the node's init lives."""
        return hypervisor.init_pid(self.settings, self.spec) is not None

    def power(self):
        """libvirt's word: running, paused, shut off."""
        return hypervisor.state(self.settings, self.spec)

    def command(self, argv, env=None):
        """The command line that runs argv inside the node with a clean environment."""
        setting = [f"PATH={PATH}", "HOME=/root", "LANG=C.UTF-8", "TERM=" + os.environ.get("TERM", "dumb")]
        setting += [f"{key}={value}" for key, value in (env or {}).items()]
        return ["nsenter", "-t", str(self.init()), "-m", "-u", "-i", "-n", "-p", "-r", "-W/", "env", "-i",
                *setting, *argv]

    def run(self, argv, timeout=60, check=True, env=None, **kwargs):
        """Runs a command in the node; CompletedProcess."""
        return procs.run(self.command(argv, env), timeout=timeout, check=check, **kwargs)

    def sh(self, script, timeout=60, check=True):
        """Runs a shell script in the node and returns what it wrote to stdout, without the last newline."""
        return self.run(["sh", "-c", script], timeout=timeout, check=check).stdout.rstrip("\n")

    def popen(self, argv, **kwargs):
        """Starts a command in the node and returns its Popen."""
        return subprocess.Popen(self.command(argv), **kwargs)

    def write(self, path, content, mode=0o644):
        """Writes a file in the running node."""
        data = content if isinstance(content, bytes) else content.encode()
        script = 'mkdir -p "$(dirname "$1")" && cat >"$1" && chmod "$2" "$1"'
        done = subprocess.run(self.command(["sh", "-c", script, "sh", path, oct(mode)[2:]]), input=data,
                              timeout=20, capture_output=True, check=False)
        if done.returncode != 0:
            raise LabError(f"{self.name}: could not write {path}: {done.stderr.decode('utf-8', 'replace')}")

    def wait_booted(self, timeout=30):
        """Waits until systemd of the node answers and its boot is over; returns systemd's word for it."""
        def booted():
            if not self.is_on():
                return None
            try:
                word = self.run(["systemctl", "is-system-running"], check=False, timeout=10).stdout.strip()
            except LabError:
                return None
            return word if word in ("running", "degraded") else None
        return procs.wait_until(booted, timeout, f"{self.name} booted", 0.1)

    def start(self):
        """Switches the node on. A node that fencing switches on at the same moment is on, too."""
        done = hypervisor.virsh(self.settings, "start", self.spec.domain, check=False)
        if done.returncode != 0 and "already active" not in done.stderr:
            raise LabError(f"{self.name} could not be switched on: {done.stderr.strip()}")

    def destroy(self):
        """libvirt's own power-off: SIGTERM to all, then SIGKILL after 1.6 s. Not a power cut."""
        hypervisor.virsh(self.settings, "destroy", self.spec.domain, check=False)

    def cut_power(self):
        """Power cut that nobody tells libvirt of. Returns the moment."""
        pid = self.init()
        start = procs.start_time(pid)
        if os.stat(f"/proc/{pid}/ns/pid").st_ino == os.stat("/proc/self/ns/pid").st_ino:
            raise LabError(f"process {pid} is not the init of a container")
        moment = time.time()
        if not procs.kill(pid, start):
            raise LabError(f"{self.name} went off by itself")
        procs.wait_until(lambda: procs.start_time(pid) != start, 5, f"{self.name} dead", 0.005)
        return moment

    def crash(self):
        """Power cut: the kernel ends the whole pid namespace at once. Returns the moment, when libvirt has seen it.

        A busy libvirtd may overlook the end of a container for seconds, and a host that calls a dead machine "running"
        is another story than a power cut: then it is told.
        """
        moment = self.cut_power()
        try:
            procs.wait_until(lambda: self.power() != "running", 0.4, f"libvirt saw that {self.name} is off", 0.05)
        except LabError:
            self.destroy()
        return moment

    def port(self):
        """Host-side end of the node's cable. A restarted container has another one, plugged."""
        return network.port_of(self.settings, self.run(["ip", "-o", "link", "show", "eth0"]).stdout)

    def unplug(self):
        """Pulls the network cable at the host's end; returns the port, for plug()."""
        port = self.port()
        network.set_port(self.settings, port, False)
        return port

    def plug(self, port=None):
        """Puts the cable back in."""
        network.set_port(self.settings, port or self.port(), True)

    def freeze(self):
        """Hangs the whole node (cgroup freezer) while its domain stays "running" for who does not look closely."""
        hypervisor.virsh(self.settings, "suspend", self.spec.domain)

    def thaw(self):
        """Lets a frozen node go on."""
        hypervisor.virsh(self.settings, "resume", self.spec.domain)
