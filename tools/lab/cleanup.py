# SPDX-License-Identifier: Apache-2.0
"""Undoes what the journal of a lab names. Works after kill -9 of the script, and twice in a row."""

import os
import shutil
import signal
import time

from . import hypervisor, network, procs, shared
from .journal import Journal
from .settings import LabError


def undo(settings, keep_logs=False):
    """Ends the lab's processes and removes its namespace, cgroups and folders. LabError names what would not go."""
    journal = Journal(settings)
    records = journal.records()
    hypervisor.unfavour_process(os.getpid())
    _end_processes(settings, records)
    for record in reversed(records):
        if record["kind"] == "netns":
            network.delete(record["name"])
    network.delete(settings.netns)
    for record in reversed(records):
        if record["kind"] == "cgroup":
            _remove_cgroups(record["name"])
    _remove_data(settings, keep_logs)
    journal.clear()


def _members(settings, records):
    """(pid, start) of everything that belongs to the lab: nodes' inits first, then all in its network namespace."""
    own = os.getpid()
    found = [pid for pid in network.pids_in(settings.netns) if pid != own]
    inits = [child for pid in found if procs.comm(pid) == "libvirt_lxc" for child in procs.children(pid)]
    listed = [(pid, procs.start_time(pid)) for pid in inits + found]
    for record in records:
        if record["kind"] == "process" and procs.start_time(record["pid"]) == record["start"]:
            listed.append((record["pid"], record["start"]))
    return [(pid, start) for pid, start in dict(listed).items() if start is not None]


def _thaw(name):
    """A frozen process does not even take SIGKILL (cgroup v1)."""
    top = os.path.join("/sys/fs/cgroup/freezer", name)
    for folder, _, files in os.walk(top, topdown=False):
        if "freezer.state" in files and folder != top:
            with open(os.path.join(folder, "freezer.state"), "w", encoding="ascii") as knob:
                knob.write("THAWED")


def _end_processes(settings, records):
    _thaw(f"{settings.cgroup}.partition")
    end = time.monotonic() + 20
    while True:
        members = _members(settings, records)
        if not members:
            break
        for pid, start in members:
            procs.kill(pid, start, signal.SIGKILL)
        if time.monotonic() > end:
            left = ", ".join(f"{pid} ({procs.comm(pid)})" for pid, _ in members)
            raise LabError(f"these processes do not end: {left}")
        time.sleep(0.05)


def _remove_cgroups(name):
    """Removes the lab's partition in each hierarchy, deepest folder first; empties take a moment to settle."""
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        roots = [line.split()[1] for line in mounts if line.split()[2] in ("cgroup", "cgroup2")]
    end = time.monotonic() + 10
    for root in roots:
        top = os.path.join(root, name)
        while os.path.isdir(top):
            for folder, _, _ in os.walk(top, topdown=False):
                try:
                    os.rmdir(folder)
                except OSError:
                    pass
            if not os.path.isdir(top):
                break
            if time.monotonic() > end:
                raise LabError(f"cgroup {top} is still in use")
            time.sleep(0.05)


def _remove_empty(path):
    try:
        os.rmdir(path)
    except OSError:
        pass


def _remove_data(settings, keep_logs):
    for name in os.listdir(settings.data) if os.path.isdir(settings.data) else []:
        if not (keep_logs and name == "logs"):
            path = os.path.join(settings.data, name)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            else:
                os.unlink(path)
    _remove_empty(settings.data)
    _remove_empty(os.path.dirname(settings.data))
    for name in os.listdir(settings.run) if os.path.isdir(settings.run) else []:
        if name not in ("lock", "journal"):
            path = os.path.join(settings.run, name)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            else:
                os.unlink(path)


def forget(settings):
    """Removes the lab's run folder with lock and journal: the last step of `down`."""
    shutil.rmtree(settings.run, ignore_errors=True)
    shared.release()
