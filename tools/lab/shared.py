# SPDX-License-Identifier: Apache-2.0
"""Folders outside a lab's own that the labs need as mount points; the last lab to go removes those that labs made.

Not each lab its own: removing a folder detaches what is mounted on it in every mount namespace, another lab's too.
"""

import fcntl
import os
from contextlib import contextmanager

from . import procs
from .settings import RUN


@contextmanager
def _list_of_made():
    os.makedirs(RUN, mode=0o755, exist_ok=True)
    with open(os.path.join(RUN, "made"), "a+", encoding="utf-8") as made:
        fcntl.flock(made, fcntl.LOCK_EX)
        yield made


def ensure_folder(path):
    """Makes the folder if the machine lacks it, and notes that."""
    with _list_of_made() as made:
        if not os.path.isdir(path):
            made.write(path + "\n")
            made.flush()
            os.makedirs(path, exist_ok=True)


def note_netns_folder():
    """To be called before `ip netns add`, which makes /run/netns and mounts it on itself."""
    with _list_of_made() as made:
        if not os.path.isdir("/run/netns"):
            made.write("/run/netns\n")


def release():
    """Removes what labs made, if no lab is left."""
    with _list_of_made() as made:
        if any(os.path.exists(os.path.join(RUN, name, "journal")) for name in os.listdir(RUN)):
            return
        made.seek(0)
        for path in sorted(set(made.read().split()), reverse=True):
            if path == "/run/netns" and os.path.isdir(path) and not os.listdir(path):
                procs.run(["umount", path], check=False)
            try:
                os.rmdir(path)
            except OSError:
                continue
        os.unlink(made.name)
    try:
        os.rmdir(RUN)
    except OSError:
        pass
