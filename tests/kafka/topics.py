"""What the broker tests share: a base class with the broker, event times, the query runner."""
import unittest

import weir
from broker import Message, shared

T0_MS = 1735689600000  # 2025-01-01T00:00:00Z, the start of a 5-minute window
SECOND_MS = 1000
MINUTE_MS = 60 * SECOND_MS


def at(minutes, value, **fields):
    """A message `minutes` after T0."""
    return Message(value, timestamp_ms=T0_MS + round(minutes * MINUTE_MS), **fields)


class TopicTest(unittest.TestCase):
    """self.broker is up; self.run_sql runs to the end of the topics, self.start_sql goes on."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        weir.require_binary()
        cls.broker = shared()

    def env(self):
        return {"WEIR_KAFKA_BROKERS": self.broker.address}

    def topic_of(self, messages, stem="t", partitions=1, codec="none"):
        topic = self.broker.topic(stem, partitions=partitions)
        self.broker.produce(topic, messages, codec=codec)
        return topic

    def run_sql(self, sql, *options, rc=0, timeout=60):
        """Runs with --until-eof and checks the exit code; returns the Result."""
        result = weir.run("--until-eof", *options, "-c", sql, env=self.env(), timeout=timeout)
        self.assertEqual(rc, result.rc, result.err)
        return result

    def start_sql(self, sql, *options):
        """Starts a query that follows its topics; use it as a context."""
        return weir.start(*options, "-c", sql, env=self.env())
