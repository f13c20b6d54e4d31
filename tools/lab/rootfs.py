# SPDX-License-Identifier: Apache-2.0
"""The nodes' file system, made by mmdebstrap once and cached below /var/cache/duet-lab under a hash of its recipe."""

import fcntl
import hashlib
import os
import shutil

from . import procs
from .settings import CACHE, LabError

FORMAT = "4"  # raise it when CUSTOMIZE changes what a root looks like

BASE = """systemd systemd-sysv dbus udev kmod iproute2 iputils-ping procps psmisc python3-minimal
corosync haproxy rsyslog fence-virt resource-agents curl nftables apache2-bin
libqb100 libcpg4 libquorum5 libvotequorum8 libcmap4 libcfg7 libprotobuf-lite32 libsqlite3-0 libsystemd0
libnl-3-200 libnl-route-3-200 libxml2 libfmt9 libsmartcols1 libssl3""".split()

# "host": a node on which the fence host can run, too.
RECIPES = {"base": BASE, "host": BASE + ["libvirt0"],
           "pacemaker": BASE + ["pacemaker", "pacemaker-cli-utils", "pcs", "python3"]}

# The packages enable their services, and corosync leaves a one-node configuration that nodes would form a ring with.
DISABLED = """corosync.service haproxy.service pacemaker.service pcsd.service pcsd-ruby.service apache2.service
apache-htcacheclean.service nftables.service logrotate.timer dpkg-db-backup.timer apt-daily.timer
apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer e2scrub_reap.service""".split()
MASKED = """systemd-udevd.service systemd-udevd-control.socket systemd-udevd-kernel.socket systemd-udev-trigger.service
systemd-logind.service getty.target console-getty.service systemd-networkd.service systemd-resolved.service
systemd-timesyncd.service systemd-firstboot.service""".split()
SKIPPED_PATHS = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")


def machine_sources():
    """The machine's own apt sources for Debian itself, as (file name, text): the tree names no mirror."""
    blocks, lines = [], []
    folder = "/etc/apt/sources.list.d"
    names = [os.path.join(folder, name) for name in sorted(os.listdir(folder))] if os.path.isdir(folder) else []
    for path in ["/etc/apt/sources.list", *names]:
        if not os.path.isfile(path):
            continue
        with open(path, encoding="utf-8") as source:
            text = source.read()
        if path.endswith(".sources"):
            blocks += [block for block in text.split("\n\n") if "bookworm" in block and "/debian" in block]
        elif path.endswith(".list"):
            lines += [line for line in text.splitlines() if line.startswith("deb ") and "/debian" in line
                      and "bookworm" in line]
    if lines:
        return "lab.list", "\n".join(lines) + "\n"
    if blocks:
        return "lab.sources", "\n\n".join(blocks) + "\n"
    raise LabError("found no Debian 12 package source in /etc/apt; the nodes are made from the machine's own sources")


def root_path(recipe):
    """Where the finished root of a recipe is, whether or not it exists yet."""
    text = "\n".join([FORMAT, *RECIPES[recipe], *DISABLED, *MASKED, *SKIPPED_PATHS])
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return os.path.join(CACHE, f"root-{recipe}-{digest}")


def ensure(recipe):
    """The path of the finished root; makes it first when it is missing (about half a minute). Returns (path, made)."""
    final = root_path(recipe)
    os.makedirs(CACHE, mode=0o755, exist_ok=True)
    with open(os.path.join(CACHE, "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.isdir(final):
            return final, False
        _remove_old(recipe)
        partial = final + ".partial"
        _bootstrap(recipe, partial)
        _customise(partial)
        os.rename(partial, final)
    return final, True


def _remove_old(recipe):
    """Drops half made roots. Finished roots of older recipes stay: another checkout's lab may be running on them."""
    for name in os.listdir(CACHE):
        if name.startswith(f"root-{recipe}-") and name.endswith(".partial"):
            shutil.rmtree(os.path.join(CACHE, name))


def _apt_options():
    """Settings of the machine's apt that its sources may need (a proxy, an archive snapshot without fresh dates)."""
    options = ["APT::Install-Recommends \"false\";", "Acquire::Languages \"none\";"]
    for line in procs.run(["apt-config", "dump"]).stdout.splitlines():
        if line.startswith(("Acquire::http", "Acquire::https", "Acquire::Check-")) and not line.endswith('"";'):
            options.append(line)
    return options


def _bootstrap(recipe, target):
    name, text = machine_sources()
    sources = os.path.join(CACHE, name)
    with open(sources, "w", encoding="utf-8") as out:
        out.write(text)
    command = ["mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory", "--quiet",
               "--include=" + ",".join(RECIPES[recipe])]
    command += [f"--aptopt={option}" for option in _apt_options()]
    command += [f"--dpkgopt=path-exclude={path}" for path in SKIPPED_PATHS]
    command += ["--dpkgopt=force-unsafe-io", "bookworm", target, sources]
    procs.run(command, timeout=600)


def _customise(root):
    systemctl = ["systemctl", f"--root={root}", "--quiet"]
    for unit in DISABLED:
        procs.run([*systemctl, "disable", unit], check=False)
    procs.run([*systemctl, "mask", *MASKED])
    for path in ("etc/corosync/corosync.conf", "etc/machine-id", "etc/hostname", "etc/resolv.conf"):
        try:
            os.unlink(os.path.join(root, path))
        except FileNotFoundError:
            pass
    # The journal is kept on disk: a test that power-cuts a node reads afterwards what happened before.
    os.makedirs(os.path.join(root, "var/log/journal"), exist_ok=True)
    os.makedirs(os.path.join(root, "etc/systemd/journald.conf.d"), exist_ok=True)
    with open(os.path.join(root, "etc/systemd/journald.conf.d/lab.conf"), "w", encoding="ascii") as out:
        out.write("[Journal]\nStorage=persistent\nSyncIntervalSec=1s\nRateLimitIntervalSec=0\nForwardToSyslog=yes\n")
    shutil.rmtree(os.path.join(root, "var/cache/apt"), ignore_errors=True)
    shutil.rmtree(os.path.join(root, "var/lib/apt/lists"), ignore_errors=True)
