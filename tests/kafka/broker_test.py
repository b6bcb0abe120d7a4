"""The fixture itself: what is produced comes back field by field, also after a restart."""
import unittest

from broker import Message, shared


class BrokerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = shared()

    def test_fields_come_back(self):
        topic = self.broker.topic("fields", partitions=2)
        self.broker.produce(topic, [
            Message("1.5", partition=0, timestamp_ms=1000),
            Message("tab\there \\ line\nend\0", key="k", partition=1, timestamp_ms=2000,
                    headers=(("trace", b"a\tb"), ("empty", b""))),
            Message(None, key="k", partition=1, timestamp_ms=3000)])
        first, second, third = self.broker.consume(topic)
        self.assertEqual((0, 0, 1000, None, (), b"1.5"), first)
        self.assertEqual((1, 0, 2000, b"k", (("trace", b"a\tb"), ("empty", b"")),
                          b"tab\there \\ line\nend\0"), second)
        self.assertEqual((1, 1, 3000, b"k", (), None), third)

    def test_codecs(self):
        for codec in ("gzip", "snappy", "lz4", "zstd"):
            with self.subTest(codec):
                topic = self.broker.topic(codec)
                self.broker.produce(topic, ["same text"] * 100, codec=codec)
                self.assertEqual([b"same text"] * 100,
                                 [r.value for r in self.broker.consume(topic)])

    def test_topic_grows(self):
        topic = self.broker.topic("grow")
        self.broker.grow(topic, 3)
        self.broker.produce(topic, [Message("x", partition=2)])
        self.assertEqual([2], [r.partition for r in self.broker.consume(topic)])

    def test_restart_keeps_data_and_port(self):
        topic = self.broker.topic("restart")
        self.broker.produce(topic, ["before"])
        self.broker.stop()
        self.broker.start()
        self.broker.produce(topic, ["after"])
        self.assertEqual([b"before", b"after"], [r.value for r in self.broker.consume(topic)])


if __name__ == "__main__":
    unittest.main()
