# SPDX-License-Identifier: Apache-2.0
"""Two real nodes on one machine, for the demo, the end-to-end tests and the side-by-side figures.

Each node is a libvirt LXC container with its own systemd, corosync and haproxy. Everything that a lab makes lives in
a network namespace and a mount namespace of its own, so that several labs and the machine's own libvirt do not meet.

    settings    names, addresses and folders of one lab          procs      bounded child processes
    journal     what was made, so that it can be undone          cleanup    undoing it, also after kill -9
    packages    tools/packages.txt                               rootfs     the nodes' file system, cached
    network     namespace and bridge                             hypervisor libvirtd and the domains
    nodefiles   what differs from node to node                   node       commands in a node, its faults
    fencehost   fence_virtd                                      backends   the two small web servers
    build       compiling Duet and the layer it is put in        lab        all of it: up and down
    client      a connection through the address every 10 ms     sampler    who holds the address, every 10 ms
    watch       both around a piece of a test                    example    the files of examples/haproxy-pair
    demo        the commands of tools/demo                       bench      side by side with Pacemaker
"""
