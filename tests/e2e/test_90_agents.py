# SPDX-License-Identifier: Apache-2.0
"""Original agents of Debian's resource-agents package run unmodified; so does our own address agent."""

from harness.runner import expect, figure
from harness.watch import Watch

HTTPD = """ServerRoot /tmp
ServerName localhost
PidFile /run/httpd-test.pid
Listen 127.0.0.1:8080
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule status_module /usr/lib/apache2/modules/mod_status.so
ErrorLog /var/log/httpd-test.log
<Location /server-status>
SetHandler server-status
</Location>
"""


def _runs(c, rid, agent, options, check):
    """Creates a resource, sees it run on server1, moved to server4, and deleted. check: command that succeeds there."""
    c.duet("server1", ["resource", "create", rid, agent, *options, "op", "monitor", "interval=2s", "--disabled"])
    c.duet("server1", f"constraint location {rid} prefers server1=10")
    c.duet("server1", f"resource enable {rid}")
    c.wait_started(rid, "server1", 30)
    c.sh("server1", check)
    c.duet("server1", f"resource ban {rid} server1")
    c.wait_started(rid, "server4", 20)
    c.sh("server4", check)
    expect(c.server1.run(["sh", "-c", check], check=False).returncode != 0, f"{rid} still runs on server1")
    expect(not [entry for entry in c.failed_actions() if rid in str(entry)], f"failed actions: {c.failed_actions()}")
    c.duet("server1", f"resource delete {rid}")
    c.wait(lambda: c.resource(rid) is None, 15, f"{rid} deleted")
    expect(c.server4.run(["sh", "-c", check], check=False).returncode != 0, f"{rid} still runs on server4")


def test_dummy(c):
    """ocf:heartbeat:Dummy"""
    c.ready("server1")
    _runs(c, "dummy", "ocf:heartbeat:Dummy", ["state=/run/dummy-test"], "test -e /run/dummy-test")


def test_filesystem(c):
    """ocf:heartbeat:Filesystem, a bind mount"""
    c.ready("server1")
    for name in c.nodes:
        c.sh(name, "mkdir -p /srv/data /mnt/data; echo there >/srv/data/file")
    _runs(c, "data", "ocf:heartbeat:Filesystem",
          ["device=/srv/data", "directory=/mnt/data", "fstype=none", "options=bind"], "test -e /mnt/data/file")


def test_apache(c):
    """ocf:heartbeat:apache, with its status page"""
    c.ready("server1")
    for node in c.nodes.values():
        node.write("/etc/httpd-test.conf", HTTPD)
    _runs(c, "web", "ocf:heartbeat:apache",
          ["configfile=/etc/httpd-test.conf", "httpd=/usr/sbin/apache2",
           "statusurl=http://127.0.0.1:8080/server-status"],
          "curl -sf http://127.0.0.1:8080/server-status >/dev/null")


def test_shell_ipaddr2(c):
    """ocf:heartbeat:IPaddr2, the shell agent of the package"""
    c.ready("server1")
    for name in c.nodes:
        expect(c.sh(name, "head -c 2 /usr/lib/ocf/resource.d/heartbeat/IPaddr2") == "#!", "the package's agent is gone")
    _runs(c, "ip2", "ocf:heartbeat:IPaddr2", ["ip=10.77.0.102", "cidr_netmask=24"],
          "ip -o address show dev eth0 | grep -q 'inet 10.77.0.102/'")


def test_native_ipaddr2(c):
    """ocf:duet:IPaddr2, ours, with IPv4 and IPv6"""
    c.ready("server1")
    _runs(c, "ip3", "ocf:duet:IPaddr2", ["ip=10.77.0.103", "cidr_netmask=24"],
          "ip -o address show dev eth0 | grep -q 'inet 10.77.0.103/24'")
    _runs(c, "ip6", "ocf:duet:IPaddr2", ["ip=fd77::103", "cidr_netmask=64", "nic=eth0"],
          "ip -o -6 address show dev eth0 | grep -q 'fd77::103/64'")


def test_native_ipaddr2_refuses_a_taken_address(c):
    """ocf:duet:IPaddr2 does not start an address that another host answers for (the lab's own bridge)."""
    c.ready("server1")
    c.duet("server1", "resource create taken ocf:duet:IPaddr2 ip=10.77.0.2 cidr_netmask=24")
    c.wait(lambda: [entry for entry in c.failed_actions() if "taken" in str(entry)], 20, "start failed")
    for name in c.nodes:
        expect(c.sh(name, "ip -o address show to 10.77.0.2", check=False) == "", f"{name} took the address")


def test_native_ipaddr2_without_resource_agents(c):
    """Without the package's agent ocf:heartbeat:IPaddr2 is ours: it recovers the address and takes it over."""
    for name in c.nodes:
        c.sh(name, "mv /usr/lib/ocf/resource.d/heartbeat/IPaddr2 /root/IPaddr2.package")
    c.ready("server1")
    served = c.unit_start("server1")
    with Watch(c) as watch:
        c.sh("server1", "ip address del 10.77.0.100/24 dev eth0")
        c.wait(lambda: c.resource("VIP")["fail_count"].get("server1", 0) >= 1, 10, "failure counted")
        c.wait_served("server1", 10)
        seen = watch.stop(1)
    expect(c.unit_start("server1") != served or seen.held("server1"), "nothing was recovered")
    figure("gap: address of the native agent deleted", seen.gap(), 0.7)
    with Watch(c) as watch:
        cut = c.server1.crash()
        c.wait_served("server4", 30)
        seen = watch.stop(1)
    seen.check_exclusive()
    got = [moment for moment in seen.held("server4") if moment > cut]
    expect(got and seen.fenced("Node1")[0] <= got[0], "server4 took the address before Node1 was fenced")
    figure("power cut, native agent: served after detection", seen.outage()[1] - c.lost_member("server4", cut), 0.5)
    c.wait_online(60)


test_native_ipaddr2_without_resource_agents.fresh = True
