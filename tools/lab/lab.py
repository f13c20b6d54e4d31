# SPDX-License-Identifier: Apache-2.0
"""One lab: brought up, taken down, and its parts for who works with it."""

import os
import sys
import time

from . import backends, build, cleanup, fencehost, hypervisor, network, nodefiles, procs, rootfs
from .journal import Journal
from .node import Node
from .settings import BACKENDS, NODES, LabError, Settings, node_spec


class Progress:
    """Tells on stderr what goes on, with the seconds that each step took."""

    def __init__(self, quiet=False):
        self.quiet = quiet
        self.began = time.monotonic()

    def step(self, text):
        """Returns a context manager around one step."""
        return _Step(self, text)

    def say(self, text):
        """One line, with the seconds since the beginning."""
        if not self.quiet:
            print(f"[{time.monotonic() - self.began:6.1f} s] {text}", file=sys.stderr, flush=True)


class _Step:
    def __init__(self, progress, text):
        self.progress, self.text, self.began = progress, text, 0.0

    def __enter__(self):
        self.began = time.monotonic()
        self.progress.say(f"{self.text} ...")
        return self

    def __exit__(self, kind, value, trace):
        took = time.monotonic() - self.began
        self.progress.say(f"{self.text}: {'done' if kind is None else 'FAILED'} in {took:.1f} s")
        return False


class Lab:
    """A lab by its id. Several objects, in several processes too, may speak of one lab; lock() keeps them apart."""

    def __init__(self, lab_id, progress=None):
        self.settings = Settings(lab_id)
        self.progress = progress or Progress(quiet=True)
        self.nodes = {spec.name: Node(self.settings, spec) for spec in NODES}

    def node(self, name):
        """The node with this host or domain name."""
        return self.nodes[node_spec(name).name]

    def journal(self):
        """The lab's journal (makes the lab's run folder)."""
        return Journal(self.settings)

    def exists(self):
        """Whether something of this lab was made and not undone."""
        return os.path.exists(os.path.join(self.settings.run, "journal"))

    def lock(self):
        """Takes the lab for this process until it ends; LabError when another process has it."""
        journal = self.journal()
        journal.lock(self.settings.id)
        return journal

    def up(self, journal, recipe="base", build_dir=None, cluster=True, enable=True, files=None):
        """Makes everything and boots both nodes. `journal` comes from lock(). An older lab of this id is undone first.

        build_dir: a built tree of Duet to install, or None. cluster: write corosync.conf and key. enable: at boot.
        files: {path in the node: (path here, mode)} that both nodes get before they boot.
        """
        settings = self.settings
        if journal.records():
            with self.progress.step("undo the previous lab"):
                cleanup.undo(settings)
        with self.progress.step(f"root file system '{recipe}'"):
            root, made = rootfs.ensure(recipe)
            self.progress.say(("made " if made else "cached: ") + root)
        journal.add("data", path=settings.data)
        os.makedirs(settings.logs, exist_ok=True)
        with self.progress.step("network, libvirtd, fence host, web back ends"):
            layers, units = [root], []
            if build_dir:
                layer = os.path.join(settings.data, "duet")
                units = build.install_layer(build_dir, layer)
                layers.insert(0, layer)
            self._write_nodes(cluster, enable, files or {})
            network.create(settings, journal)
            hypervisor.make_partition(settings, journal)
            hypervisor.favour_process(settings, os.getpid())  # what is run in a node begins as a child of this process
            hypervisor.start(settings, journal, layers, build.preparation(units if enable else units[:2]))
            hypervisor.define(settings)
            fencehost.start(settings, journal)
            for name, address in BACKENDS.items():
                backends.start(settings, journal, name, address)
        with self.progress.step("boot of " + " and ".join(f"{n.name} ({n.spec.domain})" for n in self.nodes.values())):
            for node in self.nodes.values():
                node.start()
            for node in self.nodes.values():
                node.wait_booted()

    def _write_nodes(self, cluster, enable, files):
        fence_key, authkey = fencehost.make_key(self.settings), os.urandom(256)
        for spec in NODES:
            upper = os.path.join(self.settings.node_dir(spec), "upper")
            os.makedirs(upper, exist_ok=True)
            nodefiles.write_identity(upper, spec, self.settings.cgroup)
            nodefiles.write_fence_key(upper, fence_key)
            if cluster:
                nodefiles.write_cluster(upper, authkey, enable)
            for target, (source, mode) in files.items():
                with open(source, "rb") as content:
                    nodefiles.write(upper + target, content.read(), mode)

    def down(self, keep_logs=False):
        """Undoes the lab; nothing is left but, on request, its log files."""
        cleanup.undo(self.settings, keep_logs)
        cleanup.forget(self.settings)

    def host(self, argv, timeout=30, check=True, **kwargs):
        """Runs a command on the "host": in the lab's network namespace, beside the bridge."""
        return procs.run(network.inside(self.settings, argv), timeout=timeout, check=check, **kwargs)

    def cut_nodes(self, cut):
        """Cuts, or heals, only the traffic between the nodes; both keep reaching the host."""
        first, second = self.nodes.values()
        network.cut_between(self.settings, first.port() if cut else None, second.spec.address, cut)

    def wait_corosync(self, timeout=30):
        """Waits until both nodes see both members."""
        def complete():
            for node in self.nodes.values():
                if not node.is_on():
                    return False
                done = node.run(["corosync-quorumtool", "-s"], check=False, timeout=10)
                if "Total votes:      2" not in done.stdout or "Quorate:          Yes" not in done.stdout:
                    return False
            return True
        procs.wait_until(complete, timeout, "corosync with both members", 0.2)


__all__ = ["Lab", "LabError", "Progress"]
