# SPDX-License-Identifier: Apache-2.0
"""Files at most 800 lines, functions 100, lines 120 columns."""
import ast
import re

from .tree import CPP

FILE, FUNCTION, LINE = 800, 100, 120
_TEXT = CPP + (".py", ".proto", ".cmake", "CMakeLists.txt", ".sh", ".service", ".socket")
_NOT_A_FUNCTION = re.compile(r"^\s*(?:inline\s+)?(?:namespace|class|struct|union|enum|extern)\b")


def functions(code):
    """(name, first line, lines) of each outermost function body. `code` is without comments and literals.

    In our style the brace of a body stands after a space and that of an initialiser does not, which is what tells
    `Foo::Foo() : a_{1} {` apart. Types and namespaces are transparent; a lambda belongs to the function around it.
    """
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: "\n" * m.group(0).count("\n"), code, flags=re.MULTILINE)
    found, stack, head, line = [], [], "", 1
    skip = 0  # depth inside a function body or an initialiser: only braces are counted
    begin, begin_line = "", 0
    i = 0
    while i < len(code):
        c = code[i]
        if c == "\n":
            line += 1
        if skip:
            skip += (c == "{") - (c == "}")
            if skip == 0:
                if begin:
                    found.append((begin, begin_line, line - begin_line + 1))
                    begin, head = "", ""
        elif c == "{":
            if i > 0 and not code[i - 1].isspace():
                skip, begin = 1, ""  # an initialiser: part of the head
            elif _is_function(head):
                skip, begin = 1, _name(head)
                begin_line = line - head.strip().count("\n")
            elif "=" in head:
                skip, begin = 1, ""  # a table
            else:
                stack.append(head)
                head = ""
        elif c == "}":
            if stack:
                stack.pop()
            head = ""
        elif c == ";":
            head = ""
        else:
            head += c
            if c == ":" and head.strip() in ("public:", "private:", "protected:"):
                head = ""
        i += 1
    return found


def _is_function(head):
    text = re.sub(r"template\s*<[^{};]*?>\s*(?=\w)", "", head)
    if ")" not in text or _NOT_A_FUNCTION.match(text):
        return False
    outside = re.sub(r"operator\s*[^\s(]+", "", text)
    while True:  # arguments may have defaults
        shorter = re.sub(r"\([^()]*\)", "", outside)
        if shorter == outside:
            break
        outside = shorter
    return "=" not in outside


def _name(head):
    match = re.search(r"([~\w:]+|operator\s*[^\s(]+)\s*\(", head)
    return match.group(1) if match else "?"


def _tables(code):
    """(first line, lines) of the rows of table-driven tests, GENERATE(values<Row>({...})): data, not function."""
    found = []
    for match in re.finditer(r"\bGENERATE\(", code):
        depth, end = 1, match.end()
        while depth and end < len(code):
            depth += (code[end] == "(") - (code[end] == ")")
            end += 1
        found.append((code.count("\n", 0, match.start()) + 1, code.count("\n", match.start(), end)))
    return found


def _raw_lines(text):
    """Numbers of lines that a raw string touches: what is expected there cannot be wrapped."""
    found = set()
    for match in re.finditer(r'R"([^\s()\\]{0,16})\(.*?\)\1"', text, re.DOTALL):
        first = text.count("\n", 0, match.start()) + 1
        found.update(range(first, first + match.group(0).count("\n") + 1))
    return found


class Sizes:
    _LONG = "".join("  int a%d = 0;\n" % n for n in range(100))
    BAD = [
        ({"core/a/x.cpp": "int a;\n" * 801}, "core/a/x.cpp: 801 lines"),
        ({"core/a/x.cpp": "// " + "x" * 118 + "\n"}, "core/a/x.cpp:1: 121 columns"),
        ({"core/a/x.cpp": "#include <a>\nnamespace n {\nvoid f(int a = 3) {\n" + _LONG + "}\n\n}\n"},
         "core/a/x.cpp:3: function f has 102 lines"),
        ({"core/a/x.cpp": "A::A(int x) : a_{x}, b_{x} {\n" + _LONG + "}\n"}, "function A::A has 102 lines"),
        ({"core/a/x.cpp": "class B {\n public:\n  bool operator==(const B&) const {\n" + _LONG + "  }\n};\n"},
         "has 102 lines"),
        ({"tests/a/x.cpp": 'TEST_CASE("a: b {", "[a]") {\n' + _LONG + "}\n"}, "function TEST_CASE has 102 lines"),
        ({"tests/a/y.cpp": 'TEST_CASE("a: b") {\n  auto row = GENERATE(1, 2);\n' + _LONG + "}\n"}, "has 103 lines"),
        ({"tools/x.py": "def f():\n" + "    a = 1\n" * 100}, "tools/x.py:1: function f has 101 lines"),
    ]
    GOOD = [
        {"tests/a/x.cpp": 'const char* t = R"(' + "x" * 200 + ')";\n'},
        {"tests/a/x.cpp": 'TEST_CASE("a: b") {\n  auto row = GENERATE(values<Row>({\n' + '      {"a", f(1)},\n' * 150 +
                          "  }));\n  CHECK(row);\n}\n"},
        {"core/a/x.cpp": "namespace n {\nconst int table[] = {\n" + "    1,\n" * 300 +
                         "};\nstruct S {\n" + "  int a;\n" * 150 + "};\n"
                         "void f() {\n  const auto g = [] { return 1'000; };\n}\n}  // namespace n\n"},
    ]

    @staticmethod
    def find(tree):
        found = []
        for path in tree.select(*_TEXT):
            lines = tree.text(path).splitlines()
            if len(lines) > FILE:
                found.append(f"{path}: {len(lines)} lines, at most {FILE}")
            raw = _raw_lines(tree.text(path)) if path.endswith(CPP) else ()
            for number, line in enumerate(lines, 1):
                if len(line) > LINE and number not in raw:
                    found.append(f"{path}:{number}: {len(line)} columns, at most {LINE}")
            if path.endswith(CPP):
                # Character literals of a brace would be counted; strip() has blanked them.
                tables = _tables(tree.code(path))
                for name, first, count in functions(tree.code(path)):
                    count -= sum(lines for line, lines in tables if first <= line < first + count)
                    if count > FUNCTION:
                        found.append(f"{path}:{first}: function {name} has {count} lines, at most {FUNCTION}")
            if path.endswith(".py"):
                found += Sizes._python(tree, path)
        return found

    @staticmethod
    def _python(tree, path):
        try:
            module = ast.parse(tree.text(path))
        except SyntaxError as error:
            return [f"{path}:{error.lineno}: not Python: {error.msg}"]
        found = []
        for node in ast.walk(module):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                count = node.end_lineno - node.lineno + 1
                if count > FUNCTION:
                    found.append(f"{path}:{node.lineno}: function {node.name} has {count} lines, at most {FUNCTION}")
        return found
