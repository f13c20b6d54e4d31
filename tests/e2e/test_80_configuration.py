# SPDX-License-Identifier: Apache-2.0
"""The configuration: the same on both nodes, durable once acknowledged, refused when it cannot be stored."""

import json

from harness.runner import expect, figure


def identity(c, node):
    """What names the configuration that this node has: commit number and hash."""
    status = c.status(node)
    history = c.duet(node, "history -n 1 --output-format json", check=False).stdout
    try:
        last = json.loads(history)
    except ValueError:
        last = history
    return status.get("epoch"), status["commit"], json.dumps(last, sort_keys=True)


def same(c):
    """Both nodes have the same commit with the same hash, and show the same configuration."""
    c.wait(lambda: c.status("server1")["commit"] == c.status("server4")["commit"], 10, "the same commit on both")
    one, four = identity(c, "server1"), identity(c, "server4")
    expect(one == four, f"server1 {one}\nserver4 {four}")
    shown = [c.duet(name, "config show").stdout for name in c.nodes]
    expect(shown[0] == shown[1], f"server1:\n{shown[0]}\nserver4:\n{shown[1]}")
    return one


def test_both_restarted(c):
    """Both nodes switched off and on: the same configuration as before, and the same hash on both."""
    c.ready("server1")
    before = same(c)
    for node in c.nodes.values():
        node.destroy()
    for node in c.nodes.values():
        node.start()
    c.wait_online(60)
    expect(same(c) == before, "the configuration is another one after the restart")
    c.wait(lambda: c.where("haproxy"), 30, "haproxy started")


def test_acknowledged_survives_power_cut_of_both(c):
    """A change that was acknowledged just before both nodes lost power is still there; three times."""
    c.ready("server1")
    for turn in range(3):
        writer = ("server1", "server4")[turn % 2]
        c.duet(writer, f"resource create kept{turn} ocf:labtest:Puppet --disabled")
        for node in c.nodes.values():
            node.crash()
        for node in c.nodes.values():
            c.wait(lambda node=node: node.power() == "shut off", 20, "libvirt saw it")
            node.start()
        c.wait_online(60)
        for name in c.nodes:
            for number in range(turn + 1):
                expect(c.resource(f"kept{number}", name), f"kept{number} is lost on {name}")
        same(c)


def test_disk_full_is_refused(c):
    """No room on one node: changes are refused with a clear error, none is half done, and later they work again."""
    c.ready("server1")
    c.fill_store("server4")
    served = c.unit_start("server1")
    made, refused = [], None
    for number in range(200):  # big ones: the store has set aside room for some hundred small ones
        done = c.duet("server1", f"resource create full{number} ocf:heartbeat:Dummy fake={'x' * 4000} --disabled",
                      check=False)
        if done.returncode != 0:
            refused = done
            break
        made.append(f"full{number}")
    expect(refused is not None, "200 changes were acknowledged with a full disk")
    expect(refused.returncode not in (0, 70, 112), f"exit {refused.returncode}: {refused.stderr}")
    words = refused.stderr.lower()
    expect("error:" in words and any(word in words for word in ("disk", "space", "full", "store")),
           f"not a clear error: {refused.stderr}")
    c.sh("server4", "rm /var/lib/duet/filler")
    again = "resource create after ocf:labtest:Puppet --disabled"
    c.wait(lambda: c.duet("server1", again, check=False).returncode == 0, 15, "changes are accepted again (L10)", 0.5)
    for name in c.nodes:
        for rid in made + ["after"]:
            expect(c.resource(rid, name), f"{rid} was acknowledged and is lost on {name}")
        expect(not c.resource(f"full{len(made)}", name), f"the refused change is there on {name}")
    same(c)
    expect(c.unit_start("server1") == served, "haproxy was restarted")


test_disk_full_is_refused.fresh = True


def test_fifty_resources_one_by_one(c):
    """Fifty resources are added one by one, in a bounded time."""
    c.ready("server1")
    began = c.now()
    done = c.sh("server1", "for n in $(seq 50); do duet resource create many$n ocf:labtest:Puppet --disabled || exit 1;"
                           "done; echo all", timeout=60)
    took = c.now() - began
    expect(done.endswith("all"), f"stopped: {done[-300:]}")
    c.wait(lambda: c.resource("many50", "server4"), 5, "server4 knows the last")
    same(c)
    figure("50 resources one by one", took, 3.0)


test_fifty_resources_one_by_one.fresh = True  # the small disk of the test before it stays small


def test_status_is_quick(c):
    """`duet status` answers in 20 ms (median of 20, the start of the process included)."""
    c.ready("server1")
    script = ("for n in $(seq 20); do s=$(date +%s%N); duet status >/dev/null; e=$(date +%s%N);"
              "echo $(((e-s)/1000)); done")
    times = sorted(int(line) / 1e6 for line in c.sh("server1", script).splitlines())
    figure("duet status", times[len(times) // 2], 0.020)
