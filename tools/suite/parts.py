# SPDX-License-Identifier: Apache-2.0
"""The parts of the suite. Each returns a Count; a part that ran nothing has failed."""

import os
import re
import sys
import xml.etree.ElementTree

from lab import rootfs
from lab.settings import LabError

from . import command
from .command import ROOT, say


class Count:
    """Passed and failed tests of a part."""

    def __init__(self, passed=0, failed=0):
        self.passed, self.failed = passed, failed

    def add(self, other):
        """Takes the other's numbers in."""
        self.passed += other.passed
        self.failed += other.failed


# Programs that start threads: the store's worker, the loop's posted work, the session's connector, the fence host's
# worker pool and its connections to libvirt.
THREADED = ["store_test", "loop_test", "corosync_integration", "virtd_test", "libvirt_test"]


def _cores():
    return str(os.cpu_count() or 2)


def _show_failure(name, ended, begin=None):
    """Where the log is and 25 lines of it: the last, or those from the first match of `begin`."""
    say(f"  {name}: FAILED, all of it in {ended.log}")
    match = re.search(begin, ended.output, re.MULTILINE) if begin else None
    text = "\n".join(ended.output[match.start():].splitlines()[:25]) if match else ended.tail()
    print("\n".join("      " + line[:200] for line in text.splitlines()), flush=True)


def build(name, preset, targets=(), options=(), folder=None, timeout=2400):
    """Configures a preset and builds it (all of it, or the targets). One test: it builds."""
    folder = folder or os.path.join(ROOT, "build", preset)
    steps = [(f"{name} configure", ["cmake", "--preset", preset, "-B", folder, *options], 300),
             (name, ["cmake", "--build", folder, "-j", _cores(), *(["--target", *targets] if targets else [])],
              timeout)]
    for step, argv, limit in steps:
        ended = command.run(step, argv, limit)
        if not ended.ok:
            _show_failure(step, ended, r"^.*(?: error: |CMake Error|undefined reference)")
            return Count(failed=1)
    return Count(passed=1)


def _read_junit(path):
    """(passed, names of those that did not pass)"""
    passed, failed = 0, []
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        if case.get("status") == "run" and case.find("failure") is None:
            passed += 1
        elif case.get("status") != "disabled" and case.find("skipped") is None:
            failed.append(case.get("name"))
        elif case.find("skipped") is not None:
            failed.append(case.get("name") + " (not run)")
    return passed, failed


def ctest(name, folder, arguments, jobs, timeout):
    """Runs the tests of a build directory that the arguments select."""
    report = os.path.join(command.LOGS, name.replace(" ", "-") + ".xml")
    os.makedirs(command.LOGS, exist_ok=True)
    if os.path.exists(report):
        os.unlink(report)
    ended = command.run(name, ["ctest", "--test-dir", folder, "-j", jobs, "--output-on-failure", "--no-tests=error",
                               "--output-junit", report, *arguments], timeout)
    if not os.path.exists(report):
        _show_failure(name, ended)
        return Count(failed=1)
    passed, failed = _read_junit(report)
    if failed:
        say(f"  {name}: output of the failed tests in {ended.log}")
        for test in failed:
            say(f"  failed: {test}")
    elif not ended.ok:
        _show_failure(name, ended)
    return Count(passed, max(len(failed), 0 if ended.ok else 1))


def node_root():
    """The nodes' root in the lab's cache; the first time many packages are downloaded. One test: it is there."""
    try:
        rootfs.ensure("base")
    except LabError as failed:
        say(f"  {failed}")
        return Count(failed=1)
    return Count(passed=1)


def threads():
    """The programs with threads, under the thread sanitizer; each whole program is a test."""
    count = Count()
    for program in THREADED:
        paths = [os.path.join(folder, program) for folder, _, files in os.walk(os.path.join(ROOT, "build/tsan/tests"))
                 if program in files]
        # glib's own allocator hands memory from thread to thread in a way that the sanitizer cannot see.
        ended = command.run(f"tsan {program}", ["env", "G_SLICE=always-malloc", *(paths[:1] or [program])], 300)
        count.add(Count(passed=1) if ended.ok else Count(failed=1))
        if not ended.ok:
            _show_failure(f"tsan {program}", ended, r"^WARNING: ThreadSanitizer")
    return count


def simulator(last_seed):
    """The seeds 1 to last_seed, the same ones in each run; each seed is a test."""
    return _simulate("simulator", ["--seeds", f"1..{last_seed}", "--keep-going"], 1800)


def fresh_seeds(seconds, min_seeds):
    """Seeds that no run has seen before, taken from the clock, as many as fit in the time given; each is a test."""
    return _simulate("fresh seeds", [f"--for={seconds}", f"--min-seeds={min_seeds}"], seconds * 3 + 600)


def sanitized_seeds(last_seed):
    """A few seeds with the simulator built with sanitizers: the core as the daemons run it, every fault included."""
    return _simulate("simulator with sanitizers", ["--seeds", f"1..{last_seed}", "--keep-going"], 900, "asan")


def _simulate(name, what, limit, preset="dev"):
    commit = command.run("commit", ["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], 10)
    words = commit.output.split()
    program = os.path.join(ROOT, "build", preset, "tests/sim/duet-sim")
    known = words[0] if commit.ok and words else "unknown"
    ended = command.run(name, [program, *what, "--self-check", "--shrink=200", "--plans", command.LOGS,
                               "--commit", known], limit)
    match = re.search(r"(\d+) seeds, (\d+) failed", ended.output)
    if not match:
        _show_failure(name, ended)
        return Count(failed=1)
    seeds, failed = int(match.group(1)), int(match.group(2))
    say("  " + match.group(0) + ended.output[match.end():].partition("\n")[0])
    for seed in re.findall(r"^SIM FAIL  seed=(\d+)", ended.output, re.MULTILINE):
        say(f"  replay: {program} --seed {seed} --explain")
    if failed or not ended.ok:
        _show_failure(name, ended, r"^SIM FAIL")
    return Count(seeds - failed, max(failed, 0 if ended.ok else 1))


def mutants():
    """Every known mistake is found by the simulator; each is a test. tests/sim/mutants.py knows how."""
    folder = os.path.join(ROOT, "build", "mutants")
    built = build("mutants build", "dev", ["duet-sim"], ["-DDUET_MUTANTS=ON"], folder)
    if built.failed:
        return built
    runner = os.path.join(ROOT, "tests/sim/mutants.py")
    program = os.path.join(folder, "tests/sim/duet-sim")
    ended = command.run("mutants", [sys.executable, runner, program, "--jobs", _cores()], 3600)
    verdicts = re.findall(r"^(ok  |FAIL) (\S+) (.*)$", ended.output, re.MULTILINE)
    for verdict, name, how in verdicts:
        if verdict == "FAIL":
            say(f"  mutant {name} survived: {how}")
    failed = sum(verdict == "FAIL" for verdict, _, _ in verdicts)
    if not ended.ok and not failed:
        _show_failure("mutants", ended)
    return Count(len(verdicts) - failed, max(failed, 0 if ended.ok else 1))


def end_to_end():
    """Two real nodes; the runner prints PASS and FAIL lines and its own sum."""
    name = "end to end"
    program = os.path.join(ROOT, "tests/e2e/run")
    ended = command.run(name, [program, "--build", os.path.join(ROOT, "build/release")], 2400)
    sums = re.findall(r"^(\d+) passed, (\d+) failed$", ended.output, re.MULTILINE)
    for line in re.findall(r"^FAIL  .*(?:\n      .*)*", ended.output, re.MULTILINE):
        print(line, flush=True)
    if not sums:
        _show_failure(name, ended)
        return Count(len(re.findall(r"^PASS  ", ended.output, re.MULTILINE)),
                     1 + len(re.findall(r"^FAIL  ", ended.output, re.MULTILINE)))
    passed, failed = (int(number) for number in sums[-1])
    measured = ended.output.find("measured (")
    if measured >= 0:
        print(ended.output[measured:].rstrip().rpartition("\n")[0], flush=True)
    return Count(passed, max(failed, 0 if ended.ok else 1))
