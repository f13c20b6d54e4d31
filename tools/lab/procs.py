# SPDX-License-Identifier: Apache-2.0
"""Child processes with a limit in time, background processes that can be identified later, and waiting."""

import collections
import os
import re
import signal
import subprocess
import threading
import time

from .settings import LabError

SIGN_OF_LIFE = 5.0  # seconds between two lines about a long command


def run(argv, timeout=60, check=True, text=True, **kwargs):
    """Runs a command and returns its CompletedProcess; LabError with its last words when it fails or takes too long."""
    kwargs.setdefault("stdin", subprocess.DEVNULL)
    try:
        done = subprocess.run(argv, timeout=timeout, capture_output=True, text=text, errors="replace" if text else None,
                              check=False, **kwargs)
    except subprocess.TimeoutExpired as late:
        raise LabError(f"{' '.join(argv)}: not ended after {timeout} s") from late
    except FileNotFoundError as missing:
        raise LabError(f"{argv[0]}: not installed") from missing
    if check and done.returncode != 0:
        words = (done.stderr or done.stdout or "")
        words = words if text else words.decode("utf-8", "replace")
        raise LabError(f"{' '.join(argv)}: exit {done.returncode}: {words.strip()[-800:]}")
    return done


def follow(argv, log, timeout, tell, pattern=r"\S.*", **kwargs):
    """Runs a long command, its output into the file `log`. Every few seconds tell() gets what of its last line matches
    the pattern (its first group, if there is one). Returns (exit status, last lines); -9 after `timeout` seconds."""
    try:
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 text=True, errors="replace", start_new_session=True, **kwargs)
    except FileNotFoundError as missing:
        raise LabError(f"{argv[0]}: not installed") from missing
    timer = threading.Timer(timeout, lambda: os.killpg(child.pid, signal.SIGKILL))
    timer.daemon = True
    timer.start()
    tail, told = collections.deque(maxlen=25), time.monotonic()
    try:
        for line in child.stdout:
            log.write(line)
            tail.append(line)
            match = re.search(pattern, line.strip())
            if match and time.monotonic() - told >= SIGN_OF_LIFE:
                tell(match.group(match.lastindex or 0)[:100])
                told = time.monotonic()
        return child.wait(), "".join(tail).strip()
    except BaseException:
        os.killpg(child.pid, signal.SIGTERM)
        child.wait()
        raise
    finally:
        timer.cancel()


def spawn(argv, log_path, **kwargs):
    """Starts a process in a session of its own, its output in a file, and returns its pid."""
    with open(log_path, "ab") as log:
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                 close_fds=True, **kwargs)
    return child


def start_time(pid):
    """Start time of a process (field 22 of stat, clock ticks since boot) or None: with the pid it names one process."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            fields = stat.read().rsplit(b")", 1)[1].split()
    except OSError:
        return None
    return int(fields[19]) if fields[0] not in (b"Z", b"X") else None


def children(pid):
    """Pids of the direct children of a process (of its main thread)."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as listing:
            return [int(word) for word in listing.read().split()]
    except OSError:
        return []


def comm(pid):
    """The short name of a process, or an empty string."""
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as name:
            return name.read().strip()
    except OSError:
        return ""


def kill(pid, start, sig=signal.SIGKILL):
    """Sends a signal to exactly the process that had this start time; True if it was sent."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if start is not None and start_time(pid) != start:
            return False
        signal.pidfd_send_signal(handle, sig)
        return True
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)


def wait_until(condition, timeout, what, interval=0.05):
    """Calls condition until it is true and returns its value; LabError after `timeout` seconds."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise LabError(f"{what}: not within {timeout} s")
        time.sleep(interval)
