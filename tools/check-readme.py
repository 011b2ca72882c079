#!/usr/bin/env python3
"""The first C program in README.md is examples/01_map.c, which is built and run: readers copy code that works."""

import re

import csource
import lint

EXAMPLE = "examples/01_map.c"


def check(root):
    block = re.search(r"^```c\n(.*?)^```", csource.read(root, "README.md"), re.MULTILINE | re.DOTALL)
    if block is None:
        return ["README.md: no C program in it"]
    if block.group(1) != csource.read(root, EXAMPLE):
        return [f"README.md: its first C program is not {EXAMPLE}"]
    return []


PROGRAM = "int main(void)\n{\n}\n"
PLANTS = [
    lint.Plant("the same program", {"README.md": f"a\n```c\n{PROGRAM}```\nb\n", EXAMPLE: PROGRAM}, None),
    lint.Plant("one character differs", {"README.md": f"```c\n{PROGRAM}```\n", EXAMPLE: PROGRAM + "\n"}, "is not"),
    lint.Plant("no program", {"README.md": f"```sh\n{PROGRAM}```\n", EXAMPLE: PROGRAM}, "no C program"),
]

if __name__ == "__main__":
    lint.main("README program", __doc__, check, PLANTS)
