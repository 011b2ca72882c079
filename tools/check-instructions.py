#!/usr/bin/env python3
"""How many instructions an operation takes, by callgrind: does not depend on how busy the machine is.

    check-instructions.py CCBENCH [--update] [--self-test]

Each case of CASES runs in one thread and is compared with the committed count of this compiler
(tools/instructions/COMPILER.json). A count that is more than the tolerance above it is a failure; one below by as much
is told, so that --update makes it the new one. Maps are filled and asked in an order drawn from a given seed, several
times. Skipped (77) without valgrind, or without counts for this compiler.
--self-test burdens each operation with PLANTED of its instructions and demands that every case fails."""

import argparse
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys

TOLERANCE = 0.03
PLANTED = 0.10
SKIPPED = 77
DRAWS = 8
INSTRUCTIONS_PER_ROUND = 2  # of the loop that burdens: subtract, branch

MAP = "kind=map range=1000"
QUEUE = "kind=queue shape=pairs"
# name: what is set up, what is run, how often anew, operations of each
CASES = {}
for scheme in ["ibr", "epoch"]:
    for mix, words in {"get": "get=100 insert=0 remove=0", "update": "get=0 insert=50 remove=50"}.items():
        CASES[f"skiplist64 {scheme} {mix}"] = (f"{MAP} contender=cc_skiplist64 scheme={scheme}", words, DRAWS, 1000)
        CASES[f"bst64 {scheme} {mix}"] = (f"{MAP} contender=cc_bst64 scheme={scheme}", words, DRAWS, 1000)
        CASES[f"skiplist {scheme} {mix}"] = (f"{MAP} keys=hex contender=cc_skiplist scheme={scheme}", words, DRAWS, 1000)
        CASES[f"bst {scheme} {mix}"] = (f"{MAP} keys=hex contender=cc_bst scheme={scheme}", words, DRAWS, 1000)
    for queue in ["fifo", "lifo"]:
        CASES[f"{queue} {scheme}"] = (f"{QUEUE} contender=cc_{queue} scheme={scheme}", "", 1, 20000)
    CASES[f"guard {scheme}"] = (f"kind=smr shape=read contender=cc_guard scheme={scheme}", "", 1, 20000)
    CASES[f"retire {scheme}"] = (f"kind=smr shape=retire contender=cc_guard scheme={scheme}", "", 1, 20000)
CASES["ring"] = (f"{QUEUE} contender=cc_ring", "", 1, 20000)


def count(ccbench, case, burden=0):
    """Instructions per operation."""
    set_up, run, times, operations = case
    lines = "".join(f"setup {set_up} seed={seed} operations={operations}\nrun threads=1 operations={operations} burden={burden} {run}\n"
                    for seed in range(1, times + 1))
    done = subprocess.run(["valgrind", "--tool=callgrind", "--toggle-collect=crew_fixed",
                           "--callgrind-out-file=/dev/null", ccbench, "worker"],
                          input=lines, capture_output=True, text=True, check=False)
    collected = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or "error" in done.stdout or not collected:
        sys.exit(f"{set_up}: {done.stdout[:400]}{done.stderr[-400:]}")
    return int(collected.group(1)) / (times * operations)


def count_all(ccbench, burdens):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        futures = {name: pool.submit(count, ccbench, case, burdens.get(name, 0)) for name, case in CASES.items()}
        return {name: future.result() for name, future in futures.items()}


def judge(counts, committed):
    """Names of the cases that take too many instructions."""
    worse = []
    for name, now in counts.items():
        before = committed.get(name)
        change = now / before - 1 if before else 0
        verdict = "new, see --update" if before is None else ""
        if change > TOLERANCE:
            verdict = "MORE"
            worse.append(name)
        elif change < -TOLERANCE:
            verdict = "fewer, see --update"
        print(f"{name:28} {now:10.1f} {change:+7.1%}  {verdict}")
    return worse


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ccbench")
    parser.add_argument("--compiler", required=True, help="the compiler that built it, for example gcc-12.2.0")
    parser.add_argument("--update", action="store_true", help="commit to what is counted now")
    parser.add_argument("--self-test", action="store_true", help="plant a slow-down and demand that it is found")
    args = parser.parse_args()
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "instructions", args.compiler + ".json")
    if shutil.which("valgrind") is None or not (args.update or os.path.exists(path)):
        print(f"no valgrind, or no counts of {args.compiler}")
        sys.exit(SKIPPED)
    committed = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            committed = json.load(file)
    burdens = {}
    if args.self_test:
        burdens = {name: round(committed.get(name, 0) * PLANTED / INSTRUCTIONS_PER_ROUND + 0.5) for name in CASES}
    counts = count_all(args.ccbench, burdens)
    worse = judge(counts, {} if args.update else committed)
    if args.update:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            json.dump({name: round(number, 1) for name, number in counts.items()}, file, indent=2)
            file.write("\n")
        sys.exit(0)
    if args.self_test:
        missed = set(committed) - set(worse)
        print(f"{PLANTED:.0%} planted in each: {len(missed)} missed {sorted(missed)}")
        sys.exit(1 if missed else 0)
    print(f"{len(worse)} of {len(counts)} cases take more instructions than committed")
    sys.exit(1 if worse else 0)


if __name__ == "__main__":
    main()
