# SPDX-License-Identifier: Apache-2.0
"""One split-brain race: the nodes are cut from each other while both reach the fence host, and what came of it."""

from dataclasses import asdict, dataclass, field

from .watch import Watch

LONGEST_PAUSE = 0.25  # seconds between two looks of the sampler; beyond that it proves nothing


@dataclass
class Race:
    """What a race came to. Times in seconds; `faults` is empty when all that must hold did."""
    active: str             # who served when the cut came
    decided: float = 0.0    # from the cut until the fence host had switched a node off
    whole: float = 0.0      # until both were online again
    failed: int = 0         # requests of the client (100 a second) that did not get their page
    pause_served: float = 0.0  # longest time without a finished request: on a busy machine answers come late
    kills: dict = field(default_factory=dict)  # how often each domain was switched off
    both: int = 0           # samples with the address on both nodes
    samples: int = 0
    pause: float = 0.0      # longest time between two samples
    faults: list = field(default_factory=list)

    def line(self, number):
        """One line of figures."""
        kills = " ".join(f"{domain}:{count}" for domain, count in self.kills.items())
        word = "ok" if not self.faults else "FAULT " + "; ".join(self.faults)
        return (f"race {number}: active {self.active}, switched off {kills} after {self.decided:.2f} s, "
                f"{self.failed} requests failed (longest pause {self.pause_served * 1000:.0f} ms), "
                f"address on both in {self.both} of {self.samples} samples "
                f"(longest pause {self.pause * 1000:.0f} ms), online after {self.whole:.1f} s: {word}")

    def record(self):
        """For the file of results."""
        return asdict(self)


def run(c, active):
    """Cuts the nodes while `active` serves, waits for the fencing, heals, waits for the return. The cluster must be in
    its known state with the group on `active`; afterwards it is again, unless the race has faults."""
    loser, result = c.other(active), Race(active)
    boots, kills, served = c.boots(), c.fencings(), c.unit_start(active)
    with Watch(c) as watch:
        cut = c.now()
        c.lab.cut_nodes(True)
        try:
            c.wait(lambda: any(c.boots()[name] != boots[name] for name in boots), 40, "a node was switched off")
        finally:
            c.lab.cut_nodes(False)
        c.wait(lambda: all(c.boots().values()), 30, "both nodes on")
        c.nodes[loser].wait_booted(60)
        c.wait_online(60)
        result.whole = c.now() - cut
        seen = watch.stop(1)
    result.kills = {domain: count - kills.get(domain, 0) for domain, count in c.fencings().items()}
    result.both, result.samples, result.pause = seen.both, seen.samples, seen.longest_pause
    result.failed, result.pause_served = len(seen.requests) - len(seen.served()), seen.gap()
    moments = [moment for node in c.nodes.values() for moment in seen.fenced(node.spec.domain)]
    result.decided = min(moments, default=cut) - cut
    _judge(c, result, seen, (boots, served))
    return result


def _judge(c, result, seen, before):
    boots, served = before
    loser, after = c.other(result.active), c.boots()
    wanted = {c.nodes[loser].spec.domain: 1, c.nodes[result.active].spec.domain: 0}
    facts = {
        f"switched off {result.kills}, expected {wanted}": result.kills == wanted,
        f"{result.active}, which served, was restarted": after[result.active] == boots[result.active],
        f"{loser} was not restarted": after[loser] != boots[loser],
        f"haproxy was restarted on {result.active}": c.unit_start(result.active) == served,
        f"{result.failed} requests failed": result.failed == 0,
        f"the address left {result.active}": all(picture[result.active] == "1" for _, picture in seen.pictures),
        f"the client was not served for {result.pause_served:.3f} s": result.pause_served < 1,
        f"the address was on both nodes in {result.both} samples": result.both == 0,
        f"the sampler paused for {result.pause:.3f} s": result.pause <= LONGEST_PAUSE,
    }
    result.faults = [text for text, holds in facts.items() if not holds]
