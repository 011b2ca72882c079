#!/usr/bin/env python3
"""A block is searched without a branch: src/ds/blocks_count.h, compiled for each instruction set, has no conditional jump.

A compiler that makes branches of comparisons costs more than half of the speed, since half of them are mispredicted, and
nothing else would tell."""

import argparse
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ISAS = {"plain": [], "avx2": ["-mavx2"], "avx512": ["-mavx512f", "-mavx512bw", "-mpopcnt"]}
FUNCTION = re.compile(r"^[0-9a-f]+ <([^>]+)>:$")
CONDITIONAL = re.compile(r"^\s*[0-9a-f]+:\s+(?:bnd )?(j(?!mp)[a-z]+|loop\w*)\s")
PROBE = """
#include "ds/blocks_find_u64.h"
unsigned probe_below(const uint64_t *keys, uint64_t key) { return keys_below(keys, key); }
unsigned probe_up_to(const cc__rev_t *rev, uint64_t key) { return rev_up_to(0, rev, key); }
bool probe_seek(const cc__rev_t *rev, uint64_t key, unsigned *at) { return rev_seek(0, rev, key, at); }
"""
PROBES = {"probe_below", "probe_up_to", "probe_seek"}
EARLY_EXIT = """
#include "ds/blocks_count.h"
unsigned probe_below(const uint64_t *keys, uint64_t key) { unsigned n = 0; while (keys[n] < key) n++; return n; }
"""
IN_A_HELPER = """
#include "ds/blocks_count.h"
static __attribute__((noinline)) unsigned helper(const uint64_t *keys, uint64_t key) { unsigned n = 0; while (keys[n] < key) n++; return n; }
unsigned probe_below(const uint64_t *keys, uint64_t key) { return helper(keys, key); }
"""
PLANTS = {"an early exit": (EARLY_EXIT, "probe_below: j"), "an early exit in a helper": (IN_A_HELPER, "helper: j"),
          "a probe that is not there": (EARLY_EXIT, "probe_seek: not compiled")}


def disassembly(compiler, source, options):
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "probe.c")
        with open(path, "w", encoding="utf-8") as f:
            f.write(source)
        subprocess.run(compiler + options + ["-std=c11", "-O2", "-w", "-I", os.path.join(ROOT, "src"), "-I", os.path.join(ROOT, "include"),
                                             "-DCC_MAP=CC__MAP_SKIPLIST", "-DCC_KEY=CC__KEY_U64", "-DCC_SCHEME=CC__SCHEME_IBR",
                                             "-c", path, "-o", path + ".o"], check=True)
        return subprocess.run(["objdump", "-d", "--no-show-raw-insn", path + ".o"], check=True, capture_output=True, text=True).stdout


def check(compiler, source):
    findings = []
    for isa, options in ISAS.items():
        function, seen = "?", set()
        for line in disassembly(compiler, source, options).splitlines():
            if name := FUNCTION.match(line):
                function = name[1]
                seen.add(function)
            elif jump := CONDITIONAL.match(line):  # in whatever function: a helper may not have been inlined
                findings.append(f"{isa}: {function}: {jump[1]}")
        findings += [f"{isa}: {probe}: not compiled" for probe in sorted(PROBES - seen)]
    return findings


def self_test(compiler):
    """Number of plants that were not found."""
    wrong = 0
    for name, (source, sees) in PLANTS.items():
        good = any(sees in finding for finding in check(compiler, source))
        print(f"{'ok' if good else 'WRONG':5} {name}")
        wrong += not good
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--self-test", action="store_true", help="plant loops that end early, which must be found")
    parser.add_argument("compiler", nargs=argparse.REMAINDER, help="the compiler, with its options (default: cc)")
    options = parser.parse_args()
    compiler = options.compiler or ["cc"]
    if options.self_test:
        return 1 if self_test(compiler) else 0
    findings = check(compiler, PROBE)
    for finding in findings:
        print(finding)
    print(f"{len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
