"""The sample query: bare floats on a topic, one average per closed window."""
import math
import random
import time
import unittest

import weir
from topics import T0_MS, TopicTest, at

SAMPLE = "SELECT avg(v) FROM kafka('{}') WINDOW TUMBLING 5 MINUTES"


class FloatsTest(TopicTest):
    def test_one_average_per_window(self):
        topic = self.topic_of([at(0, "10"), at(4.99, "20.5"), at(5, "1e2"), at(11, "-3")])
        result = self.run_sql(SAMPLE.format(topic))
        self.assertEqual([{"avg(v)": 15.25}, {"avg(v)": 100.0}, {"avg(v)": -3.0}], result.rows())

    def test_average_has_the_bits_of_fsum(self):
        chance = random.Random(1)
        values = [chance.uniform(-1, 1) * 10.0 ** chance.randint(-12, 12) for _ in range(3000)]
        topic = self.topic_of([at(i / 10000, repr(v)) for i, v in enumerate(values)])
        row, = self.run_sql(SAMPLE.format(topic)).rows()
        self.assertEqual(math.fsum(values) / len(values), row["avg(v)"])

    def test_rows_come_while_the_topic_grows(self):
        topic = self.topic_of([at(0, "1"), at(1, "2")])
        with self.start_sql(SAMPLE.format(topic)) as query:
            self.broker.produce(topic, [at(5.1, "7")])
            self.assertEqual({"avg(v)": 1.5}, query.next_row())
            self.broker.produce(topic, [at(9, "9"), at(10.1, "0")])
            self.assertEqual({"avg(v)": 8.0}, query.next_row())
            self.assertEqual(0, query.stop().rc)

    def test_undeclared_record_time_waits_one_second_more(self):
        topic = self.topic_of([at(0, "1")])
        with self.start_sql(SAMPLE.format(topic)) as query:
            self.broker.produce(topic, [at(5, "7"), at(5 + 0.9 / 60, "7")])
            time.sleep(1)
            self.assertTrue(query.lines.empty())
            self.broker.produce(topic, [at(4.99, "3"), at(5 + 1 / 60, "7")])  # 4.99 is in time
            self.assertEqual({"avg(v)": 2.0}, query.next_row())
            self.assertEqual(0, query.stop().rc)

    def test_emit_changes(self):
        topic = self.topic_of([at(0, "1")])
        with self.start_sql(f"SELECT count(*) AS n FROM kafka('{topic}') "
                            "WINDOW TUMBLING 5 MINUTES EMIT CHANGES") as query:
            self.assertEqual({"n": 1}, query.next_row())
            self.broker.produce(topic, [at(1, "2")])
            self.assertEqual({"n": 2}, query.next_row())
            self.assertEqual(0, query.stop().rc)

    def test_terminal_shows_a_table(self):
        topic = self.topic_of([at(0, "10"), at(6, "20")])
        rc, shown = weir.run_terminal("--until-eof", "-c", SAMPLE.format(topic), env=self.env())
        self.assertEqual(0, rc, shown)
        self.assertIn("avg(v)", shown)
        self.assertIn("10", shown)
        self.assertNotIn("{", shown)

    def test_messages_that_are_not_numbers_are_counted(self):
        topic = self.topic_of([at(i / 100, str(i)) for i in range(100)] + [at(2, "broken")])
        result = self.run_sql(f"SELECT count(*) AS n, sum(v) AS s FROM kafka('{topic}')")
        self.assertEqual([{"n": 100, "s": 4950.0}], result.rows())
        self.assertIn(topic, result.err)
        self.assertIn("100", result.err)  # the offset of the bad one

    def test_bad_rows_can_stop_the_query(self):
        topic = self.topic_of([at(i / 100, str(i)) for i in range(100)] + [at(2, "broken")])
        result = self.run_sql(f"SELECT count(*) FROM kafka('{topic}', on_error = 'fail')", rc=1)
        self.assertIn("100", result.err)

    def test_text_topic_is_text(self):
        topic = self.topic_of(["web-1 up", "web-2 down", "web-1 down"])
        result = self.run_sql(f"SELECT v FROM kafka('{topic}')")
        self.assertEqual(["web-1 up", "web-2 down", "web-1 down"],
                         [row["v"] for row in result.rows()])

    def test_record_time_is_the_event_time(self):
        topic = self.topic_of([at(0, "1"), at(5, "2")])
        result = self.run_sql(
            f"SELECT window_start, window_end, sum(v) AS s FROM kafka('{topic}') "
            "WINDOW TUMBLING 5 MINUTES")
        self.assertEqual(
            [{"window_start": "2025-01-01T00:00:00Z", "window_end": "2025-01-01T00:05:00Z",
              "s": 1.0},
             {"window_start": "2025-01-01T00:05:00Z", "window_end": "2025-01-01T00:10:00Z",
              "s": 2.0}], result.rows())
        self.assertEqual(1735689600000, T0_MS)

    def test_hopping(self):
        topic = self.topic_of([at(i, str(i)) for i in range(8)])
        result = self.run_sql(
            f"SELECT window_end, count(*) AS n FROM kafka('{topic}') "
            "WINDOW HOPPING 5 MINUTES ADVANCE BY 1 MINUTE")
        self.assertEqual([1, 2, 3, 4, 5, 5, 5, 5, 4, 3, 2, 1], [r["n"] for r in result.rows()])

    def test_late_rows_are_left_out_and_counted(self):
        topic = self.topic_of([at(0, "1"), at(6, "5"), at(1, "100"), at(7, "7")])
        result = self.run_sql(SAMPLE.format(topic))
        self.assertEqual([{"avg(v)": 1.0}, {"avg(v)": 6.0}], result.rows())
        self.assertRegex(result.err, r"1 late|late[: ]+1")


if __name__ == "__main__":
    unittest.main()
