#!/usr/bin/env python3
"""What libcc.so exports, what cc.map lists and what the headers declare with CC_API are the same set of names."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

import csource
import lint

MAP = "cc.map"


def exported(library):
    nm = subprocess.run(["nm", "--dynamic", "--defined-only", "--format=posix", library],
                        check=True, capture_output=True, text=True)
    symbols = (line.split()[:2] for line in nm.stdout.splitlines())
    # "A" is the version itself (CC_0); names carry it behind @@.
    return {name.split("@")[0] for name, kind in symbols if kind != "A"}


def listed(text):
    text = re.sub(r"/\*.*?\*/|#[^\n]*", "", text, flags=re.DOTALL)
    return {name for block in re.findall(r"global:(.*?)(?:local:|\})", text, re.DOTALL)
            for name in re.findall(r"[\w*?]+(?=\s*;)", block)}


def declared(root):
    names = set()
    for path in csource.files(root, ["include/cc"], (".h",)):
        code, _ = csource.split(csource.read(root, path))
        code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", "", code, flags=re.MULTILINE)
        names |= set(re.findall(r"\bCC_API\b[^;]*?\b(\w+)\s*\(", re.sub(r"__attribute__\s*\(\(.*?\)\)", "", code)))
    return names


def compare(library, root):
    sets = {os.path.basename(library): exported(library), MAP: listed(csource.read(root, MAP)),
            "include/cc": declared(root)}
    findings = [f"{where}: no symbols at all" for where, names in sets.items() if not names]
    for name in sorted(set().union(*sets.values())):
        missing = [where for where, names in sets.items() if name not in names]
        if missing:
            findings.append(f"{name}: missing in {' and '.join(missing)}")
    return findings


def _replace(path, old, new):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    assert old in text, f"{path} has no {old}"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(old, new, 1))


def _shared(folder, name, source):
    path = os.path.join(folder, name)
    subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-x", "c", "-", "-o", path],
                   input=source, text=True, check=True)
    return path


def self_test():
    """Each way in which one of the three can go astray, on a library of two functions."""
    source = "int cc_one(void){return 1;} int cc_two(void){return 2;}\n"
    header = "#define CC_API\nCC_API int cc_one(void);\nCC_API struct x\n*cc_two(int (*f)(int));\n/* CC_API int no(); */"
    plants = [
        ("all three agree", None, None),
        ("a symbol missing in the map", lambda d: _replace(f"{d}/{MAP}", "cc_two;", ""), "cc_two: missing in cc.map"),
        ("a symbol too many in the map", lambda d: _replace(f"{d}/{MAP}", "cc_two;", "cc_two; cc_six;"),
         "cc_six: missing in libx.so and include/cc"),
        ("a declaration too many", lambda d: _replace(f"{d}/include/cc/x.h", "CC_API int", "CC_API int cc_3(void);\nCC_API int"),
         "cc_3: missing in libx.so and cc.map"),
        ("a declaration without CC_API", lambda d: _replace(f"{d}/include/cc/x.h", "CC_API int", "int"),
         "cc_one: missing in include/cc"),
        ("a private symbol exported", lambda d: _shared(d, "libx.so", source + "int cc__leak(void){return 3;}"),
         "cc__leak: missing in cc.map and include/cc"),
        ("a function lost", lambda d: _shared(d, "libx.so", "int cc_one(void){return 1;}"), "cc_two: missing in libx.so"),
    ]
    wrong = 0
    for name, damage, sees in plants:
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(f"{root}/include/cc")
            for path, text in ((MAP, "V_1 {\n  global:\n    cc_one; cc_two;\n  local:\n    *;\n};\n"),
                               ("include/cc/x.h", header)):
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)
            library = _shared(root, "libx.so", source)
            if damage:
                damage(root)
            findings = compare(library, root)
        good = not findings if sees is None else any(sees in f for f in findings)
        print(f"{'ok' if good else 'WRONG':5} {name}" + ("" if good else f": found {findings}"))
        wrong += not good
    return 1 if wrong else 0


def main():
    p = lint.parser(__doc__)
    p.add_argument("library", nargs="?", help="the shared library that was built")
    args = p.parse_args()
    if args.self_test:
        return self_test()
    if args.library is None:
        p.error("which library?")
    if shutil.which("nm") is None:
        print("nm is missing (package binutils)")
        return 77
    return lint.report(compare(args.library, args.root), "symbols that disagree")


if __name__ == "__main__":
    sys.exit(main())
