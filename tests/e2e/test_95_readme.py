# SPDX-License-Identifier: Apache-2.0
"""The README's tour, typed by a newcomer, in a demo of its own beside this lab."""

import os
import sys

from harness.runner import expect, figure
from lab.build import ROOT

sys.path.insert(0, os.path.join(ROOT, "tests", "docs"))

import readme_replay  # noqa: E402  pylint: disable=wrong-import-position


def test_the_tour_does_what_it_says(c):
    """Every command of the ten-minute tour runs and shows what the README shows; a second `up` is quick; `down` leaves
    nothing."""
    own = os.path.join(ROOT, "build", "release")  # which `up` would use, and bring up to date, by itself
    try:
        count, second = readme_replay.replay("readme", None if c.build_dir == own else c.build_dir)
    except readme_replay.Mismatch as mismatch:
        raise AssertionError(str(mismatch)) from mismatch
    expect(count >= 20, "hardly any command was found")
    figure("second tools/demo up", second, readme_replay.SECOND_UP)
