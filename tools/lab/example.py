# SPDX-License-Identifier: Apache-2.0
"""The files of examples/haproxy-pair where the nodes expect them: the lab uses these, not copies."""

import os

from .build import ROOT

FOLDER = os.path.join(ROOT, "examples", "haproxy-pair")
IN_NODE = "/usr/local/share/haproxy-pair"


def files():
    """{path in the node: (path here, mode)}."""
    return {
        "/etc/haproxy/haproxy.cfg": (os.path.join(FOLDER, "haproxy.cfg"), 0o644),
        "/etc/rsyslog.d/10-haproxy.conf": (os.path.join(FOLDER, "rsyslog-haproxy.conf"), 0o644),
        f"{IN_NODE}/cluster.sh": (os.path.join(FOLDER, "cluster.sh"), 0o755),
    }
