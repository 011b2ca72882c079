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
ISAS = {"plain": [], "avx2": ["-mavx2"], "avx512": ["-mavx512f", "-mpopcnt"]}
FUNCTION = re.compile(r"^[0-9a-f]+ <(\w+)>:$")
CONDITIONAL = re.compile(r"^\s*[0-9a-f]+:\s+(?:bnd )?(j(?!mp)[a-z]+|loop\w*)\s")
PROBE = """
#include "ds/blocks_find_u64.h"
unsigned probe_below(const uint64_t *keys, uint64_t key) { return keys_below(keys, key); }
unsigned probe_up_to(const cc__rev_t *rev, uint64_t key) { return rev_up_to(0, rev, key); }
bool probe_seek(const cc__rev_t *rev, uint64_t key, unsigned *at) { return rev_seek(0, rev, key, at); }
"""
PLANT = """
#include "ds/blocks_count.h"
unsigned probe_below(const uint64_t *keys, uint64_t key) { unsigned n = 0; while (keys[n] < key) n++; return n; }
"""


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
            elif function.startswith("probe_") and (jump := CONDITIONAL.match(line)):
                findings.append(f"{isa}: {function}: {jump[1]}")
        if "probe_below" not in seen:
            findings.append(f"{isa}: nothing was compiled")
    return findings


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--self-test", action="store_true", help="plant a loop that ends early, which must be found")
    parser.add_argument("compiler", nargs=argparse.REMAINDER, help="the compiler, with its options (default: cc)")
    options = parser.parse_args()
    findings = check(options.compiler or ["cc"], PLANT if options.self_test else PROBE)
    if options.self_test:
        print("ok    an early exit" if findings else "WRONG an early exit was not found")
        return 0 if findings else 1
    for finding in findings:
        print(finding)
    print(f"{len(findings)} conditional jumps")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
