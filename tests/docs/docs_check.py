#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What README and docs name must exist: paths, sub-commands of our tools, build presets, words of `duet`, the
rows of the codemap. A newcomer who types what he reads must never be told that there is no such thing.

It reads sources and needs no build. Exit status 1 lists what is wrong; a run that found nothing to check has failed.
"""

import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDERS = ("core", "platform", "daemon", "agents", "cli", "systemd", "tests", "tools", "docs", "examples", "proto",
           "cmake", ".ci")
# A word in backticks that begins with a folder of ours, or a command line that runs one of our tools.
PATH = re.compile(r"(?<![\w/.<])((?:" + "|".join(re.escape(name) for name in FOLDERS) + r")/[\w./+-]*[\w+-])")
SPAN = re.compile(r"`([^`\n]+)`")
COMMAND = re.compile(r"(?:^|[#$(;] ?|-- +|sudo +)duet +([a-z][^|;&)#]*)")
# What must be found, or this check has gone blind: (code, part of the finding).
BAD = (("core/nothing/here.cpp", "no such file"), ("sudo tools/demo explode server1", "no command 'explode'"),
       ("cmake --preset fast", "no preset"), ("duet resorce create", "no command 'resorce"),
       ("tools/demo exec server1 -- duet crash-test server1", "later version"), ("duet status --fulll", "no option"))


def documents():
    """Every page that people read, relative to the top of the tree."""
    found = [name for name in os.listdir(ROOT) if name.endswith(".md")]
    for folder in ("docs", "examples", "tests", "tools"):
        for place, folders, names in os.walk(os.path.join(ROOT, folder)):
            folders[:] = [name for name in folders if name not in ("__pycache__", "golden")]
            found += [os.path.relpath(os.path.join(place, name), ROOT) for name in names if name.endswith(".md")]
    return sorted(found)


def code(text):
    """(line number, code) of every fenced or indented block line and every span in backticks."""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            yield number, line.strip()
        else:
            for span in SPAN.findall(line):
                yield number, span


class Checker:
    """Collects what is wrong."""

    def __init__(self):
        self.wrong = []
        self.checked = {"paths": 0, "tool words": 0, "duet commands": 0, "codemap rows": 0, "codemap names": 0}
        self.duet = duet_table()
        self.options = duet_options()
        self.demo_words = demo_words()
        self.presets = build_presets()

    def say(self, page, number, text):
        """One finding."""
        self.wrong.append(f"{page}:{number}: {text}")

    def page(self, page):
        """Everything in one page."""
        with open(os.path.join(ROOT, page), encoding="utf-8") as handle:
            text = handle.read()
        for number, piece in code(text):
            self.paths(page, number, piece)
            self.tools(page, number, piece)
            self.duet_commands(page, number, piece)

    def paths(self, page, number, piece):
        """Paths of the tree. `build/`, `<name>` and patterns with * are not paths of the tree."""
        for path in PATH.findall(piece):
            if "*" in piece or "<" in piece or "NNNN" in path:
                continue
            self.checked["paths"] += 1
            bases = (ROOT, os.path.join(ROOT, os.path.dirname(page)))
            if not any(os.path.exists(os.path.join(base, path)) for base in bases):
                self.say(page, number, f"{path}: there is no such file or folder")

    def tools(self, page, number, piece):
        """Sub-commands of tools/demo, arguments of tools/test, names of presets."""
        for rest in re.findall(r"tools/demo((?: +[^\s`|;&,()]+)*)", piece):
            words = [word for word in re.sub(r"--id[ =]\S+", "", rest).split() if not word.startswith("-")]
            if words:
                self.checked["tool words"] += 1
                for word in words[0].split("|"):
                    if word not in self.demo_words:
                        self.say(page, number, f"tools/demo has no command '{word}'")
        for name in re.findall(r"--preset[ =](\S+)", piece):
            self.checked["tool words"] += 1
            if name.strip("`.,)") not in self.presets:
                self.say(page, number, f"there is no preset '{name}'")

    def duet_commands(self, page, number, piece):
        """`duet WORDS`: known to the command line, and not merely announced for later."""
        if page.startswith("docs/protocol/"):
            return  # bytes and texts of the wire, no command lines
        for match in COMMAND.finditer(piece):
            words = [word for word in match.group(1).split() if re.fullmatch(r"[a-z][a-z-]*", word)]
            known = None
            for count in range(min(4, len(words)), 0, -1):
                known = self.duet.get(" ".join(words[:count]))
                if known is not None:
                    break
            self.checked["duet commands"] += 1
            if known is None:
                self.say(page, number, f"duet has no command '{' '.join(words[:2])}'")
            elif not known:
                self.say(page, number, f"'duet {' '.join(words[:2])}' answers that it comes in a later version")
            for option in re.findall(r"(?<=\s)--([a-z][a-z-]*)", match.group(1)):
                if option not in self.options:
                    self.say(page, number, f"duet has no option --{option}")

    def codemap(self):
        """Each library of the build has its row, with its layer; each name that a row says to search for is there."""
        page = "docs/ARCHITECTURE.md"
        rows = {}
        with open(os.path.join(ROOT, page), encoding="utf-8") as handle:
            for number, line in enumerate(handle, 1):
                found = re.match(r"\| `([^`]+)` \| (\d+) \| .* \| (.*) \|$", line)
                if found:
                    rows[found.group(1)] = (number, int(found.group(2)), SPAN.findall(found.group(3)))
        layers = library_layers()
        for folder, layer in sorted(layers.items()):
            self.checked["codemap rows"] += 1
            if folder not in rows:
                self.say(page, 1, f"the codemap has no row for {folder} (layer {layer})")
            elif rows[folder][1] != layer:
                self.say(page, rows[folder][0], f"{folder} is layer {layer} in the build, {rows[folder][1]} here")
        for folder, (number, _, names) in rows.items():
            text = folder_text(folder)
            if folder not in layers and folder != "proto":
                self.say(page, number, f"{folder} makes no library")
            for name in names:
                self.checked["codemap names"] += 1
                if name.split("::")[0 if name.endswith("::") else -1] not in text:
                    self.say(page, number, f"nothing in {folder} is called {name}")


def prove(checker):
    """Each bad example must be found."""
    for piece, expected in BAD:
        checker.paths("example", 1, piece)
        checker.tools("example", 1, piece)
        checker.duet_commands("example", 1, piece)
        found, checker.wrong = checker.wrong, []
        if not any(expected in finding for finding in found):
            checker.wrong.append(f"this check is blind: it did not say '{expected}' about: {piece}")
            return


def duet_table():
    """{words: available} from the tables of the command line, other spellings included."""
    table = {}
    folder = os.path.join(ROOT, "cli", "commands")
    for name in sorted(os.listdir(folder)):
        if not (name.startswith("table_") and name.endswith(".cpp")):
            continue
        with open(os.path.join(folder, name), encoding="utf-8") as handle:
            text = handle.read()
        for words in re.findall(r'\.(?:words|also) = ((?:\s*"[^"]*")+)', text):
            for spelling in "".join(re.findall(r'"([^"]*)"', words)).split(";"):
                table[spelling] = True
        table.update((words, False) for words in re.findall(r'later\("([^"]+)"', text))
    return table


def duet_options():
    """Long names of the options of the command line."""
    with open(os.path.join(ROOT, "cli", "grammar", "options.cpp"), encoding="utf-8") as handle:
        rows = re.findall(r'OptionInfo\{"([\w-]+)", "([\w-]*)"', handle.read())
    return {name for row in rows for name in row if name}


def demo_words():
    """Commands of tools/demo, from its own parser's help."""
    command = [sys.executable, "-B", os.path.join(ROOT, "tools", "demo"), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
    words = set(re.findall(r"^(\w+)\b", done.stdout, re.MULTILINE)) | set(re.findall(r"   +(\w+)\b", done.stdout))
    return words


def build_presets():
    """Names in CMakePresets.json."""
    with open(os.path.join(ROOT, "CMakePresets.json"), encoding="utf-8") as handle:
        presets = json.load(handle)
    return {preset["name"] for key, group in presets.items() if key.endswith("Presets") for preset in group
            if not preset.get("hidden")}


def library_layers():
    """{folder: layer} of each duet_library(); the highest where a folder makes several."""
    layers = {}
    for place, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in ("build", ".git", "cmake")]
        if "CMakeLists.txt" not in names:
            continue
        with open(os.path.join(place, "CMakeLists.txt"), encoding="utf-8") as handle:
            found = re.findall(r"^duet_library\(\s*\w+\s+LAYER\s+(\d+)", handle.read(), re.MULTILINE)
        if found:
            layers[os.path.relpath(place, ROOT)] = max(map(int, found))
    # The sub-folders of the command line are one row, whatever libraries they make.
    for folder in [name for name in layers if name.startswith("cli/")]:
        layers["cli"] = max(layers.get("cli", 0), layers.pop(folder))
    return layers


def folder_text(folder):
    """All sources below a folder, and their names."""
    parts = []
    for place, _, names in os.walk(os.path.join(ROOT, folder)):
        for name in names:
            if name.endswith((".hpp", ".cpp", ".proto")):
                with open(os.path.join(place, name), encoding="utf-8") as handle:
                    parts.append(name + "\n" + handle.read())
    return "\n".join(parts)


def main():
    """Prints findings, then what was looked at: a check that looked at nothing has failed."""
    checker = Checker()
    prove(checker)
    checker.checked = dict.fromkeys(checker.checked, 0)
    for page in documents():
        checker.page(page)
    checker.codemap()
    for what, count in checker.checked.items():
        if count == 0:
            checker.wrong.append(f"no {what} were found to check: this test does not work any more")
    for finding in checker.wrong:
        print(finding)
    print(", ".join(f"{count} {what}" for what, count in checker.checked.items()))
    return 1 if checker.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
