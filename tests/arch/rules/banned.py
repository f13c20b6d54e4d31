# SPDX-License-Identifier: Apache-2.0
"""Words and functions that have no place in the product."""
import re

from .tree import CPP, PRODUCT, line_of, strip

_SHIPPED = PRODUCT + ("proto", "systemd", "examples", "cmake")
# Put together, so that this file does not find itself.
_LEFTOVER = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK")) + r")\b")


class Words:
    BAD = [
        ({"core/a/x.cpp": "// TO" "DO: later\n"}, "core/a/x.cpp:1: leftover"),
        ({"systemd/x.service": "# FIX" "ME\n"}, "systemd/x.service:1: leftover"),
        ({"cli/x.cpp": "\n/* X" "XX */\n"}, "cli/x.cpp:2: leftover"),
    ]
    GOOD = [{"core/a/x.cpp": "// mkstemp wants /tmp/fooXXXXXX\n", "tests/x.cpp": "// TO" "DO\n"}]

    @staticmethod
    def find(tree):
        found = []
        for path in tree.files:
            if path.split("/")[0] not in _SHIPPED:
                continue
            for number, line in enumerate(tree.text(path).splitlines(), 1):
                match = _LEFTOVER.search(line)
                if match:
                    found.append(f"{path}:{number}: leftover '{match.group(0)}'")
        return found


class Functions:
    _NAMES = ("system popen strcpy strncpy strcat strncat sprintf vsprintf gets tmpnam mktemp tempnam strtok atoi atol"
              " atoll atof rand srand alloca setjmp longjmp").split()
    # Not a method (after . or ->), not a name of another namespace, but std:: and :: are the functions themselves.
    _CALL = re.compile(r"(?<![\w.>:])(?:std::|::)?(" + "|".join(_NAMES) + r")\s*\(")
    _SHELL = re.compile(r'"(?:/bin/)?(?:ba)?sh"|\bsh -c\b|/proc/sysrq-trigger')
    BAD = [
        ({"core/a/x.cpp": 'void f() { system("ls"); }\n'}, "core/a/x.cpp:1: system()"),
        ({"daemon/x.cpp": "int n = std::atoi(text);\n"}, "daemon/x.cpp:1: atoi()"),
        ({"daemon/x.cpp": "::strcpy(a, b);\n"}, "strcpy()"),
        ({"agents/x.cpp": "x = rand ();\n"}, "rand()"),
        ({"tests/unit/x.cpp": "sprintf(a, b);\n"}, "sprintf()"),
        ({"daemon/x.cpp": 'run({"/bin/sh", "-c"});\n'}, "a shell"),
        ({"daemon/x.cpp": 'open("/proc/sysrq-trigger");\n'}, "a shell or sysrq"),
    ]
    GOOD = [
        {"core/a/x.cpp": "// system(x)\nlab.system(1);\nstrand(2);\nsnprintf(a, 1, b);\nfoo::rand(3);\n"
                         "const char* t = \"gets(\";\n"},
    ]

    @classmethod
    def find(cls, tree):
        found = []
        for path in tree.select(*CPP):
            code = tree.code(path)
            for match in cls._CALL.finditer(code):
                found.append(f"{path}:{line_of(code, match.start())}: {match.group(1)}() is banned")
            if path.split("/")[0] in PRODUCT:
                text = strip(tree.text(path), keep_strings=True)
                for match in cls._SHELL.finditer(text):
                    found.append(f"{path}:{line_of(text, match.start())}: {match.group(0)}: a shell or sysrq is banned")
        return found
