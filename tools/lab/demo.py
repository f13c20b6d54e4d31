# SPDX-License-Identifier: Apache-2.0
"""The commands of tools/demo."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor, wait

from . import build, example, fencehost, packages, procs, rootfs
from .lab import Lab, LabError, Progress
from .settings import VIP

URL = f"http://{VIP}/"


def run(args):
    """Runs the command that the parsed command line names; returns the exit code."""
    packages.check_machine()
    lab = Lab(args.id, Progress())
    if args.command == "up":
        return up(lab, args.build)
    if not lab.exists():
        if args.command == "down":
            print("nothing to undo")
            return 0
        raise LabError("the demo is not up; start it with: tools/demo up")
    return globals()["do_" + args.command](lab, args)


def up(lab, build_dir):
    """`up`: from nothing to a page fetched through the floating address."""
    progress = lab.progress
    with progress.step("packages"):
        added = packages.install("build", "lab", tell=lambda text: progress.say("  " + text))
        progress.say(f"installed {len(added)} packages" if added else "all there")
    with ThreadPoolExecutor(1) as beside:
        root = beside.submit(rootfs.ensure, "base")  # downloads while the compiler computes
        if build_dir is None:
            with progress.step("build (log: build/release/build.log)"):
                build_dir = build.compile_preset("release", tell=lambda text: progress.say("  build " + text))
        with progress.step("the nodes' file system (cached below /var/cache/duet-lab)"):
            while not wait([root], procs.SIGN_OF_LIFE).done:
                progress.say("  still downloading and unpacking packages")
            root.result()
    lab.up(lab.lock(), build_dir=os.path.abspath(build_dir), files=example.files())
    with progress.step("corosync: both members"):
        lab.wait_corosync(40)
    server1 = lab.node("server1")
    with progress.step("duetd: both nodes online"):
        procs.wait_until(lambda: "Online: [ server1 server4 ]" in status(server1), 40, "both nodes online", 0.2)
    with progress.step("the tutorial's group: examples/haproxy-pair/cluster.sh"):
        done = server1.run(["sh", "-x", f"{example.IN_NODE}/cluster.sh"], timeout=120, check=False)
        for line in (done.stderr + done.stdout).splitlines():
            if line.strip() and not line.startswith(("+ set", "+ ip=", "+ netmask=", "+ map=")):
                progress.say("  server1# " + line[2:] if line.startswith("+ ") else "  " + line)
        if done.returncode != 0:
            raise LabError(f"cluster.sh ended with {done.returncode}")
        # A quick haproxy may have begun on server4, which had fewer resources, before the group was made.
        procs.wait_until(lambda: "haproxy)" in status(server1) and "Started" in status(server1), 20, "status", 0.2)
        server1.run(["duet", "resource", "move", "hagroup", "server1", "--wait=30"], check=False, timeout=60)
    with progress.step(f"first page from {URL}"):
        page = procs.wait_until(lambda: fetch(lab), 40, f"a page from {URL}", 0.1)
    print(status(server1))
    print(f"{URL} says: {page}")
    print("\nThe address lives in a network namespace; ask it with:  "
          f"sudo nsenter --net=/run/netns/{lab.settings.netns} curl {URL}")
    print("Next: tools/demo crash server1, tools/demo status, tools/demo exec server4 -- duet status, tools/demo down")
    return 0


def fetch(lab):
    """The page behind the floating address, or an empty string."""
    done = lab.host(["/usr/bin/python3", "-c", "import sys, urllib.request\n"
                     "print(urllib.request.urlopen(sys.argv[1], timeout=2).read().decode().strip())", URL], check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def status(node):
    """`duet status` of a node, or what went wrong instead."""
    try:
        done = node.run(["duet", "status"], check=False, timeout=20)
    except LabError as failed:
        return str(failed)
    return (done.stdout + done.stderr).rstrip("\n")


def do_down(lab, _):
    """`down`"""
    lab.lock()
    with lab.progress.step("remove nodes, network and folders"):
        lab.down()
    return 0


def do_status(lab, _):
    """`status`: power of both nodes, the first running node's view, who serves."""
    shown = False
    for node in lab.nodes.values():
        power = node.power() or "unknown"
        print(f"{node.name} ({node.spec.domain}): {power}")
    for node in lab.nodes.values():
        if not shown and node.power() == "running":
            print(f"\n{node.name}# duet status\n{status(node)}")
            shown = True
    page = fetch(lab)
    print(f"\n{URL} " + (f"says: {page}" if page else "does not answer"))
    running = lab.journal().last_process("fence_virtd") is not None
    print("fence host: " + ("running" if running else "stopped"))
    return 0


def do_url(lab, _):
    """`url`"""
    print(URL)
    print(f"nsenter --net=/run/netns/{lab.settings.netns} curl {URL}")
    return 0


def do_exec(lab, args):
    """`exec`: the command's own exit code; terminal and pipes pass through."""
    argv = args.argv[1:] if args.argv[:1] == ["--"] else args.argv
    if not argv:
        raise LabError("no command; example: tools/demo exec server1 -- duet status")
    node = lab.node(args.node)
    if node.power() == "paused":
        raise LabError(f"{node.name} is frozen; tools/demo thaw {node.name}")
    return subprocess.run(node.command(argv), check=False).returncode


def do_crash(lab, args):
    """`crash`: power cut."""
    node = lab.node(args.node)
    node.crash()
    print(f"{node.name} lost its power. The other node fences it, takes over, and has it switched on again.\n"
          "Watch it with: tools/demo status")
    return 0


def do_start(lab, args):
    """`start`: power on."""
    node = lab.node(args.node)
    if node.is_on():
        raise LabError(f"{node.name} is on already")
    node.start()
    with lab.progress.step(f"boot of {node.name}"):
        node.wait_booted()
    return 0


def do_unplug(lab, args):
    """`unplug`: pull the network cable at the bridge."""
    node = lab.node(args.node)
    node.unplug()
    print(f"{node.name} has no network. Put it back with: tools/demo plug {node.name}")
    return 0


def do_plug(lab, args):
    """`plug`; a node that was fenced meanwhile has a new cable, which is in already."""
    lab.node(args.node).plug()
    return 0


def do_freeze(lab, args):
    """`freeze`: the node hangs."""
    lab.node(args.node).freeze()
    return 0


def do_thaw(lab, args):
    """`thaw`"""
    lab.node(args.node).thaw()
    return 0


def do_fencehost(lab, args):
    """`fencehost stop|start`"""
    lab.lock()
    if args.what == "start":
        fencehost.start(lab.settings, lab.journal())
    elif not fencehost.stop(lab.journal()):
        print("it did not run")
    return 0


__all__ = ["run", "LabError"]
