#!/usr/bin/env python3
"""Plants the bugs of tests/mutants/mutants.py one at a time in a copy of the tree and runs tests until one notices.

Prints a table: mutant, killed by, seconds. Exit status 1: a mutant survived (or does not apply any more)."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "mutants"))
from mutants import EQUIVALENT, MUTANTS  # noqa: E402

TREE = ["meson.build", "meson_options.txt", "cc.map", "include", "src", "tests", "tools", "stress", "bench", "examples",
        "README.md"]


def run(command, cwd, timeout):
    """Exit status and output; status None: out of time."""
    try:
        done = subprocess.run(command, cwd=cwd, timeout=timeout, env=dict(os.environ, MODEL_REPLAY_DIR=cwd), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
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


def edits(mutant):
    """Pairs of texts: one, or as many as the mutant has of each."""
    before, after = mutant[2:4]
    return [(before, after)] if isinstance(before, str) else list(zip(before, after))


def plant(scratch, mutant):
    """The file's contents before; None if the mutant does not apply."""
    path = os.path.join(scratch, mutant[1])
    with open(path) as f:
        before = f.read()
    planted = before
    for old, new in edits(mutant):
        if old not in planted:
            return None
        planted = planted.replace(old, new, 1)
    with open(path, "w") as f:
        f.write(planted)
    return before


def restore(scratch, mutant, contents):
    with open(os.path.join(scratch, mutant[1]), "w") as f:
        f.write(contents)


def last_finding(status, output):
    lines = [line for line in output.splitlines() if line.startswith("model: ") and "--replay" not in line]
    return lines[-1][7:] if lines else f"the model ends with status {status}"


def model_runs(hint, quick):
    """What the model is asked, the most promising first: arguments, and the seconds that it may take."""
    if hint:
        yield ["--client", hint, "--executions", "20000" if quick else "200000", "--seconds", "4" if quick else "40"], 1800
        yield ["--client", hint, "--complete", "--strategy", "exhaustive", "--seconds", "30"], 900
    yield ["--executions", "500" if quick else "1000", "--seconds", "60"], 1800
    if quick:
        return
    yield ["--complete", "--strategy", "exhaustive", "--seconds", "30", "--client", "ibr"], 3600
    yield ["--complete", "--strategy", "exhaustive", "--seconds", "30", "--client", "epoch"], 3600


def ask_model(scratch, hint, quick):
    """What kills it, or None."""
    status, output = run(["ninja", "-C", "build", "tests/model/model"], scratch, 600)
    if status != 0:
        return "does not compile: " + "".join(line for line in output.splitlines() if "error:" in line)[:100]
    for arguments, seconds in model_runs(hint, quick):
        status, output = run(["build/tests/model/model", "--seed", "1"] + arguments, scratch, seconds)
        if status != 0:
            return last_finding(status, output) if status is not None else "the model hangs"
    return None


def ask_tests(scratch):
    """The suites that need no model, natively."""
    status, output = run(["meson", "test", "-C", "build", "--suite", "unit", "--suite", "fault", "--maxfail", "1"],
                         scratch, 900)
    if status == 0:
        return None
    failing = [line.strip() for line in output.splitlines() if "FAIL" in line or "TIMEOUT" in line]
    return failing[0] if failing else "the tests do not build"


def verdict(scratch, mutant, quick):
    """What killed it, or None; and whether that is well."""
    if mutant[0] in EQUIVALENT:
        return "argued equivalent", True
    contents = plant(scratch, mutant)
    if contents is None:
        return "DOES NOT APPLY", False
    try:
        killer = ask_model(scratch, mutant[4] if len(mutant) > 4 else None, quick)
        if killer is None and not quick:
            killer = ask_tests(scratch)
    finally:
        restore(scratch, mutant, contents)
    return (killer, True) if killer is not None else ("SURVIVED", False)


def work(todo, report, quick):
    """One worker: its own copy of the tree, one mutant after the other."""
    scratch = copy_tree()
    for mutant in iter(todo, None):
        begin = time.monotonic()
        killer, well = verdict(scratch, mutant, quick)
        report(mutant, time.monotonic() - begin, killer, well)
    shutil.rmtree(scratch)


def run_all(chosen, jobs, quick):
    """The number of mutants that are alive."""
    waiting, lock, alive = list(chosen), threading.Lock(), []

    def todo():
        with lock:
            return waiting.pop(0) if waiting else None

    def report(mutant, seconds, killer, well):
        with lock:
            if not well:
                alive.append(mutant[0])
            print(f"{mutant[0]:62} {seconds:6.0f} s  {killer[:140]}", flush=True)

    workers = [threading.Thread(target=work, args=(todo, report, quick)) for _ in range(jobs)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    equivalent = sum(m[0] in EQUIVALENT for m in chosen)
    print(f"{len(chosen) - len(alive) - equivalent} killed, {equivalent} argued equivalent, {len(alive)} alive")
    for name in alive:
        print(f"alive: {name}")
    return len(alive)


def stale_mutants():
    """Names of mutants that do not apply to the present sources, and of arguments about no mutant."""
    names = [m[0] for m in MUTANTS]
    stale = []
    for mutant in MUTANTS:
        with open(os.path.join(ROOT, mutant[1])) as f:
            contents = f.read()
        if any(old not in contents for old, _ in edits(mutant)):
            stale.append(mutant[0])
    return stale + [name for name in EQUIVALENT if name not in names]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="only mutants whose name contains one of these")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many at a time (default: processors)")
    parser.add_argument("--quick", action="store_true", help="only the model, for half a minute: not everything is found")
    parser.add_argument("--list", action="store_true", help="list the mutants")
    parser.add_argument("--check", action="store_true", help="only check that every mutant still applies")
    options = parser.parse_args()
    chosen = [m for m in MUTANTS if not options.names or any(n in m[0] for n in options.names)]
    if options.list:
        print("\n".join(f"{m[0]:60} {m[1]}" for m in chosen))
        return 0
    if options.check:
        stale = stale_mutants()
        print("\n".join(f"does not apply: {name}" for name in stale) or f"{len(MUTANTS)} mutants apply")
        return 1 if stale else 0
    return 1 if run_all(chosen, min(options.jobs, len(chosen)), options.quick) else 0


if __name__ == "__main__":
    sys.exit(main())
