"""INSERT INTO kafka(…): values, keys, record times."""
import json
import unittest

from topics import T0_MS, TopicTest, at


class SinkTest(TopicTest):
    def test_windows_into_a_topic(self):
        source = self.topic_of([at(0, '{"host":"web","v":1}'), at(1, '{"host":"web","v":2}'),
                                at(6, '{"host":"db","v":3}')])
        sink = self.broker.topic("out")
        self.run_sql(f"INSERT INTO kafka('{sink}', key = host) SELECT host, avg(v) AS load "
                     f"FROM kafka('{source}') WINDOW TUMBLING 5 MINUTES GROUP BY host")
        records = self.broker.consume(sink)
        self.assertEqual([{"host": "web", "load": 1.5}, {"host": "db", "load": 3.0}],
                         [json.loads(r.value) for r in records])
        self.assertEqual([b"web", b"db"], [r.key for r in records])
        self.assertEqual([T0_MS + 300000 - 1, T0_MS + 600000 - 1],
                         [r.timestamp_ms for r in records])

    def test_rows_pass_through_with_their_time(self):
        source = self.topic_of([at(0, "1.5"), at(1, "2.5")])
        sink = self.broker.topic("out")
        self.run_sql(f"INSERT INTO kafka('{sink}') SELECT v * 2 AS twice FROM kafka('{source}')")
        records = self.broker.consume(sink)
        self.assertEqual([{"twice": 3.0}, {"twice": 5.0}], [json.loads(r.value) for r in records])
        self.assertEqual([T0_MS, T0_MS + 60000], [r.timestamp_ms for r in records])

    def test_key_of_two_columns_is_a_json_array(self):
        sink = self.broker.topic("out")
        self.run_sql(f"INSERT INTO kafka('{sink}', key = (a, b)) SELECT 'x' AS a, 7 AS b, 1.5 AS v")
        record, = self.broker.consume(sink)
        self.assertEqual(["x", 7], json.loads(record.key))

    def test_many_rows_all_arrive(self):
        sink = self.broker.topic("out", partitions=3)
        self.run_sql(f"INSERT INTO kafka('{sink}') SELECT * FROM generate(rows = 50000)",
                     timeout=120)
        self.assertEqual(50000, len(self.broker.consume(sink)))

    def test_declared_sink_takes_columns_by_position(self):
        sink = self.broker.topic("out")
        self.run_sql(f"CREATE STREAM o (name TEXT, load DOUBLE) WITH (connector = 'kafka', "
                     f"topic = '{sink}', format = 'json'); INSERT INTO o SELECT 'web', 2.5")
        record, = self.broker.consume(sink)
        self.assertEqual({"name": "web", "load": 2.5}, json.loads(record.value))

    def test_a_table_has_its_key_and_tombstones(self):
        source = self.topic_of([at(i, f'{{"k":"{k}"}}') for i, k in enumerate("abaa")])
        sink = self.broker.topic("out")
        self.run_sql(f"SET batch_rows = 1; CREATE TABLE few (k TEXT, n BIGINT, PRIMARY KEY (k)) "
                     f"WITH (connector = 'kafka', topic = '{sink}', format = 'json'); "
                     f"INSERT INTO few SELECT k, count(*) FROM kafka('{source}', "
                     f"columns = 'k TEXT', format = 'json') GROUP BY k "
                     f"HAVING count(*) < 3 EMIT CHANGES")
        records = [(r.key, r.value and json.loads(r.value)) for r in self.broker.consume(sink)]
        self.assertEqual([(b"b", {"k": "b", "n": 1})], [r for r in records if r[0] == b"b"])
        self.assertEqual([(b"a", {"k": "a", "n": 1}), (b"a", {"k": "a", "n": 2}), (b"a", None)],
                         [r for r in records if r[0] == b"a"])

    def test_unknown_topic_is_refused(self):
        result = self.run_sql("INSERT INTO kafka('no-such-topic', create = 'no') SELECT 1 AS a",
                              rc=4)
        self.assertIn("no-such-topic", result.err)


if __name__ == "__main__":
    unittest.main()
