# SPDX-License-Identifier: Apache-2.0
"""What a lab has made, one JSON line each, written before (processes: right after) it is made.

After kill -9 of the script the next `up` or `down` reads this file and undoes what it names (cleanup.py).
"""

import fcntl
import json
import os

from . import procs
from .settings import LabError


class Journal:
    """The journal file of one lab and the lock that keeps two commands on the same lab apart."""

    def __init__(self, settings):
        os.makedirs(settings.run, mode=0o755, exist_ok=True)
        self.path = os.path.join(settings.run, "journal")
        self._lock = None
        self._lock_path = os.path.join(settings.run, "lock")

    def lock(self, lab_id):
        """Takes the lab for this process; the kernel gives it back when the process ends."""
        handle = open(self._lock_path, "a+", encoding="ascii")  # pylint: disable=consider-using-with
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            handle.seek(0)
            owner = handle.read().strip() or "unknown"
            raise LabError(f"lab '{lab_id}' is in use by process {owner}") from busy
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        self._lock = handle

    def add(self, kind, **fields):
        """Appends one record and makes it durable."""
        with open(self.path, "a", encoding="utf-8") as out:
            out.write(json.dumps({"kind": kind, **fields}) + "\n")
            out.flush()
            os.fsync(out.fileno())

    def add_process(self, pid, what):
        """Records a background process with its start time, so that a reused pid is never signalled."""
        self.add("process", pid=pid, start=procs.start_time(pid), what=what)

    def records(self):
        """All records, oldest first; a half written last line is left out."""
        found = []
        try:
            with open(self.path, encoding="utf-8") as lines:
                for line in lines:
                    try:
                        found.append(json.loads(line))
                    except ValueError:
                        continue
        except FileNotFoundError:
            pass
        return found

    def last_process(self, what):
        """The newest recorded process of this name that still lives, as (pid, start), or None."""
        for record in reversed(self.records()):
            if record["kind"] == "process" and record["what"] == what:
                if record["start"] is not None and procs.start_time(record["pid"]) == record["start"]:
                    return record["pid"], record["start"]
        return None

    def clear(self):
        """Forgets everything: it has been undone."""
        try:
            os.unlink(self.path)
        except FileNotFoundError:
            pass
