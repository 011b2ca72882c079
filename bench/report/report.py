#!/usr/bin/env python3
"""Makes one page out of what ccbench measured.

    report.py RESULTS.jsonl CHART.js PAGE.html

RESULTS.jsonl are the lines that ccbench --json wrote, CHART.js the chart library's file, which is put into the page, so
that the page is complete by itself."""

import html
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
MIB = 1 << 20


def load(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def name(row):
    return row["contender"] + ("" if row["scheme"] == "-" else ", " + row["scheme"])


def ours(row):
    return row["package"] == "libcc" and row["contender"].startswith("cc_")


def mix(row):
    parts = [row["get"], row["insert"], row["remove"]] + ([row["scan"]] if row["scan"] else [])
    return "/".join(str(p) for p in parts)


def what(row):
    """The workload in words."""
    threads = f"{row['threads']} thread{'' if row['threads'] == 1 else 's'}"
    if row["kind"] == "map":
        doing = f"scans of {row['length']}" if row["scan"] == 100 else mix(row)
        keys = row["keys"] + (" keys" if row["distribution"] == "uniform" else f" keys, {row['distribution']}")
        return f"{row['range']:,} {keys}, {doing}, {threads}"
    return f"{row['kind']} {row['shape']}, {threads}"


def command(row):
    """What measures one line again."""
    words = ["ccbench", row["kind"], f"--contenders '{row['contender']}'", f"--threads {row['threads']}",
             f"--seconds {row['seconds']:g}", f"--repeats {len(row['mops'])}", f"--seed {row['seed']}"]
    if row["scheme"] != "-":
        words.append(f"--schemes {row['scheme']}")
    if row["kind"] == "map":
        words += [f"--range {row['range']}", f"--keys {row['keys']}", f"--mix {mix(row)}",
                  f"--distribution {row['distribution']}", f"--prefill {row['prefill']:g}"]
    else:
        words.append(f"--shape {row['shape']}")
    if row["sample"]:
        words.append(f"--sample {row['sample']}")
    return " ".join(words)


# ---- what stands first: libcc beside the best peer ----------------------------------------------------------------------

RELAXED = ("order per producer", "in order up to")
MARKS = ("one thread, no lock",)


def rival_class(row):
    """Only what promises the same is compared: queues by whether they are bounded, and what they say about order."""
    if row["kind"] != "queue":
        return row["kind"]
    if row["contender"] == "cc_lifo":
        return "stack"
    note = row.get("note", "")
    if note.startswith(RELAXED) or row["contender"].startswith("fetch-and-add"):
        return "other"
    return "bounded" if note.startswith("bounded") else "unbounded"


def headline(rows):
    workloads = {}
    for row in rows:
        if not row["series"] and not row["sample"] and rival_class(row) not in ("other", "stack"):
            workloads.setdefault((rival_class(row), what(row)), []).append(row)
    table = []
    for (kind, text), group in workloads.items():
        mine = [r for r in group if ours(r) and r["scheme"] in ("ibr", "-")]
        peers = [r for r in group if not ours(r) and not r.get("note", "").startswith(MARKS)]
        if not mine or not peers:
            continue
        me, peer = max(mine, key=lambda r: r["median"]), max(peers, key=lambda r: r["median"])
        if kind in ("bounded", "unbounded"):
            text = f"{kind} {text}"
        table.append((text, me, peer, me["median"] / peer["median"] if peer["median"] else float("inf")))
    return table


# ---- cells of tables -------------------------------------------------------------------------------------------------------

def number(value):
    return f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"


def cell(row):
    mark = " !" if row["disturbed"] else ""
    return f"{number(row['median'])} <small>{number(row['low'])}&ndash;{number(row['high'])}{mark}</small>"


def headline_html(rows):
    lines = ["<table><tr><th>workload</th><th>ratio</th><th>libcc</th><th>Mops/s</th><th>best peer</th><th>Mops/s</th></tr>"]
    for text, me, peer, ratio in headline(rows):
        apart = me["low"] > peer["high"] or me["high"] < peer["low"]
        kind = "even" if not apart else "win" if ratio > 1 else "loss"
        lines.append(f"<tr><td>{html.escape(text)}</td><td class={kind}>{ratio:.2f}</td><td>{html.escape(name(me))}</td>"
                     f"<td>{cell(me)}</td><td>{html.escape(name(peer))}</td><td>{cell(peer)}</td></tr>")
    return "\n".join(lines) + "</table>"


def details(rows):
    lines = ["<details><summary>All numbers, and how to measure each again</summary>",
             "<table><tr><th>who</th><th>what</th><th>Mops/s, median, lowest&ndash;highest</th><th>lost</th><th>command</th></tr>"]
    for row in rows:
        lines.append(f"<tr><td>{html.escape(name(row))}</td><td>{html.escape(what(row))}</td><td>{cell(row)}</td>"
                     f"<td>{row.get('lost', 0):.2f}</td><td><code>{html.escape(command(row))}</code></td></tr>")
    return "\n".join(lines) + "</table></details>"


# ---- charts ----------------------------------------------------------------------------------------------------------------

def lines(rows, x, title, x_title, y_title="Mops/s, logarithmic"):
    """Over x, a line each."""
    xs = sorted({x(r) for r in rows})
    series = {}
    for row in rows:
        series.setdefault((name(row), ours(row)), {})[x(row)] = row
    return {"type": "line", "title": title, "x": [f"{v:,}" for v in xs], "xTitle": x_title, "yTitle": y_title, "log": True,
            "series": [{"name": who, "ours": mine, "values": [at[v]["median"] if v in at else None for v in xs],
                        "low": [at[v]["low"] if v in at else None for v in xs],
                        "high": [at[v]["high"] if v in at else None for v in xs]}
                       for (who, mine), at in sorted(series.items(), key=lambda kv: (not kv[0][1], kv[0][0]))]}


def bars(rows, group, title, y_title="Mops/s"):
    """By who, a bar per group."""
    whos = sorted({(not ours(r), name(r)) for r in rows})
    groups = list(dict.fromkeys(group(r) for r in rows))
    found = {(name(r), group(r)): r for r in rows}
    series = []
    for g in groups:
        at = [found.get((who, g)) for _, who in whos]
        series.append({"name": g, "values": [r["median"] if r else None for r in at],
                       "low": [r["low"] if r else None for r in at], "high": [r["high"] if r else None for r in at]})
    return {"type": "bar", "title": title, "x": [who for _, who in whos], "yTitle": y_title, "series": series}


def latency(rows, title):
    whos = sorted(rows, key=lambda r: (not ours(r), name(r)))
    return {"type": "bar", "title": title, "x": [name(r) for r in whos], "yTitle": "ns, logarithmic", "log": True,
            "series": [{"name": label, "values": [r[key] for r in whos]}
                       for label, key in (("p50", "p50"), ("p99", "p99"), ("p99.9", "p999"))]}


def over_time(rows, key, title):
    rows = sorted(rows, key=lambda r: (not ours(r), name(r)))
    points = max(len(r[key]) for r in rows)
    step = rows[0]["seconds"] / points
    return {"type": "line", "title": title, "x": [f"{step * (i + 1):.2f}" for i in range(points)], "xTitle": "seconds",
            "yTitle": "MiB, logarithmic", "log": True,
            "series": [{"name": name(r), "ours": ours(r), "values": [max(v / MIB, 0.01) for v in r[key]]} for r in rows]}


def chosen(rows, **wanted):
    return [r for r in rows if all((r[k] in v) if isinstance(v, tuple) else r[k] == v for k, v in wanted.items())]


def sections(rows):
    plain = [r for r in rows if not r["series"] and not r["sample"]]
    maps = chosen(plain, kind="map", distribution="uniform")
    numbers = chosen(maps, keys="dense", scan=0)
    made = []

    def section(title, text, used, charts):
        charts = [c for c in charts if c["series"] and len(c["x"]) > 0]
        if used and charts:
            made.append({"title": title, "text": text, "charts": charts, "rows": used})

    main = chosen(numbers, range=100000)
    mixes = list(dict.fromkeys(mix(r) for r in main))
    section("Maps of numbers, by threads", "100,000 keys, half of them present.", main,
            [lines([r for r in main if mix(r) == m], lambda r: r["threads"], f"get/insert/remove {m}", "threads") for m in mixes])
    sizes = chosen(numbers, threads=2)
    section("Maps of numbers, by size", "Two threads.", [r for r in sizes if r["range"] != 100000],
            [lines([r for r in sizes if mix(r) == m], lambda r: r["range"], f"get/insert/remove {m}", "keys") for m in
             dict.fromkeys(mix(r) for r in sizes if r["range"] != 100000)])
    section("Maps of numbers, by mix", "100,000 keys, two threads.", chosen(main, threads=2),
            [bars(chosen(main, threads=2), mix, "get/insert/remove")])
    scans = chosen(maps, scan=100)
    section("Range scans", "100 entries from a random key on; nobody changes anything meanwhile.", scans,
            [bars(scans, lambda r: f"{r['threads']} threads", "Mscans/s", "Mscans/s")])
    skewed = [r for r in chosen(plain, kind="map", scan=0) if r["distribution"] != "uniform"]
    section("Skewed use", "100,000 keys, two threads.", skewed, [bars(skewed, lambda r: r["distribution"], "get/insert/remove 90/5/5")])
    strings = [r for r in maps if r["keys"] not in ("dense", "spread") and r["scan"] == 0 and r["threads"] == 2]
    section("Maps of byte strings", "Two threads; words are those of a dictionary, hex are 32 digits.", strings,
            [bars(chosen(strings, keys=k), mix, k) for k in dict.fromkeys(r["keys"] for r in strings)])
    queues = chosen(plain, kind="queue")
    section("Queues, by threads", "pairs: push and pop in turn. coin: either, at random. 1p1c: items that got from one half of "
            "the threads to the other. Rings are bounded; moodycamel keeps the order of each producer only.", queues,
            [lines(chosen(queues, shape=s), lambda r: r["threads"], s, "threads") for s in dict.fromkeys(r["shape"] for r in queues)])
    sampled = [r for r in rows if r["sample"] and r.get("p50", -1) >= 0]
    for kind, title in (("map", "Latency of maps"), ("queue", "Latency of queues")):
        some = chosen(sampled, kind=kind)
        section(title, "Some operations are timed, clock included.", some, [latency(some, what(some[0]))] if some else [])
    smr = chosen(plain, kind="smr")
    section("Reclamation by itself", "read: enter, one load, leave. retire: allocate 64 bytes, fill them, retire them. liburcu's "
            "sections are inlined into the caller, libcc's guards are calls.", smr,
            [bars(chosen(smr, shape=s), lambda r: f"{r['threads']} threads", s) for s in ("read", "retire")])
    alloc = chosen(plain, kind="alloc")
    section("Allocation", "64 bytes. pair: freed at once. batch: 256, then all freed. cross: freed by another thread.", alloc,
            [bars(chosen(alloc, threads=t), lambda r: r["shape"], f"{t} threads") for t in sorted({r["threads"] for r in alloc})])
    series = [r for r in rows if r.get("rss_series")]
    for kind, title in (("smr", "Memory while a reader sleeps: reclamation"), ("map", "Memory while a reader sleeps: maps")):
        stalled = chosen(series, kind=kind, stall=1)
        known = [r for r in stalled if r["garbage_series"][0] >= 0]
        section(title, "One thread retires, or inserts and removes; another sleeps and holds what it read.", stalled,
                ([over_time(stalled, "rss_series", "resident memory")] if stalled else []) +
                ([over_time(known, "garbage_series", "waiting to be reclaimed")] if known else []))
    return made


# ---- the page ---------------------------------------------------------------------------------------------------------------

def environment(rows):
    first = rows[0]["environment"]
    text = "".join(f"<tr><th>{html.escape(k)}</th><td>{html.escape(str(v))}</td></tr>" for k, v in first.items())
    packages = sorted({r["package"] for r in rows if r["package"] != "libcc"})
    disturbed = sum(1 for r in rows if r["disturbed"])
    return (f"<table>{text}<tr><th>peers from</th><td>{html.escape(', '.join(packages))}</td></tr>"
            f"<tr><th>results</th><td>{len(rows)}; {disturbed} of them lost the processor at every try (marked !)</td></tr></table>")


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    rows = load(sys.argv[1])
    if not rows:
        sys.exit(f"{sys.argv[1]}: no results")
    with open(sys.argv[2], encoding="utf-8") as file:
        library = file.read()
    with open(os.path.join(HERE, "page.html"), encoding="utf-8") as file:
        page = file.read()
    body, charts = [], []
    for section in sections(rows):
        body.append(f"<section><h2>{html.escape(section['title'])}</h2><p>{html.escape(section['text'])}</p>")
        for chart in section["charts"]:
            height = 60 + 16 * len(chart["x"]) * len(chart["series"]) if chart["type"] == "bar" else 420
            body.append(f"<div class=chart style='height:{height}px'><canvas id=chart{len(charts)}></canvas></div>")
            charts.append(chart)
        body.append(details(section["rows"]) + "</section>")
    data = json.dumps(charts).replace("</", "<\\/")
    for mark, text in (("HEADLINE", headline_html(rows)), ("SECTIONS", "\n".join(body)), ("ENVIRONMENT", environment(rows)),
                       ("DATA", data), ("LIBRARY", library.replace("</script", "<\\/script"))):
        page = page.replace(f"<!--{mark}-->", text)
    with open(sys.argv[3], "w", encoding="utf-8") as file:
        file.write(page)
    print(f"{sys.argv[3]}: {len(rows)} results, {len(charts)} charts")


if __name__ == "__main__":
    main()
