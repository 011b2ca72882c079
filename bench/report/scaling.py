#!/usr/bin/env python3
"""How cost grows: tables and fits for docs/scaling.md, and its picture.

    scaling.py RESULTS.jsonl PICTURE.svg

RESULTS.jsonl are the lines of `ccbench --json`; the commands stand in docs/scaling.md. Prints Markdown."""

import json
import math
import sys

WIDTH, HEIGHT, MARGIN = 330, 250, 46
COLORS = ["#0b5fff", "#d6336c", "#0a9b6a", "#f08c00", "#7048e8"]



def fit(xs, ys):
    """Least squares of y = a + b x; the share of the variance that it explains."""
    n, mx, my = len(xs), sum(xs) / len(xs), sum(ys) / len(ys)
    b = sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / sum((x - mx) ** 2 for x in xs)
    a = my - b * mx
    rest = sum((y - a - b * x) ** 2 for x, y in zip(xs, ys))
    total = sum((y - my) ** 2 for y in ys)
    return a, b, 1 - rest / total if total and n > 2 else 1.0


def groups(rows, key, x):
    found = {}
    for row in rows:
        found.setdefault(key(row), {})[x(row)] = row
    return {name: [at[v] for v in sorted(at)] for name, at in found.items()}


def mix(row):
    return f"{row['get']}/{row['insert']}/{row['remove']}"


def who(row):
    return row["contender"] + ("" if row["scheme"] == "-" else ", " + row["scheme"])


def table(title, found, x, show):
    xs = [x(r) for r in max(found.values(), key=len)]
    print(f"\n| {title} | " + " | ".join(f"{v:,}" for v in xs) + " |")
    print("| --- |" + " ---: |" * len(xs))
    for name, rows in found.items():
        at = {x(r): show(r) for r in rows}
        print(f"| {name} | " + " | ".join(at.get(v, "") for v in xs) + " |")


def with_spread(value, low, high):
    return f"{value:.3g} ± {abs(high - low) / 2 / value * 100:.0f} %"


def time_of(row):
    return with_spread(1e3 / row["median"], 1e3 / row["high"], 1e3 / row["low"])


def speed_of(row):
    return with_spread(row["median"], row["low"], row["high"])


# ---- the picture --------------------------------------------------------------------------------------------------------

def panel(index, title, x_title, y_title, found, x, y):
    """One logarithmic diagram."""
    left = index * WIDTH
    points = {name: [(math.log10(x(r)), math.log10(y(r))) for r in rows] for name, rows in found.items()}
    every = [p for line in points.values() for p in line]
    x0, x1 = min(p[0] for p in every), max(p[0] for p in every)
    y0, y1 = math.floor(min(p[1] for p in every)), math.ceil(max(p[1] for p in every))

    def at(p):
        return (left + MARGIN + (p[0] - x0) / (x1 - x0) * (WIDTH - MARGIN - 14),
                HEIGHT - MARGIN - (p[1] - y0) / (y1 - y0) * (HEIGHT - MARGIN - 34))

    out = [f'<text x="{left + MARGIN}" y="18" font-weight="bold">{title}</text>',
           f'<text x="{left + WIDTH / 2}" y="{HEIGHT - 8}" text-anchor="middle">{x_title}</text>',
           f'<text x="{left + 6}" y="30" fill="#5d6b7d">{y_title}</text>']
    for decade in range(y0, y1 + 1):
        _, v = at((x0, decade))
        out.append(f'<line x1="{left + MARGIN}" x2="{left + WIDTH - 14}" y1="{v:.1f}" y2="{v:.1f}" stroke="#dde3ea"/>')
        out.append(f'<text x="{left + MARGIN - 4}" y="{v + 4:.1f}" text-anchor="end">{10 ** decade:g}</text>')
    for r in max(found.values(), key=len):
        h, _ = at((math.log10(x(r)), y0))
        value = x(r)
        label = f"{value // 10 ** 6}M" if value >= 10 ** 6 else f"{value // 1000}k" if value >= 1000 else value
        out.append(f'<text x="{h:.1f}" y="{HEIGHT - MARGIN + 15}" text-anchor="middle">{label}</text>')
    for n, (name, line) in enumerate(points.items()):
        color = COLORS[n % len(COLORS)]
        path = " ".join(f"{h:.1f},{v:.1f}" for h, v in map(at, line))
        out.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>')
        out.append(f'<text x="{left + MARGIN + 6}" y="{HEIGHT + 12 + 15 * n}" fill="{color}">{name}</text>')
    return out


def picture(path, panels):
    body = [line for i, spec in enumerate(panels) for line in panel(i, *spec)]
    height = HEIGHT + 15 * max(len(spec[3]) for spec in panels) + 10
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH * len(panels)} {height}" '
                   'font-family="sans-serif" font-size="11">\n<rect width="100%" height="100%" fill="#fff"/>\n')
        file.write("\n".join(body) + "\n</svg>\n")


# ---- what grows ---------------------------------------------------------------------------------------------------------

def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        rows = [json.loads(line) for line in file if line.strip()]
    maps = [r for r in rows if r["kind"] == "map"]
    sizes = groups([r for r in maps if r["keys"] == "dense" and r["threads"] == 1 and mix(r) != "90/5/5"], mix,
                   lambda r: r["range"])
    table("keys: ns per operation", sizes, lambda r: r["range"], time_of)
    print()
    for name, found in sizes.items():
        logs, times = [math.log2(r["range"]) for r in found], [1e3 / r["median"] for r in found]
        a, b, r2 = fit(logs, times)
        small = [(v, t) for v, t in zip(logs, times) if v < 17.5]
        e, f, s2 = fit(*zip(*small))
        print(f"- {name}: {a:.0f} + {b:.1f} log2 n (R2 {r2:.2f}) over all; {e:.0f} + {f:.1f} log2 n (R2 {s2:.2f}) up to 100,000")
    threads = groups([r for r in rows if (r["kind"] == "map" and mix(r) == "90/5/5") or r["kind"] in ("queue", "smr")],
                     lambda r: f"{who(r)} {mix(r) if r['kind'] == 'map' else r['shape']}", lambda r: r["threads"])
    table("threads: Mops/s", threads, lambda r: r["threads"], speed_of)
    lengths = groups([r for r in maps if r["keys"].isdigit()], mix, lambda r: int(r["keys"]))
    table("key length in bytes: ns per operation", lengths, lambda r: int(r["keys"]), time_of)
    print()
    for name, found in lengths.items():
        a, b, r2 = fit([int(r["keys"]) for r in found], [1e3 / r["median"] for r in found])
        print(f"- {name}: {a:.0f} + {b:.2f} length (R2 {r2:.2f})")
    some = {n: r for n, r in threads.items() if "read" not in n and "retire" not in n}
    picture(sys.argv[2], [
        ("keys", "keys, one thread", "ns per operation", sizes, lambda r: r["range"], lambda r: 1e3 / r["median"]),
        ("threads", "threads, two processors", "Mops/s", some, lambda r: r["threads"], lambda r: r["median"]),
        ("key length", "bytes, one thread", "ns per operation", lengths, lambda r: int(r["keys"]),
         lambda r: 1e3 / r["median"])])


if __name__ == "__main__":
    main()
