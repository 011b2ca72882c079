#!/usr/bin/env python3
"""The machine code of every SEARCH lies in the section cc_search, and nothing in it leads out but the user's comparator.

A signal handler throws a thread back whose program counter is in that section (src/smr/neutralize.c). A compiler that
makes a call of a loop, or a table of jumps of a switch, would lead out of it: the thread would then go on reading what is
freed. Looks at the disassembly of the shared library: every jump and call must stay inside, or call key_compare by name."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

import lint

SECTION = "cc_search"
DOORS = {"key_compare"}  # src/ds/key_bytes.h: announced, so that only an acknowledgement counts meanwhile
BRANCH = re.compile(r"^\s*([0-9a-f]+):\s+((?:bnd |notrack |data16 )*)(call|jmp|j[a-z]+|loop\w*|xbegin)q?\s+(.*)$")
TARGET = re.compile(r"^([0-9a-f]+) <([^+>]+)")
FUNCTION = re.compile(r"^[0-9a-f]+ <(\w+)>:$")
LEAVES_USER_MODE = re.compile(r"^\s*([0-9a-f]+):\s+(syscall|sysenter|int\s)")


def _run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def bounds(library):
    """first address and the one behind the last of the section, or None"""
    for line in _run("objdump", "-h", library).splitlines():
        fields = line.split()
        if len(fields) > 3 and fields[1] == SECTION:
            start = int(fields[3], 16)
            return start, start + int(fields[2], 16)
    return None


def check(library):
    inside = bounds(library)
    if inside is None:
        return [f"{library} has no section {SECTION}"]
    findings, function = [], "?"
    for line in _run("objdump", "-d", "--no-show-raw-insn", "-j", SECTION, library).splitlines():
        if name := FUNCTION.match(line):
            function = name[1]
        if trap := LEAVES_USER_MODE.match(line):
            findings.append(f"{function}+{trap[1]}: {trap[2]}")
        branch = BRANCH.match(line)
        if branch is None:
            continue
        address, kind, operand = branch[1], branch[3], branch[4]
        target = TARGET.match(operand)
        if target is None:
            findings.append(f"{function} at {address}: {kind} {operand}: an indirect one")
        elif not inside[0] <= int(target[1], 16) < inside[1] and not (kind == "call" and target[2] in DOORS):
            findings.append(f"{function} at {address}: {kind} {target[2]}: leads out of the section")
    return findings


def self_test():
    """A library whose one SEARCH stays inside, and each way of leaving it."""
    head = ("#define IN static __attribute__((noinline, used, section(\"cc_search\")))\n"
            "extern int other(int); static __attribute__((noinline, used)) int key_compare(int x) {return other(x) + 1;}\n"
            "static int (*volatile pointer)(int);\n")
    plants = [
        ("stays inside", "IN int s(int x) {int n = 0; while (x) n += x & 1, x >>= 1; return n;}", None),
        ("calls another of the section", "IN int a(int x) {return x * 3;} IN int s(int x) {return a(x) + 1;}", None),
        ("calls the comparator", "IN int s(int x) {return key_compare(x) + 1;}", None),
        ("calls another library", "IN int s(int x) {return other(x) + 1;}", "leads out"),
        ("ends in another function", "int t(int x); IN int s(int x) {return other(x);}", "leads out"),
        ("calls through a pointer", "IN int s(int x) {return pointer(x) + 1;}", "an indirect one"),
        ("calls the system", "IN int s(int x) {__asm__ volatile(\"syscall\" ::: \"rcx\", \"r11\", \"rax\"); return x;}", "syscall"),
        ("no such section", "int s(int x) {return x;}", "has no section"),
    ]
    wrong = 0
    for name, body, sees in plants:
        with tempfile.TemporaryDirectory() as folder:
            library = os.path.join(folder, "libx.so")
            subprocess.run([os.environ.get("CC", "cc"), "-O2", "-shared", "-fPIC", "-w", "-x", "c", "-", "-o", library],
                           input=head + body + "\n", text=True, check=True)
            findings = check(library)
        good = not findings if sees is None else any(sees in f for f in findings)
        print(f"{'ok' if good else 'WRONG':5} {name}" + ("" if good else f": found {findings}"))
        wrong += not good
    return 1 if wrong else 0


def main():
    p = lint.parser(__doc__)
    p.add_argument("library", nargs="?", help="the shared library that was built")
    args = p.parse_args()
    if shutil.which("objdump") is None or os.uname().machine != "x86_64":
        print("needs objdump (package binutils) and x86-64")
        return 77
    if args.self_test:
        return self_test()
    if args.library is None:
        p.error("which library?")
    return lint.report(check(args.library), "ways out of a SEARCH")


if __name__ == "__main__":
    sys.exit(main())
