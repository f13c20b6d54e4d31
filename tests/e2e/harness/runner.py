# SPDX-License-Identifier: Apache-2.0
"""Finds the tests, runs them in order, prints one line for each, and keeps logs of those that fail.

A test is a function test_*(c) in a file test_*.py, where c is the Cluster. Its doc string is the fact that must hold.
Each file begins with a fresh lab, and so does the test after one that failed. `fresh = True` on a test asks for one,
too. `recipe` names the root file system
of the nodes for the fresh lab (tools/lab/rootfs.py). `long = True` keeps a test out of the usual run.
"""

import argparse
import importlib.util
import os
import shutil
import sys
import time
import traceback

from lab.lab import LabError

from .cluster import Cluster

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(os.path.dirname(HERE))
FIGURES = {}
PAUSE = 0.3  # seconds: what a busy machine may add to an answer when nothing happens to the service


def figure(name, seconds, limit=None):
    """Notes a measured time; with a limit (s), a longer time is a failure."""
    FIGURES.setdefault(name, []).append(seconds)
    print(f"      {name}: {seconds * 1000:.0f} ms" + (f" (limit {limit * 1000:.0f} ms)" if limit else ""), flush=True)
    if limit is not None and seconds > limit:
        raise AssertionError(f"{name}: {seconds:.3f} s, limit {limit} s")


def expect(condition, text):
    """A fact that must hold, in words."""
    if not condition:
        raise AssertionError(text)


def discover(pattern, long=False):
    """[(file name, test name, function)] in the order of files and of lines; `long`: those that take long, too."""
    found = []
    for name in sorted(os.listdir(HERE)):
        if not (name.startswith("test_") and name.endswith(".py")):
            continue
        spec = importlib.util.spec_from_file_location(name[:-3], os.path.join(HERE, name))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for test, function in vars(module).items():
            if not (test.startswith("test_") and callable(function)) or (getattr(function, "long", False) and not long):
                continue
            if not pattern or pattern in f"{name[:-3]}.{test}":
                found.append((name[:-3], test, function))
    return found


def keep_logs(cluster, name):
    """Copies what explains a failure to build/e2e-logs/<test>/."""
    target = os.path.join(ROOT, "build", "e2e-logs", name)
    shutil.rmtree(target, ignore_errors=True)
    os.makedirs(target)
    settings = cluster.lab.settings
    for file in ("client", "sampler", "journal"):
        for folder in (settings.data, settings.run):
            if os.path.exists(os.path.join(folder, file)):
                shutil.copy(os.path.join(folder, file), target)
    if os.path.isdir(settings.logs):
        shutil.copytree(settings.logs, os.path.join(target, "host"))
    for node in cluster.nodes.values():
        path = os.path.join(settings.node_dir(node.spec), "upper", "var/log/journal")
        commands = {"journal": ["journalctl", "-q", "-D", path, "-o", "short-precise", "--no-pager"]}
        for what, argv in commands.items():
            with open(os.path.join(target, f"{node.name}.{what}"), "wb") as out:
                import subprocess  # pylint: disable=import-outside-toplevel
                subprocess.run(argv, stdout=out, stderr=out, timeout=30, check=False)
        with open(os.path.join(target, f"{node.name}.status"), "w", encoding="utf-8") as out:
            out.write(cluster.text_status(node.name))
    return target


def main():
    """Command line of tests/e2e/run."""
    parser = argparse.ArgumentParser(prog="tests/e2e/run", description="End-to-end tests on two real nodes (root).")
    parser.add_argument("-k", metavar="NAME", default="", help="only tests whose file.name contains NAME")
    parser.add_argument("--build", metavar="DIR", default=os.path.join(ROOT, "build", "release"),
                        help="build directory to install from (default: build/release)")
    parser.add_argument("--keep", action="store_true", help="leave the lab up afterwards; stop at the first failure")
    parser.add_argument("--long", action="store_true", help="also the tests that take half an hour")
    parser.add_argument("--list", action="store_true", help="only list the tests")
    parser.add_argument("--lab", default="e2e", help="id of the lab")
    parser.add_argument("-v", action="store_true", help="tell what the lab does")
    args = parser.parse_args()
    tests = discover(args.k, args.long)
    if args.list or not tests:
        for file, name, function in tests:
            print(f"{file}.{name}: {(function.__doc__ or '').strip().splitlines()[0]}")
        return 0 if tests else 1
    cluster = Cluster(os.path.abspath(args.build), args.lab, args.v)
    try:
        failed = run_all(cluster, tests, args.keep)
    finally:
        if not args.keep:
            cluster.close()
    print_figures()
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


def run_all(cluster, tests, stop_at_failure):
    """Runs the tests; returns how many did not pass."""
    failed, broken, last_file = 0, True, None
    for number, (file, name, function) in enumerate(tests):
        began = time.monotonic()
        try:
            if broken or file != last_file or getattr(function, "fresh", False):
                cluster.fresh(getattr(function, "recipe", "base"))
            broken, last_file = False, file
            function(cluster)
        except (Exception, KeyboardInterrupt) as problem:  # pylint: disable=broad-except
            took = time.monotonic() - began
            print(f"FAIL  {file}.{name}  {took:.1f} s", flush=True)
            text = str(problem) if isinstance(problem, (AssertionError, LabError)) else traceback.format_exc()
            place = traceback.extract_tb(problem.__traceback__)
            lines = [f"{os.path.basename(frame.filename)}:{frame.lineno}" for frame in place][-4:]
            print("      " + text.strip().replace("\n", "\n      ") + f"\n      at {' > '.join(lines)}")
            try:
                print(f"      logs: {os.path.relpath(keep_logs(cluster, f'{file}.{name}'), ROOT)}", flush=True)
            except Exception as worse:  # pylint: disable=broad-except
                print(f"      no logs: {worse}", flush=True)
            failed, broken = failed + 1, True
            if isinstance(problem, KeyboardInterrupt) or stop_at_failure:
                return failed + len(tests) - number - 1
            continue
        print(f"PASS  {file}.{name}  {time.monotonic() - began:.1f} s", flush=True)
    return failed


def print_figures():
    """All measured times, in one table."""
    if FIGURES:
        print("\nmeasured (median, worst, in ms):")
    for name, values in FIGURES.items():
        ordered = sorted(values)
        print(f"  {ordered[len(ordered) // 2] * 1000:8.0f} {ordered[-1] * 1000:8.0f}  {name}")


def command_line():
    """Runs main() with exit code and words of a program."""
    try:
        sys.exit(main())
    except LabError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(1)
