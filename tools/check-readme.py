#!/usr/bin/env python3
"""The C programs in README.md are examples, which are built and run: readers copy code that works."""

import re

import csource
import lint

EXAMPLES = ["examples/01_map.c", "examples/09_objects.c"]  # in this order


def check(root):
    programs = re.findall(r"^```c\n(.*?)^```", csource.read(root, "README.md"), re.MULTILINE | re.DOTALL)
    if len(programs) != len(EXAMPLES):
        return [f"README.md: {len(programs)} C programs, not {len(EXAMPLES)}"]
    return [f"README.md: a C program is not {e}" for p, e in zip(programs, EXAMPLES) if p != csource.read(root, e)]


PROGRAM = "int main(void)\n{\n}\n"
BLOCK = f"```c\n{PROGRAM}```\n"
PLANTS = [
    lint.Plant("the same programs", {"README.md": f"a\n{BLOCK}b\n{BLOCK}", EXAMPLES[0]: PROGRAM, EXAMPLES[1]: PROGRAM}, None),
    lint.Plant("one character differs", {"README.md": BLOCK + BLOCK, EXAMPLES[0]: PROGRAM, EXAMPLES[1]: PROGRAM + "\n"}, "is not"),
    lint.Plant("one is missing", {"README.md": BLOCK + BLOCK.replace("c", "sh", 1), EXAMPLES[0]: PROGRAM, EXAMPLES[1]: PROGRAM}, "1 C programs"),
]

if __name__ == "__main__":
    lint.main("README program", __doc__, check, PLANTS)
