#!/usr/bin/env python3
"""Counts the results in meson's testlog.json and adds them to a file of three numbers: passed, failed, skipped.

Exit code 1 if there are no results at all: a stage that runs no test has been written wrongly."""

import argparse
import json
import os
import sys

PASSED = {"OK", "EXPECTEDFAIL"}
SKIPPED = {"SKIP"}


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("log", help="meson-logs/testlog.json")
    p.add_argument("counts", help="file to add to")
    args = p.parse_args()
    results = []
    if os.path.exists(args.log):
        with open(args.log, encoding="utf-8") as log:
            results = [json.loads(line)["result"] for line in log if line.strip()]
    if not results:
        print("no test was run")
        return 1
    passed = sum(r in PASSED for r in results)
    skipped = sum(r in SKIPPED for r in results)
    counts = [passed, len(results) - passed - skipped, skipped]
    if os.path.exists(args.counts):
        with open(args.counts, encoding="utf-8") as file:
            counts = [a + int(b) for a, b in zip(counts, file.read().split())]
    with open(args.counts, "w", encoding="utf-8") as file:
        print(*counts, file=file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
