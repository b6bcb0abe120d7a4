"""Several partitions: order, idle and empty ones, ones that are added while the query runs."""
import time
import unittest

from topics import TopicTest, at

WINDOWED = ("SELECT window_start, count(*) AS n, sum(v) AS s FROM kafka('{}'{}) "
            "WINDOW TUMBLING 1 MINUTE")


class PartitionsTest(TopicTest):
    def test_lateness_is_of_the_own_partition(self):
        # Partition 1 is far behind partition 0; nothing in it is late.
        ahead = [at(i, "1", partition=0) for i in range(100)]
        behind = [at(i / 10, "1", partition=1) for i in range(100)]
        topic = self.topic_of(ahead + behind, partitions=2)
        result = self.run_sql(WINDOWED.format(topic, ""))
        self.assertEqual(200, sum(row["n"] for row in result.rows()))
        self.assertEqual([11] * 10, [row["n"] for row in result.rows()][:10])

    def test_four_partitions_give_what_one_gives(self):
        def messages(count):
            return [at(i / 7, str(i % 13), partition=i % count) for i in range(2000)]
        one = self.run_sql(WINDOWED.format(self.topic_of(messages(1)), ""))
        four = self.run_sql(WINDOWED.format(self.topic_of(messages(4), partitions=4), ""))
        self.assertEqual(one.rows(), four.rows())

    def test_empty_partition_does_not_stall(self):
        topic = self.topic_of([at(0, "1", partition=0), at(1.5, "1", partition=0)], partitions=3)
        with self.start_sql(WINDOWED.format(topic, "")) as query:
            self.assertEqual(1, query.next_row(20)["n"])
            self.assertEqual(0, query.stop().rc)

    def test_idle_partition_is_left_out_after_its_timeout(self):
        topic = self.topic_of([at(0, "1", partition=0), at(0, "1", partition=1)], partitions=2)
        with self.start_sql("SET idle_timeout = '2 s'; " + WINDOWED.format(topic, "")) as query:
            for minute in range(1, 4):
                self.broker.produce(topic, [at(minute + 0.5, "1", partition=0)])
            self.assertEqual(2, query.next_row(30)["n"])
            self.assertEqual(0, query.stop().rc)

    def test_silence_while_the_broker_is_away_does_not_count(self):
        def both(minute):
            return [at(minute, "1", partition=0), at(minute, "1", partition=1)]
        topic = self.topic_of(both(0), partitions=2)
        with self.start_sql("SET idle_timeout = '20 s'; " + WINDOWED.format(topic, "")) as query:
            self.broker.produce(topic, both(1.5))
            self.assertEqual(2, query.next_row(30)["n"])
            self.broker.kill()
            time.sleep(20)
            self.broker.start()
            # The one partition is read before anything lies in the other.
            self.broker.produce(topic, [at(minute, "1", partition=0) for minute in (2.5, 4.5)])
            time.sleep(2)
            self.broker.produce(topic, [at(minute, "1", partition=1) for minute in (1.6, 4.5)])
            self.assertEqual([3, 1], [query.next_row(30)["n"] for _ in range(2)])
            self.assertEqual(0, query.stop().rc)

    def test_last_window_closes_when_all_are_idle(self):
        topic = self.topic_of([at(0, "1"), at(0.5, "2")])
        with self.start_sql(WINDOWED.format(topic, ", idle_timeout = '1 s'")) as query:
            self.assertEqual({"window_start": "2025-01-01T00:00:00Z", "n": 2, "s": 3.0},
                             query.next_row(30))
            self.assertEqual(0, query.stop().rc)

    def test_added_partition_is_found_and_read_from_its_start(self):
        topic = self.topic_of([at(0, "1")])
        with self.start_sql(f"SELECT v, _partition FROM kafka('{topic}')") as query:
            self.assertEqual({"v": 1.0, "_partition": 0}, query.next_row())
            self.broker.grow(topic, 2)
            self.broker.produce(topic, [at(0, "2", partition=1), at(0, "3", partition=1)])
            self.assertEqual({"v": 2.0, "_partition": 1}, query.next_row(75))
            self.assertEqual({"v": 3.0, "_partition": 1}, query.next_row())
            self.assertEqual(0, query.stop().rc)

    def test_future_row_closes_no_window(self):
        far = 60 * 24 * 365 * 50  # minutes: fifty years on
        topic = self.topic_of([at(0, "1")])
        with self.start_sql(WINDOWED.format(topic, "")) as query:
            self.broker.produce(topic, [at(far, "9"), at(0.5, "2"), at(1.5, "4")])
            self.assertEqual({"window_start": "2025-01-01T00:00:00Z", "n": 2, "s": 3.0},
                             query.next_row(30))
            self.assertEqual(0, query.stop().rc)


if __name__ == "__main__":
    unittest.main()
