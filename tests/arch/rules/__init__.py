# SPDX-License-Identifier: Apache-2.0
"""The rules of tests/arch, one class each: BAD and GOOD examples, and find(tree) -> list of findings."""
