"""What does not work says so in time: no broker, no topic, an empty topic, refused options."""
import time
import unittest

import weir
from broker import free_ports
from topics import TopicTest, at


class ErrorsTest(TopicTest):
    def test_no_broker_at_the_address(self):
        port, = free_ports(1)
        started = time.monotonic()
        result = weir.run("-c", "SELECT avg(v) FROM kafka('t') WINDOW TUMBLING 5 MINUTES",
                          env={"WEIR_KAFKA_BROKERS": f"127.0.0.1:{port}"}, timeout=30)
        self.assertEqual(4, result.rc, result.err)
        self.assertIn(str(port), result.err)
        self.assertLess(time.monotonic() - started, 10)

    def test_no_broker_for_a_sink(self):
        port, = free_ports(1)
        result = weir.run("-c", f"INSERT INTO kafka('t', brokers = '127.0.0.1:{port}') SELECT 1",
                          timeout=30)
        self.assertEqual(4, result.rc, result.err)

    def test_unknown_topic(self):
        result = self.run_sql("SELECT * FROM kafka('no-such-topic')", rc=4)
        self.assertIn("E0702", result.err)
        self.assertIn("no-such-topic", result.err)

    def test_empty_topic_waits_and_says_so(self):
        topic = self.broker.topic("empty")
        with self.start_sql(f"SELECT v FROM kafka('{topic}')") as query:
            query.wait_err("waiting for first messages", 10)
            self.broker.produce(topic, [at(0, "4.5")])
            self.assertEqual({"v": 4.5}, query.next_row())
            self.assertEqual(0, query.stop().rc)

    def test_refused_options(self):
        for name, value in (("plugin.library.paths", "x.so"), ("debug", "all"),
                            ("ssl.engine.location", "x"), ("sasl.kerberos.kinit.cmd", "id"),
                            ("test.mock.num.brokers", "3"), ("enable.auto.commit", "true")):
            with self.subTest(name):
                result = weir.run("-c", f"SELECT * FROM kafka('t', \"{name}\" = '{value}')",
                                  env=self.env(), timeout=30)
                self.assertEqual(3, result.rc, result.err)
                self.assertIn(name, result.err)

    def test_interrupt_ends_cleanly(self):
        topic = self.topic_of([at(0, "1")])
        with self.start_sql(f"SELECT v FROM kafka('{topic}')") as query:
            query.next_row()
            self.assertEqual(0, query.stop(20).rc)

    def test_large_message(self):
        topic = self.topic_of([at(0, "1"), at(0, '{"v":"' + "x" * 20_000_000 + '"}'),
                               at(0, "2"), *[at(0, "3")] * 20])
        result = self.run_sql(f"SELECT count(v) AS n FROM kafka('{topic}')", timeout=120)
        self.assertEqual([{"n": 22}], result.rows())


if __name__ == "__main__":
    unittest.main()
