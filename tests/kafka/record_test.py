"""Keys, headers, times, offsets and tombstones of Kafka records."""
import unittest

from broker import Message
from topics import T0_MS, TopicTest, at


class RecordTest(TopicTest):
    def test_pseudo_columns(self):
        topic = self.topic_of([at(0, "1", key="web"), at(1, "2", partition=0)])
        result = self.run_sql(
            f"SELECT _key, _topic, _partition, _offset, _timestamp, v FROM kafka('{topic}')")
        self.assertEqual(
            [{"_key": "web", "_topic": topic, "_partition": 0, "_offset": 0,
              "_timestamp": "2025-01-01T00:00:00Z", "v": 1.0},
             {"_key": None, "_topic": topic, "_partition": 0, "_offset": 1,
              "_timestamp": "2025-01-01T00:01:00Z", "v": 2.0}], result.rows())

    def test_star_has_no_pseudo_columns(self):
        topic = self.topic_of([at(0, "1", key="web")])
        self.assertEqual([{"v": 1.0}], self.run_sql(f"SELECT * FROM kafka('{topic}')").rows())

    def test_grouping_by_key(self):
        topic = self.topic_of([at(0, "1", key="a"), at(1, "2", key="b"), at(2, "3", key="a")])
        result = self.run_sql(f"SELECT _key, sum(v) AS s FROM kafka('{topic}') "
                              "WINDOW TUMBLING 5 MINUTES GROUP BY _key")
        self.assertEqual([{"_key": "a", "s": 4.0}, {"_key": "b", "s": 2.0}], result.rows())

    def test_keys_that_are_not_text_are_bytes(self):
        topic = self.topic_of([at(0, "1", key=b"\xff\x00\x01")])
        result = self.run_sql(f"SELECT _key FROM kafka('{topic}')")
        self.assertEqual([{"_key": "/wAB"}], result.rows())

    def test_declared_key(self):
        topic = self.topic_of([at(0, '{"v":1}', key="web")])
        result = self.run_sql(
            "CREATE STREAM s (v DOUBLE, k TEXT METADATA FROM '_key') "
            f"WITH (connector = 'kafka', topic = '{topic}', format = 'json'); "
            "SELECT k, v FROM s")
        self.assertEqual([{"k": "web", "v": 1.0}], result.rows())

    def test_headers(self):
        topic = self.topic_of([at(0, "1", headers=(("trace", b"abc"), ("zone", b"eu"))),
                               at(0, "2")])
        result = self.run_sql(f"SELECT _headers->>'zone' AS zone, v FROM kafka('{topic}')")
        self.assertEqual([{"zone": "eu", "v": 1.0}, {"zone": None, "v": 2.0}], result.rows())

    def test_tombstone_is_a_row_of_nulls(self):
        topic = self.topic_of([at(0, '{"v":1}', key="a"), at(0, None, key="a"),
                               at(0, '{"v":3}', key="b")])
        result = self.run_sql(f"SELECT _key, v FROM kafka('{topic}')")
        self.assertEqual([{"_key": "a", "v": 1}, {"_key": "a", "v": None}, {"_key": "b", "v": 3}],
                         [{k: v for k, v in row.items()} for row in result.rows()])

    def test_tombstones_do_not_vote_on_the_format(self):
        topic = self.topic_of([at(0, None, key=str(i)) for i in range(50)] + [at(1, "2.5")])
        result = self.run_sql(f"SELECT count(*) AS n, avg(v) AS a FROM kafka('{topic}')")
        self.assertEqual([{"n": 51, "a": 2.5}], result.rows())

    def test_empty_messages_do_not_vote_either(self):
        topic = self.topic_of([at(0, "")] * 5 + [at(0, "4"), at(0, "5")])
        result = self.run_sql(f"SELECT avg(v) AS a FROM kafka('{topic}')")
        self.assertEqual([{"a": 4.5}], result.rows())

    def test_start_positions(self):
        topic = self.topic_of([at(i, str(i)) for i in range(10)])
        for start, first in (("earliest", 0), ("0:7", 7), ("2025-01-01T00:04:00Z", 4)):
            with self.subTest(start):
                result = self.run_sql(
                    f"SELECT min(v) AS m FROM kafka('{topic}', start = '{start}')")
                self.assertEqual([{"m": float(first)}], result.rows())

    def test_start_that_is_not_there(self):
        topic = self.topic_of([at(0, "1"), at(0, "2")])
        sql = "SELECT v FROM kafka('{}', start = '0:9', format = 'text', columns = 'v DOUBLE'{})"
        result = self.run_sql(sql.format(topic, ""), rc=1)
        for word in (topic, "partition 0", "offset 9", "0 to 2"):
            self.assertIn(word, result.err)
        result = self.run_sql(sql.format(topic, ", on_data_loss = 'skip'"))
        self.assertEqual([], result.rows())

    def test_until_end_ends_at_the_end(self):
        topic = self.topic_of([at(0, "1"), at(0, "2")])
        with self.start_sql(f"SELECT sum(v) AS s FROM kafka('{topic}', until = 'end')") as query:
            result = query.wait(20)
            self.assertEqual([{"s": 3.0}], result.rows())

    def test_limit_ends_the_query(self):
        topic = self.topic_of([at(0, str(i)) for i in range(5)])
        with self.start_sql(f"SELECT v FROM kafka('{topic}') LIMIT 2") as query:
            result = query.wait(20)
            self.assertEqual(0, result.rc)
            self.assertEqual([{"v": 0.0}, {"v": 1.0}], result.rows())

    def test_start_latest_sees_only_what_comes_after(self):
        topic = self.topic_of([at(0, "1")])
        with self.start_sql(f"SELECT v FROM kafka('{topic}', start = 'latest', "
                            "columns = 'v DOUBLE', format = 'text')") as query:
            for number in range(100):  # until the query is there
                self.broker.produce(topic, [Message(str(100 + number), timestamp_ms=T0_MS)])
                if not query.lines.empty():
                    break
            self.assertGreaterEqual(query.next_row()["v"], 100)
            self.assertEqual(0, query.stop().rc)


if __name__ == "__main__":
    unittest.main()
