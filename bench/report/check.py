#!/usr/bin/env python3
"""Opens the page that report.py makes in headless Chromium, as wide as a phone.

Demands that no script fails, that every chart is drawn, and that nothing but tables must be scrolled sideways. The same
is demanded of a page with a mistake in it, which must not pass. Skipped (77) without Chromium or the chart library
(scripts/bench brings it)."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PHONE_WIDTH = 390
SKIPPED = 77
MEASURE = [["map", "--range", "1000"], ["queue", "--threads", "2"], ["smr"], ["memory", "--seconds", "0.1"],
           ["queue", "--shape", "pairs", "--sample", "4"]]
QUICKLY = ["--seconds", "0.02", "--warmup", "0", "--repeats", "2", "--retries", "0", "--contenders", "libcc,std*,ring*"]

FRAME = f"""<!doctype html><title>frame</title><body style="margin:0">
<iframe src="page.html" style="border:0;width:{PHONE_WIDTH}px;height:900px"></iframe>
<script>
const frame = document.querySelector("iframe");
frame.onload = () => {{
  const page = frame.contentDocument.documentElement;
  document.documentElement.dataset.drawn = page.dataset.charts || 0;
  document.documentElement.dataset.wanted = page.querySelectorAll("canvas").length;
  document.documentElement.dataset.overflow = page.scrollWidth - {PHONE_WIDTH};
}};
</script>"""


def open_page(browser, folder):
    """What is wrong with folder/page.html."""
    frame = os.path.join(folder, "frame.html")
    with open(frame, "w", encoding="utf-8") as file:
        file.write(FRAME)
    done = subprocess.run([browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files",
                           "--enable-logging=stderr", "--virtual-time-budget=10000", f"--user-data-dir={folder}/profile",
                           "--dump-dom", f"file://{frame}"], capture_output=True, text=True, check=False, timeout=240)
    found = {key: int(value) for key, value in re.findall(r'data-(\w+)="(-?\d+)"', done.stdout)}
    wrong = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    if not found:
        wrong.append("the page did not load: " + done.stderr[-400:])
    elif found["drawn"] == 0 or found["drawn"] != found["wanted"]:
        wrong.append(f"{found['drawn']} charts drawn of {found['wanted']}")
    if found.get("overflow", 0) > 0:
        wrong.append(f"wider than a phone by {found['overflow']} pixels")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ccbench", help="the program that measures")
    parser.add_argument("chart", metavar="CHART.js", help="the chart library")
    options = parser.parse_args()
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None or not os.path.exists(options.chart):
        print("no Chromium, or no chart library")
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory() as folder:
        results, page = os.path.join(folder, "results.jsonl"), os.path.join(folder, "page.html")
        for words in MEASURE:
            subprocess.run([options.ccbench, words[0]] + QUICKLY + words[1:] + ["--json", results], check=True,
                           stdout=subprocess.DEVNULL)
        subprocess.run([os.path.join(HERE, "report.py"), results, options.chart, page], check=True)
        wrong = open_page(browser, folder)
        print("\n".join(wrong) or "the page is as it should be")
        with open(page, encoding="utf-8") as file:
            text = file.read()
        with open(page, "w", encoding="utf-8") as file:
            file.write(text.replace("charts.forEach(", "charts.forEach(nothing, "))
        planted = open_page(browser, folder)
        print("with a mistake:", planted or "NOT NOTICED")
    sys.exit(1 if wrong or not planted else 0)


if __name__ == "__main__":
    main()
