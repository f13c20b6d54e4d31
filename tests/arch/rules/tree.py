# SPDX-License-Identifier: Apache-2.0
"""The checkout as the rules see it: files by kind, and C++ text without comments and literals."""
import functools
import os
import pathlib
import re

PRODUCT = ("core", "platform", "daemon", "agents", "cli")
CPP = (".cpp", ".hpp")
SKIPPED = {".git", "build", "__pycache__", ".mypy_cache", ".cache", "corpus"}

# Comments, raw strings, strings and characters, in the order in which they can begin. A quote between digits is a
# separator (1'000), not a character.
_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<tag>[^\s()\\]{0,16})\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*\""""
    r"""|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'""",
    re.DOTALL)


def strip(text, keep_strings=False):
    """The text with comments (and the content of literals) blanked; line numbers stay."""

    def blank(match):
        token = match.group(0)
        if token.startswith(("//", "/*")):
            return re.sub(r"[^\n]", " ", token)
        if keep_strings:
            return token
        return '""' + "\n" * token.count("\n")

    return _TOKEN.sub(blank, text)


class Tree:
    def __init__(self, source, build=None):
        self.source = pathlib.Path(source)
        self.build = pathlib.Path(build) if build else None

    @functools.cached_property
    def files(self):
        """Every file of the checkout, as path relative to its top."""
        found = []
        for folder, folders, names in os.walk(self.source):
            folders[:] = sorted(name for name in folders if name not in SKIPPED)
            for name in sorted(names):
                found.append((pathlib.Path(folder) / name).relative_to(self.source).as_posix())
        return found

    def select(self, *suffixes, under=None):
        """Files that end with one of the suffixes, below one of the folders in `under`."""
        return [path for path in self.files
                if path.endswith(suffixes) and (under is None or path.split("/")[0] in under)]

    @functools.lru_cache(maxsize=None)
    def text(self, path):
        return (self.source / path).read_text(encoding="utf-8", errors="replace")

    @functools.lru_cache(maxsize=None)
    def code(self, path):
        return strip(self.text(path))

    def exists(self, path):
        return (self.source / path).exists()


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1
