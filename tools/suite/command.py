# SPDX-License-Identifier: Apache-2.0
"""Running one command of the suite: output into a log, progress on the terminal, a limit in time."""

import os
import re
import signal
import subprocess
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LOGS = os.path.join(ROOT, "build", "test-logs")
BEGAN = time.monotonic()
# What a line of output says about how far the command is: ninja, ctest, the end-to-end runner.
_PROGRESS = re.compile(r"^\[(\d+/\d+)\]|^\s*(\d+/\d+) Test\s|^(PASS|FAIL)  (\S+)")
_REPORT_EVERY = 15.0  # seconds between two signs of life


def say(text):
    """One line with the time since the beginning."""
    elapsed = int(time.monotonic() - BEGAN)
    print(f"[{elapsed // 60:2d}:{elapsed % 60:02d}] {text}", flush=True)


class Ended:
    """How a command ended: exit status (None: killed at its limit), its output, where the log is."""

    def __init__(self, status, output, log):
        self.status, self.output, self.log = status, output, log

    @property
    def ok(self):
        """It ended by itself, with status 0."""
        return self.status == 0

    def tail(self, lines=25):
        """The last lines, for people."""
        return "\n".join(self.output.rstrip().splitlines()[-lines:])


def _kill_group(child):
    try:
        os.killpg(child.pid, signal.SIGTERM)
        child.wait(timeout=10)
    except ProcessLookupError:
        return
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)


def run(name, argv, timeout):
    """Runs argv in the checkout. Everything that it starts ends with it at the limit of `timeout` seconds."""
    os.makedirs(LOGS, exist_ok=True)
    log_path = os.path.join(LOGS, name.replace(" ", "-") + ".log")
    with open(log_path, "w", encoding="utf-8") as log:
        log.write(f"$ {' '.join(argv)}\n")
        log.flush()
        child = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True)
        killed = threading.Event()

        def limit():
            killed.set()
            _kill_group(child)

        timer = threading.Timer(timeout, limit)
        timer.start()
        output, reported = [], time.monotonic()
        try:
            for line in child.stdout:
                log.write(line)
                output.append(line)
                match = _PROGRESS.match(line)
                if match and time.monotonic() - reported >= _REPORT_EVERY:
                    say(f"  {name}: {next(group for group in reversed(match.groups()) if group)}")
                    reported = time.monotonic()
            child.wait()
        except KeyboardInterrupt:
            _kill_group(child)
            raise
        finally:
            timer.cancel()
        if killed.is_set():
            output.append(f"killed: not ended after {timeout} s\n")
            log.write(output[-1])
    return Ended(None if killed.is_set() else child.returncode, "".join(output), os.path.relpath(log_path, ROOT))
