#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Runs every mutant of mutants.txt on a duet-sim that was built with -DDUET_MUTANTS=ON; each must be killed by a seed,
# or by the plan of corpus that the list names, and that seed or plan must pass without the mutant. Ends with 1 if
# one survives.
import argparse
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
VIOLATED = (10, 11, 12)  # crash, safety, liveness: the exit status of duet-sim


def read_list(path):
    """(name, most seeds, plan or None, what the mistake is) of each line."""
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, by, text = line.split(" ", 2)
            yield (name, 0, by, text) if by.endswith(".plan") else (name, int(by), None, text)


def run(command, seconds):
    """Exit status (None: not ended in time) and output."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired:
        return None, ""


def hunt(options, name, seeds, plan):
    """(killed, how)"""
    if plan is None:
        status, output = run([options.simulator, "--mutant", name, "--max-seeds", str(seeds), "--jobs", options.jobs],
                             options.seconds)
        how = output.strip().splitlines()[-1].partition(f"mutant {name} ")[2] if output else "took too long"
        return status == 0, how, output
    path = str(HERE / "corpus" / plan)
    if run([options.simulator, "--plan", path], options.seconds)[0] != 0:
        return False, f"{plan} fails without it", ""
    status, output = run([options.simulator, "--plan", path, "--mutant", name], options.seconds)
    return status in VIOLATED, f"killed by {plan}" if status in VIOLATED else f"passes {plan}", output


def main():
    arguments = argparse.ArgumentParser(description="run all seeded mutants")
    arguments.add_argument("simulator")
    arguments.add_argument("--list", default=str(HERE / "mutants.txt"))
    arguments.add_argument("--seconds", type=int, default=600, help="longest time for one mutant")
    arguments.add_argument("--jobs", default="2")
    arguments.add_argument("--only", nargs="*", default=[])
    options = arguments.parse_args()
    survivors = []
    for name, seeds, plan, text in read_list(options.list):
        if options.only and name not in options.only:
            continue
        killed, how, output = hunt(options, name, seeds, plan)
        by = [line for line in output.splitlines() if line.startswith("SIM FAIL")]
        reason = by[0].split("class=", 1)[-1][:110] if by else ""
        print(f"{'ok  ' if killed else 'FAIL'} {name} {how}  ({text})  {reason}", flush=True)
        if not killed:
            survivors.append(name)
    print(f"survivors: {' '.join(survivors) or 'none'}")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
