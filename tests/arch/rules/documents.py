# SPDX-License-Identifier: Apache-2.0
"""Opening comments of files, and links of documents."""
import re

from .tree import CPP

_SLASHES = CPP + (".proto",)
_HASHES = (".py", ".cmake", "CMakeLists.txt", ".sh", ".service", ".socket")


class Comments:
    BAD = [
        ({"core/a/x.cpp": "// What it is for.\nint a;\n"}, "core/a/x.cpp: the first line is not"),
        ({"core/a/x.cpp": "// SPDX-License-Identifier: Apache-2.0\n#pragma once\n"},
         "core/a/x.cpp: no comment that says"),
        ({"core/a/CMakeLists.txt": "add_library(x)\n"}, "core/a/CMakeLists.txt: the first line is not"),
        ({"tools/x.py": "#!/usr/bin/env python3\n# SPDX-License-Identifier: Apache-2.0\nimport sys\n"},
         "no comment that says"),
        ({"proto/x.proto": "// SPDX-License-Identifier: MIT\n// Messages.\n"}, "proto/x.proto: the first line is not"),
    ]
    GOOD = [
        {"core/a/x.cpp": "// SPDX-License-Identifier: Apache-2.0\n// What it is for.\nint a;\n",
         "core/a/CMakeLists.txt": "# SPDX-License-Identifier: Apache-2.0\n# core/a: something.\n",
         "tools/x.py": '#!/usr/bin/env python3\n# SPDX-License-Identifier: Apache-2.0\n"""What it is for."""\n',
         "tools/empty/__init__.py": ""},
    ]

    @staticmethod
    def find(tree):
        found = []
        for path in tree.select(*(_SLASHES + _HASHES)):
            lines = tree.text(path).splitlines()
            if not lines:
                continue
            if lines[0].startswith("#!"):
                lines = lines[1:]
            mark = "//" if path.endswith(_SLASHES) else "#"
            licence = f"{mark} SPDX-License-Identifier: Apache-2.0"
            if not lines or lines[0] != licence:
                found.append(f"{path}: the first line is not '{licence}'")
            elif len(lines) < 2 or not re.match(rf'^(?:{mark} \S.{{5,}}|r?""".{{5,}})', lines[1]):
                found.append(f"{path}: no comment that says what it is for in the line after the licence")
        return found


class Links:
    BAD = [
        ({"README.md": "See [the manual](docs/none.md).\n"}, "README.md:1: link to docs/none.md"),
        ({"docs/a.md": "x\n[up](../none.txt#part)\n"}, "docs/a.md:2: link to ../none.txt"),
        ({"docs/a.md": "![picture](p.png)\n"}, "docs/a.md:1: link to p.png"),
    ]
    GOOD = [
        {"README.md": "[a](docs/a.md) [b](https://example.org/x) [c](#part) `[d](none)`\n```\n[e](none)\n```\n",
         "docs/a.md": "[r](../README.md#top) [folder](../docs)\n"},
    ]

    @staticmethod
    def find(tree):
        found = []
        for path in tree.select(".md"):
            text = re.sub(r"```.*?```", lambda m: "\n" * m.group(0).count("\n"), tree.text(path), flags=re.DOTALL)
            text = re.sub(r"`[^`\n]*`", "", text)
            for match in re.finditer(r"\[[^\]]*\]\(([^)\s]+)[^)]*\)", text):
                target = match.group(1).partition("#")[0]
                if not target or re.match(r"^[a-z][a-z0-9+.-]*:", target):
                    continue
                base = tree.source / path
                if not (base.parent / target).exists():
                    line = text.count("\n", 0, match.start()) + 1
                    found.append(f"{path}:{line}: link to {target}, which does not exist")
        return found
