"""Random windowed queries over a topic of several partitions against a naive evaluator."""
import json
import random
import re
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "windows"))
from broker import Message  # noqa: E402
from naive import Query, rows_random, seconds_text, SECOND_US  # noqa: E402
from random_test import COLUMNS, line_of, row_json  # noqa: E402
from topics import TopicTest  # noqa: E402

CASE_COUNT = 4
QUERIES_A_CASE = 4


class WindowsTest(TopicTest):
    def test_random_queries(self):
        """Lateness depends on each partition's order only, so brokers may interleave at will."""
        for seed in range(CASE_COUNT):
            chance = random.Random(seed)
            count = chance.choice([1, 3, 6])
            rows = rows_random(chance, count, chance.choice([40, 400]))
            delay_us = chance.choice([0, 0, 3]) * SECOND_US
            topic = self.topic_of([Message(line_of(row), partition=row.partition) for row in rows],
                                  partitions=count + seed % 2)
            for _ in range(QUERIES_A_CASE):
                query = Query(chance)
                sql = query.sql(f"kafka('{topic}', format = 'json', columns = '{COLUMNS}') "
                                f"WATERMARK FOR ts DELAY {seconds_text(delay_us)}")
                with self.subTest(seed=seed, sql=sql):
                    result = self.run_sql(sql, "-D", f"lanes={chance.choice([1, 2, 4])}", "-D",
                                          f"batch_rows={chance.choice([1, 3, 50, 100000])}")
                    wanted = [row_json(row) for row in query.rows(rows, delay_us)]
                    self.assertEqual(wanted, [list(row.values()) for row in result.rows()])
                    late = re.search(r"([\d,]+) late row", result.err)
                    self.assertEqual(query.late_count, int(late.group(1)) if late else 0)

    def test_future_rows_move_no_watermark_when_read_to_the_end(self):
        now_ms = int(time.time() * 1000)
        ahead_ms = (-600_000, 86_400_000, -300_000, -60_000)
        topic = self.topic_of([json.dumps({"ts": now_ms + ms}) for ms in ahead_ms])
        result = self.run_sql(f"SELECT count(*) AS n FROM kafka('{topic}') "
                              "WATERMARK FOR to_timestamp(ts, 'ms') WINDOW TUMBLING 1 SECOND")
        self.assertEqual([{"n": 1}] * 4, result.rows(), result.err)


if __name__ == "__main__":
    unittest.main()
