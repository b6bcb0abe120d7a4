"""DuckDB over the same file, once: the answer as CSV, {"wall", "cpu"} of the query to stdout.

    python3 bench/peers/duck.py THREADS DATA SHAPE QUERY ANSWER

QUERY: milliseconds of a tumbling window; or "copy": the rows themselves, as JSON lines. Only the
query is timed, neither the interpreter's start nor the import: this favours DuckDB. It answers once
at the end (a batch), where weir emits each window as it closes.
"""
import json
import resource
import sys
import time

import duckdb

COLUMNS = "{ts: 'BIGINT', host: 'VARCHAR', v: 'DOUBLE'}"
NESTED = "{'at': 'STRUCT(ts BIGINT)', a: 'STRUCT(b STRUCT(c DOUBLE)[], host VARCHAR)'}"
NESTED_ROWS = '(SELECT "at".ts AS ts, a.host AS host, a.b[2].c AS v FROM {})'
TUMBLING = ("COPY (SELECT ts // {ms} * {ms} AS ws, host, avg(v) AS a, count(*) AS n FROM {source} "
            "GROUP BY ALL) TO '{answer}' (FORMAT csv, HEADER false)")
COPY = "COPY (SELECT ts, host, v FROM {source}) TO '{answer}' (FORMAT json)"


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def source_of(data, shape):
    if shape == "csv":
        return f"read_csv('{data}', columns = {COLUMNS}, header = true)"
    columns = NESTED if shape == "nested" else COLUMNS
    source = f"read_json('{data}', format = 'newline_delimited', columns = {columns})"
    return NESTED_ROWS.format(source) if shape == "nested" else source


def main():
    threads, data, shape, query, answer = sys.argv[1:6]
    connection = duckdb.connect()
    connection.execute(f"SET threads = {int(threads)}")
    connection.execute("SET preserve_insertion_order = false")
    text = (COPY if query == "copy" else TUMBLING).format(
        ms=query, source=source_of(data, shape), answer=answer)
    wall, cpu = time.monotonic(), cpu_seconds()
    connection.execute(text)
    print(json.dumps({"wall": time.monotonic() - wall, "cpu": cpu_seconds() - cpu}))


if __name__ == "__main__":
    main()
