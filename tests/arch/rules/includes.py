# SPDX-License-Identifier: Apache-2.0
"""Who may include whom: between our libraries, and towards foreign ones."""
import re

from .tree import CPP, PRODUCT, strip

_CALL = re.compile(r"\b(duet_library|duet_program)\s*\(([^()]*)\)")
_KEYWORDS = ("LAYER", "SOURCES", "DEPENDS", "LINKS", "DESTINATION", "LABEL")
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


class Library:
    def __init__(self, name, folder, layer, depends):
        self.name, self.folder, self.layer, self.depends = name, folder, layer, depends


def _arguments(words):
    values, key = {}, None
    for word in words:
        if word in _KEYWORDS:
            key = word
            values.setdefault(key, [])
        elif key:
            values[key].append(word)
    return values


def libraries(tree):
    """Libraries and programs by name, from the CMakeLists of the product's folders and proto."""
    found = {}
    for path in tree.select("CMakeLists.txt", under=PRODUCT + ("proto",)):
        folder = path.rpartition("/")[0]
        text = re.sub(r"#[^\n]*", "", tree.text(path))
        for kind, body in _CALL.findall(text):
            words = body.split()
            values = _arguments(words[1:])
            layer = 99 if kind == "duet_program" else int(values["LAYER"][0])
            found[words[0]] = Library(words[0], folder, layer, values.get("DEPENDS", []))
        if folder == "proto":
            found["proto"] = Library("proto", "proto", 0, [])
    return found


def _reachable(name, known, seen):
    for dependency in known[name].depends if name in known else []:
        if dependency not in seen:
            seen.add(dependency)
            _reachable(dependency, known, seen)
    return seen


class Layers:
    BAD = [
        ({"core/base/CMakeLists.txt": "duet_library(base LAYER 0 SOURCES a.cpp)",
          "core/model/CMakeLists.txt": "duet_library(model LAYER 1 SOURCES b.cpp DEPENDS base)",
          "core/base/a.cpp": '#include "core/model/b.hpp"\n'}, "core/base/a.cpp:1: may not include core/model/b.hpp"),
        ({"core/base/CMakeLists.txt": "duet_library(base LAYER 0)",
          "core/a/CMakeLists.txt": "duet_library(a LAYER 1)",
          "core/b/CMakeLists.txt": "duet_library(b LAYER 2 DEPENDS base)",
          "core/b/x.hpp": '\n#include "core/a/y.hpp"\n'}, "core/b/x.hpp:2: may not include core/a/y.hpp"),
        ({"core/a/CMakeLists.txt": "duet_library(a LAYER 1 DEPENDS b)",
          "core/b/CMakeLists.txt": "duet_library(b LAYER 1)"}, "a of layer 1 may not use b of layer 1"),
        ({"core/base/CMakeLists.txt": "duet_library(base LAYER 0)",
          "platform/loop/CMakeLists.txt": "duet_library(loop LAYER 1)",
          "core/n/CMakeLists.txt": "duet_library(n LAYER 5 DEPENDS loop)"}, "n is in core and uses loop"),
        ({"core/lost/x.cpp": "int x;\n"}, "core/lost: no duet_library"),
    ]
    GOOD = [
        {"core/base/CMakeLists.txt": "duet_library(base LAYER 0 SOURCES a.cpp)",
         "core/base/a.cpp": '#include "core/base/a.hpp"\n',
         "core/model/CMakeLists.txt": "duet_library(model LAYER 1 DEPENDS base)",
         "core/node/CMakeLists.txt": "duet_library(node LAYER 5 DEPENDS model)",
         "core/node/x.cpp": '// #include "cli/y.hpp"\n#include "core/base/a.hpp"\n#include <vector>\n'},
    ]

    @staticmethod
    def find(tree):
        known = libraries(tree)
        found = []
        for library in known.values():
            for dependency in library.depends:
                below = known.get(dependency)
                if below is None or dependency.startswith("${"):
                    continue
                if below.layer >= library.layer:
                    found.append(f"{library.folder}: {library.name} of layer {library.layer} may not use {dependency}"
                                 f" of layer {below.layer}")
                if library.folder.startswith("core/") and not below.folder.startswith(("core/", "proto")):
                    found.append(f"{library.folder}: {library.name} is in core and uses {dependency} of {below.folder}")
        folders = {}  # folder -> everything that one of its libraries or programs may use
        for library in known.values():
            allowed = folders.setdefault(library.folder, {library.folder})
            for name in _reachable(library.name, known, set()):
                if name in known:
                    allowed.add(known[name].folder)
        folders.setdefault("core/codec", set()).add("proto")  # linked privately, beside DEPENDS
        for path in tree.select(*CPP, under=PRODUCT):
            found += Layers._check_file(tree, path, folders)
        return sorted(set(found))

    @staticmethod
    def _check_file(tree, path, folders):
        own = Layers._owner(path, folders)
        if own is None:
            return [f"{path.rpartition('/')[0]}: no duet_library() or duet_program() in this folder or above"]
        found = []
        code = strip(tree.text(path), keep_strings=True)
        for match in _INCLUDE.finditer(code):
            target = match.group(2)
            if match.group(1) != '"' or "/" not in target or target.split("/")[0] not in PRODUCT + ("proto",):
                continue
            owner = Layers._owner(target, folders) or target.rpartition("/")[0]
            if owner not in folders[own]:
                line = code.count("\n", 0, match.start()) + 1
                found.append(f"{path}:{line}: may not include {target} (not among what {own} DEPENDS on)")
        return found

    @staticmethod
    def _owner(path, folders):
        folder = path.rpartition("/")[0]
        while folder:
            if folder in folders:
                return folder
            folder = folder.rpartition("/")[0]
        return None


class Borders:
    # header prefix -> folders that may include it. Longest prefix counts.
    FOREIGN = {
        "google/protobuf/": ("core/codec",),
        "proto/": ("core/codec",),
        "sqlite3.h": ("platform/store",),
        "corosync/": ("platform/corosync",),
        "qb/": ("platform/loop", "platform/log"),
        "netlink/": ("platform/net",),
        "systemd/sd-bus": ("platform/units",),
        "CLI/": ("cli",),
        "libsmartcols": ("cli",),
        "nlohmann/": ("cli", "core/trace", "core/agentapi"),
        "libvirt/": ("platform/virt",),
    }
    # Headers that give I/O, time, chance or threads: never in core.
    IMPURE = re.compile(
        r"^(sys/(?!types\.h)|netinet/|arpa/|net/|linux/|unistd\.h|fcntl\.h|poll\.h|spawn\.h|signal\.h|dirent\.h|time\.h"
        r"|pthread\.h|semaphore\.h|stdio\.h|csignal|ctime|fstream|iostream|filesystem|random|thread|mutex|shared_mutex"
        r"|condition_variable|future|semaphore|latch|barrier|stop_token|clocale|locale)$"
        r"|^(sys|netinet|arpa|net|linux)/")
    # Where the end of the process is printed, and nowhere else.
    ALLOWED = {("core/base/invariant.cpp", "cstdio"), ("core/base/invariant.cpp", "cstdlib")}
    BAD = [
        ({"core/base/x.cpp": "#include <unistd.h>\n"}, "core/base/x.cpp:1: <unistd.h> is not for core"),
        ({"core/base/x.cpp": "#include <sys/socket.h>\n"}, "<sys/socket.h> is not for core"),
        ({"core/base/x.cpp": "#include <thread>\n"}, "<thread> is not for core"),
        ({"core/base/x.cpp": "#include <cstdlib>\n"}, "<cstdlib> is not for core"),
        ({"core/policy/x.cpp": '#include "proto/state.pb.h"\n'}, "proto/state.pb.h is for core/codec only"),
        ({"daemon/x.cpp": "#include <sqlite3.h>\n"}, "sqlite3.h is for platform/store only"),
        ({"platform/net/x.cpp": "#include <corosync/cpg.h>\n"}, "corosync/cpg.h is for platform/corosync only"),
    ]
    GOOD = [
        {"core/codec/x.cpp": '#include <vector>\n#include "proto/state.pb.h"\n',
         "platform/store/y.cpp": "#include <sqlite3.h>\n#include <unistd.h>\n",
         "core/base/invariant.cpp": "#include <cstdio>\n"},
    ]

    @classmethod
    def find(cls, tree):
        found = []
        for path in tree.select(*CPP, under=PRODUCT):
            code = strip(tree.text(path), keep_strings=True)
            for match in _INCLUDE.finditer(code):
                header = match.group(2)
                place = f"{path}:{code.count(chr(10), 0, match.start()) + 1}"
                for prefix, folders in cls.FOREIGN.items():
                    if header.startswith(prefix) and not path.startswith(tuple(f + "/" for f in folders)):
                        found.append(f"{place}: {header} is for {', '.join(folders)} only")
                if path.startswith("core/") and (path, header) not in cls.ALLOWED and (
                        cls.IMPURE.search(header) or header in ("cstdio", "cstdlib")):
                    found.append(f"{place}: <{header}> is not for core")
        return found
