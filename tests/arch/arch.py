#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Architecture rules, one test each: arch.py RULE --source DIR [--build DIR]; --list names them.

Each rule first proves itself: its own bad examples, laid out in a temporary tree, must be found, and its good ones must
pass. A rule that finds nothing in its bad example fails as a rule, whatever the real tree looks like.

What each rule protects:
  layers     the direction of dependencies: a file includes only what its library may use (docs/ARCHITECTURE.md)
  borders    each foreign library is seen by one folder only; core includes nothing that does I/O, time or chance
  purity     the compiled core has no undefined symbol for I/O, time, chance or threads
  order      nothing in core depends on addresses, hashes, clocks or hidden state: equal inputs, equal outputs
  sizes      files, functions and lines stay small enough to read
  comments   each file opens with its licence and what it is for
  mirror     each source of core has its test in the mirrored place
  words      no leftovers (to-do marks) in what is shipped
  banned     functions that are unsafe or start a shell
  protos     schemas: no maps, enumerations start with UNSPECIFIED, no number twice
  format     every file is as clang-format 14 writes it
  links      documents point to files that exist
"""
import argparse
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from rules import banned, documents, formatting, includes, mirror, protos, purity, sizes, state  # noqa: E402
from rules.tree import Tree  # noqa: E402

RULES = {
    "layers": includes.Layers(),
    "borders": includes.Borders(),
    "purity": purity.Purity(),
    "order": state.Order(),
    "sizes": sizes.Sizes(),
    "comments": documents.Comments(),
    "mirror": mirror.Mirror(),
    "words": banned.Words(),
    "banned": banned.Functions(),
    "protos": protos.Protos(),
    "format": formatting.Format(),
    "links": documents.Links(),
}


def lay_out(folder, files):
    for name, content in files.items():
        path = pathlib.Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return Tree(folder)


def prove(name, rule):
    """Findings about the rule itself: examples that it judges wrongly."""
    wrong = []
    if not rule.BAD:
        wrong.append(f"rule {name} has no bad example")
    for number, (files, expected) in enumerate(rule.BAD):
        with tempfile.TemporaryDirectory() as folder:
            found = rule.find(lay_out(folder, files))
        if not any(expected in line for line in found):
            wrong.append(f"rule {name} misses bad example {number}: expected '{expected}', found {found}")
    for number, files in enumerate(rule.GOOD):
        with tempfile.TemporaryDirectory() as folder:
            found = rule.find(lay_out(folder, files))
        if found:
            wrong.append(f"rule {name} refuses good example {number}: {found}")
    return wrong


def main():
    parser = argparse.ArgumentParser(description="architecture rules")
    parser.add_argument("rule", nargs="?")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--source", default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("--build", default=None, help="default: build/dev below the source")
    arguments = parser.parse_args()
    if arguments.list or not arguments.rule:
        print("\n".join(RULES))
        return 0
    rule = RULES[arguments.rule]
    found = prove(arguments.rule, rule)
    if not found:
        build = arguments.build or pathlib.Path(arguments.source) / "build" / "dev"
        found = rule.find(Tree(arguments.source, build))
    for line in found:
        print(line)
    print(f"{arguments.rule}: {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
