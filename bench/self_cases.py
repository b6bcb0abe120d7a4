"""What has no peer: rows out, columns pushed in, latency, the kernels, the program's own size."""
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from runner import HERE, ROOT, WORK, Engine, Table, interleave, ratio, spread

PUSHED_ROWS = 20_000_000
STARTS = 21
BESIDE_RECORDS = 4096
BESIDE = {"narrow": "narrow", "wide": "wide", "shuffled": "key order drawn for each record",
          "escaped": "unicode escapes, exponents", "nested": "nested, `a.b[1].c`",
          "strange": "every record breaks the prediction"}
IDLE_QUERY = "SELECT host, count(*) FROM stdin(columns = 'host TEXT') GROUP BY host EMIT CHANGES"


def encode(bench):
    print("\n### Rows out: SELECT ts, host, v, written to /dev/null, one lane\n")
    table = Table("format", "M rows/s", "M rows per CPU-s", "DuckDB 1 thread, × wall", "× CPU")
    path = bench.data()
    for mode in ("jsonl", "csv"):
        engines = [Engine("weir", [bench.weir, "-X", "-q", "-o", mode, "-c",
                                   f"SET lanes = 1; SELECT ts, host, v FROM file('{path}')"])]
        if bench.duck and mode == "jsonl":
            engines.append(bench.duck_of("DuckDB", 1, path, "narrow", query="copy"))
        runs = interleave(engines, bench.rounds)
        shown = [spread(ratio(runs, "weir", "DuckDB", field)) if "DuckDB" in runs else "–"
                 for field in ("wall", "cpu")]
        table.add(mode, bench.rate(runs, "weir"), bench.rate(runs, "weir", "cpu"), *shown)
        bench.goals.add("–", f"rows out as {mode}, M rows/s", bench.rates(runs, "weir"), least=3)


def program(bench, target):
    """A program of bench/ linked with the library of the release build; None: it is not there."""
    folder = Path(bench.weir).parent
    if not (folder / "CMakeCache.txt").exists():
        print(f"- left out: {target} ({folder} is no build folder)")
        return None
    subprocess.run(["cmake", "--build", str(folder), "--target", target], check=True,
                   stdout=subprocess.DEVNULL)
    return str(folder / target)


def push(bench):
    pushing = program(bench, "weir_columnar_push")
    if not pushing:
        return
    print("\n### Columns pushed by a program: avg, count of 1,000 keys, one thread\n")
    rates = []
    for _ in range(bench.rounds):
        said = subprocess.run([pushing, str(PUSHED_ROWS)], check=True, capture_output=True,
                              text=True).stdout.split()
        rates.append(float(said[said.index("M_rows_per_s") + 1]))
    table = Table("rows", "M rows/s")
    table.add(f"{PUSHED_ROWS:,}", spread(rates, "{:.0f}"))
    bench.goals.add(5, "columns pushed, 1,000 groups, M rows/s a core", rates, least=100,
                    form="{:.0f}")


def micro(bench):
    measuring = program(bench, "weir_micro")
    if measuring:
        print("\n### Kernels alone, ns a row\n", flush=True)
        subprocess.run([measuring], check=True, cwd=ROOT)
    json_beside(bench)


def json_beside(bench):
    """weir's decoder and simdjson's On-Demand over the same records in one process."""
    measuring = program(bench, "weir_json_beside")
    if not measuring:
        return
    print("\n### JSON beside simdjson's On-Demand: ts, host, v of each record, CPU ns a record\n")
    table = Table("records", "weir", "simdjson", "weir / simdjson")
    for shape, what in BESIDE.items():
        path = bench.data(shape, count=BESIDE_RECORDS)
        said = subprocess.run([measuring, shape, str(path)], check=True, capture_output=True,
                              text=True).stdout.splitlines()
        ours, theirs = zip(*(map(float, line.split()) for line in said))
        ratios = [a / b for a, b in zip(ours, theirs)]
        table.add(what, spread(ours, "{:.0f}"), spread(theirs, "{:.0f}"), spread(ratios))
    bench.goals.add(2, "record that breaks the prediction, × simdjson On-Demand", ratios, most=2)


def latency(bench):
    """In processes of their own: they change how the broker is started."""
    for most, what, given in ((10, "half load", []),
                              (50, "half load, exactly once", ["--checkpoint-ms", "20"])):
        ended = subprocess.run([sys.executable, str(HERE / "kafka_latency.py"), bench.weir,
                                "--rounds", str(bench.rounds), *given],
                               stdout=subprocess.PIPE, text=True, check=False)
        print(ended.stdout, end="", flush=True)
        found = re.search(r"end to result \|(?: [\d.]+ \|){4} ([\d., ]+) \|", ended.stdout)
        if ended.returncode != 0 or not found:
            print(f"- left out: latency at {what}")
            continue
        bench.goals.add(5, f"Kafka to Kafka at {what}: p99 behind a window's end, ms",
                        [float(each) for each in found[1].split(",")], most=most)


def start_ms(bench, path):
    started = time.monotonic()
    with subprocess.Popen([bench.weir, "-X", "-q", "-o", "jsonl", "-c",
                           f"SELECT host FROM file('{path}') LIMIT 1"],
                          stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        return (time.monotonic() - started) * 1000


def idle_mb(bench):
    """Resident memory of a query that waits for its first row from a pipe."""
    with subprocess.Popen([bench.weir, "-X", "-q", "-c", IDLE_QUERY], stdin=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(1)
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        process.stdin.close()
        process.wait(10)
    return next(int(line.split()[1]) for line in status.splitlines()
                if line.startswith("VmRSS")) * 1024 / 1e6


def itself(bench):
    path = bench.data()
    start_ms(bench, path)
    bench.goals.add(6, "start to the first row of a file, ms",
                    [start_ms(bench, path) for _ in range(STARTS)], most=10, form="{:.1f}")
    bench.goals.add(6, "idle RSS, MB", idle_mb(bench), most=15, form="{:.1f}")
    stripped = WORK / "stripped"
    shutil.copy(bench.weir, stripped)
    subprocess.run(["strip", str(stripped)], check=True)
    bench.goals.add(6, "stripped binary, MB", stripped.stat().st_size / 1e6, most=2)
