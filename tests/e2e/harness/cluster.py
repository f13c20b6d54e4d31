# SPDX-License-Identifier: Apache-2.0
"""The cluster under test: Duet's commands and status on the two nodes of a lab, and bringing it to a known state."""

import json
import os
import shlex
import time

from lab import cleanup, example, fencehost, hypervisor, procs
from lab.lab import Lab, LabError, Progress


HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
GROUP = ("VIP", "haproxy")
DEVICE = 'stonith create vmfence fence_xvm pcmk_host_map="server1:Node1;server4:Node4" op monitor interval=30s'


class Failure(AssertionError):
    """A fact that must hold does not."""


class Cluster:
    """One lab with Duet on it."""

    def __init__(self, build_dir, lab_id="e2e", verbose=False):
        self.lab = Lab(lab_id, Progress(quiet=not verbose))
        self.build_dir = build_dir
        self.journal = self.lab.lock()
        self.nodes = self.lab.nodes
        self.server1, self.server4 = self.lab.node("server1"), self.lab.node("server4")

    # --- life of the lab

    def fresh(self, recipe="base"):
        """A new lab with both nodes online and no configuration; `recipe` of the nodes' root file system."""
        files = dict(example.files())
        files["/usr/lib/ocf/resource.d/labtest/Puppet"] = (os.path.join(HERE, "agents", "Puppet"), 0o755)
        self.lab.up(self.journal, recipe=recipe, build_dir=self.build_dir, files=files)
        self.lab.wait_corosync(40)
        self.wait_online(timeout=40)

    def close(self):
        """Takes the lab down."""
        cleanup.undo(self.lab.settings)
        cleanup.forget(self.lab.settings)

    def other(self, node):
        """The name of the other node."""
        return "server4" if str(node) == "server1" else "server1"

    # --- commands

    def sh(self, node, script, check=True, timeout=60):
        """A shell script in a node; its stdout."""
        return self.nodes[node].sh(script, timeout=timeout, check=check)

    def duet(self, node, words, check=True, timeout=90, stdin=None):
        """`duet WORDS` on a node. words: a command line, or a list that is passed on as it is."""
        argv = ["duet", *(shlex.split(words) if isinstance(words, str) else words)]
        kwargs = {"stdin": stdin} if stdin is not None else {}
        done = self.nodes[node].run(argv, timeout=timeout, check=False, **kwargs)
        if check and done.returncode != 0:
            raise Failure(f"{node}# {shlex.join(argv)[:300]}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def status(self, node="server1"):
        """`duet status` as JSON; raises Failure when it cannot be had."""
        done = self.duet(node, "status --output-format json", timeout=20)
        try:
            return json.loads(done.stdout)
        except ValueError as bad:
            raise Failure(f"{node}: status is no JSON: {bad}: {done.stdout[:300]}") from bad

    def try_status(self, node="server1"):
        """status() or None."""
        try:
            return self.status(node)
        except (Failure, LabError):
            return None

    # --- looking into the status

    def resource(self, rid, node="server1", status=None):
        """The primitive with this id in the status, or None."""
        status = status or self.try_status(node) or {"resources": []}
        for entry in status["resources"]:
            for primitive in entry.get("members") or [entry]:
                if primitive["id"] == rid:
                    return primitive
        return None

    def where(self, rid, node="server1"):
        """Name of the node where the resource is started, as `node` tells it, or None."""
        found = self.resource(rid, node)
        return found["node"] if found and found["role"] == "started" and found.get("node") else None

    def node_state(self, which, node="server1", status=None):
        """The status entry of a node, as `node` tells it; an empty dictionary when there is none."""
        status = status or self.try_status(node) or {"nodes": []}
        return next((entry for entry in status["nodes"] if entry["name"] == which), {})

    def is_online(self, which, node="server1", status=None):
        """Whether `node` tells that the node is a member and has joined; standby and maintenance do not matter."""
        entry = self.node_state(which, node, status)
        return entry.get("state") in ("online", "standby", "maintenance") and not entry.get("pending")

    def failed_actions(self, node="server1"):
        """The list of failed actions."""
        return self.status(node)["failed_actions"]

    # --- waiting

    def wait(self, condition, timeout, what, interval=0.05):
        """Waits until condition() is true; Failure with the last status otherwise."""
        try:
            return procs.wait_until(condition, timeout, what, interval)
        except LabError as late:
            seen = "\n".join(f"{name}# duet status\n{self.text_status(name)}" for name in self.nodes)
            raise Failure(f"{late}\n{seen}") from late

    def text_status(self, node):
        """`duet status --full` in words, for messages of failure."""
        try:
            done = self.nodes[node].run(["duet", "status", "--full"], check=False, timeout=10)
            return done.stdout + done.stderr
        except LabError as failed:
            return str(failed)

    def wait_online(self, timeout=30, nodes=("server1", "server4")):
        """Waits until every node tells that both are online and joined."""
        def complete():
            for node in nodes:
                status = self.try_status(node)
                if not status or not all(self.is_online(name, status=status) for name in self.nodes):
                    return False
            return True
        self.wait(complete, timeout, "both nodes online", 0.1)

    def wait_started(self, rid, where, timeout=20, node=None):
        """Waits until `node` (default: where it runs) tells that the resource is started on `where`."""
        self.wait(lambda: self.where(rid, node or where) == where, timeout, f"{rid} started on {where}")

    def wait_served(self, where, timeout=30):
        """Waits until the tutorial's group runs on `where`."""
        for rid in GROUP:
            self.wait_started(rid, where, timeout)

    # --- the tutorial's group

    def tutorial(self, where="server1"):
        """Creates the tutorial's group and waits until it runs on `where`."""
        self.nodes[where].run([f"{example.IN_NODE}/cluster.sh"], timeout=120)
        self.wait(lambda: self.where("haproxy", where), 30, "haproxy started")
        if self.where("haproxy", where) != where:
            self.duet(where, f"resource move hagroup {where} --wait=30")
        self.wait_served(where)
        self.wait_settled()

    def wait_settled(self, timeout=30):
        """Waits until the fence device is proven and health is OK on both nodes."""
        def settled():
            return all((self.try_status(name) or {}).get("health", {}).get("state") == "ok" for name in self.nodes)
        self.wait(settled, timeout, "health ok on both nodes", 0.2)

    def ready(self, where="server1"):
        """Back to the known state: both nodes up and online, only the tutorial's configuration, group on `where`."""
        for name, node in self.nodes.items():
            if node.power() == "paused":
                node.thaw()
            if not node.is_on():
                node.start()
            node.wait_booted()
            node.plug()
            self.sh(name, "systemctl reset-failed duetd duet-execd", check=False)  # their counts of crashes, too
            for unit in ("corosync", "duetd"):
                if self.sh(name, f"systemctl is-active {unit}", check=False) != "active":
                    self.sh(name, f"systemctl reset-failed {unit}; systemctl start {unit}", check=False)
        fencehost.start(self.lab.settings, self.journal)
        self.wait_online(40)
        for name in self.nodes:
            self.sh(name, "rm -rf /run/puppet /var/log/puppet.log; mkdir -p /run/puppet")
        if self.resource("haproxy") is None:
            self.tutorial(where)
            return
        self._tidy(where)
        self.wait_served(where)
        self.wait_settled()

    def _tidy(self, where):
        status = self.status(where)
        keep = {"hagroup", "vmfence", *GROUP}
        self.duet(where, "property set stonith-enabled=true maintenance-mode=false")
        for name in self.nodes:
            if self.node_state(name, status=status).get("standby"):
                self.duet(where, f"node unstandby {name}")
        for entry in status["resources"]:
            if entry["id"] not in keep:
                self.duet(where, f"resource delete {entry['id']}", timeout=120)
        for rid in ("hagroup", *GROUP):
            self.duet(where, f"resource clear {rid}", check=False)
        self.duet(where, "resource cleanup", check=False)
        if self.where("haproxy", where) != where:
            self.duet(where, f"resource move hagroup {where} --wait=30")

    def fill_store(self, node):
        """Puts the node's store on a small file system and fills that; /var/lib/duet/filler is what to remove."""
        self.sh(node, "systemctl stop duetd; cp -a /var/lib/duet /run/copy;"
                      "mount -t tmpfs -o size=$(($(du -sk /run/copy | cut -f1) + 2048))k tmpfs /var/lib/duet;"
                      "cp -a /run/copy/. /var/lib/duet/; chown --reference=/run/copy /var/lib/duet;"
                      "chmod --reference=/run/copy /var/lib/duet; systemctl start duetd", timeout=60)
        self.wait_online(30)
        self.sh(node, "dd if=/dev/zero of=/var/lib/duet/filler bs=4k 2>/dev/null; true")

    # --- facts from outside

    def boots(self):
        """{node: (pid, start time) of init}, None for a node that is off: changes when a node was fenced."""
        found = {}
        for name, node in self.nodes.items():
            pid = hypervisor.init_pid(self.lab.settings, node.spec)
            found[name] = (pid, procs.start_time(pid)) if pid else None
        return found

    def lost_member(self, node, since):
        """When corosync of `node` formed the membership without its peer (wall clock), by its journal."""
        script = f"journalctl -o short-unix -q --no-pager -u corosync --since=@{since - 1:.0f}"
        for line in self.sh(node, script).splitlines():
            if "Members left: " in line and float(line.split()[0]) >= since:
                return float(line.split()[0])
        raise Failure(f"{node}'s corosync saw no member leave")

    def dispatched(self, node, since):
        """When duetd of `node` gave the first order to fence its peer after `since` (wall clock), by its journal."""
        words = f": fencing {self.other(node)} through "
        script = f"journalctl -o short-unix -q --no-pager -u duetd --since=@{since - 1:.0f}"
        for line in self.sh(node, script).splitlines():
            if words in line and float(line.split()[0]) >= since:
                return float(line.split()[0])
        raise Failure(f"{node}'s duetd gave no order to fence")

    def fencings(self):
        """How often the fence host switched each domain off so far: {domain: count}."""
        counts = {node.spec.domain: 0 for node in self.nodes.values()}
        with open(fencehost.log_path(self.lab.settings), encoding="utf-8", errors="replace") as log:
            for line in log:
                domain = fencehost.switched_off(line)
                if domain:
                    counts[domain] = counts.get(domain, 0) + 1
        return counts

    def unit_start(self, node, unit="haproxy"):
        """What changes when systemd starts the unit again: its invocation id and main process."""
        return self.sh(node, f"systemctl show -p InvocationID -p MainPID --value {unit} | tr '\\n' ' '")

    def puppet_log(self, node):
        """[(time, resource, action, word)] of the test agent on a node."""
        entries = []
        for line in self.sh(node, "cat /var/log/puppet.log 2>/dev/null", check=False).splitlines():
            moment, rid, action, word = line.split()
            entries.append((float(moment), rid, action, word))
        return entries

    def now(self):
        """Wall clock; the nodes share it."""
        return time.time()
