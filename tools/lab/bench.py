# SPDX-License-Identifier: Apache-2.0
"""The same service on the same two nodes under Duet and under Pacemaker, measured by the same client."""

import os
import statistics
import time

from . import example, procs
from .settings import NODES, VIP, LabError
from .watch import Watch

DEVICE = ["vmfence", "fence_xvm", "pcmk_host_map=server1:Node1;server4:Node4", "op", "monitor", "interval=30s"]
ADDRESS = ["VIP", "ocf:heartbeat:IPaddr2", f"ip={VIP}", "cidr_netmask=24", "op", "monitor", "interval=30s"]
SERVICE = ["haproxy", "systemd:haproxy", "op", "monitor", "interval=60s"]
RESOURCES = [["stonith", "create", *DEVICE], ["resource", "create", *ADDRESS], ["resource", "create", *SERVICE],
             ["resource", "group", "add", "hagroup", "VIP", "haproxy"]]


def wait_online(node, tool):
    """Waits until `duet status` or `pcs status` of the node says that both are online."""
    procs.wait_until(lambda: "Online: [ server1 server4 ]" in node.run([tool, "status"], check=False).stdout, 60,
                     "both nodes online", 0.2)


class DuetPair:
    """Duet: the cluster forms by itself from the lab's corosync.conf."""

    name, recipe, tool = "duet", "base", "duet"
    daemons = ("duetd", "duet-execd")

    def __init__(self, lab):
        self.lab = lab

    def up(self, journal, build_dir):
        """A new lab with the tutorial's group running."""
        self.lab.up(journal, self.recipe, build_dir, files=example.files())
        self.lab.wait_corosync(40)
        node = self.lab.node("server1")
        wait_online(node, "duet")
        for words in RESOURCES:
            node.run([self.tool, *words], timeout=120)

    def stop_all(self):
        """Stops the cluster on both nodes, down to cold daemons."""
        for node in self.lab.nodes.values():
            node.run(["systemctl", "stop", "duetd", "duet-execd", "corosync"], timeout=120)

    def start_all(self):
        """Starts it; returns at once."""
        command = ["systemctl", "start", "corosync", "duet-execd", "duetd"]
        return [node.popen(command) for node in self.lab.nodes.values()]


class PacemakerPair:
    """Pacemaker and pcs of Debian 12, set up by pcs with its defaults."""

    name, recipe, tool = "pacemaker", "pacemaker", "pcs"
    daemons = ("pacemakerd", "pacemaker-based", "pacemaker-fenced", "pacemaker-execd", "pacemaker-attrd",
               "pacemaker-schedulerd", "pacemaker-controld", "pcsd")

    def __init__(self, lab):
        self.lab = lab

    def up(self, journal, _):
        """A new lab; pcs authenticates, sets up, starts and creates the same group."""
        self.lab.up(journal, self.recipe, None, cluster=False, files=example.files())
        for node in self.lab.nodes.values():
            node.sh("echo hacluster:lab | chpasswd; systemctl start pcsd")
        for node in self.lab.nodes.values():
            procs.wait_until(lambda node=node: ":2224" in node.sh("ss -Hnlt"), 30, "pcsd listens", 0.2)
        node = self.lab.node("server1")
        names = [spec.name for spec in NODES]
        node.run(["pcs", "host", "auth", *names, "-u", "hacluster", "-p", "lab"], timeout=60)
        node.run(["pcs", "cluster", "setup", "TestCluster", *names], timeout=90)
        node.run(["pcs", "cluster", "start", "--all"], timeout=90)
        wait_online(node, "pcs")
        for words in RESOURCES:
            node.run(["pcs", *words], timeout=120)

    def stop_all(self):
        """Stops the cluster on both nodes."""
        self.lab.node("server1").run(["pcs", "cluster", "stop", "--all"], timeout=120)

    def start_all(self):
        """Starts corosync and pacemaker on both nodes; returns at once."""
        return [node.popen(["systemctl", "start", "pacemaker"]) for node in self.lab.nodes.values()]


PAIRS = {"duet": DuetPair, "pacemaker": PacemakerPair}


class Bench:
    """All measurements of one pair, as {name: [seconds or MiB]}."""

    def __init__(self, lab, pair, progress):
        self.lab, self.pair, self.progress = lab, pair, progress
        self.results = {}

    def note(self, name, value):
        """One measured value."""
        self.results.setdefault(name, []).append(value)
        self.progress.say(f"{self.pair.name}: {name}: {value:.3f}")

    def tool(self, node, *words, timeout=120):
        """duet or pcs on a node."""
        return self.lab.node(node).run([self.pair.tool, *words], timeout=timeout)

    def active(self):
        """The node that holds the address and runs haproxy, or None."""
        script = f"ip -o address show to {VIP} | grep -q . && systemctl is-active -q haproxy && echo yes"
        for node in self.lab.nodes.values():
            try:
                if node.is_on() and node.sh(script, check=False) == "yes":
                    return node
            except LabError:
                continue
        return None

    def settled(self, timeout=90):
        """Waits until one node serves and both are online; returns the active node."""
        def complete():
            node = self.active()
            if node is None:
                return None
            shown = node.run([self.pair.tool, "status"], check=False, timeout=20).stdout
            return node if "Online: [ server1 server4 ]" in shown else None
        node = procs.wait_until(complete, timeout, "settled", 0.3)
        time.sleep(3)
        return node

    def outage(self, name, harm, timeout=100):
        """Harm to the active node, and how long nothing is served."""
        node = self.settled()
        with Watch(self.lab) as watch:
            began = time.time()
            harm(node)
            procs.wait_until(lambda: self._served_since(began + 0.05), timeout, f"{name}: served again", 0.1)
            seen = watch.stop(2.5)
        seen.check_exclusive()
        self.note(name, seen.gap())
        self.tool((self.active() or node).name, "resource", "cleanup")

    def _served_since(self, moment):
        """Whether requests failed after `moment` and the last twenty were served."""
        with open(os.path.join(self.lab.settings.data, "client"), encoding="ascii") as lines:
            words = [line.split() for line in lines.readlines()[:-1]]
        after = [word for word in words if len(word) == 3 and float(word[0]) >= moment]
        moved = any(word[2] != "ok" for word in after) or time.time() - moment > 6
        return moved and len(after) > 20 and all(word[2] == "ok" for word in after[-20:])

    def cold_start(self):
        """systemctl start on both nodes, to the first page."""
        self.settled()
        self.pair.stop_all()
        with Watch(self.lab) as watch:
            began = time.time()
            for start in self.pair.start_all():
                start.wait(90)
            procs.wait_until(self.active, 90, "served", 0.1)
            seen = watch.stop(2)
        self.note("cold start to served", seen.first_served_after(began) - began)

    def standby(self):
        """Standby of the active node, and back."""
        node = self.settled()
        with Watch(self.lab) as watch:
            self.tool(node.name, "node", "standby", node.name)
            other = next(n for n in self.lab.nodes.values() if n is not node)
            procs.wait_until(lambda: self.active() is other, 60, "moved", 0.1)
            seen = watch.stop(1.5)
        seen.check_exclusive()
        self.note("standby of the active node", seen.gap())
        self.tool(node.name, "node", "unstandby", node.name)

    def power_cut(self):
        """Power cut of the active node; its return is not part of the figure."""
        node = self.settled()
        with Watch(self.lab) as watch:
            node.crash()
            other = next(n for n in self.lab.nodes.values() if n is not node)
            procs.wait_until(lambda: self.active() is other, 90, "taken over", 0.1)
            seen = watch.stop(1.5)
        seen.check_exclusive()
        self.note("power cut of the active node", seen.gap())
        if not node.is_on():
            node.start()
        node.wait_booted()
        if self.pair.name == "pacemaker":
            node.run(["systemctl", "start", "pcsd", "pacemaker"], timeout=60)

    def status_time(self, turns=10):
        """How long `status` takes, process start included."""
        node = self.settled()
        script = (f"for n in $(seq {turns}); do s=$(date +%s%N); {self.pair.tool} status >/dev/null; e=$(date +%s%N); "
                  "echo $((e-s)); done")
        for line in node.sh(script, timeout=120).splitlines():
            self.results.setdefault("status command", []).append(int(line) / 1e9)

    def memory(self):
        """PSS of all daemons of the pair on the active node, MiB."""
        node = self.settled()
        total = 0
        script = ("for p in /proc/[0-9]*; do c=$(tr '\\0' ' ' <$p/cmdline 2>/dev/null); case \"$c\" in "
                  + "|".join(f"*{name}*" for name in self.pair.daemons)
                  + ") grep ^Pss: $p/smaps_rollup 2>/dev/null;; esac; done")
        for line in node.sh(script).splitlines():
            total += int(line.split()[1])
        if total == 0:
            raise LabError(f"none of these daemons runs: {self.pair.daemons}")
        self.note("daemons' memory, MiB PSS", total / 1024)

    def add_resources(self, first, last):
        """Creates the resources first..last one by one, each by a command of its own; returns the seconds it took."""
        create = f"{self.pair.tool} resource create many$n ocf:heartbeat:Dummy op monitor interval=60s"
        began = time.monotonic()
        self.active().sh(f"for n in $(seq {first} {last}); do {create} >/dev/null || exit 1; done", timeout=600)
        return time.monotonic() - began

    def processor_ticks(self, node):
        """Clock ticks (1/100 s) that the daemons of the pair used on a node so far, without their children."""
        script = ("for p in /proc/[0-9]*; do c=$(tr '\\0' ' ' <$p/cmdline 2>/dev/null); case \"$c\" in "
                  + "|".join(f"*/{name}\\ *" for name in self.pair.daemons)
                  + ") cut -d' ' -f14,15 $p/stat 2>/dev/null;; esac; done")
        return sum(int(word) for word in node.sh(script).split())

    def many_resources(self, settle=20, seconds=60):
        """50 resources added one by one, and with 100 of them the daemons' processor time at idle, in % of a core."""
        node = self.settled()
        self.note("50 resources one by one", self.add_resources(1, 50))
        self.add_resources(51, 100)
        node.run([self.pair.tool, "resource", "cleanup"])
        time.sleep(settle)
        for node in self.lab.nodes.values():
            before = self.processor_ticks(node)
            time.sleep(seconds)
            self.note("idle with 100 resources, % of a core", float(self.processor_ticks(node) - before) / seconds)

    def all(self, rounds):
        """Every measurement, `rounds` times where that is cheap."""
        self.memory()
        self.status_time()
        for _ in range(rounds):
            self.cold_start()
            self.outage("address deleted", lambda node: node.sh(f"ip address del {VIP}/24 dev eth0"))
            self.outage("haproxy killed", lambda node: node.sh("kill -9 $(systemctl show -p MainPID --value haproxy)"))
            self.standby()
            self.power_cut()
        self.many_resources()


def medians(results):
    """{name: (median, worst, count)}."""
    return {name: (statistics.median(values), max(values), len(values)) for name, values in results.items()}
