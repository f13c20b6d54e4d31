# SPDX-License-Identifier: Apache-2.0
"""The lab's client and sampler, for the cluster under test."""

from lab import watch


class Watch(watch.Watch):
    """with Watch(cluster) as w: ... ; seen = w.stop()"""

    def __init__(self, cluster, settle=0.3):
        super().__init__(cluster.lab, settle)
