# SPDX-License-Identifier: Apache-2.0
"""The measuring client and the address sampler around a piece of a test, and what they saw."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass

from . import fencehost, hypervisor, network
from .settings import VIP, LabError

HERE = os.path.dirname(os.path.abspath(__file__))


@dataclass
class Seen:
    """What client and sampler wrote."""
    requests: list      # (begin, end, word), by end
    pictures: list      # (time, {node: "1", "0" or "-"})
    samples: int
    longest_pause: float
    both: int
    fence: list         # (time, line) of the fence host's log

    def served(self):
        """Ends of the requests that got their page, in order."""
        return [end for _, end, word in self.requests if word == "ok"]

    def gap(self, since=0.0):
        """Longest time without a finished good request (s), less the client's own interval."""
        ends = [end for end in self.served() if end >= since]
        if len(ends) < 2:
            raise LabError(f"only {len(ends)} requests were served; first words: "
                           f"{[word for _, _, word in self.requests[:5]]}")
        return max(0.0, max(b - a for a, b in zip(ends, ends[1:])) - 0.01)

    def outage(self):
        """(last good end before the longest gap, first good end after it)."""
        ends = self.served()
        return max(zip(ends, ends[1:]), key=lambda pair: pair[1] - pair[0])

    def first_served_after(self, moment):
        """End of the first good request that began after `moment`, or None."""
        return next((end for begin, end, word in self.requests if word == "ok" and begin >= moment), None)

    def check_exclusive(self):
        """Never both nodes with the address; and the sampler looked often enough to say so."""
        if self.both:
            raise LabError(f"both nodes held {VIP} in {self.both} of {self.samples} samples: {self.pictures[-8:]}")
        if self.longest_pause > 0.25:
            raise LabError(f"the sampler paused {self.longest_pause:.3f} s: no proof that the address was exclusive")

    def fenced(self, domain):
        """Times at which the fence host had switched this domain off (or found it off already)."""
        return [moment for moment, line in self.fence if fencehost.seen_off(line) == domain]

    def held(self, node):
        """Times at which `node` got the address."""
        found, before = [], None
        for moment, picture in self.pictures:
            if picture[node] == "1" and before != "1":
                found.append(moment)
            before = picture[node]
        return found


class Watch:
    """with Watch(lab) as watch: ... ; seen = watch.stop(). Both processes run from enter to stop()."""

    def __init__(self, lab, settle=0.3):
        self.lab, self.settle = lab, settle
        self.folder = lab.settings.data
        self.children = []
        self.seen = None

    def _start(self, argv):
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, start_new_session=True)
        hypervisor.favour_process(self.lab.settings, child.pid)
        self.lab.journal().add_process(child.pid, "watch")
        self.children.append(child)

    def __enter__(self):
        settings = self.lab.settings
        client = network.inside(settings, [os.path.join(HERE, "client.py"), VIP, "80", f"{self.folder}/client"])
        self._start(client)
        self._start([os.path.join(HERE, "sampler.py"), settings.id, VIP, f"{self.folder}/sampler"])
        time.sleep(self.settle)
        return self

    def __exit__(self, kind, value, trace):
        if self.seen is None:
            self.stop(0)

    def stop(self, settle=None):
        """Waits a moment, ends both and returns Seen."""
        time.sleep(self.settle if settle is None else settle)
        for child in self.children:
            child.send_signal(signal.SIGTERM)
        for child in self.children:
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait(5)
        self.children = []
        requests = []
        with open(f"{self.folder}/client", encoding="ascii") as lines:
            for line in lines:
                begin, end, word = line.rstrip("\n").split(" ", 2)
                requests.append((float(begin), float(end), word))
        requests.sort(key=lambda entry: entry[1])
        pictures, fence, last = [], [], ("0", "0", "0")
        names = list(self.lab.nodes)
        with open(f"{self.folder}/sampler", encoding="ascii") as lines:
            for line in lines:
                words = line.split()
                if words[0] == "end":
                    last = words[1:]
                elif words[0] == "fence":
                    fence.append((float(words[1]), line.rstrip("\n").split(" ", 2)[2]))
                else:
                    pictures.append((float(words[0]), dict(zip(names, words[1:]))))
        self.seen = Seen(requests, pictures, int(last[0]), float(last[1]), int(last[2]), fence)
        return self.seen
