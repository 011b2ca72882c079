#!/usr/bin/env python3
"""Plants the bugs of tests/mutants/mutants.py one at a time in a copy of the tree and runs tests until one notices.

Prints a table: mutant, seconds, killed by. Results are kept in build-mutants/results.json: a run that was cut short is
taken up where it ended, until --again. Exit status 1: a mutant survived (or does not apply any more); 130: interrupted."""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "mutants"))
from mutants import EQUIVALENT, MUTANTS  # noqa: E402

RESULTS = os.path.join(ROOT, "build-mutants", "results.json")

SURVIVED = "SURVIVED"
NO_SUCH_CLIENT = 2
STALE_POINT = 4  # the bug has renamed what a client waits for, which is no finding
BROKEN = "CANNOT BE ASKED: "
NO_ANSWER = (None, -signal.SIGHUP, -signal.SIGTERM, -signal.SIGKILL)  # a busy machine, or ended by somebody else

# Clients that see a change of the file at all, by a part of their names; the rest of the files: all.
SCOPES = [("src/ds/ring", "ring-"), ("src/ds/event", "-wait"), ("src/ds/fifo", "fifo-"), ("src/ds/lifo", "lifo-"),
          ("src/ds/blocks_bytes", "-bytes-"), ("src/ds/blocks_find_bytes", "-bytes-"), ("src/ds/blocks_make_bytes", "-bytes-"), ("src/ds/blocks", "-u64-"), ("src/smr/ibr", "-ibr"), ("src/smr/debra", "-debra"), ("src/smr/epoch.", "-epoch"),
          ("src/smr/neutralize", "-debra"), ("tests/model/signal", "-debra")]

TREE = ["meson.build", "meson_options.txt", "cc.map", "include", "src", "tests", "tools", "stress", "bench", "examples",
        "README.md"]


ENDING = []  # the exit status, as soon as it is to end early


class Ended(Exception):
    """It ends early: what was in work is not known."""


def run(command, cwd, timeout):
    """Exit status and output; status None: out of time."""
    status, output = run_once(command, cwd, timeout)
    if status == -signal.SIGINT:  # an interrupt reaches commands as well
        ENDING.append(130)
    elif status != 0:
        time.sleep(0.2)  # ninja and meson do not end by the signal, but may end before it is known here
    if ENDING:
        raise Ended
    return status, output


def run_once(command, cwd, timeout):
    try:
        done = subprocess.run(command, cwd=cwd, timeout=timeout, env=dict(os.environ, MODEL_REPLAY_DIR=cwd), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, text=True, errors="replace")
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired:
        return None, ""


def copy_tree(scratch):
    for name in TREE:
        source = os.path.join(ROOT, name)
        if os.path.isdir(source):
            shutil.copytree(source, os.path.join(scratch, name), ignore=shutil.ignore_patterns("__pycache__", "build*"))
        elif os.path.exists(source):
            shutil.copy(source, scratch)
    status, output = run(["meson", "setup", "build", "-Doptimization=1", "-Ddebug=false", "-Dbench=disabled"], scratch, 300)
    if status != 0:
        print("run-mutants: the copy cannot be configured\n" + output, file=sys.stderr, flush=True)
        ENDING.append(1)
        raise Ended


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


def scope_of(path):
    return next((name for begin, name in SCOPES if path.startswith(begin)), "")


def quick_runs(hint):
    if hint:
        yield ["--client", hint, "--executions", "20000", "--seconds", "4"]
    yield ["--executions", "500", "--seconds", "60"]


def model_runs(hint, scope):
    """What the model is asked, the most promising and the cheapest first."""
    if hint:
        yield ["--client", hint, "--executions", "1000", "--seconds", "60"]
        yield ["--client", hint, "--executions", "20000", "--seconds", "6"]
        yield ["--client", hint, "--complete", "--strategy", "exhaustive", "--executions", "20000", "--seconds", "20"]
    yield ["--client", scope, "--executions", "200", "--seconds", "60"]
    if hint:
        yield ["--client", hint, "--executions", "100000", "--seconds", "20"]
    yield ["--client", scope, "--executions", "2000", "--seconds", "60"]
    yield ["--executions", "100", "--seconds", "60"]


def long_runs(hint, scope):
    """For what nothing else has killed."""
    yield ["--client", hint or scope, "--seconds", "20", "--executions", "1000000"]
    if hint:
        yield ["--client", hint, "--strategy", "random", "--seconds", "150", "--seed", "7"]


def build_model(scratch):
    """Why there is none, or None."""
    status, output = run(["ninja", "-C", "build", "tests/model/model"], scratch, 600)
    if status != 0:
        return BROKEN + "".join(line for line in output.splitlines() if "error:" in line)[:100]
    return None


def ask_model(scratch, runs):
    """What kills it, or None."""
    for arguments in runs:
        status, output = run(["build/tests/model/model", "--seed", "1"] + arguments, scratch, 1800)
        if status == NO_SUCH_CLIENT:
            return BROKEN + last_finding(status, output)
        if status not in NO_ANSWER and status not in (0, STALE_POINT):  # of endless loops the model tells by itself
            return last_finding(status, output)
    return None


def ask_tests(scratch, selection):
    """The suites that need no model, natively, or one program of them."""
    command = ["meson", "test", "-C", "build", "--maxfail", "1", "-t", "2"] # a busy machine is no finding
    status, output = run(command + selection, scratch, 1800)
    if status == 0:
        return None
    failing = [line.strip() for line in output.splitlines() if "FAIL" in line or "TIMEOUT" in line]
    return re.sub(r"^\d+/\d+ |  +\d.*| *FAIL.*", "", failing[0]) if failing else BROKEN + "the tests"


def hints_of(mutant):
    """The model client and the test program that are tried first, or None."""
    hint = mutant[4] if len(mutant) > 4 else None
    return (None, hint[5:]) if hint and hint.startswith("test:") else (hint, None)


def ask_first(scratch, mutant):
    client, program = hints_of(mutant)
    if program:
        return ask_tests(scratch, [program])
    return build_model(scratch) or ask_model(scratch, model_runs(client, scope_of(mutant[1])))


def ask_quickly(scratch, mutant):
    return build_model(scratch) or ask_model(scratch, quick_runs(hints_of(mutant)[0]))


def ask_last(scratch, mutant):
    client, program = hints_of(mutant)
    suites = ["--suite", "unit", "--suite", "fault"]
    return build_model(scratch) or ask_tests(scratch, suites) or ask_model(scratch, long_runs(client, scope_of(mutant[1])))


def verdict(scratch, mutant, ask):
    """What killed it, or None; and whether that is well."""
    if mutant[0] in EQUIVALENT:
        return "argued equivalent", True
    contents = plant(scratch, mutant)
    if contents is None:
        return "DOES NOT APPLY", False
    try:
        killer = ask(scratch, mutant)
        return (killer, not killer.startswith(BROKEN)) if killer is not None else (SURVIVED, False)
    finally:
        restore(scratch, mutant, contents)


class Results:
    """What was found out about each mutant, kept on disk if it has a path."""

    def __init__(self, path):
        self.path, self.lock, self.known = path, threading.Lock(), {}
        if path and os.path.exists(path):
            with open(path) as f:
                self.known = json.load(f)

    def of(self, mutant):
        """What is known of it, unless its text has changed since."""
        entry = self.known.get(mutant[0])
        return entry if entry and entry["text"] == list_of(mutant) else None

    def add(self, mutant, seconds, killer, well):
        with self.lock:
            entry = {"text": list_of(mutant), "seconds": round(seconds), "killer": killer[:140], "well": well}
            self.known[mutant[0]] = entry
            print_line(mutant, entry)
            if self.path:
                os.makedirs(os.path.dirname(self.path), exist_ok=True)
                with open(self.path + ".new", "w") as f:
                    json.dump(self.known, f, indent=1)
                os.replace(self.path + ".new", self.path)


def list_of(mutant):
    """As it comes back from a file."""
    return json.loads(json.dumps(mutant[:4]))


def print_line(mutant, entry):
    print(f"{mutant[0]:62} {entry['seconds']:6} s  {entry['killer']}", flush=True)


def work(todo, done, ask):
    """One worker: its own copy of the tree, one mutant after the other."""
    scratch = tempfile.mkdtemp(prefix="cc-mutants-")
    try:
        copy_tree(scratch)
        for mutant in iter(todo, None):
            begin = time.monotonic()
            killer, well = verdict(scratch, mutant, ask)
            done(mutant, time.monotonic() - begin, killer, well)
    except Ended:
        pass
    finally:
        shutil.rmtree(scratch)


def run_all(chosen, jobs, ask, done):
    waiting, lock = list(chosen), threading.Lock()

    def todo():
        with lock:
            return waiting.pop(0) if waiting and not ENDING else None

    workers = [threading.Thread(target=work, args=(todo, done, ask)) for _ in range(min(jobs, len(waiting)))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if ENDING:
        raise Ended


def find_killers(waiting, results, jobs):
    """Those that the model does not notice are shown to the tests, and to the model once more, at length."""
    left, spent = [], {}

    def first(mutant, seconds, killer, well):
        if killer == SURVIVED:
            left.append(mutant)
            spent[mutant[0]] = seconds
        else:
            results.add(mutant, seconds, killer, well)

    run_all(waiting, jobs, ask_first, first)
    run_all(left, jobs, ask_last,
            lambda mutant, seconds, killer, well: results.add(mutant, spent[mutant[0]] + seconds, killer, well))


def summarize(chosen, results):
    """The number of mutants that are alive."""
    entries = {m[0]: results.of(m) for m in chosen}
    alive = [name for name, entry in entries.items() if not entry["well"]]
    equivalent = sum(name in EQUIVALENT for name in entries)
    slowest = max(entries, key=lambda name: entries[name]["seconds"])
    print(f"{len(chosen) - len(alive) - equivalent} killed, {equivalent} argued equivalent, {len(alive)} alive; "
          f"{sum(e['seconds'] for e in entries.values()) / 60:.0f} min, of these {entries[slowest]['seconds']} s for {slowest}")
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
    parser = argparse.ArgumentParser(prog="scripts/mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="only mutants whose name contains one of these")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many at a time (default: processors)")
    parser.add_argument("--quick", action="store_true", help="only the model, for half a minute: not everything is found")
    parser.add_argument("--again", action="store_true", help="forget earlier results")
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
    if not chosen:
        parser.error("no mutant has such a name")
    results = Results(None if options.quick else RESULTS)
    waiting = [m for m in chosen if options.again or not results.of(m)]
    for mutant in chosen:
        if mutant not in waiting:
            print_line(mutant, results.of(mutant))
    signal.signal(signal.SIGINT, lambda *_: ENDING.append(130))
    try:
        if options.quick:
            run_all(waiting, options.jobs, ask_quickly, results.add)
        else:
            find_killers(waiting, results, options.jobs)
    except Ended:
        return ENDING[0]
    return 1 if summarize(chosen, results) else 0


if __name__ == "__main__":
    sys.exit(main())
