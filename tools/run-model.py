#!/usr/bin/env python3
"""Runs the clients of the model checker, on all processors: each by random and PCT schedules, with and without
membarrier, and those that are small enough completely, at two preemptions and one stale read. Prints a table per structure
and scheme. What is done is kept in build-model/: a run that was cut short, or comes in pieces, is taken up where it ended as
long as the model is the same. Exit status 1: something was found; the replay files are there too."""

import argparse
import collections
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MODEL = os.path.join(ROOT, "build", "tests", "model", "model")
REPLAYS = os.path.join(ROOT, "build-model")
DONE = os.path.join(REPLAYS, "done.json")
NIGHTLY = 10_000_000
RUNS = 4  # of each client: random and PCT, with and without membarrier

Client = collections.namedtuple("Client", "name structure scheme complete")
Job = collections.namedtuple("Job", "client arguments weight")


class Tally:
    """What was done for one structure under one scheme."""

    def __init__(self):
        self.clients = self.schedules = self.complete = self.wanted = self.executions = self.seconds = 0


class Done:
    """Jobs that were done with this model, kept on disk: arguments -> fields of a tally."""

    def __init__(self, again):
        with open(MODEL, "rb") as f:
            self.model = hashlib.sha256(f.read()).hexdigest()
        self.jobs, self.seed, self.lock = {}, random.randrange(1_000_000), threading.Lock()
        if os.path.exists(DONE) and not again:
            with open(DONE) as f:
                kept = json.load(f)
            if kept["model"] == self.model:
                self.jobs, self.seed = kept["jobs"], kept["seed"]

    def of(self, job):
        return self.jobs.get(" ".join(job.arguments))

    def add(self, job, tally):
        with self.lock:
            self.jobs[" ".join(job.arguments)] = vars(tally)
            with open(DONE + ".new", "w") as f:
                json.dump({"model": self.model, "seed": self.seed, "jobs": self.jobs}, f)
            os.replace(DONE + ".new", DONE)


def list_clients(pattern, structure):
    output = subprocess.run([MODEL, "--list", "--client", pattern], check=True, stdout=subprocess.PIPE, text=True).stdout
    clients = []
    for line in output.splitlines():
        name, kind, scheme, size = line.split()[:4]
        clients.append(Client(name, kind, scheme, size == "complete"))
    return [c for c in clients if structure in (None, c.structure)]


def make_jobs(clients, options, jobs, seed):
    """The big ones first, so that the processors end together."""
    per_group = collections.Counter((c.structure, c.scheme) for c in clients)
    made = []
    seconds = options.minutes * 60 * jobs / max(1, len(clients)) if options.minutes else None
    for c in clients:
        common = ["--client", "=" + c.name, "--seed", str(seed)]
        if seconds:
            amount = ["--seconds", f"{0.7 * seconds:.2f}"]
            weight, limit = 0.7 * seconds, 0.3 * seconds
        else:
            each = -(-options.schedules // (per_group[c.structure, c.scheme] * RUNS))
            amount = ["--executions", str(each), "--seconds", "1000000"]
            weight, limit = each * RUNS, 1000000
        made.append(Job(c, common + amount, weight))
        if c.complete:
            made.append(Job(c, common + ["--strategy", "exhaustive", "--seconds", f"{limit:.2f}"], weight / 10))
    return sorted(made, key=lambda job: -job.weight)


class Progress:
    """A bar on a terminal, with the time that is left."""

    def __init__(self, total):
        self.total, self.done, self.begin = total, 0, time.monotonic()
        self.shown = sys.stderr.isatty()

    def add(self, weight):
        self.done += weight
        if self.shown:
            part = self.done / self.total
            left = (time.monotonic() - self.begin) * (1 - part) / part
            bar = "#" * int(40 * part)
            sys.stderr.write(f"\r\033[K[{bar:40}] {100 * part:3.0f} %  {left / 60:.0f} min left")
            sys.stderr.flush()

    def clear(self):
        if self.shown:
            sys.stderr.write("\r\033[K")


def run_job(job, tally):
    """The finding, or None."""
    begin = time.monotonic()
    done = subprocess.run([MODEL] + job.arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env=dict(os.environ, MODEL_REPLAY_DIR=REPLAYS))
    if done.returncode != 0:
        return done.stdout
    exhaustive = "exhaustive" in job.arguments
    counts = re.findall(r"(\d+) executions(, all within the bounds)?", done.stdout)
    tally.seconds += time.monotonic() - begin
    tally.clients += not exhaustive
    if exhaustive:
        tally.complete += sum(1 for _, complete in counts if complete)
        tally.wanted += len(counts)
        tally.executions += sum(int(n) for n, _ in counts)
    else:
        tally.schedules += sum(int(n) for n, _ in counts)
    return None


def add_up(tallies, job, fields):
    tally = tallies[job.client.structure, job.client.scheme]
    for name, value in fields.items():
        setattr(tally, name, getattr(tally, name) + value)


def run_all(chosen, jobs, done):
    """The tallies, and the findings."""
    tallies, findings, lock = collections.defaultdict(Tally), [], threading.Lock()
    for job in chosen:
        if done.of(job):
            add_up(tallies, job, done.of(job))
    waiting = [job for job in chosen if not done.of(job)]
    progress = Progress(sum(job.weight for job in waiting))

    def work():
        while True:
            with lock:
                if not waiting:
                    return
                job = waiting.pop(0)
            own = Tally()
            finding = run_job(job, own)
            if finding is None:
                done.add(job, own)
            with lock:
                add_up(tallies, job, vars(own))
                progress.add(job.weight)
                if finding is not None:
                    findings.append(finding)
                    progress.clear()
                    print(finding, flush=True)

    workers = [threading.Thread(target=work) for _ in range(jobs)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    progress.clear()
    return tallies, findings


def print_table(tallies):
    print(f"{'structure':12} {'scheme':8} {'clients':>7} {'random, pct':>13} {'completely':>13} {'executions':>12} {'per second':>11}")
    for (structure, scheme), t in sorted(tallies.items()):
        rate = (t.schedules + t.executions) / max(t.seconds, 1e-9)
        print(f"{structure:12} {scheme:8} {t.clients:7} {t.schedules:13,} {t.complete:5} of {t.wanted:4} {t.executions:12,} {rate:11,.0f}")
    print(f"{sum(t.seconds for t in tallies.values()) / 60:.1f} min of a process; completely: runs that tried everything, with and without membarrier, and "
          "what they took; per second: of one process")


def main():
    parser = argparse.ArgumentParser(prog="scripts/model", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("--schedules", type=int, default=NIGHTLY, metavar="N",
                        help=f"random and PCT schedules per structure and scheme (default {NIGHTLY:,})")
    amount.add_argument("--minutes", type=float, metavar="M", help="about so long instead, whatever it is enough for")
    parser.add_argument("--client", default="", metavar="NAME", help="only clients whose name contains NAME")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (default: processors)")
    parser.add_argument("--structure", help="only clients of this one")
    parser.add_argument("--again", action="store_true", help="forget what was done")
    parser.add_argument("--seed", type=int, help="repeats an earlier run (default: the seed of what was done, or a new one)")
    options = parser.parse_args()
    clients = list_clients(options.client, options.structure)
    if not clients or options.jobs < 1 or options.schedules < 1:
        parser.error("nothing to run")
    os.makedirs(REPLAYS, exist_ok=True)
    done = Done(options.again)
    done.seed = done.seed if options.seed is None else options.seed
    print(f"seed {done.seed}, {len(clients)} clients", flush=True)
    tallies, findings = run_all(make_jobs(clients, options, options.jobs, done.seed), options.jobs, done)
    print_table(tallies)
    print(f"found {len(findings)}, replays in {REPLAYS}" if findings else "nothing found")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
