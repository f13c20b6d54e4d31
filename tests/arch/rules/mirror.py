# SPDX-License-Identifier: Apache-2.0
"""Each core/**/x.cpp has tests/unit/core/**/x_test.cpp, and it holds at least one check.

A folder that is tested as a whole by golden cases (core/policy: state in, plan out) has golden_test.cpp in the
mirrored place and its cases below tests/golden/<folder>; its sources need no test of their own beside that.
"""
import re


class Mirror:
    BAD = [
        ({"core/a/x.cpp": "int a;\n"}, "core/a/x.cpp: tests/unit/core/a/x_test.cpp does not exist"),
        ({"core/a/x.cpp": "int a;\n", "tests/unit/core/a/x_test.cpp": 'TEST_CASE("a") {}\n'},
         "x_test.cpp: checks nothing"),
        ({"core/p/x.cpp": "int a;\n", "tests/unit/core/p/golden_test.cpp": "CHECK(a);\n"},
         "x_test.cpp does not exist"),
        ({"core/a/x.cpp": "int a;\n", "tests/unit/core/a/x_test.cpp": "// CHECK(true)\n"},
         "x_test.cpp: checks nothing"),
    ]
    GOOD = [
        {"core/p/x.cpp": "int a;\n", "tests/unit/core/p/golden_test.cpp": "CHECK(a);\n",
         "tests/golden/p/t/one.case": "x\n"},
        {"core/a/x.cpp": "int a;\n", "tests/unit/core/a/x_test.cpp": 'TEST_CASE("a") { CHECK(a == 0); }\n'},
    ]

    @staticmethod
    def find(tree):
        found = []
        for path in tree.select(".cpp", under=("core",)):
            test = f"tests/unit/{path[:-len('.cpp')]}_test.cpp"
            if not tree.exists(test) and Mirror._golden(tree, path):
                continue
            if not tree.exists(test):
                found.append(f"{path}: {test} does not exist")
            elif not re.search(r"\b(?:CHECK|REQUIRE)(?:_\w+)?\s*\(", tree.code(test)):
                found.append(f"{test}: checks nothing")
        return found

    @staticmethod
    def _golden(tree, path):
        folder = path.rpartition("/")[0]
        cases = "tests/golden/" + folder.partition("/")[2] + "/"
        return tree.exists(f"tests/unit/{folder}/golden_test.cpp") and any(
            name.startswith(cases) and name.endswith(".case") for name in tree.files)
