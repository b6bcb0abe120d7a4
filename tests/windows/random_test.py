"""Random windowed queries over random rows: weir's rows and late counts against a naive evaluator.

The same comparison through files of a glob (each a partition) and through host streams that get
their rows partition by partition in pieces, with every vector size of the SQL tests' worlds.
WEIR_RANDOM_CASES sets how many (default 12), WEIR_RANDOM_SEED where to start.
"""
import json
import os
import random
import re
import subprocess
import tempfile
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

import weir
from naive import Query, rows_random, seconds_text, SECOND_US

CASE_COUNT = int(os.environ.get("WEIR_RANDOM_CASES", "12"))
SEED = int(os.environ.get("WEIR_RANDOM_SEED", "1"))
SLT = Path(weir.BUILD) / "slt"
QUERIES_A_CASE = 3
COLUMNS = "ts TIMESTAMP, k TEXT, b BOOLEAN, n BIGINT, v DOUBLE"
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def time_text(us):
    text = (EPOCH + timedelta(microseconds=us)).strftime("%Y-%m-%dT%H:%M:%S")
    if us % 1000:
        text += f".{us % SECOND_US:06d}"
    elif us % SECOND_US:
        text += f".{us % SECOND_US // 1000:03d}"
    return text + "Z"


def line_of(row):
    return json.dumps({"ts": time_text(row.ts_us), "k": row.k, "b": row.b, "n": row.n, "v": row.v},
                      ensure_ascii=False)


def cell_text(value):
    """A value as the SQL tests print it."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value == int(value) else repr(value)
    return str(value) or "(empty)"


def row_text(row):
    return "|".join([time_text(row[0]), time_text(row[1]), *map(cell_text, row[2:])])


def row_json(row):
    return [time_text(row[0]), time_text(row[1]), *row[2:]]


class RandomTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        weir.require_binary()

    def each_case(self, check):
        for seed in range(SEED, SEED + CASE_COUNT):
            with self.subTest(seed=seed), tempfile.TemporaryDirectory() as folder:
                check(random.Random(seed), Path(folder))

    def check_file(self, chance, folder, case):
        """Each partition is a file; `case` = (rows, query, delay)."""
        rows, query, delay_us = case
        for partition in {row.partition for row in rows}:
            (folder / f"part{partition}.jsonl").write_text(
                "".join(line_of(row) + "\n" for row in rows if row.partition == partition))
        source = (f"file('{folder}/part*.jsonl', columns = '{COLUMNS}') "
                  f"WATERMARK FOR ts DELAY {seconds_text(delay_us)}")
        sql = query.sql(source)
        result = weir.run("-D", f"batch_rows={chance.choice([1, 2, 7, 100, 100000])}", "-c", sql)
        wanted = [row_json(row) for row in query.rows(rows, delay_us)]
        got = [list(row.values()) for row in result.rows()]
        self.assertEqual(wanted, got, f"{sql}\n{result.err}")
        late = re.search(r"([\d,]+) late row", result.err)
        late_count = int(late.group(1).replace(",", "")) if late else 0
        self.assertEqual(query.late_count, late_count, f"{sql}\n{result.err}")

    def check_files(self, chance, folder):
        rows = rows_random(chance, chance.choice([1, 1, 2, 5]), chance.choice([3, 30, 300]))
        delay_us = chance.choice([0, 0, 1, 10]) * SECOND_US
        for _ in range(QUERIES_A_CASE):
            self.check_file(chance, folder, (rows, Query(chance), delay_us))

    def test_files(self):
        self.each_case(self.check_files)

    def script_of(self, chance, case):
        """A .slt file that pushes the rows piece by piece, with what must come out."""
        rows, queries, delay_us = case
        lines = ["statement ok", f"CREATE STREAM s ({COLUMNS}, WATERMARK FOR ts DELAY "
                 f"{seconds_text(delay_us)}) WITH (connector = 'host', format = 'json')", ""]
        for i, query in enumerate(queries):
            lines += [f"run q{i}", query.sql("s"), ""]
        pieces, joins_at = pieces_of(chance, rows, delay_us)
        for partition, piece in pieces:
            lines += [f"push s raw partition={partition}", *map(line_of, piece), ""]
        arrivals = [row for _, piece in pieces for row in piece]
        lines += ["end s", ""]
        for i, query in enumerate(queries):
            wanted = query.rows(arrivals, delay_us, joins_at)
            lines += [f"expect q{i} done", "----", *map(row_text, wanted), "",
                      f"metric q{i} rows_late {query.late_count}", ""]
        return "\n".join(lines)

    def check_host_partitions(self, chance, folder):
        rows = rows_random(chance, chance.choice([1, 2, 4]), chance.choice([5, 50, 200]))
        delay_us = chance.choice([0, 0, 2, 15]) * SECOND_US
        queries = [Query(chance) for _ in range(QUERIES_A_CASE)]
        script = folder / "case.slt"
        script.write_text(self.script_of(chance, (rows, queries, delay_us)))
        ended = subprocess.run([SLT, script], capture_output=True, text=True, check=False,
                               env=weir.environment(), timeout=300)
        self.assertEqual(0, ended.returncode, ended.stdout[-6000:] + ended.stderr)

    def test_host_partitions(self):
        self.each_case(self.check_host_partitions)


def pieces_of(chance, rows, delay_us):
    """Runs of rows of one partition in the order of pushing, and where each partition begins: at
    the watermark of the source at that moment, the least of the partitions there are. The first
    row of partition 3 brings 0 to 2 along."""
    waiting = {}
    for row in rows:
        waiting.setdefault(row.partition, []).append(row)
    pieces, joins_at, watermarks = [], [], []
    while waiting:
        partition = chance.choice(sorted(waiting))
        count = chance.randint(1, 12)
        piece, rest = waiting[partition][:count], waiting[partition][count:]
        current_us = min(watermarks, default=-10**18)
        while len(watermarks) <= partition:
            joins_at.append(current_us)
            watermarks.append(current_us)
        watermarks[partition] = max(watermarks[partition],
                                    *(row.ts_us - delay_us for row in piece))
        pieces.append((partition, piece))
        if rest:
            waiting[partition] = rest
        else:
            del waiting[partition]
    return pieces, joins_at


if __name__ == "__main__":
    unittest.main()
