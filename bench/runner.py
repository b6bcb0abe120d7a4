"""Runs commands in turn (A B A B …) and keeps wall time, CPU time and peak memory of each.

A figure of one engine alone says little on a machine that others use too: what counts is the ratio
of two engines in the same round. Ratios are formed per round; their median and range are told.
"""
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from typing import NamedTuple


class Run(NamedTuple):
    """One run of a process tree. wall and cpu in seconds, peak in MB (10^6 bytes)."""
    wall: float
    cpu: float
    peak: float


class Engine(NamedTuple):
    """A way to do the work. `reports`: the last line of its output is {"wall", "cpu"}."""
    name: str
    command: list
    reports: bool = False


def run_once(engine):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    with subprocess.Popen(engine.command, stdout=subprocess.PIPE if engine.reports
                          else subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        said = process.stdout.read() if engine.reports else b""
        complaint = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - started
    if process.returncode != 0:
        raise RuntimeError(f"{engine.name}: exit {process.returncode}: "
                           f"{complaint.decode(errors='replace')[-500:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if engine.reports:
        told = json.loads(said.splitlines()[-1])
        wall, cpu = told["wall"], told["cpu"]
    return Run(wall, cpu, usage.ru_maxrss * 1024 / 1e6)


def interleave(engines, rounds):
    """{name: [Run of round 1, Run of round 2, …]}; a round before the first only warms up."""
    runs = {engine.name: [] for engine in engines}
    for turn in range(rounds + 1):
        for engine in engines:
            run = run_once(engine)
            if turn > 0:
                runs[engine.name].append(run)
    return runs


def spread(values, form="{:.2f}"):
    """'median (least–most)'."""
    values = list(values)
    middle, least, most = statistics.median(values), min(values), max(values)
    return f"{form.format(middle)} ({form.format(least)}–{form.format(most)})"


def ratio(runs, ours, theirs, field):
    """How many times more of `field` theirs took than ours, round by round."""
    return [getattr(b, field) / getattr(a, field) for a, b in zip(runs[ours], runs[theirs])]


class Table:
    """Prints rows as they come, as Markdown that can go into a document as it is."""

    def __init__(self, *titles):
        self.add(*titles)
        self.add(*["---"] * len(titles))

    def add(self, *cells):
        print("| " + " | ".join(str(cell) for cell in cells) + " |")
        sys.stdout.flush()
