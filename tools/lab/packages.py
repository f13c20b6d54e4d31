# SPDX-License-Identifier: Apache-2.0
"""The package lists of tools/packages.txt and their installation by apt-get."""

import os

from . import procs
from .settings import LabError

LIST = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "packages.txt")


def load(*sections):
    """Names of the packages of these sections, in the order of the file."""
    names, current = [], None
    with open(LIST, encoding="utf-8") as lines:
        for line in lines:
            word = line.split("#", 1)[0].strip()
            if word.startswith("section "):
                current = word.split()[1]
            elif word and current in sections:
                names.append(word)
    return names


def missing(names):
    """Those of the packages that are not installed."""
    done = procs.run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\\n", *names], check=False)
    installed = {line.split()[0] for line in done.stdout.splitlines() if line.endswith(" installed")}
    return [name for name in names if name not in installed]


def install(*sections, tell=lambda text: None):
    """Installs what is missing and returns the list of what it installed; tell() hears how far it is."""
    wanted = missing(load(*sections))
    if not wanted:
        return []
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *wanted]
    tell(f"{len(wanted)} are missing: {' '.join(wanted)}")
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        for step, limit in ((["apt-get", "update", "-q"], 120), (command, 900)):
            status, tail = procs.follow(step, nowhere, limit, tell, env=env)
            if status != 0:
                raise LabError(f"could not install packages: exit {status}: {tail}\nby hand: {' '.join(command)}")
    return wanted


def check_machine():
    """Refuses what the lab was not made for, in words that say what is needed."""
    if os.geteuid() != 0:
        raise LabError("needs root: sudo")
    release = {}
    with open("/etc/os-release", encoding="utf-8") as lines:
        for line in lines:
            key, _, value = line.strip().partition("=")
            release[key] = value.strip('"')
    if release.get("ID") != "debian" or release.get("VERSION_ID") != "12":
        raise LabError(f"needs Debian 12; this is {release.get('PRETTY_NAME', 'unknown')}")
