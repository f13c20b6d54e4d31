# SPDX-License-Identifier: Apache-2.0
"""Nothing in core whose result depends on anything but its inputs."""
import re

from .tree import CPP, line_of

_FORBIDDEN = [
    (re.compile(r"\bunordered_(?:multi)?(?:map|set)\b"), "unordered containers have no order: use std::map"),
    (re.compile(r"\bstd::hash\b"), "std::hash differs between libraries"),
    (re.compile(r"\b(?:random_device|mt19937(?:_64)?|minstd_rand0?|default_random_engine)\b"),
     "chance comes in as a value"),
    (re.compile(r"\b(?:steady|system|high_resolution|utc|file)_clock\b"), "time comes in as a value"),
    (re.compile(r"\bstd::(?:jthread|thread|async|mutex|atomic|condition_variable)\b"), "core has no threads"),
    (re.compile(r"\bthread_local\b"), "hidden state"),
    (re.compile(r"\breinterpret_cast<\s*(?:std::)?u?intptr_t\s*>"), "an address as a number"),
]
# `static` before something that is neither constant nor a function.
_STATIC = re.compile(
    r"^[ \t]*(?:inline[ \t]+)?static[ \t]+"
    r"(?!constexpr\b|const\b|constinit[ \t]+const\b|inline\b|_)([^;{}()=]+)(?=[;={])",
    re.MULTILINE)
# Variables at namespace scope are named g_ in our style; others would be seen by review, this finds the honest ones.
_GLOBAL = re.compile(r"^[ \t]*(?!.*\bconst(?:expr)?\b)[\w:<>,*&() \t]+\bg_\w+[ \t]*[;={]", re.MULTILINE)
# The hook of the last dump, set by a program at its start; and the switch of the simulator's mutants.
_ALLOWED = {"core/base/invariant.cpp", "core/base/mutant.cpp"}


class Order:
    BAD = [
        ({"core/a/x.cpp": "#include <unordered_map>\n\nstd::unordered_map<int, int> m();\n"},
         "core/a/x.cpp:3: unordered"),
        ({"core/a/x.cpp": "auto h = std::hash<int>{}(3);\n"}, "std::hash differs"),
        ({"core/a/x.cpp": "void f() {\n  static int calls = 0;\n  ++calls;\n}\n"}, "core/a/x.cpp:2: mutable static"),
        ({"core/a/x.cpp": "namespace {\nstatic std::string cache;\n}\n"}, "core/a/x.cpp:2: mutable static"),
        ({"core/a/x.cpp": "namespace {\nint g_count = 0;\n}\n"}, "core/a/x.cpp:2: mutable global"),
        ({"core/a/x.cpp": "auto t = std::chrono::steady_clock::now();\n"}, "time comes in as a value"),
        ({"core/a/x.cpp": "std::mutex m;\n"}, "core has no threads"),
        ({"core/a/x.cpp": "thread_local int x;\n"}, "hidden state"),
    ]
    GOOD = [
        {"core/a/x.cpp": "// std::unordered_map would do\nstatic constexpr int limit = 3;\n"
                         "struct S {\n  static S make(int a);\n"
                         "  static Result<S> parse(std::string_view t) {\n    return S{};\n  }\n};\n"
                         "void f() {\n  static const std::map<int, int> table{{1, 2}};\n  static_assert(limit == 3);\n"
                         "  const char* text = \"std::mutex\";\n}\n",
         "platform/a/y.cpp": "std::mutex m;\n"},
    ]

    @staticmethod
    def find(tree):
        found = []
        for path in tree.select(*CPP, under=("core",)):
            if path in _ALLOWED:
                continue
            code = re.sub(r"^[ \t]*#[^\n]*", "", tree.code(path), flags=re.MULTILINE)
            for pattern, reason in _FORBIDDEN:
                for match in pattern.finditer(code):
                    what = "unordered: " if "unordered" in match.group(0) else ""
                    found.append(f"{path}:{line_of(code, match.start())}: {what}{reason}")
            for match in _STATIC.finditer(code):
                found.append(f"{path}:{line_of(code, match.start(1))}: mutable static '{match.group(1).strip()}'")
            for match in _GLOBAL.finditer(code):
                found.append(f"{path}:{line_of(code, match.start())}: mutable global")
        return found
