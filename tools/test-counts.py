#!/usr/bin/env python3
"""Counts the results in meson's testlog.json and adds them to a file of three numbers: passed, failed, skipped. Appends the
last lines of what each failed test printed to another file.

Exit code 1 if there are no results at all: a stage that runs no test has been written wrongly."""

import argparse
import json
import os
import sys

PASSED = {"OK", "EXPECTEDFAIL"}
SKIPPED = {"SKIP"}
LINES = 20  # of each failed test


def report(test, file):
    lines = (test.get("stdout", "") + test.get("stderr", "")).splitlines()
    print(f"{test['name']}: {test['result']}", *lines[-LINES:], sep="\n    ", file=file)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("log", help="meson-logs/testlog.json")
    p.add_argument("counts", help="file to add to")
    p.add_argument("failures", help="file to append to")
    args = p.parse_args()
    tests = []
    if os.path.exists(args.log):
        with open(args.log, encoding="utf-8") as log:
            tests = [json.loads(line) for line in log if line.strip()]
    if not tests:
        print("no test was run")
        return 1
    failed = [test for test in tests if test["result"] not in PASSED | SKIPPED]
    passed = sum(test["result"] in PASSED for test in tests)
    counts = [passed, len(failed), len(tests) - passed - len(failed)]
    with open(args.failures, "a", encoding="utf-8") as file:
        for test in failed:
            report(test, file)
    if os.path.exists(args.counts):
        with open(args.counts, encoding="utf-8") as file:
            counts = [a + int(b) for a, b in zip(counts, file.read().split())]
    with open(args.counts, "w", encoding="utf-8") as file:
        print(*counts, file=file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
