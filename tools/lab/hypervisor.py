# SPDX-License-Identifier: Apache-2.0
"""libvirtd of one lab and its two domains.

libvirtd runs in the lab's network namespace and in a mount namespace of its own, where (1) the lab's folders lie over
libvirt's, so that the machine's own libvirt is not touched, (2) the nodes' overlays are mounted, which vanish with the
namespace, and (3) on a hybrid cgroup set-up the empty cgroup2 mount is gone, which libvirt_lxc cannot work with.
"""

import os
import shlex
import signal

from . import procs, shared
from .network import inside
from .settings import BRIDGE, NODES, LabError

DOMAIN = """<domain type='lxc'>
  <name>{domain}</name>
  <memory unit='MiB'>2048</memory>
  <vcpu>1</vcpu>
  <resource><partition>/{partition}</partition></resource>
  <os><type>exe</type><init>/usr/local/sbin/lab-init</init></os>
  <features><capabilities policy='allow'/></features>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    <filesystem type='mount' accessmode='passthrough'><source dir='{root}'/><target dir='/'/></filesystem>
    <interface type='bridge'><source bridge='{bridge}'/><mac address='{mac}'/></interface>
    <console type='pty'/>
  </devices>
</domain>
"""

# Folders of libvirt that the lab covers with its own; those that the machine lacks are made for the mount and
# removed with the last lab.
COVERED = {"/run/libvirt": "libvirt", "/etc/libvirt": "etc", "/var/lib/libvirt": "lib", "/var/log/libvirt": "log",
           "/var/cache/libvirt": "cache"}


def _unified_mount():
    """The cgroup2 mount beside cgroup v1 ones, or None (none, or a machine with cgroup v2 only)."""
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        entries = [line.split() for line in mounts]
    v2 = [entry[1] for entry in entries if entry[2] == "cgroup2"]
    v1 = [entry for entry in entries if entry[2] == "cgroup"]
    return v2[0] if v2 and v1 else None


def make_partition(settings, journal):
    """The cgroups below which the domains live; a lab's nodes and tools get the processor before others."""
    journal.add("cgroup", name=f"{settings.cgroup}.partition")
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        entries = [line.split() for line in mounts]
    roots = [entry[1] for entry in entries if entry[2] == "cgroup"]
    v2 = [entry[1] for entry in entries if entry[2] == "cgroup2"]
    for root in roots + v2:
        path = os.path.join(root, f"{settings.cgroup}.partition")
        os.makedirs(path, exist_ok=True)
        if not roots:
            _hand_down(root)
            _hand_down(path)
        _inherit(root, path)
        _favour(path)
        if os.path.exists(os.path.join(path, "cpu.shares")):
            os.makedirs(os.path.join(path, "tools"), exist_ok=True)


def _hand_down(path):
    """Lets the groups below have the controllers that this group has (a machine with cgroup v2 only)."""
    with open(os.path.join(path, "cgroup.controllers"), encoding="ascii") as controllers:
        names = controllers.read().split()
    for name in names:
        try:
            with open(os.path.join(path, "cgroup.subtree_control"), "w", encoding="ascii") as out:
                out.write("+" + name)
        except OSError:
            continue


def _inherit(parent, path):
    """A new cpuset is empty and takes no process (cgroup v1)."""
    for name in ("cpuset.cpus", "cpuset.mems"):
        if os.path.exists(os.path.join(path, name)) and os.path.exists(os.path.join(parent, name)):
            with open(os.path.join(parent, name), encoding="ascii") as source:
                value = source.read()
            with open(os.path.join(path, name), "w", encoding="ascii") as out:
                out.write(value)


def _favour(path):
    """More processor time than other programs."""
    for name, value in (("cpu.shares", "262144"), ("cpu.weight", "10000")):
        try:
            with open(os.path.join(path, name), "r+", encoding="ascii") as knob:
                knob.write(value)
        except OSError:
            continue


def favour_process(settings, pid):
    """Puts one of the lab's own processes beside the nodes, ahead of other programs (cgroup v1; else no effect)."""
    for name in ("cpu", "cpu,cpuacct"):
        try:
            path = f"/sys/fs/cgroup/{name}/{settings.cgroup}.partition/tools/cgroup.procs"
            with open(path, "w", encoding="ascii") as out:
                out.write(str(pid))
        except OSError:
            continue


def unfavour_process(pid):
    """Takes a process back out, so that the lab's groups can be removed."""
    for name in ("cpu", "cpu,cpuacct"):
        try:
            with open(f"/sys/fs/cgroup/{name}/cgroup.procs", "w", encoding="ascii") as out:
                out.write(str(pid))
        except OSError:
            continue


def start(settings, journal, layers, prepare=()):
    """Starts libvirtd with the nodes' overlays on `layers` (uppermost first) and waits until it answers.

    `prepare`: command lines run for each node before that, with {root} replaced by the node's mounted root.
    """
    binds = []
    for target, name in COVERED.items():
        source = settings.libvirt_run if target == "/run/libvirt" else os.path.join(settings.data, "libvirt", name)
        os.makedirs(source, exist_ok=True)
        shared.ensure_folder(target)
        binds.append(f"mount --bind {shlex.quote(source)} {target}")
    overlays = []
    for spec in NODES:
        base = settings.node_dir(spec)
        for part in ("upper", "work", "root"):
            os.makedirs(os.path.join(base, part), exist_ok=True)
        options = f"lowerdir={':'.join(layers)},upperdir={base}/upper,workdir={base}/work"
        overlays.append(f"mount -t overlay -o {shlex.quote(options)} overlay {shlex.quote(base + '/root')}")
        overlays += [shlex.join(word.format(root=base + "/root") for word in command) for command in prepare]
    unified = _unified_mount()
    script = ["set -e", "mount --make-rprivate /", *binds, *overlays]
    if unified:
        script.append(f"umount {unified}")
    script.append("exec " + shlex.join(_daemon(settings)))
    _launch(settings, journal, ["unshare", "-m", "sh", "-c", "\n".join(script)])


def _daemon(settings):
    return ["libvirtd", "--pid-file", settings.run + "/libvirtd.pid"]


def _launch(settings, journal, command, **kwargs):
    """Starts libvirtd by this command and waits until it answers."""
    child = procs.spawn(inside(settings, command), os.path.join(settings.logs, "libvirtd.log"), env=_environment(),
                        **kwargs)
    journal.add_process(child.pid, "libvirtd")
    favour_process(settings, child.pid)
    socket = os.path.join(settings.libvirt_run, "libvirt-sock")

    def answers():
        if child.poll() is not None:
            raise LabError(f"libvirtd ended at once; see {settings.logs}/libvirtd.log")
        return os.path.exists(socket) and virsh(settings, "list", check=False, timeout=10).returncode == 0

    procs.wait_until(answers, 20, "libvirtd")


def freeze_daemon(journal, frozen):
    """Lets the lab's libvirtd hang, or go on."""
    pid, began = journal.last_process("libvirtd")
    procs.kill(pid, began, signal.SIGSTOP if frozen else signal.SIGCONT)


def stop_daemon(settings, journal):
    """Ends the lab's libvirtd; the domains live on. Returns the function that starts it again, in the same mounts."""
    pid, began = journal.last_process("libvirtd")
    mounts = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    procs.kill(pid, began, signal.SIGKILL)
    procs.wait_until(lambda: procs.start_time(pid) != began, 5, "libvirtd ended")

    def resume():
        command = ["nsenter", f"--mount=/proc/self/fd/{mounts}", "-W/", *_daemon(settings)]
        try:
            _launch(settings, journal, command, pass_fds=[mounts])
        finally:
            os.close(mounts)
    return resume


def _environment():
    """A plain environment: what the caller's shell holds is nobody's business in a node."""
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "LIBVIRT_LOG_OUTPUTS": "3:stderr",
            "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent"}  # or the machine's systemd would be asked for cgroups


def virsh(settings, *words, check=True, timeout=30):
    """One virsh command on the lab's libvirtd."""
    return procs.run(["virsh", "-q", "-c", settings.uri, *words], check=check, timeout=timeout)


def define(settings):
    """Makes both domains known to libvirtd."""
    for spec in NODES:
        xml = DOMAIN.format(domain=spec.domain, partition=settings.cgroup, bridge=BRIDGE,
                            root=os.path.join(settings.node_dir(spec), "root"),
                            mac="52:54:00:77:00:%02x" % int(spec.address.rsplit(".", 1)[1]))
        path = os.path.join(settings.run, spec.domain + ".xml")
        with open(path, "w", encoding="utf-8") as out:
            out.write(xml)
        virsh(settings, "define", path)


def state(settings, spec):
    """libvirt's word for the domain: running, paused, shut off."""
    return virsh(settings, "domstate", spec.domain, check=False).stdout.strip()


def init_pid(settings, spec):
    """Pid of the node's init, or None when the node is off: the only child of libvirt_lxc."""
    try:
        with open(os.path.join(settings.libvirt_run, "lxc", spec.domain + ".pid"), encoding="ascii") as out:
            controller = int(out.read())
    except (OSError, ValueError):
        return None
    if procs.comm(controller) != "libvirt_lxc":
        return None
    inits = procs.children(controller)
    return inits[0] if len(inits) == 1 else None
