#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Types what the README tells a newcomer to type, in its order, and reads what it promises: every `sudo tools/demo ...`
of the ten-minute tour runs, and every line of output that the page shows must really appear (times, numbers and blanks
apart). Then what the page only names: a second `up`, which must be quick, `url`, `plug`, `freeze`, `thaw`; and after
each `down` nothing of the demo may be left. Needs root, like the demo.

    tests/docs/readme_replay.py [--build DIR] [--id NAME]
"""

import argparse
import os
import re
import shlex
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))

from harness.traces import traces  # noqa: E402  pylint: disable=wrong-import-position

SECOND_UP = 40.0  # seconds that `up` may take when packages, build and root are there
BEGIN, END = "## See a fail-over in ten minutes", "## Two machines of your own"
PATIENCE = 45  # seconds until an output must be there: corosync's token, a fencing, a boot
BOTH = "Online: [ server1 server4 ]"
PROGRESS = re.compile(r"\w+: (starting|stopping) on \w+$")
# Before these, people wait until all is well; so does the replay. A haproxy that is being restarted with its address is
# not running, and a stop of it then is no failure that a status could show.
HARM = ("crash", "unplug", "fencehost stop", "exec server1 -- systemctl stop")


class Mismatch(Exception):
    """The README promises what does not happen."""


def steps(text):
    """[(command, [lines that the page shows after it])] of the tour."""
    found, fenced = [], False
    lines = iter(text[text.index(BEGIN):text.index(END)].splitlines())
    for line in lines:
        if line.startswith("```"):
            fenced = not fenced
        elif fenced:
            if line.strip():
                found[-1][1].append(line)
        elif line.startswith("    "):
            if line.strip().startswith("sudo "):
                found.append((line.strip()[len("sudo "):], []))
            else:
                found[-1] = (found[-1][0] + "\n" + line.strip(), found[-1][1])
    return found


def plain(line):
    """A line without what differs from run to run."""
    line = re.sub(r"\d{4}-\d\d-\d\dT[\d:+Z]+", "TIME", line)
    line = re.sub(r"\(commit \d+\)|\b\d+(\.\d+)?(ms|s|min)?\b(?!\.\d)", "N", line)
    line = re.sub(r"web\d", "web", line)
    line = re.sub(r" via '.*' on server\d", " via CHANGE", line)  # what was last depends on where haproxy began
    return re.sub(r"\s+", " ", line).strip()


class Replay:
    """One demo of its own, under another id."""

    def __init__(self, name, build):
        self.name, self.build = name, build
        self.count = 0

    def demo(self, words, timeout=180):
        """(exit status, everything printed) of tools/demo."""
        argv = [sys.executable, "-B", os.path.join(ROOT, "tools", "demo"), "--id", self.name, *words]
        if words[0] == "up" and self.build:
            argv += ["--build", self.build]
        output = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        done = subprocess.run(argv, **output, text=True, timeout=timeout, check=False)
        return done.returncode, done.stdout

    def step(self, command, shown):
        """Runs one command; repeats a command that only looks until the page's lines are there."""
        print(f"$ {command.splitlines()[0]}", flush=True)
        self.count += 1
        if command.startswith("nsenter"):
            return self.fetch_loop(command)
        words = shlex.split(command)
        if words[0] != "tools/demo":
            raise Mismatch(f"not a command of the demo: {command}")
        words = words[1:]
        if " ".join(words).startswith(HARM):
            self.wait_well()
        end, closest = time.monotonic() + PATIENCE, None
        while True:
            status, output = self.demo(words, 900 if words[0] == "up" else 180)
            missing = self.missing(shown, output)
            if closest is None or len(missing) < len(closest[0]):
                closest = missing, output
            allowed = (0, 1) if "why" in words else (0,)  # why: 1 means that all is as it should be
            if status in allowed and not missing:
                return None
            looks = words[0] == "status" or {"status", "why", "history"} & set(words)
            if not looks or time.monotonic() > end:
                wanted = "".join(f"\n  the page shows, but it did not say: {line}" for line in closest[0])
                raise Mismatch(f"{command}: exit {status}{wanted}\n--- what came closest:\n{closest[1]}")
            time.sleep(0.3)

    @staticmethod
    def missing(shown, output):
        """Lines of the page that the output does not have. Of a change's progress, a quick step may not be seen."""
        said = {plain(line) for line in output.splitlines()}
        missing = [line for line in shown if plain(line) not in said]
        progress = [line for line in shown if PROGRESS.match(line)]
        return [line for line in missing if line not in progress or set(progress) <= set(missing)]

    def fetch_loop(self, command):
        """The loop of the second terminal, for three seconds."""
        command = command.replace("/run/netns/duet-demo", f"/run/netns/duet-{self.name}")
        done = subprocess.run(["timeout", "3", "bash", "-c", command], capture_output=True, text=True, check=False)
        if len(re.findall(r"web\d GET /", done.stdout)) < 3:
            raise Mismatch(f"{command}\n--- it said:\n{done.stdout}{done.stderr}")

    def wait_well(self):
        """Until both nodes are online and the group runs."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            output = self.demo(["status"])[1]
            if BOTH in output and "Health: DOWN" not in output and " says: " in output:
                return
            time.sleep(0.5)
        raise Mismatch(f"the pair did not become well again:\n{output}")


    def must(self, *words, shows="", timeout=180):
        """Runs tools/demo, which must end with 0 and say `shows`; returns the seconds that it took."""
        print(f"$ tools/demo {' '.join(words)}", flush=True)
        self.count += 1
        began = time.monotonic()
        status, output = self.demo(list(words), timeout)
        if status != 0 or shows not in output:
            raise Mismatch(f"tools/demo {' '.join(words)}: exit {status}, '{shows}' expected\n--- it said:\n{output}")
        return time.monotonic() - began

    def down(self, before):
        """`down`, which must leave nothing that was not there before."""
        self.must("down")
        end, left = time.monotonic() + 3, traces(self.name) - before
        while left and time.monotonic() < end:
            time.sleep(0.2)
            left = traces(self.name) - before
        if left:
            raise Mismatch(f"down left behind: {sorted(left)}")

    def again(self, before):
        """A second `up` and the commands that the tour does not use; returns the seconds of `up`."""
        took = self.must("up", shows=" says: web")
        print(f"      second up: {took:.1f} s (limit {SECOND_UP:.0f} s)", flush=True)
        if took > SECOND_UP:
            raise Mismatch(f"the second up took {took:.1f} s, at most {SECOND_UP:.0f} s")
        self.must("url", shows="http://10.77.0.100/")
        # Each only for a moment, well below corosync's token: nobody is fenced.
        boot = self.demo(["exec", "server4", "--", "cat", "/proc/1/stat"])[1]
        for harm, remedy in (("unplug", "plug"), ("freeze", "thaw")):
            self.must(harm, "server4")
            if harm == "freeze":
                self.must("status", shows="paused")
            self.must(remedy, "server4")
            self.wait_well()
        if self.demo(["exec", "server4", "--", "cat", "/proc/1/stat"])[1].split()[21:22] != boot.split()[21:22]:
            raise Mismatch("server4 was fenced for an interruption of a moment")
        self.down(before)
        return took


def replay(name="readme", build=None):
    """Runs the tour and what it leaves out; always ends with `down`. Returns (number of commands, seconds of a second
    `up`). Raises Mismatch."""
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as page:
        tour = steps(page.read())
    if len(tour) < 15 or sum(len(shown) for _, shown in tour) < 20:
        raise Mismatch(f"only {len(tour)} commands found in the README: this test does not work any more")
    if tour[-1][0] != "tools/demo down":
        raise Mismatch(f"the tour ends with '{tour[-1][0]}'")
    run, before = Replay(name, build), traces(name)
    try:
        for command, shown in tour[:-1]:
            run.step(command, shown)
        run.down(before)
        return run.count, run.again(before)
    finally:
        run.demo(["down"])


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", metavar="DIR", help="install from there instead of building build/release")
    parser.add_argument("--id", default="readme", help="name of the demo")
    args = parser.parse_args()
    try:
        print(f"{replay(args.id, args.build)[0]} commands of the demo did what the README says")
    except Mismatch as mismatch:
        print(f"FAILED: {mismatch}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
