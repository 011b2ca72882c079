#!/usr/bin/env python3
"""Runs the clients of the model checker, on all processors: by random and PCT schedules, with and without membarrier, in
rounds that give every client of a structure and scheme the same time, until that many schedules were tried; then those that
are small enough completely, at two preemptions and one stale read, the smallest first. Prints a table per structure and
scheme. What is done is kept in build-model/: a run that was cut short, or comes in pieces, is taken up where it ended as long
as the model is the same. Exit status 1: something was found; the replay files are there too; 130: interrupted, nothing found."""

import argparse
import collections
import hashlib
import itertools
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
REPLAYS = os.path.join(ROOT, "build-model")
MODEL = os.path.join(REPLAYS, "tests", "model", "model")
DONE = os.path.join(REPLAYS, "done.json")
NIGHTLY = 10_000_000
ROUND = 0.5  # seconds of the processor that a client has in a round
LIMITS = [5_000, 50_000, 1_000_000_000]  # executions of a complete run: what the first does not finish, the next tries

STOP = threading.Event()  # set by an interrupt

Client = collections.namedtuple("Client", "name structure scheme complete")
Job = collections.namedtuple("Job", "client arguments")


class Tally:
    """What was done for one structure under one scheme, in seconds of the processor. A complete run that ended counts one for each variant of fences."""

    def __init__(self):
        self.schedules = self.complete = self.executions = self.seconds = 0

    def add(self, fields):
        for name, value in fields.items():
            setattr(self, name, getattr(self, name) + value)


def key_of(job):
    return " ".join(job.arguments)


class Done:
    """Jobs that were done with this model, kept on disk, and by which of them clients were tried completely."""

    def __init__(self, again):
        with open(MODEL, "rb") as f:
            self.model = hashlib.sha256(f.read()).hexdigest()
        self.jobs, self.complete, self.seed = {}, {}, random.randrange(1_000_000)
        if os.path.exists(DONE) and not again:
            with open(DONE) as f:
                kept = json.load(f)
            if kept["model"] == self.model:
                self.jobs, self.complete, self.seed = kept["jobs"], kept["complete"], kept["seed"]

    def of(self, job):
        return self.jobs.get(key_of(job))

    def add(self, job, tally):
        self.jobs[key_of(job)] = vars(tally)
        if tally.complete == 2:
            self.complete[job.client.name] = key_of(job)
        with open(DONE + ".new", "w") as f:
            json.dump({"model": self.model, "seed": self.seed, "jobs": self.jobs, "complete": self.complete}, f)
        os.replace(DONE + ".new", DONE)


def list_clients(pattern, structure):
    listed = subprocess.run([MODEL, "--list", "--client", pattern], stdout=subprocess.PIPE, text=True)
    if listed.returncode != 0:
        sys.exit(listed.returncode)  # it has said why
    clients = []
    for line in listed.stdout.splitlines():
        name, kind, scheme, size = line.split()[:4]
        clients.append(Client(name, kind, scheme, size == "complete"))
    return [c for c in clients if structure in (None, c.structure)]


def random_job(client, seconds, seed):
    each = seconds / 2  # the model has so long for each variant of fences
    return Job(client, ["--client", "=" + client.name, "--seed", str(seed), "--seconds", f"{each:.3f}"])


def complete_job(client, limit, seconds):
    return Job(client, ["--client", "=" + client.name, "--strategy", "exhaustive", "--executions", str(limit),
                        "--seconds", f"{seconds / 2:.3f}"])


def group_of(client):
    return client.structure, client.scheme


class Plan:
    """What is to be done, one job after the other."""

    def __init__(self, clients, options, done):
        self.done, self.seed, self.target = done, done.seed, options.schedules
        self.small = [c for c in clients if c.complete and options.only != "random"]
        self.random = options.only != "complete"
        self.groups = collections.defaultdict(list)
        for client in clients:
            self.groups[group_of(client)].append(client)
        self.tallies = {group: Tally() for group in self.groups}
        self.share = options.minutes * 60 * options.jobs / len(clients) if options.minutes else None

    def jobs(self):
        """A pass of complete runs waits for nothing: a small client that is still in work is only tried once more."""
        for group, clients in self.groups.items() if self.random else ():
            rounds = itertools.count() if self.share is None else [0]
            for number in rounds:
                if number > 0 and self.tallies[group].schedules >= self.target:
                    break
                for client in clients:
                    yield random_job(client, ROUND if self.share is None else 0.7 * self.share, self.seed + number)
        for limit in LIMITS:
            for client in self.small:
                job = complete_job(client, limit, 1e6 if self.share is None else 0.1 * self.share)
                if self.done.complete.get(client.name, key_of(job)) == key_of(job):
                    yield job


class Progress:
    """A bar on a terminal."""

    def __init__(self, plan):
        self.plan, self.shown = plan, sys.stderr.isatty()

    def show(self):
        if self.shown:
            part = sum(min(1, t.schedules / self.plan.target) for t in self.plan.tallies.values()) / len(self.plan.tallies)
            sys.stderr.write(f"\r\033[K[{'#' * int(40 * part):40}] {100 * part:3.0f} %, then "
                             f"{len(self.plan.small) - len(self.plan.done.complete)} complete runs")
            sys.stderr.flush()

    def clear(self):
        if self.shown:
            sys.stderr.write("\r\033[K")


def run_job(job):
    """What was done, and the finding or None."""
    ran = subprocess.Popen([MODEL] + job.arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                           env=dict(os.environ, MODEL_REPLAY_DIR=REPLAYS))
    output = ran.stdout.read()
    _, status, usage = os.wait4(ran.pid, 0)
    tally = Tally()
    tally.seconds = usage.ru_utime + usage.ru_stime
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT:
        STOP.set()  # an interrupt reaches the clients as well, and may be seen here first
    if status != 0:
        return tally, output
    counts = re.findall(r"(\d+) executions(, all within the bounds)?", output)
    if "exhaustive" in job.arguments:
        tally.complete = sum(1 for _, complete in counts if complete)
        tally.executions = sum(int(n) for n, _ in counts) if tally.complete == len(counts) else 0
    else:
        tally.schedules = sum(int(n) for n, _ in counts)
    return tally, None


def run_all(plan, workers):
    """The findings."""
    findings, lock, progress, jobs = [], threading.Lock(), Progress(plan), plan.jobs()

    def take():
        with lock:
            for job in jobs if not STOP.is_set() else ():
                known = plan.done.of(job)
                if known is None:
                    return job
                plan.tallies[group_of(job.client)].add(known)
            return None

    def work():
        for job in iter(take, None):
            tally, finding = run_job(job)
            if STOP.is_set():  # it was cut short: what it says is no finding
                return
            with lock:
                plan.tallies[group_of(job.client)].add(vars(tally))
                if finding is None:
                    plan.done.add(job, tally)
                else:
                    findings.append(finding)
                    progress.clear()
                    print(finding, flush=True)
                progress.show()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    progress.clear()
    return findings


def print_table(plan):
    print(f"{'structure':12} {'scheme':8} {'clients':>7} {'random, pct':>13} {'completely':>11} {'executions':>12} {'per second':>11}")
    for group, t in sorted(plan.tallies.items()):
        finished = sum(client.name in plan.done.complete for client in plan.groups[group])
        wanted = sum(client.complete for client in plan.groups[group])
        rate = (t.schedules + t.executions) / max(t.seconds, 1e-9)
        print(f"{group[0]:12} {group[1]:8} {len(plan.groups[group]):7} {t.schedules:13,} {finished:4} of {wanted:3} "
              f"{t.executions:12,} {rate:11,.0f}")
    print(f"{sum(t.seconds for t in plan.tallies.values()) / 60:.1f} min of a processor; completely: clients of which everything was "
          "tried, with and without membarrier, and what that took; per second: of one processor")


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
    parser.add_argument("--only", choices=["random", "complete"], help="only one kind of run")
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
    plan = Plan(clients, options, done)
    signal.signal(signal.SIGINT, lambda *_: STOP.set())
    findings = run_all(plan, options.jobs)
    print_table(plan)
    print(f"found {len(findings)}, replays in {REPLAYS}" if findings else "nothing found")
    return 1 if findings else 130 if STOP.is_set() else 0


if __name__ == "__main__":
    sys.exit(main())
