"""avg and count by host, TUMBLING 5 MINUTES, over generated readings from a file; and the start.

    python3 bench/groups.py build/release/weir [records, default 10,000,000]

Prints records a second, records a CPU second, peak memory, and milliseconds to the first row.
"""
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
QUERY = ("SELECT window_start, host, avg(v), count(*) FROM file('{}') "
         "WATERMARK FOR to_timestamp(ts, 'ms') WINDOW TUMBLING 5 MINUTES GROUP BY host")


def measure(command):
    """(wall s, CPU s, peak MB, rows) of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    row_count = sum(1 for _ in process.stdout)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    if status != 0:
        sys.exit(f"weir failed: {status}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, usage.ru_maxrss / 1024, row_count


def first_row_ms(weir, path):
    started = time.monotonic()
    with subprocess.Popen([weir, "-c", f"SELECT host FROM file('{path}') LIMIT 1"],
                          stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        ended = time.monotonic()
    return (ended - started) * 1000


def main():
    weir = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        program, data = f"{folder}/generate", f"{folder}/in.ndjson"
        subprocess.run(["cc", "-O2", str(HERE / "generate.c"), "-o", program], check=True)
        for records in (count // 10, count):
            with open(data, "wb") as out:
                subprocess.run([program, str(records)], stdout=out, check=True)
            wall, cpu, peak, rows = measure([weir, "-c", QUERY.format(data)])
            print(f"file {records:>11,} records: {records / wall / 1e6:6.2f} M/s  "
                  f"{records / cpu / 1e6:6.2f} M per CPU-s  peak {peak:.0f} MB  {rows:,} rows")
        starts = [first_row_ms(weir, data) for _ in range(11)]
        print(f"start to first row: median {statistics.median(starts):.1f} ms")


if __name__ == "__main__":
    main()
