"""Groups, counts and averages of generated readings: weir's answer against SQLite's and fsum's.

The same records go through a file, standard input and a broker topic of two partitions. Groups and
counts must be equal, averages must have the bits of math.fsum(values) / count.
WEIR_REFERENCE_ROWS sets how many (default 200,000).
"""
import json
import math
import os
import random
import sqlite3
import sys
import tempfile
import unittest
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "kafka"))
import weir  # noqa: E402
from broker import Message  # noqa: E402
from topics import TopicTest  # noqa: E402

ROW_COUNT = int(os.environ.get("WEIR_REFERENCE_ROWS", "200000"))
START_MS = 1700000000000
WINDOW_MS = 300000
QUERY = ("SELECT epoch_ms(window_start) AS ws, host, avg(v) AS a, count(*) AS n FROM {} "
         "WATERMARK FOR to_timestamp(ts, 'ms') {} WINDOW TUMBLING 5 MINUTES GROUP BY host")
REFERENCE = """
    SELECT (json_extract(j, '$.ts') / 300000) * 300000, json_extract(j, '$.host'),
           avg(json_extract(j, '$.v')), count(*)
    FROM r GROUP BY 1, 2 ORDER BY 1, 2"""


def readings(count, disorder_ms=0):
    chance = random.Random(7)
    for i in range(count):
        yield {"ts": START_MS + i * 10 - (chance.randrange(disorder_ms) if disorder_ms else 0),
               "host": f"server-{chance.randrange(100):06d}",
               "v": chance.randrange(10000) / 100}


class ReferenceTest(TopicTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.rows = list(readings(ROW_COUNT, disorder_ms=5000))
        cls.lines = [json.dumps(row, separators=(",", ":")) for row in cls.rows]
        cls.file = Path(cls.folder.name) / "in.ndjson"
        cls.file.write_text("\n".join(cls.lines) + "\n")
        cls.exact = cls.exact_answer()

    @classmethod
    def exact_answer(cls):
        groups = defaultdict(list)
        for row in cls.rows:
            groups[row["ts"] // WINDOW_MS * WINDOW_MS, row["host"]].append(row["v"])
        return [(start, host, math.fsum(values) / len(values), len(values))
                for (start, host), values in sorted(groups.items())]

    def check(self, result):
        self.assertEqual(0, result.rc, result.err)
        got = [(r["ws"], r["host"], r["a"], r["n"]) for r in result.rows()]
        self.assertEqual(len(self.exact), len(got), result.err)
        self.assertEqual(self.exact, got)

    def test_reference_agrees_with_sqlite(self):
        db = sqlite3.connect(":memory:")
        db.execute("CREATE TABLE r(j TEXT)")
        db.executemany("INSERT INTO r VALUES (?)", ((line,) for line in self.lines))
        answer = db.execute(REFERENCE).fetchall()
        self.assertEqual([(s, h, n) for s, h, _, n in self.exact],
                         [(s, h, n) for s, h, _, n in answer])
        for mine, theirs in zip(self.exact, answer):
            self.assertAlmostEqual(mine[2], theirs[2], delta=1e-5)

    def test_file(self):
        self.check(weir.run("-c", QUERY.format(f"file('{self.file}')", "DELAY 5 SECONDS"),
                            timeout=300))

    def test_stdin(self):
        self.check(weir.run("-c", QUERY.format("stdin(format = 'json')", "DELAY 5 SECONDS"),
                            stdin=self.file.read_bytes(), timeout=300))

    def test_broker(self):
        topic = self.broker.topic("reference", partitions=2)
        self.broker.produce(topic, (Message(line, partition=i % 2)
                                    for i, line in enumerate(self.lines)), codec="lz4")
        self.check(self.run_sql(QUERY.format(f"kafka('{topic}')", "DELAY 5 SECONDS"), timeout=300))


if __name__ == "__main__":
    unittest.main()
