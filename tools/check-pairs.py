#!/usr/bin/env python3
"""Every synchronizing access of src/ says with what it synchronizes, and its partner says so too.

An access is a macro of src/base/atomic.h whose name does not end in _relaxed, or a fence. A comment on the same
line, or at most 6 lines above, carries its tag:

    /* [limbo.unlock] pairs with [limbo.steal]: why the order is needed, seen from this side. */

  - every tag that is mentioned is described once at least, that is, stands before "pairs with", with a reason;
  - if a pairs with b, then b pairs with a;
  - a seq_cst access stands under a tag comment that gives its reason;
  - docs/memory-order.md, if it is there, names every tag."""

import os
import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field

import csource
import lint

VOCABULARY = "src/base/atomic.h"
DOCUMENT = "docs/memory-order.md"
REACH = 6          # lines between a tag comment and the access below it
REASON_MIN = 8     # characters; "yes" is no reason

NAME = r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+"
TAG = rf"\[{NAME}(?:, {NAME})*\]"  # one or several names
LIST = rf"{TAG}(?:(?:, and | and |, or |, ){TAG})*"
PAIR = re.compile(rf"(?P<subjects>{LIST}) pairs? with (?P<partners>{LIST})(?P<reason>:[^\[]*)?")
DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(cc__\w+)\(", re.MULTILINE)
RELAXED = re.compile(r"_relaxed$|^cc__counter_")
FENCES = {"cc__fence_light", "cc__fence_heavy"}


@dataclass
class Tag:
    partners: set = field(default_factory=set)
    reasons: list = field(default_factory=list)
    mentions: list = field(default_factory=list)      # "path:line" of every comment that has the tag
    descriptions: list = field(default_factory=list)  # of those that say what it pairs with


def synchronizing_names(root):
    names = DEFINE.findall(csource.read(root, VOCABULARY))
    return {name for name in names if not RELAXED.search(name)} | FENCES


def names_in(text):
    """The names in brackets: what merely looks like one, a file or a field, does not count."""
    return [name for tag in re.findall(TAG, text) for name in re.findall(NAME, tag)]


def _statement_end(code, opening):
    """Offset behind the parenthesis that closes the one at `opening`."""
    depth = 0
    for offset in range(opening, len(code)):
        depth += (code[offset] == "(") - (code[offset] == ")")
        if depth == 0:
            return offset + 1
    return len(code)


def accesses(code, names):
    """(name, first line, last line) of each use; a prototype, `(void)`, is none."""
    for match in re.finditer(r"\b(cc__\w+)[ \t\n]*\(", code):
        if match.group(1) in names and not re.match(r"\(\s*void\s*\)", code[match.end() - 1:]):
            end = _statement_end(code, match.end() - 1)
            yield match.group(1), csource.line_of(code, match.start()), csource.line_of(code, end - 1)


def collect(tags, path, comments):
    for comment in comments:
        for name in names_in(comment.text):
            tags[name].mentions.append(f"{path}:{comment.first}")
        for pair in PAIR.finditer(comment.text):
            reason = (pair.group("reason") or "").strip(" :.")
            for name in names_in(pair.group("subjects")):
                tag = tags[name]
                tag.partners.update(names_in(pair.group("partners")))
                tag.descriptions.append(f"{path}:{comment.first}")
                if len(reason) >= REASON_MIN and reason not in tag.reasons:
                    tag.reasons.append(reason)


def untagged(path, code, comments, names):
    tagged = [c for c in comments if re.search(TAG, c.text)]
    for name, first, last in accesses(code, names):
        near = [c for c in tagged if c.last >= first - REACH and c.first <= last]
        if not near:
            yield f"{path}:{first}: {name} has no tag comment [a.b] beside it or within {REACH} lines above"
        elif name.endswith("seq_cst") and not any(p.group("reason") for c in near for p in PAIR.finditer(c.text)):
            yield f"{path}:{first}: {name} needs its reason: [a.b] pairs with [c.d]: why so strong"


def unpaired(tags):
    for name, tag in sorted(tags.items()):
        if not tag.partners:
            yield f"{tag.mentions[0]}: [{name}] is mentioned but no comment says what it pairs with"
            continue
        where = tag.descriptions[0]
        if not tag.reasons:
            yield f"{where}: [{name}] has no reason: [{name}] pairs with [...]: why the order is needed"
        for partner in sorted(tag.partners):
            if name not in tags[partner].partners and tags[partner].partners:
                yield f"{where}: [{name}] pairs with [{partner}], which does not name it back"


def survey(root):
    """(tags, findings about single accesses)"""
    names = synchronizing_names(root)
    tags, findings = defaultdict(Tag), []
    for path in csource.files(root, ["src"], (".c", ".h")):
        if path == VOCABULARY:
            continue
        code, comments = csource.split(csource.read(root, path))
        collect(tags, path, comments)
        findings += untagged(path, code, comments, names)
    return tags, findings


def undocumented(root, tags):
    if os.path.exists(os.path.join(root, DOCUMENT)):
        text = csource.read(root, DOCUMENT)
        for name in sorted(tags):
            if name not in text:
                yield f"{DOCUMENT}: [{name}] is missing; tools/check-pairs.py --table prints the list"


def check(root):
    tags, findings = survey(root)
    return findings + list(unpaired(tags)) + list(undocumented(root, tags))


def table(root):
    tags, _ = survey(root)
    print("| tag | pairs with | in | why |\n| --- | --- | --- | --- |")
    for name, tag in sorted(tags.items()):
        partners = ", ".join(f"`{p}`" for p in sorted(tag.partners))
        places = ", ".join(sorted({f"`{place.split(':')[0]}`" for place in tag.descriptions}))
        print(f"| `{name}` | {partners} | {places} | {'; '.join(tag.reasons)} |")


ATOMIC_H = """\
#define cc__load_relaxed(p) 0
#define cc__load_acquire(p) 0
#define cc__store_release(p, v) 0
#define cc__fence_seq_cst() 0
#define cc__counter_add(p, v) 0
"""
GOOD = """\
void f(void)
{
    cc__store_release(&x, 1); /* [x.set] pairs with [x.get]: what was written before is seen */
    cc__counter_add(&n, 1);
}
void cc__fence_light(void);
int g(void)
{
    /* [x.get] pairs with [x.set]: what the setter
     * wrote before is seen. */
    return cc__load_relaxed(&y) + cc__load_acquire(&x);
}
"""


def plant(name, old, new, sees, **more):
    assert old in GOOD
    files = {VOCABULARY: ATOMIC_H, "src/a.c": GOOD.replace(old, new), **more}
    return lint.Plant(name, files, sees)


PLANTS = [
    plant("a correct pair", "", "", None),
    plant("several partners", "with [x.get]:", "with [x.get, x.got]:", "[x.got] is mentioned"),
    plant("access without a tag", "/* [x.set] pairs with [x.get]: what was written before is seen */", "",
          "src/a.c:3: cc__store_release has no tag"),
    plant("tag too far above", "    return", "\n" * REACH + "    return", "cc__load_acquire has no tag"),
    plant("fence without a tag", "    return", "\n" * REACH + "    cc__fence_light();\n    return",
          "cc__fence_light has no tag"),
    plant("partner that nobody describes", "with [x.get]: what was", "with [x.got]: what was", "[x.got] is mentioned"),
    plant("pair named from one side only", "/* [x.get] pairs with [x.set]",
          "/* [y.a] pairs with [y.b]: first half of y. [y.b] pairs with [y.a]: second half of y."
          " [x.get] pairs with [y.a]", "[x.set] pairs with [x.get], which does not name it back"),
    plant("no reason", ": what was written before is seen", "", "[x.set] has no reason"),
    plant("bare tag that nobody describes", "int g(", "/* [z.z] */ int g(", "[z.z] is mentioned"),
    plant("seq_cst without a reason", "    return",
          "\n" * REACH + "    cc__fence_seq_cst(); /* [x.get] */\n    return", "cc__fence_seq_cst needs its reason"),
    plant("seq_cst with a reason", "    return",
          "\n" * REACH + "    cc__fence_seq_cst(); /* [x.get] pairs with [x.set]: store-load order */\n"
          "    return", None),
    plant("tag missing in the document", "", "", f"{DOCUMENT}: [x.set] is missing",
          **{DOCUMENT: "| `x.get` |\n"}),
    plant("complete document", "", "", None, **{DOCUMENT: "| `x.get` | `x.set` |\n"}),
]


def main():
    p = lint.parser(__doc__.splitlines()[0])
    p.add_argument("--table", action="store_true", help="print the pairs as a markdown table and stop")
    args = p.parse_args()
    if args.table:
        table(args.root)
        return 0
    return lint.self_test(check, PLANTS) if args.self_test else lint.report(check(args.root), "unpaired accesses")


if __name__ == "__main__":
    sys.exit(main())
