"""`make bench`: weir beside its peers on this machine, interleaved, as ratios.

    python3 bench/run.py build/release/weir [--full] [--rounds N] [--only file,kafka,self]

    quick (the default)   2 million records,  5 rounds, below three minutes on a quiet machine
    --full                10 million records, 7 rounds
    PEERS=flink           also Flink SQL over the same Kafka topic (Maven fetches its jars)

First every engine's answer is compared with weir's. A peer that cannot be had is left out, with a
line that says so. Data, tools and peers are kept in build/bench and build/bench-venv.
"""
import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import kafka_cases
from runner import Engine, Table, interleave, ratio, run_once, spread

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
WORK = ROOT / "build" / "bench"
VENV = ROOT / "build" / "bench-venv"
TUMBLING = "WINDOW TUMBLING 5 MINUTES"
HOPPING = "WINDOW HOPPING 5 MINUTES ADVANCE BY 10 SECONDS"


def query_of(source, window=TUMBLING, delay=""):
    return (f"SELECT window_start, host, avg(v), count(*) FROM {source} "
            f"WATERMARK FOR to_timestamp(ts, 'ms'){delay} {window} GROUP BY host")


class Bench:
    """What all cases need: the binary, the sizes, the tools, the peers."""

    def __init__(self, arguments):
        self.weir = str(Path(arguments.weir).resolve())
        self.count = arguments.records or (10_000_000 if arguments.full else 2_000_000)
        self.rounds = arguments.rounds or (7 if arguments.full else 5)
        WORK.mkdir(parents=True, exist_ok=True)
        self.generate = self.compile("generate")
        self.duck = self.find_duck()

    @staticmethod
    def compile(name, *libraries):
        out = WORK / name
        subprocess.run(["cc", "-O2", str(HERE / f"{name}.c"), "-o", str(out),
                        "-Wl,--no-as-needed", *libraries], check=True)
        return str(out)

    @staticmethod
    def find_duck():
        """The venv's Python when DuckDB is in it or can be put there."""
        python = VENV / "bin" / "python"
        try:
            if not python.exists():
                subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True,
                               capture_output=True)
            if subprocess.run([str(python), "-c", "import duckdb"], capture_output=True,
                              check=False).returncode != 0:
                subprocess.run([str(python), "-m", "pip", "-q", "install", "duckdb"], check=True,
                               capture_output=True)
            version = subprocess.run(
                [str(python), "-c", "import duckdb; print(duckdb.__version__)"], check=True,
                capture_output=True, text=True).stdout.strip()
            print(f"- peer: DuckDB {version}")
            return str(python)
        except (OSError, subprocess.CalledProcessError):
            print("- peer left out: DuckDB (pip cannot install it)")
            return None

    def data(self, shape="narrow", hosts=1000, disorder_ms=0):
        """The file of that shape; made once."""
        suffix = "csv" if shape == "csv" else "ndjson"
        path = WORK / f"{shape}-{self.count}-{hosts}-{disorder_ms}.{suffix}"
        if not path.exists():
            part = path.with_suffix(".part")
            with open(part, "wb") as out:
                subprocess.run([self.generate, str(self.count), shape, str(hosts),
                                str(disorder_ms)], stdout=out, check=True)
            part.rename(path)
        return path

    def weir_of(self, name, query, *options):
        return Engine(name, [self.weir, "-X", "-q", "-o", "null", *options, "-c", query])

    def duck_of(self, name, threads, path, shape, query="tumbling", answer="/dev/null"):
        return Engine(name, [self.duck, str(HERE / "peers" / "duck.py"), str(threads), str(path),
                             shape, query, str(answer)], reports=True)

    def rate(self, runs, name, field="wall"):
        return spread(self.count / getattr(run, field) / 1e6 for run in runs[name])


def answer_of_weir(bench, path):
    """{(window start in ms, host): (average, count)}"""
    query = (f"SELECT extract(epoch FROM window_start) AS ws, host, avg(v) AS a, count(*) AS n "
             f"FROM file('{path}') WATERMARK FOR to_timestamp(ts, 'ms') {TUMBLING} GROUP BY host")
    said = subprocess.run([bench.weir, "-X", "-q", "-o", "csv", "-c", query], check=True,
                          capture_output=True, text=True).stdout
    rows = (line.split(",") for line in said.splitlines()[1:])
    return {(round(float(ws) * 1000), host): (float(a), int(n)) for ws, host, a, n in rows}


def check_answers(bench, path, shape):
    answer = WORK / "duck.csv"
    run_once(bench.duck_of("DuckDB", 1, path, shape, answer=answer))
    rows = (line.split(",") for line in answer.read_text().splitlines())
    theirs = {(int(ws), host): (float(a), int(n)) for ws, host, a, n in rows}
    ours = answer_of_weir(bench, path)
    same = ours.keys() == theirs.keys() and all(
        ours[key][1] == theirs[key][1] and abs(ours[key][0] - theirs[key][0]) < 1e-9 * 100
        for key in ours)
    if not same:
        sys.exit(f"bench: weir and DuckDB differ on {path}: {len(ours)} and {len(theirs)} rows")


def file_cases(bench):
    print(f"\n### Files: avg, count by host, {TUMBLING.lower()}, {bench.count:,} records\n")
    table = Table("case", "weir, M rec/s", "weir, M rec per CPU-s", "DuckDB 1 thread, M rec/s",
                  "× wall, 1 thread", "× CPU, 1 thread", "× wall, 2 threads", "peak MB")
    cases = [("narrow", "narrow", 1000), ("wide", "wide", 1000), ("CSV", "csv", 1000),
             ("1 M groups", "narrow", 1_000_000)]
    for name, shape, hosts in cases:
        path = bench.data(shape, hosts)
        engines = [bench.weir_of("weir", query_of(f"file('{path}')"))]
        if bench.duck:
            check_answers(bench, path, shape)
            engines += [bench.duck_of("duck1", 1, path, shape),
                        bench.duck_of("duck2", 2, path, shape)]
        runs = interleave(engines, bench.rounds)
        peak = f"{max(run.peak for run in runs['weir']):.0f}"
        if not bench.duck:
            table.add(name, bench.rate(runs, "weir"), bench.rate(runs, "weir", "cpu"), "–", "–",
                      "–", "–", peak)
            continue
        table.add(name, bench.rate(runs, "weir"), bench.rate(runs, "weir", "cpu"),
                  bench.rate(runs, "duck1"), spread(ratio(runs, "weir", "duck1", "wall")),
                  spread(ratio(runs, "weir", "duck1", "cpu")),
                  spread(ratio(runs, "weir", "duck2", "wall")), peak)


def window_cases(bench):
    print("\n### The cost of windows and disorder, against tumbling and in order (CPU time)\n")
    table = Table("case", "× CPU", "goal")
    ordered, shuffled = bench.data(), bench.data(disorder_ms=5000)
    delay = " DELAY 5 SECONDS"
    runs = interleave([
        bench.weir_of("tumbling", query_of(f"file('{ordered}')")),
        bench.weir_of("hopping", query_of(f"file('{ordered}')", HOPPING)),
        bench.weir_of("ordered", query_of(f"file('{ordered}')", delay=delay)),
        bench.weir_of("disorder", query_of(f"file('{shuffled}')", delay=delay))], bench.rounds)
    table.add("hopping 5 min by 10 s", spread(ratio(runs, "tumbling", "hopping", "cpu")), "< 1.3")
    table.add("disorder of 5 s", spread(ratio(runs, "ordered", "disorder", "cpu")), "< 1.15")


def encode_cases(bench):
    print("\n### Rows out: SELECT ts, host, v, written to /dev/null\n")
    table = Table("format", "M rows/s", "M rows per CPU-s", "DuckDB 1 thread × wall", "goal")
    path = bench.data()
    for mode in ("jsonl", "csv"):
        command = [bench.weir, "-X", "-q", "-o", mode, "-c",
                   f"SELECT ts, host, v FROM file('{path}')"]
        engines = [Engine("weir", command)]
        if bench.duck and mode == "jsonl":
            engines.append(bench.duck_of("duck1", 1, path, "narrow", query="copy"))
        runs = interleave(engines, bench.rounds)
        against = spread(ratio(runs, "weir", "duck1", "wall")) if "duck1" in runs else "–"
        table.add(mode, bench.rate(runs, "weir"), bench.rate(runs, "weir", "cpu"), against, "≥ 3")


def start_ms(bench, path):
    started = time.monotonic()
    with subprocess.Popen([bench.weir, "-X", "-q", "-o", "jsonl", "-c",
                           f"SELECT host FROM file('{path}') LIMIT 1"],
                          stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        return (time.monotonic() - started) * 1000


def idle_mb(bench):
    """Resident memory of a query that waits for its first row from a pipe."""
    query = "SELECT host, count(*) FROM stdin(columns = 'host TEXT') GROUP BY host EMIT CHANGES"
    with subprocess.Popen([bench.weir, "-X", "-q", "-c", query], stdin=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(1)
        status = Path(f"/proc/{process.pid}/status")
        lines = status.read_text().splitlines() if process.poll() is None else []
        found = [int(line.split()[1]) for line in lines if line.startswith("VmRSS")]
        process.stdin.close()
        process.wait(10)
    return f"{found[0] * 1024 / 1e6:.1f}" if found else "–"


def self_cases(bench):
    print("\n### Itself\n")
    table = Table("what", "figure", "goal")
    path = bench.data()
    start_ms(bench, path)
    table.add("start to first row of a file, ms",
              spread((start_ms(bench, path) for _ in range(21)), "{:.1f}"), "≤ 10")
    table.add("idle RSS, MB", idle_mb(bench), "≤ 15")
    stripped = WORK / "stripped"
    shutil.copy(bench.weir, stripped)
    subprocess.run(["strip", str(stripped)], check=True)
    table.add("stripped binary, MB", f"{stripped.stat().st_size / 1e6:.2f}", "≤ 2")


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo", encoding="ascii")
                  if line.startswith("model name")), platform.processor())
    with open("/proc/loadavg", encoding="ascii") as file:
        load = file.read().split()[0]
    return (f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} × {model}, "
            f"{platform.system()} {platform.release()}, load {load} at the start")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("weir")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--records", type=int)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--only", default="file,window,encode,self,kafka")
    arguments = parser.parse_args()
    print(f"## {machine()}\n")
    bench = Bench(arguments)
    cases = {"file": file_cases, "window": window_cases, "encode": encode_cases,
             "self": self_cases, "kafka": lambda b: kafka_cases.run(b, query_of)}
    for name in arguments.only.split(","):
        cases[name](bench)


if __name__ == "__main__":
    main()
