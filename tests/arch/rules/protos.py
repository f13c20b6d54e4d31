# SPDX-License-Identifier: Apache-2.0
"""Schemas: equal messages have equal bytes, an absent enumeration is noticed, no number has two meanings."""
import re


class Protos:
    _HEAD = 'syntax = "proto3";\npackage duet.v1;\noption optimize_for = LITE_RUNTIME;\n'
    BAD = [
        ({"proto/x.proto": _HEAD + "message M { map<string, string> a = 1; }\n"}, "proto/x.proto:4: map"),
        ({"proto/x.proto": _HEAD + "enum E {\n  E_FIRST = 0;\n}\n"}, "enum E: value 0 is not E_UNSPECIFIED"),
        ({"proto/x.proto": _HEAD + "enum OnFail {\n  ON_FAIL_A = 1;\n}\n"},
         "enum OnFail: value 0 is not ON_FAIL_UNSPECIFIED"),
        ({"proto/x.proto": _HEAD + "message M {\n  bytes a = 1;\n  uint32 b = 1;\n}\n"},
         "message M: number 1 is given twice"),
        ({"proto/x.proto": _HEAD + "message M {\n  string a = 1;\n}\n"}, "a text is `bytes`"),
        ({"proto/x.proto": _HEAD + "message M {\n  float a = 1;\n}\n"}, "no floating point"),
        ({"proto/x.proto": 'syntax = "proto2";\npackage duet.v1;\n'}, "proto/x.proto: no 'syntax = \"proto3\";'"),
    ]
    GOOD = [
        {"proto/x.proto": _HEAD + "// map<a, b> is not used\n"
                                  "enum OnFail {\n  ON_FAIL_UNSPECIFIED = 0;\n  ON_FAIL_A = 7;\n}\n"
                                  "message M {\n  bytes a = 1;\n  oneof x {\n    uint32 b = 2;\n    M c = 3;\n  }\n"
                                  "  repeated uint32 d = 4;\n}\n"},
    ]

    @classmethod
    def find(cls, tree):
        found = []
        for path in tree.select(".proto"):
            text = re.sub(r"//[^\n]*", "", tree.text(path))
            for needed in ('syntax = "proto3";', "package duet.v1;", "option optimize_for = LITE_RUNTIME;"):
                if needed not in text:
                    found.append(f"{path}: no '{needed}'")
            for pattern, why in ((r"\bmap\s*<", "map fields have no order"),
                                 (r"^\s*(?:repeated |optional )?string ", "a text is `bytes`, checked by core/codec"),
                                 (r"^\s*(?:repeated |optional )?(?:float|double) ", "no floating point")):
                for match in re.finditer(pattern, text, re.MULTILINE):
                    line = text.count("\n", 0, match.end()) + 1
                    found.append(f"{path}:{line}: {'map: ' if 'map' in pattern else ''}{why}")
            for name, body in re.findall(r"\benum\s+(\w+)\s*\{([^}]*)\}", text):
                first = re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper() + "_UNSPECIFIED"
                if not re.search(rf"\b{first}\s*=\s*0\s*;", body):
                    found.append(f"{path}: enum {name}: value 0 is not {first}")
            found += cls._numbers(path, text)
        return found

    @staticmethod
    def _numbers(path, text):
        found = []
        for match in re.finditer(r"\bmessage\s+(\w+)\s*\{", text):
            depth, end = 1, match.end()
            while depth and end < len(text):
                depth += (text[end] == "{") - (text[end] == "}")
                end += 1
            numbers = re.findall(r"=\s*(\d+)\s*;", text[match.end():end])
            for number in sorted({n for n in numbers if numbers.count(n) > 1}):
                found.append(f"{path}: message {match.group(1)}: number {number} is given twice")
        return found
