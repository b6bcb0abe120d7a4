"""The broker goes away in mid-query and comes back: nothing is lost, nothing counted twice."""
import unittest

from topics import TopicTest, at


class RestartTest(TopicTest):
    def check(self, end_broker):
        topic = self.topic_of([at(0, "1"), at(0.1, "2")], stem="restart")
        with self.start_sql(f"SELECT count(*) AS n, sum(v) AS s FROM kafka('{topic}') "
                            "WINDOW TUMBLING 1 MINUTE") as query:
            self.broker.produce(topic, [at(1.1, "10")])
            self.assertEqual({"n": 2, "s": 3.0}, query.next_row())
            end_broker()
            try:
                self.assertIsNone(query.process.poll(), query.err)
            finally:
                self.broker.start()
            self.broker.produce(topic, [at(1.2, "20"), at(2.1, "5")])
            self.assertEqual({"n": 2, "s": 30.0}, query.next_row(90))
            self.assertEqual(0, query.stop().rc)

    def test_clean_restart(self):
        self.check(self.broker.stop)

    def test_killed_broker(self):
        self.check(self.broker.kill)


if __name__ == "__main__":
    unittest.main()
