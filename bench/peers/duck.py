"""DuckDB over the same file, once: the answer as CSV, {"wall", "cpu"} of the query to stdout.

    python3 bench/peers/duck.py THREADS DATA SHAPE QUERY ANSWER      QUERY: tumbling | copy

Only the query is timed, neither the interpreter's start nor the import: this favours DuckDB. It
answers once at the end (a batch), where weir emits each window as it closes.
"""
import json
import resource
import sys
import time

import duckdb

COLUMNS = "{ts: 'BIGINT', host: 'VARCHAR', v: 'DOUBLE'}"
TUMBLING = ("COPY (SELECT ts // 300000 * 300000 AS ws, host, avg(v) AS a, count(*) AS n FROM {} "
            "GROUP BY ALL) TO '{}' (FORMAT csv, HEADER false)")
COPY = "COPY (SELECT ts, host, v FROM {}) TO '{}' (FORMAT json)"


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main():
    threads, data, shape, query, answer = sys.argv[1:6]
    if shape == "csv":
        source = f"read_csv('{data}', columns = {COLUMNS}, header = true)"
    else:
        source = f"read_json('{data}', format = 'newline_delimited', columns = {COLUMNS})"
    connection = duckdb.connect()
    connection.execute(f"SET threads = {int(threads)}")
    connection.execute("SET preserve_insertion_order = false")
    text = (COPY if query == "copy" else TUMBLING).format(source, answer)
    wall, cpu = time.monotonic(), cpu_seconds()
    connection.execute(text)
    print(json.dumps({"wall": time.monotonic() - wall, "cpu": cpu_seconds() - cpu}))


if __name__ == "__main__":
    main()
