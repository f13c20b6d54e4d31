#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Runs every mutant of mutants.txt on a duet-sim that was built with -DDUET_MUTANTS=ON; each must be killed by a seed
# that passes without it. Ends with 1 if one survives.
import argparse
import pathlib
import subprocess
import sys


def read_list(path):
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, seeds, text = line.split(" ", 2)
            yield name, int(seeds), text


def main():
    arguments = argparse.ArgumentParser(description="run all seeded mutants")
    arguments.add_argument("simulator")
    arguments.add_argument("--list", default=str(pathlib.Path(__file__).parent / "mutants.txt"))
    arguments.add_argument("--seconds", type=int, default=600, help="longest time for one mutant")
    arguments.add_argument("--jobs", default="2")
    arguments.add_argument("--only", nargs="*", default=[])
    options = arguments.parse_args()
    survivors = []
    for name, seeds, text in read_list(options.list):
        if options.only and name not in options.only:
            continue
        command = [options.simulator, "--mutant", name, "--max-seeds", str(seeds), "--jobs", options.jobs]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=options.seconds, check=False)
            killed, verdict = done.returncode == 0, done.stdout.strip().splitlines()[-1]
            by = [line for line in done.stdout.splitlines() if line.startswith("SIM FAIL")]
        except subprocess.TimeoutExpired:
            killed, verdict, by = False, f"mutant {name} not killed in {options.seconds} s", []
        reason = by[0].split("class=", 1)[-1][:110] if by else ""
        print(f"{verdict}  ({text})  {reason}", flush=True)
        if not killed:
            survivors.append(name)
    print(f"survivors: {' '.join(survivors) or 'none'}")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
