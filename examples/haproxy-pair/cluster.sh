#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The tutorial: a floating address and haproxy, in one group, on one of two nodes, with fencing through the hypervisor.
# Run it as root on either node. A second run finds everything in place and changes nothing.
#
#   ip=192.168.122.100 map="server1:Node1;server4:Node4" ./cluster.sh
#
# ip: the floating address. map: which virtual machine is which node. Both nodes need haproxy.cfg, haproxy disabled in
# systemd (the cluster starts it), and the same /etc/cluster/fence_xvm.key as the host.
set -eu

ip=${ip:-10.77.0.100}
netmask=${netmask:-24}
map=${map:-server1:Node1;server4:Node4}

# The fence device first: without one nothing would start, and with fencing switched off nothing would be safe.
duet stonith create vmfence fence_xvm pcmk_host_map="$map" op monitor interval=30s
duet property set stonith-enabled=true
duet resource create VIP ocf:heartbeat:IPaddr2 ip="$ip" cidr_netmask="$netmask" op monitor interval=30s
duet resource create haproxy systemd:haproxy op monitor interval=60s
duet resource group add hagroup VIP haproxy
