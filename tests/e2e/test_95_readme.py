# SPDX-License-Identifier: Apache-2.0
"""The README's tour, typed by a newcomer, in a demo of its own beside this lab."""

import os
import sys

from harness.runner import expect
from lab.build import ROOT

sys.path.insert(0, os.path.join(ROOT, "tests", "docs"))

import readme_replay  # noqa: E402  pylint: disable=wrong-import-position


def test_the_tour_does_what_it_says(c):
    """Every command of the ten-minute tour runs, and every line of output that the README shows appears."""
    try:
        expect(readme_replay.replay("readme", c.build_dir) >= 15, "hardly any command was found")
    except readme_replay.Mismatch as mismatch:
        raise AssertionError(str(mismatch)) from mismatch
