"""C sources as the lints see them: code with the comments blanked out, and the comments by themselves."""

import os
import re
from dataclasses import dataclass

# What hides text from the compiler, longest match first: a comment, or a literal that only looks like one.
TOKEN = re.compile(r"""
      /\*.*?\*/                      # block comment
    | //(?:\\\n|[^\n])*              # line comment
    | "(?:\\.|[^"\\\n])*"            # string
    | '(?:\\.|[^'\\\n])*'            # character
    """, re.VERBOSE | re.DOTALL)


@dataclass
class Comment:
    first: int  # line numbers, from 1
    last: int
    text: str   # without the comment marks, white space folded


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def _fold(comment):
    body = re.sub(r"^/\*+|\*/$|^\s*(?:\*(?!/)|//+)", " ", comment, flags=re.MULTILINE)
    return " ".join(body.split())


def split(text):
    """(code, comments): code keeps every line and column; comments and literals are spaces in it. Line comments
    that stand under each other are one comment."""
    comments = []

    def blank(match):
        token = match.group()
        if token.startswith("/"):
            first = line_of(text, match.start())
            comments.append((first, first + token.count("\n"), token))
        return re.sub(r"[^\n]", " ", token)

    code = TOKEN.sub(blank, text)
    merged = []
    for first, last, token in comments:
        if merged and token.startswith("//") and merged[-1][2].startswith("//") and first == merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], last, merged[-1][2] + "\n" + token)
        else:
            merged.append((first, last, token))
    return code, [Comment(first, last, _fold(token)) for first, last, token in merged]


def files(root, folders, suffixes):
    """Paths relative to root, sorted, of all files below the folders that end in one of the suffixes. A lint that
    finds nothing to look at has been called wrongly, which is an error, not a pass."""
    found = []
    for folder in folders:
        for where, _, names in os.walk(os.path.join(root, folder)):
            found += [os.path.relpath(os.path.join(where, n), root) for n in names if n.endswith(suffixes)]
    if not found:
        raise SystemExit(f"no sources in {', '.join(folders)} below {root}")
    return sorted(found)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()
