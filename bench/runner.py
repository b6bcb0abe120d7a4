"""Runs commands in turn (A B A B …) and keeps wall time, CPU time and peak memory of each.

A figure of one engine alone says little on a machine that others use too: what counts is the ratio
of two engines in the same round. Ratios are formed per round; their median and range are told.
"""
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
WORK = ROOT / "build" / "bench"
LIMIT_S = 1800


class Run(NamedTuple):
    """One run of a process tree. wall and cpu in seconds, peak of its largest process in MB (10^6
    bytes); inner: seconds from the query's start to its answer, as the engine itself says."""
    wall: float
    cpu: float
    peak: float
    inner: float


class Engine(NamedTuple):
    """A way to do the work. `reports`: the last line of its output is {"wall", "cpu"}, which count
    instead of the process's; `says_inner`: the last line is {"wall"}, which is told beside it."""
    name: str
    command: list
    reports: bool = False
    says_inner: bool = False


def compile_c(name, *libraries, sources=()):
    """bench/NAME.c as build/bench/NAME."""
    out = WORK / name
    WORK.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cc", "-O2", *map(str, sources or [HERE / f"{name}.c"]), "-o", str(out),
                    "-Wl,--no-as-needed", *libraries], check=True)
    return str(out)


def launcher():
    path = WORK / "launch"
    source = HERE / "launch.c"
    if not path.exists() or path.stat().st_mtime < source.stat().st_mtime:
        compile_c("launch")
    return str(path)


def run_once(engine):
    with tempfile.NamedTemporaryFile("r", encoding="ascii") as report, subprocess.Popen(
            [launcher(), report.name, *map(str, engine.command)], start_new_session=True,
            stdout=subprocess.PIPE if engine.reports or engine.says_inner
            else subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            said, complaint = process.communicate(timeout=LIMIT_S)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        if process.returncode != 0:
            raise RuntimeError(f"{engine.name}: exit {process.returncode}: "
                               f"{complaint.decode(errors='replace')[-2000:]}")
        wall, cpu, peak_kib = map(float, report.read().split())
    inner = wall
    if engine.reports or engine.says_inner:
        told = json.loads(said.splitlines()[-1])
        inner = told["wall"]
        if engine.reports:
            wall, cpu = told["wall"], told["cpu"]
    return Run(wall, cpu, peak_kib * 1024 / 1e6, inner)


def interleave(engines, rounds, warm=True):
    """{name: [Run of round 1, Run of round 2, …]}; `warm`: a round before that does not count."""
    runs = {engine.name: [] for engine in engines}
    for turn in range(0 if warm else 1, rounds + 1):
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


class Goals:
    """What was to be reached, with what was; printed as a table at the end."""

    def __init__(self):
        self.rows = []

    def add(self, number, what, values, *, least=None, most=None, form="{:.2f}"):
        """`values`: the figure of each round, or one alone; met when their median is."""
        values = list(values) if hasattr(values, "__iter__") else [values]
        middle = statistics.median(values)
        met = middle >= least if least is not None else middle <= most
        goal = f"≥ {least:g}" if least is not None else f"≤ {most:g}"
        figure = spread(values, form) if len(values) > 1 else form.format(middle)
        self.rows.append((number, what, figure, goal, "yes" if met else "no"))

    def print(self):
        print("\n### Goals\n")
        table = Table("goal", "what", "figure", "wanted", "met")
        for row in sorted(self.rows, key=lambda row: str(row[0])):
            table.add(*row)
