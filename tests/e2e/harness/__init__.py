# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests stand on: the cluster on its two nodes, a measuring client, a sampler, the runner."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "tools"))
