"""JSON messages: columns are learned or declared, groups by host, odd messages."""
import json
import unittest

from topics import TopicTest, at


def reading(minutes, host, value, **more):
    return at(minutes, json.dumps({"host": host, "v": value, **more}))


class JsonTest(TopicTest):
    def test_averages_by_host(self):
        topic = self.topic_of([reading(0, "web", 1), reading(1, "db", 5.5), reading(2, "web", 2),
                               reading(6, "db", 7)])
        result = self.run_sql(
            f"SELECT host, avg(v) AS load FROM kafka('{topic}') WINDOW TUMBLING 5 MINUTES "
            "GROUP BY host")
        self.assertEqual([{"host": "db", "load": 5.5}, {"host": "web", "load": 1.5},
                          {"host": "db", "load": 7.0}], result.rows())

    def test_star_has_columns_in_order_of_appearance(self):
        topic = self.topic_of([reading(0, "web", 1.5), reading(1, "db", 2.5, zone="a")])
        result = self.run_sql(f"SELECT * FROM kafka('{topic}')")
        self.assertEqual([{"host": "web", "v": 1.5, "zone": None},
                          {"host": "db", "v": 2.5, "zone": "a"}], result.rows())
        self.assertEqual(["host", "v", "zone"], list(result.rows()[0]))

    def test_sample_query_on_json(self):
        topic = self.topic_of([reading(0, "web", 1), reading(1, "db", 2), reading(6, "db", 3)])
        result = self.run_sql(f"SELECT avg(v) FROM kafka('{topic}') WINDOW TUMBLING 5 MINUTES")
        self.assertEqual([{"avg(v)": 1.5}, {"avg(v)": 3.0}], result.rows())

    def test_declared_stream_with_event_time(self):
        topic = self.topic_of([json.dumps({"ts": 1735689600000 + s * 1000, "host": "a", "v": s})
                               for s in (0, 30, 60, 90)])
        result = self.run_sql(
            "CREATE STREAM cpu (ts BIGINT, host TEXT, v DOUBLE, "
            "WATERMARK FOR to_timestamp(ts, 'ms') DELAY 5 SECONDS) "
            f"WITH (connector = 'kafka', topic = '{topic}', format = 'json'); "
            "SELECT window_start, sum(v) AS s FROM cpu WINDOW TUMBLING 1 MINUTE")
        self.assertEqual([{"window_start": "2025-01-01T00:00:00Z", "s": 30.0},
                          {"window_start": "2025-01-01T00:01:00Z", "s": 150.0}], result.rows())

    def test_one_bad_message_does_not_touch_its_neighbours(self):
        good = [reading(i / 100, "h", 1) for i in range(200)]
        bad = [at(1, text) for text in ('{"host":"h","v":', "[" * 100000, "\x00", "{]")]
        topic = self.topic_of(good[:100] + bad + good[100:])
        result = self.run_sql(f"SELECT count(*) AS n FROM kafka('{topic}')")
        self.assertEqual([{"n": 200}], result.rows())
        self.assertIn("4", result.err)

    def test_array_gives_several_rows(self):
        topic = self.topic_of(['[{"v":1},{"v":2}]', '{"v":3}'])
        result = self.run_sql(f"SELECT v FROM kafka('{topic}')")
        self.assertEqual([1, 2, 3], [row["v"] for row in result.rows()])

    def test_nested_path(self):
        topic = self.topic_of(['{"m":{"cpu":0.5},"tags":["a","b"]}'])
        result = self.run_sql(f"SELECT m.cpu AS c, tags[1] AS t FROM kafka('{topic}')")
        self.assertEqual([{"c": 0.5, "t": "b"}], result.rows())

    def test_columns_option(self):
        topic = self.topic_of(['{"a":1,"b":"x"}', '{"a":2}'])
        result = self.run_sql(
            f"SELECT * FROM kafka('{topic}', format = 'json', columns = 'b TEXT, a BIGINT')")
        self.assertEqual([{"b": "x", "a": 1}, {"b": None, "a": 2}], result.rows())

    def test_number_that_leaves_a_learned_bigint_stops(self):
        topic = self.topic_of([json.dumps({"n": i}) for i in range(1200)] + ['{"n":1.5}'])
        result = self.run_sql(f"SELECT sum(n) FROM kafka('{topic}')", rc=1)
        self.assertIn("CREATE STREAM", result.err)


if __name__ == "__main__":
    unittest.main()
