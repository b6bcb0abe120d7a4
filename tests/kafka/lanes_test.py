"""One lane or several: the same rows, bad rows and late rows from a topic that nobody declared."""
import json
import random
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from broker import Message  # noqa: E402
from topics import TopicTest  # noqa: E402

COUNT, PARTITIONS = 30_000, 3


def message_of(chance, i):
    """Disorder of up to 40 s, now and then a row that is bad or far too late."""
    ts = 1_700_000_000_000 + 100 * i - chance.randrange(40_000) - (600_000 if i % 97 == 0 else 0)
    value = json.dumps({"ts": ts, "host": f"h{chance.randrange(40)}", "v": chance.random() * 1e6})
    return Message("{" if i % 501 == 500 else value, partition=chance.randrange(PARTITIONS))


class LanesTest(TopicTest):
    def run_with(self, sql, lanes, batch_bytes):
        result = self.run_sql(sql, "-D", f"lanes={lanes}", "-D", f"batch_bytes={batch_bytes}")
        counts = re.findall(r"[\d,]+ (?:late|bad) rows?", result.err)
        return result.rows(), counts

    def test_same_results(self):
        chance = random.Random(5)
        topic = self.topic_of([message_of(chance, i) for i in range(COUNT)],
                              partitions=PARTITIONS)
        sql = ("SELECT window_start, host, count(*), sum(v), min(v), stddev_pop(v) "
               f"FROM kafka('{topic}') WATERMARK FOR to_timestamp(ts, 'ms') DELAY 20 SECONDS "
               "WINDOW TUMBLING 1 MINUTE GROUP BY host")
        one = self.run_with(sql, 1, 0)
        self.assertGreater(len(one[0]), 1000)
        self.assertEqual(2, len(one[1]), one[1])
        for lanes, batch_bytes in ((2, 0), (2, 2000), (3, 20_000), (4, 5000)):
            with self.subTest(lanes=lanes, batch_bytes=batch_bytes):
                self.assertEqual(one, self.run_with(sql, lanes, batch_bytes))


if __name__ == "__main__":
    unittest.main()
