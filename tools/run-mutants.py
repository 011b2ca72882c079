#!/usr/bin/env python3
"""Plants the bugs of tests/mutants/mutants.py one at a time in a copy of the tree and runs tests until one notices.

Prints a table: mutant, killed by, seconds. Exit status 1: a mutant survived (or does not apply any more)."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "mutants"))
from mutants import MUTANTS  # noqa: E402

TREE = ["meson.build", "meson_options.txt", "cc.map", "include", "src", "tests", "tools", "stress", "bench", "examples",
        "README.md"]


def run(command, cwd, timeout):
    """Exit status and output; status None: out of time."""
    try:
        done = subprocess.run(command, cwd=cwd, timeout=timeout, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, text=True, errors="replace")
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired:
        return None, ""


def copy_tree():
    scratch = tempfile.mkdtemp(prefix="cc-mutants-")
    for name in TREE:
        source = os.path.join(ROOT, name)
        if os.path.isdir(source):
            shutil.copytree(source, os.path.join(scratch, name), ignore=shutil.ignore_patterns("__pycache__", "build*"))
        elif os.path.exists(source):
            shutil.copy(source, scratch)
    status, output = run(["meson", "setup", "build", "-Dbuildtype=debugoptimized", "-Dbench=disabled"], scratch, 300)
    if status != 0:
        sys.exit("run-mutants: the copy cannot be configured\n" + output)
    return scratch


def plant(scratch, mutant):
    """The file's contents before; None if the mutant does not apply."""
    path = os.path.join(scratch, mutant[1])
    with open(path) as f:
        before = f.read()
    if mutant[2] not in before:
        return None
    with open(path, "w") as f:
        f.write(before.replace(mutant[2], mutant[3], 1))
    return before


def restore(scratch, mutant, contents):
    with open(os.path.join(scratch, mutant[1]), "w") as f:
        f.write(contents)


def last_finding(status, output):
    lines = [line for line in output.splitlines() if line.startswith("model: ") and "--replay" not in line]
    return lines[-1][7:] if lines else f"the model ends with status {status}"


def ask_model(scratch, mutant, seconds):
    status, output = run(["ninja", "-C", "build", "tests/model/model"], scratch, 600)
    if status != 0:
        return "does not compile", output
    hint = mutant[4] if len(mutant) > 4 else None
    for client in ([hint] if hint else []) + [""]:
        for strategy in ("", "exhaustive"):
            command = ["build/tests/model/model", "--seconds", str(seconds), "--seed", "1"]
            command += ["--client", client] if client else []
            command += ["--strategy", strategy, "--preemptions", "2", "--stale", "1"] if strategy else []
            if strategy and not client:
                continue
            status, output = run(command, scratch, 1800)
            if status != 0:
                return last_finding(status, output) if status is not None else "hangs", output
    return None, ""


def ask_tests(scratch):
    """The suites that need no model, natively."""
    status, output = run(["meson", "test", "-C", "build", "--suite", "unit", "--suite", "fault", "--maxfail", "1"],
                         scratch, 900)
    if status == 0:
        return None
    failing = [line.strip() for line in output.splitlines() if "FAIL" in line or "TIMEOUT" in line]
    return failing[0] if failing else "the tests do not build"


def verdict(scratch, mutant, seconds, model_only):
    contents = plant(scratch, mutant)
    if contents is None:
        return "DOES NOT APPLY", False
    try:
        finding, _ = ask_model(scratch, mutant, seconds)
        if finding is None and not model_only:
            finding = ask_tests(scratch)
    finally:
        restore(scratch, mutant, contents)
    return (finding, True) if finding is not None else ("SURVIVED", False)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="only mutants whose name contains one of these")
    parser.add_argument("--seconds", type=int, default=2, help="model time per client and fence variant (default 2)")
    parser.add_argument("--model-only", action="store_true", help="do not run the other suites on what the model misses")
    parser.add_argument("--list", action="store_true", help="list the mutants")
    parser.add_argument("--check", action="store_true", help="only check that every mutant still applies")
    options = parser.parse_args()
    chosen = [m for m in MUTANTS if not options.names or any(n in m[0] for n in options.names)]
    if options.list:
        print("\n".join(f"{m[0]:60} {m[1]}" for m in chosen))
        return 0
    if options.check:
        stale = [m[0] for m in chosen if m[2] not in open(os.path.join(ROOT, m[1])).read()]
        print("\n".join(f"does not apply: {name}" for name in stale) or f"{len(chosen)} mutants apply")
        return 1 if stale else 0
    scratch = copy_tree()
    finding, output = ask_model(scratch, ("nothing planted",), 1)
    if finding is not None:
        sys.exit(f"run-mutants: the tests fail without any mutant: {finding}\n{output[-2000:]}")
    alive = 0
    for mutant in chosen:
        begin = time.monotonic()
        finding, killed = verdict(scratch, mutant, options.seconds, options.model_only)
        alive += not killed
        print(f"{mutant[0]:62} {time.monotonic() - begin:6.0f} s  {finding[:140]}", flush=True)
    shutil.rmtree(scratch)
    print(f"{len(chosen) - alive} killed, {alive} not")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
