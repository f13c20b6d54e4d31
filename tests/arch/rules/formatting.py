# SPDX-License-Identifier: Apache-2.0
"""Formatting is not discussed: it is what clang-format 14 writes."""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess

from .tree import CPP


def _program():
    """clang-format of version 14: others write differently."""
    for name in ("clang-format-14", "clang-format"):
        path = shutil.which(name)
        if path:
            version = subprocess.run([path, "--version"], check=True, capture_output=True, text=True).stdout
            if re.search(r"version 14\.", version):
                return path
    return None


class Format:
    _STYLE = (pathlib.Path(__file__).resolve().parents[3] / ".clang-format").read_text(encoding="utf-8")
    BAD = [
        ({".clang-format": _STYLE, "core/a/x.cpp": "int  f( ){return 1;}\n"}, "core/a/x.cpp:1: not formatted"),
        ({".clang-format": _STYLE, "tests/x.hpp": "int a;\n\n\n\n\nint b;\n"}, "tests/x.hpp:1: not formatted"),
    ]
    GOOD = [{".clang-format": _STYLE, "core/a/x.cpp": "int f() {\n  return 1;\n}\n"}]

    @staticmethod
    def find(tree):
        program = _program()
        if program is None:
            return ["clang-format 14 is not installed (package clang-format of Debian 12)"]
        paths = tree.select(*CPP)
        chunks = [paths[i:i + 20] for i in range(0, len(paths), 20)]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = pool.map(lambda chunk: Format._check(program, tree, chunk), chunks)
        return [line for lines in results for line in lines]

    @staticmethod
    def _check(program, tree, paths):
        run = subprocess.run([program, "--dry-run", "--style=file", *paths], cwd=tree.source, capture_output=True,
                             text=True, check=False)
        places = re.findall(r"^([^\s:]+):(\d+):\d+: (?:warning|error):", run.stderr, re.MULTILINE)
        first = {}
        for path, line in places:
            first.setdefault(path, line)
        found = [f"{path}:{line}: not formatted" for path, line in first.items()]
        if run.returncode and not found:
            found.append(f"clang-format failed: {run.stderr.strip()[:500]}")
        return found
