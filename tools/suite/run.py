# SPDX-License-Identifier: Apache-2.0
"""The order of the parts, and the sum at the end."""

import argparse
import os
import signal
import sys
import time

from lab import packages
from lab.settings import LabError

from . import parts
from .command import ROOT, say
from .parts import Count

QUICK_SEEDS = 100
FULL_SEEDS = 1000
SANITIZED_SEEDS = 30
# Pacemaker's root has no library of a sanitizer; the others judge speed and memory, which are the sanitizer's then.
NOT_SANITIZED = r"^(xvm\.pacemaker|virtd\.host\.flood|virtd\.host\.answered_and_not_closed)$"
FRESH_SECONDS = 300  # as many as fit in five minutes, at least a thousand
FRESH_SEEDS = 1000


def _folder(preset):
    return os.path.join(ROOT, "build", preset)


def _parts(how):
    """(name, names of parts that must have passed before, function)"""
    quick = how == "quick"
    if how == "seeds":
        return [
            ("build", (), lambda: parts.build("build", "dev", ["duet-sim"])),
            ("fresh seeds", ("build",), lambda: parts.fresh_seeds(FRESH_SECONDS, FRESH_SEEDS)),
        ]
    cores = str(os.cpu_count() or 2)
    chosen = [
        ("build", (), lambda: parts.build("build", "dev")),
        ("nodes' file system", (), parts.node_root),  # corosync of the integration tests comes from there
        ("unit and architecture", ("build",),
         lambda: parts.ctest("unit and architecture", _folder("dev"), ["-LE", "integration"], cores, 600)),
        ("integration", ("build", "nodes' file system"),
         lambda: parts.ctest("integration", _folder("dev"), ["-L", "integration"], "1", 1200)),
        ("simulator", ("build",),
         lambda: parts.simulator(QUICK_SEEDS if quick else FULL_SEEDS)),
    ]
    if not quick:
        chosen += [
            ("release build", (), lambda: parts.build("release build", "release", options=["-DBUILD_TESTING=OFF"])),
            ("end to end", ("release build", "nodes' file system"), parts.end_to_end),
            # The corpus of the fuzz targets is replayed by tests of the label `unit`.
            ("sanitizer build", (),
             lambda: parts.build("sanitizer build", "asan", ["duet_unit_tests", "duet_integration_tests", "duet-sim"])),
            ("unit with sanitizers", ("sanitizer build",),
             lambda: parts.ctest("unit with sanitizers", _folder("asan"), ["-L", "unit"], cores, 900)),
            ("integration with sanitizers", ("sanitizer build", "nodes' file system"),
             lambda: parts.ctest("integration with sanitizers", _folder("asan"),
                                 ["-L", "integration", "-E", NOT_SANITIZED], "1", 1500)),
            ("simulator with sanitizers", ("sanitizer build",), lambda: parts.sanitized_seeds(SANITIZED_SEEDS)),
            ("thread sanitizer build", (),
             lambda: parts.build("thread sanitizer build", "tsan", parts.THREADED)),
            ("threads with sanitizer", ("thread sanitizer build", "nodes' file system"), parts.threads),
            ("mutants", (), parts.mutants),
            ("clang build", (), lambda: parts.build("clang build", "clang")),
        ]
    return chosen


def _prepare():
    packages.check_machine()
    # Also for `quick`: the integration tests speak with the original fence agent and its daemon.
    packages.install("build", "test", "lab", tell=lambda text: say("  " + text))
    os.environ["DUET_TEST_STRICT"] = "1"  # a test that finds a prerequisite missing fails


def _minutes(seconds):
    return f"{int(seconds) // 60:2d}:{int(seconds) % 60:02d}"


def main(text):
    """Runs everything; returns the exit status."""
    parser = argparse.ArgumentParser(prog="tools/test", description=text,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("how", nargs="?", choices=["quick", "seeds"],
                        help="quick: only what is fast and needs no real nodes; seeds: fresh seeds of the simulator")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends this ends what it has started
    try:
        _prepare()
    except LabError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    total, results, times = Count(), {}, {}
    try:
        for name, needs, function in _parts(arguments.how):
            began = time.monotonic()
            broken = [need for need in needs if results[need].failed]
            if broken:
                say(f"{name}: not run, because of {', '.join(broken)}")
                results[name] = Count(failed=1)
            else:
                say(f"{name} ...")
                results[name] = function()
            count = results[name]
            if count.passed + count.failed == 0:
                say(f"  {name}: no test ran")
                count.failed = 1
            times[name] = time.monotonic() - began
            say(f"{name}: {count.passed} passed, {count.failed} failed in {_minutes(times[name])}")
            total.add(count)
    except KeyboardInterrupt:
        say("interrupted")
        total.failed += 1
    print("\nminutes of each part:")
    for name, seconds in times.items():
        print(f"  {_minutes(seconds)}  {name}")
    print(f"  {_minutes(sum(times.values()))}  all\n")
    print(f"{total.passed} passed, {total.failed} failed", flush=True)
    return 1 if total.failed else 0
