#!/usr/bin/env python3
"""With -Dalloc_stats=false nothing of the statistics is left in the allocation calls.

Looks at the object files or static libraries that hold src/alloc/glue.c: they may refer to the back end's allocation
calls and to nothing else, and may hold no variable. So there is no counter, no thread record and no question for a
block's size in cc_alloc, cc_free or anything that was not inlined into them."""

import os
import subprocess
import sys
import tempfile

import lint

CALLS = ("cc_alloc", "cc_calloc", "cc_alloc_aligned", "cc_alloc_node", "cc_free", "cc_free_unsized")
MAY_CALL = {"cc__backend_alloc", "cc__backend_calloc", "cc__backend_alloc_aligned", "cc__backend_free",
            "_GLOBAL_OFFSET_TABLE_"}
VARIABLE = "dDbBcCsSgG"    # initialized, zeroed, common; thread-local ones count among them
GLUE = "src/alloc/glue.c"


def symbols(path):
    """[(name, type letter of nm)] of an object file or of all members of a library"""
    nm = subprocess.run(["nm", "--format=posix", path], check=True, capture_output=True, text=True)
    rows = (line.split() for line in nm.stdout.splitlines())
    return [(row[0], row[1]) for row in rows if len(row) >= 2 and len(row[1]) == 1]


def check(paths):
    found = [(path, name, kind) for path in paths for name, kind in symbols(path)]
    defined = {name for _, name, kind in found if kind == "T"}
    findings = [f"{', '.join(paths)}: {call} is not in here" for call in CALLS if call not in defined]
    for path, name, kind in found:
        if kind in "Uwv" and name not in MAY_CALL:
            findings.append(f"{path}: refers to {name}")
        elif kind in VARIABLE:
            findings.append(f"{path}: holds the variable {name}")
    return findings


def _compiled(folder, root, source, stats):
    path = os.path.join(folder, "glue.o")
    subprocess.run([os.environ.get("CC", "cc"), "-std=gnu11", "-O2", "-fPIC", "-fvisibility=hidden", "-D_GNU_SOURCE",
                    "-DNDEBUG", f"-DCC_ALLOC_STATS={stats}", "-I", f"{root}/include", "-I", f"{root}/src",
                    "-x", "c", "-c", "-", "-o", path], input=source, text=True, check=True)
    return path


def self_test(root):
    """The glue as it is, with statistics, and with something planted into cc_alloc."""
    with open(os.path.join(root, GLUE), encoding="utf-8") as file:
        glue = file.read()
    head = "void *cc_alloc(size_t size)\n{\n"
    assert glue.count(head) == 1, f"{GLUE} has no cc_alloc to plant into"
    free_call = "    cc__backend_free(ptr);\n"
    assert glue.count(free_call) == 1, f"{GLUE} has no free to plant into"
    plants = [
        ("as it is, without statistics", glue, 0, None),
        ("with statistics", glue, 1, "refers to cc__alloc_stats_count_alloc"),
        ("a static counter", glue.replace(head, f"static long planted;\n{head}    planted++;\n"), 0,
         "holds the variable planted"),
        ("a thread-local counter", glue.replace(head, f"_Thread_local long planted;\n{head}    planted++;\n"), 0,
         "holds the variable planted"),
        ("the thread record", glue.replace(head, f"{head}    cc__thread_self();\n"), 0, "refers to cc__thread_self"),
        ("the thread pointer", glue.replace(free_call, f"    if (cc__thread_peek())\n    {free_call}"), 0,
         "refers to cc__thread_tls"),
        ("the block's size", glue.replace(free_call, f"    if (cc__backend_usable_size(ptr))\n    {free_call}"), 0,
         "refers to cc__backend_usable_size"),
        ("a call under another name", glue.replace("void cc_free(", "void cc_free_sized("), 0,
         "cc_free is not in here"),
    ]
    wrong = 0
    for name, source, stats, sees in plants:
        with tempfile.TemporaryDirectory() as folder:
            findings = check([_compiled(folder, root, source, stats)])
        good = not findings if sees is None else any(sees in finding for finding in findings)
        print(f"{'ok' if good else 'WRONG':5} {name}")
        if not good:
            wrong += 1
            print(f"      wanted: {sees or 'no finding'}; found: {findings or 'nothing'}")
    return wrong


def main():
    p = lint.parser(__doc__.splitlines()[0])
    p.add_argument("libraries", nargs="*", help="object files or static libraries with the glue in them")
    args = p.parse_args()
    if args.self_test:
        return 1 if self_test(args.root) else 0
    if not args.libraries:
        p.error("which libraries?")
    return lint.report(check(args.libraries), "allocation statistics left over")


if __name__ == "__main__":
    sys.exit(main())
