#!/usr/bin/env python3
"""Raw atomics live in src/base/atomic.h and nowhere else.

Only then does every access carry its memory order in its name, and only then can the library be compiled again
with that one header exchanged. The public CC_ATOMIC_PTR is the one exception, made in include/cc/base.h.

Each of its accesses is one at which a test can stop a thread, too: tests/support/each_access.h defines all of them anew."""

import os
import re

import csource
import lint

RAW = re.compile(r"\b(?:atomic_\w+|__atomic_\w+|__sync_\w+|_Atomic|ATOMIC_\w+|memory_order\w*)\b")
HEADER = re.compile(r"^[ \t]*#[ \t]*include[ \t]*[<\"](stdatomic\.h|threads\.h|atomic)[>\"]", re.MULTILINE)
ATOMICS, ANEW = "src/base/atomic.h", "tests/support/each_access.h"
HOMES = (ATOMICS, "include/cc/base.h")
ACCESS = re.compile(r"^#define (cc__(?:load|store|exchange|cas|fetch|pair_cas)\w*)\(", re.MULTILINE)


def left_out(root):
    """Accesses before which no thread stops."""
    if not all(os.path.exists(os.path.join(root, path)) for path in (ATOMICS, ANEW)):
        return []
    anew = ACCESS.findall(csource.read(root, ANEW))
    return [f"{ANEW}: not there: {name}" for name in ACCESS.findall(csource.read(root, ATOMICS)) if name not in anew]


def check(root):
    findings = left_out(root)
    for path in csource.files(root, ["src", "include"], (".c", ".h")):
        if path in HOMES:
            continue
        text = csource.read(root, path)
        code, _ = csource.split(text)
        hits = [(m.start(), m.group()) for m in RAW.finditer(code)]
        hits += [(m.start(1), m.group(1)) for m in HEADER.finditer(text)]
        for offset, what in sorted(hits):
            findings.append(f"{path}:{csource.line_of(text, offset)}: raw {what}; "
                            "use (or add) a macro of src/base/atomic.h")
    return findings


PLANTS = [
    lint.Plant("atomic_load_explicit in a source",
               {"src/ds/x.c": "int f(int *p)\n{\n    return atomic_load_explicit(p, 0);\n}\n"},
               "src/ds/x.c:3: raw atomic_load_explicit"),
    lint.Plant("compiler built-in", {"src/a.c": "int x = __atomic_load_n(p, 5);\n"}, "raw __atomic_load_n"),
    lint.Plant("old built-in", {"src/a.c": "__sync_synchronize();\n"}, "raw __sync_synchronize"),
    lint.Plant("type qualifier in a header", {"src/a.h": "static _Atomic int counter;\n"}, "raw _Atomic"),
    lint.Plant("stdatomic.h included", {"src/a.h": "#include <stdatomic.h>\n"}, "raw stdatomic.h"),
    lint.Plant("public header", {"include/cc/map.h": "_Atomic(int) x;\n"}, "raw _Atomic"),
    lint.Plant("after a string with a comment mark", {"src/a.c": "f(\"/*\"); atomic_init(p, 0); /* */\n"},
               "raw atomic_init"),
    lint.Plant("an access that no test knows",
               {ATOMICS: "#define cc__load_relaxed(p) x\n#define cc__cas_relaxed(p, e, v) x\n#define cc__fence_seq_cst() x\n",
                ANEW: "#define cc__load_relaxed(p) y\n"},
               ANEW + ": not there: cc__cas_relaxed"),
    lint.Plant("the two homes, comments, strings and our own names are fine",
               {"src/base/atomic.h": "#include <stdatomic.h>\n#define x atomic_load(p)\n",
                "include/cc/base.h": "#define CC_ATOMIC_PTR _Atomic(void *)\n",
                "src/a.c": "/* atomic_load */ CC_ATOMIC_PTR p; // _Atomic\nchar *s = \"__sync_x\"; cc__atomics();\n"},
               None),
]

if __name__ == "__main__":
    lint.main("raw atomics", __doc__, check, PLANTS)
