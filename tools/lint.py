"""What all lints share: the command line, the report, and the proof that they can fail.

A lint is a function `check(root) -> [finding, ...]` and a list of plants. A plant is a small tree of files that
violates (or, with `sees` None, respects) the rule. --self-test builds each one and demands the finding."""

import argparse
import os
import sys
import tempfile
from dataclasses import dataclass
from typing import Optional


@dataclass
class Plant:
    name: str
    files: dict           # path -> content
    sees: Optional[str]   # what one of the findings must contain; None: there must be no finding


def _write(root, files):
    for path, content in files.items():
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(content)


def self_test(check, plants):
    """Number of plants that were judged wrongly."""
    wrong = 0
    for plant in plants:
        with tempfile.TemporaryDirectory() as root:
            _write(root, plant.files)
            findings = check(root)
        good = not findings if plant.sees is None else any(plant.sees in f for f in findings)
        print(f"{'ok' if good else 'WRONG':5} {plant.name}")
        if not good:
            wrong += 1
            print(f"      wanted: {plant.sees or 'no finding'}; found: {findings or 'nothing'}")
    return wrong


def report(findings, rule):
    for finding in findings:
        print(finding)
    print(f"{rule}: {len(findings)} finding{'' if len(findings) == 1 else 's'}")
    return 1 if findings else 0


def parser(description):
    p = argparse.ArgumentParser(description=description)
    p.add_argument("--root", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."),
                   help="the source tree (default: the one this program lies in)")
    p.add_argument("--self-test", action="store_true", help="plant violations and demand that they are found")
    return p


def main(rule, description, check, plants):
    args = parser(description).parse_args()
    if args.self_test:
        sys.exit(1 if self_test(check, plants) else 0)
    sys.exit(report(check(args.root), rule))
