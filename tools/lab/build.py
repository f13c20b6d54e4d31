# SPDX-License-Identifier: Apache-2.0
"""Compiles Duet and installs it into a layer of its own, which lies between the nodes' root and their own changes."""

import os
import shutil

from . import procs
from .settings import LabError

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
UNITS = ("duet-execd.socket", "duet-execd.service", "duetd.socket", "duetd.service")


def compile_preset(preset="release", log_path=None, timeout=1500, tell=lambda text: None):
    """Configures and builds build/<preset>; returns the build directory. The output goes to log_path; tell() hears
    every few seconds how far it is."""
    folder = os.path.join(ROOT, "build", preset)
    os.makedirs(folder, exist_ok=True)
    log_path = log_path or os.path.join(folder, "build.log")
    steps = [["cmake", "--preset", preset, "-DBUILD_TESTING=OFF"], ["cmake", "--build", folder]]
    with open(log_path, "w", encoding="utf-8") as log:
        for step in steps:
            status, tail = procs.follow(step, log, timeout, tell, r"^\[\d+/\d+\]", cwd=ROOT)
            if status != 0:
                raise LabError(f"{' '.join(step)} failed; all of it in {log_path}:\n{tail}")
    return folder


def install_layer(build_dir, layer):
    """`cmake --install` into an empty folder; returns the systemd units of Duet that it holds.

    DUET_FENCE_AGENT=original leaves our fence_xvm out: then the nodes fence by that of Debian's fence-virt."""
    shutil.rmtree(layer, ignore_errors=True)
    os.makedirs(layer)
    procs.run(["cmake", "--install", build_dir], timeout=120, env=dict(os.environ, DESTDIR=layer), cwd=ROOT)
    _merge_usr(layer)
    if os.environ.get("DUET_FENCE_AGENT", "duet") == "original":
        os.unlink(os.path.join(layer, "usr/libexec/duet/fence_xvm"))
    return [unit for unit in UNITS if os.path.exists(os.path.join(layer, "usr/lib/systemd/system", unit))]


def _merge_usr(layer):
    """Moves lib, bin and sbin below usr: a folder /lib in an upper layer would hide Debian's link to usr/lib."""
    for name in ("lib", "bin", "sbin"):
        source = os.path.join(layer, name)
        if os.path.isdir(source) and not os.path.islink(source):
            shutil.copytree(source, os.path.join(layer, "usr", name), symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(source)


def preparation(units):
    """Command lines that make the installed Duet usable in a node's root: its user and its enabled units."""
    if not units:
        return []
    return [["systemd-sysusers", "--root={root}", "duet.conf"],
            ["systemctl", "--root={root}", "--quiet", "enable", *units]]
