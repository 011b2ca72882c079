#!/usr/bin/env python3
"""No unfinished business in the sources, and no file in src/ that has grown beyond one idea."""

import re

import csource
import lint

# In two halves, so that this file may be checked as well.
WORDS = ["TO" "DO", "FIX" "ME", "X" "XX", "HA" "CK", "not " "implemented", "for " "now"]
UNFINISHED = re.compile("|".join(rf"\b{word}\b" for word in WORDS))
FOLDERS = ["src", "include", "tests", "stress", "bench", "examples", "tools", "scripts", ".ci"]
SUFFIXES = (".c", ".h", ".cpp", ".hpp", ".rs", ".java", ".py", ".sh", "meson.build", "setup", "demo", "test", "stress", "run",
            "bench", "model", "mutants")
LINES_MAX = 450


def check(root):
    findings = []
    for path in csource.files(root, FOLDERS, SUFFIXES):
        lines = csource.read(root, path).splitlines()
        for number, line in enumerate(lines, 1):
            for word in UNFINISHED.findall(line):
                findings.append(f"{path}:{number}: unfinished: \"{word}\"")
        if path.startswith("src/") and len(lines) > LINES_MAX:
            findings.append(f"{path}: {len(lines)} lines, over {LINES_MAX}: one idea per file")
    return findings


PLANTS = [lint.Plant(f"\"{word}\" in a comment", {"src/a.c": f"int x;\n/* {word}: more */\n"},
                     f"src/a.c:2: unfinished: \"{word}\"") for word in WORDS]
PLANTS += [
    lint.Plant("in a script", {"scripts/setup": f"# {WORDS[0]}\n"}, "scripts/setup:1"),
    lint.Plant("in a script that measures", {"scripts/bench": f"# {WORDS[0]}\n"}, "scripts/bench:1"),
    lint.Plant("in a peer", {"bench/peers/a.rs": f"// {WORDS[0]}\n"}, "bench/peers/a.rs:1"),
    lint.Plant("in a test", {"tests/x_test.c": f"// {WORDS[1]}\n"}, "tests/x_test.c:1"),
    lint.Plant("a long file", {"src/ds/long.c": "int x;\n" * (LINES_MAX + 1)}, "src/ds/long.c: 451 lines"),
    lint.Plant("a file just short enough, and words that only contain one",
               {"src/a.c": "int x;\n" * LINES_MAX, "tests/a.c": "mkstemp(\"/tmp/aXXXXXX\"); /* shortcut */\n"}, None),
]

if __name__ == "__main__":
    lint.main("unfinished words, long files", __doc__, check, PLANTS)
