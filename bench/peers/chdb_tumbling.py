"""chDB (ClickHouse as a library) over the same file, once: as duck.py, with the same arguments.

    python3 bench/peers/chdb_tumbling.py THREADS DATA SHAPE WINDOW_MS ANSWER

Only the query is timed, after one that does nothing: neither start nor import count. Hosts are
LowCardinality, which is ClickHouse's own advice for columns like that.
"""
import json
import resource
import sys
import time

import chdb

COLUMNS = "ts Int64, host LowCardinality(String), v Float64"
TUMBLING = ("SELECT intDiv(ts, {ms}) * {ms} AS ws, host, avg(v), count() "
            "FROM file('{data}', '{form}', '{columns}') GROUP BY ws, host "
            "SETTINGS max_threads = {threads}")


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main():
    threads, data, shape, window_ms, answer = sys.argv[1:6]
    text = TUMBLING.format(ms=int(window_ms), data=data, columns=COLUMNS, threads=int(threads),
                           form="CSVWithNames" if shape == "csv" else "JSONEachRow")
    chdb.query("SELECT 1", "CSV")
    wall, cpu = time.monotonic(), cpu_seconds()
    result = chdb.query(text, "CSV")
    spent = {"wall": time.monotonic() - wall, "cpu": cpu_seconds() - cpu}
    with open(answer, "wb") as out:
        out.write(result.bytes())
    print(json.dumps(spent))


if __name__ == "__main__":
    main()
