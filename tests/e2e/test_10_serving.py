# SPDX-License-Identifier: Apache-2.0
"""From nothing to served: forming the cluster, the tutorial's words, a cold start, the identity of a boot."""

import hashlib

from harness.cluster import DEVICE
from harness.runner import expect, figure
from harness.watch import Watch

VERIFY = ["error: Resource start-up disabled since no STONITH resources have been defined",
          "error: Either configure some or disable STONITH with the stonith-enabled option",
          "error: NOTE: Clusters with shared data need STONITH to ensure data integrity"]


def test_new_cluster_is_empty_and_online(c):
    """Two nodes with a prepared corosync.conf form a cluster: both online, one coordinator, no resources."""
    for name in c.nodes:
        status = c.status(name)
        expect(status["quorate"], f"{name} is not quorate")
        expect(status["dc"] in c.nodes, f"{name} names no coordinator: {status['dc']!r}")
        expect(status["resources"] == [], f"{name} knows resources: {status['resources']}")
    expect(c.status("server1")["dc"] == c.status("server4")["dc"], "the nodes name different coordinators")


def test_no_device_nothing_starts(c):
    """Stonith enabled without a device: nothing starts, verify prints the three known lines and exits with 78."""
    c.duet("server1",
           "resource create VIP ocf:heartbeat:IPaddr2 ip=10.77.0.100 cidr_netmask=24 op monitor interval=30s")
    c.duet("server1", "resource create haproxy systemd:haproxy op monitor interval=60s")
    c.duet("server4", "resource group add hagroup VIP haproxy")
    verify = c.duet("server1", "verify", check=False)
    expect(verify.returncode == 78, f"verify: exit {verify.returncode}, expected 78")
    lines = (verify.stdout + verify.stderr).splitlines()
    for line in VERIFY:
        expect(line in lines, f"verify does not say: {line}\n{verify.stdout}{verify.stderr}")
    with Watch(c, settle=3) as watch:
        seen = watch.stop(0)
    expect(not seen.served(), "something is served without a fence device")
    for name in c.nodes:
        expect(c.sh(name, "ip -o address show to 10.77.0.100", check=False) == "", f"{name} holds the address")
        expect(c.resource("haproxy", name)["role"] == "stopped", f"{name} shows haproxy as not stopped")


def test_device_lets_it_start(c):
    """As soon as a proven fence device is there, the group starts; verify is content."""
    c.duet("server4", DEVICE)
    c.wait(lambda: c.where("haproxy"), 15, "haproxy started")
    expect(c.where("VIP") == c.where("haproxy"), "the members of the group run on different nodes")
    done = c.duet("server1", "verify")
    expect(done.stdout == "", f"verify says: {done.stdout}")
    c.wait_settled()
    for name in c.nodes:
        text = c.text_status(name)
        expect("ago: server1, server4)" in text, f"{name} does not show the proof of both nodes:\n{text}")


def test_changed_device_is_proven_anew(c):
    """A change of the device is proven on both nodes before the command ends; a wrong one is named, stops nothing."""
    c.ready("server1")
    served = c.unit_start("server1")
    done = c.duet("server1", "stonith update vmfence key_file=/etc/cluster/none.key")
    expect("no proof from server1, server4" in done.stderr, f"no warning: {done.stderr}")
    c.wait(lambda: "no proof" in c.text_status("server4"), 2, "server4 shows it, too")
    done = c.duet("server4", "stonith update vmfence key_file=")
    expect("no proof" not in done.stderr, f"not proven: {done.stderr}")
    c.wait_settled()
    expect(c.unit_start("server1") == served, "haproxy was restarted")


def test_tutorial_verbatim_three_times(c):
    """The tutorial's commands, three times in a row: the second and third time they change nothing and succeed."""
    commands = [
        "property set stonith-enabled=false",
        "resource create VIP ocf:heartbeat:IPaddr2 ip=10.77.0.100 cidr_netmask=24 op monitor interval=30s",
        "resource create haproxy systemd:haproxy op monitor interval=60s",
        "resource group add hagroup VIP haproxy",
        DEVICE,
        "property set stonith-enabled=true",
    ]
    for words in ("resource delete hagroup", "stonith delete vmfence --yes"):
        c.duet("server1", words, check=False)
    for turn in range(3):
        for words in commands:
            before = c.status("server1")["commit"]
            c.duet("server1", words)
            after = c.status("server1")["commit"]
            if turn and not words.startswith("property"):
                expect(after == before, f"turn {turn + 1}: '{words}' made commit {after}")
    c.wait(lambda: c.where("haproxy"), 20, "haproxy started")
    c.wait_settled()


def test_status_tells_the_same_on_both_nodes(c):
    """Both nodes tell the same about nodes and resources; the text has the familiar lines."""
    one, four = c.status("server1"), c.status("server4")
    for key in ("commit", "dc", "quorate", "options"):
        expect(one[key] == four[key], f"{key}: server1 {one[key]}, server4 {four[key]}")
    text = c.duet("server4", "status").stdout
    where = c.where("haproxy")
    for line in ("Cluster name: TestCluster", "Health: OK", "  * Stack: corosync", "  * Online: [ server1 server4 ]",
                 "  * Resource Group: hagroup:", f"    * VIP\t(ocf:heartbeat:IPaddr2):\t Started {where}",
                 f"    * haproxy\t(systemd:haproxy):\t Started {where}"):
        expect(line in text.splitlines(), f"no line '{line}' in\n{text}")


def test_cold_start_to_served(c):
    """From systemctl start of corosync and duetd on both nodes, all cold, to the first page: 6 s at most."""
    c.ready("server1")
    for name in ("server4", "server1"):
        c.sh(name, "systemctl stop duetd", timeout=60)
    for name in c.nodes:
        c.sh(name, "systemctl stop duet-execd.socket duet-execd corosync", timeout=60)
        expect(c.sh(name, "ip -o address show to 10.77.0.100", check=False) == "", f"{name} kept the address")
        expect(c.sh(name, "systemctl is-active haproxy", check=False) != "active", f"{name} kept haproxy")
    with Watch(c) as watch:
        began = c.now()
        starts = [node.popen(["systemctl", "start", "corosync", "duet-execd.socket", "duet-execd", "duetd"])
                  for node in c.nodes.values()]
        for start in starts:
            start.wait(30)
        c.wait(lambda: c.where("haproxy"), 30, "haproxy started")
        seen = watch.stop(1)
    first = seen.first_served_after(began)
    expect(first, "nothing was served")
    seen.check_exclusive()
    figure("cold start to served", first - began, 6.0)


def _expected_boot(c, node):
    """boot_id by its definition (kernel's boot_id, machine-id, start of PID 1), from outside of our programs."""
    kernel, machine, stat = c.sh(node, "cat /proc/sys/kernel/random/boot_id /etc/machine-id; "
                                       "sed 's/.*) //' /proc/1/stat | cut -d' ' -f20").split("\n")
    return kernel, hashlib.sha256(f"{kernel}\n{machine}\n{stat}".encode()).hexdigest()  # the files as they are


def _boot(c, node):
    """The boot that duetd of this node has, which must be the one that the other node's duetd knows."""
    own = c.node_state(node, node).get("boot")
    c.wait(lambda: c.node_state(node, c.other(node)).get("boot") == own, 5, f"both name the same boot of {node}")
    return own


def _right_boots(c):
    """The boots of both nodes, compared with the definition."""
    found = {node: _boot(c, node) for node in c.nodes}
    for node, boot in found.items():
        expect(boot == _expected_boot(c, node)[1], f"{node}: boot {boot}, by its definition {_expected_boot(c, node)}")
    expect(found["server1"] != found["server4"], "both nodes have the same boot")
    return found


def test_boot_id(c):
    """boot_id: the same after a restart of the daemons, another after a start of the node, another on each node."""
    c.ready("server1")
    first = _right_boots(c)
    expect(_expected_boot(c, "server1")[0] == _expected_boot(c, "server4")[0], "the lab's kernel is not shared?")
    for units in ("duetd", "duet-execd", "duet-execd duetd"):
        c.sh("server4", f"systemctl restart {units}", timeout=60)
        c.wait_online(30)
        expect(_right_boots(c) == first, f"a restart of {units} changed a boot")
    c.sh("server4", "kill -9 $(systemctl show -p MainPID --value duetd duet-execd)")
    c.wait(lambda: c.try_status("server4"), 10, "duetd answers again")
    c.wait_online(30)
    expect(_right_boots(c) == first, "kill -9 of the daemons changed a boot")
    seen = {first["server4"]}
    for turn in range(2):
        c.sh("server4", "systemctl stop duetd", timeout=60)
        c.server4.destroy()
        c.server4.start()
        c.wait_online(60)
        again = _right_boots(c)
        expect(again["server4"] not in seen, f"start {turn + 1} of the container: the boot is an old one: {again}")
        expect(again["server1"] == first["server1"], "the other node's boot changed")
        seen.add(again["server4"])
