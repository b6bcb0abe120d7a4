"""Jobs from Kafka to Kafka that are killed while a producer writes: nothing lost, nothing twice.

    WEIR_TORTURE=100 python3 tests/run.py tests/kafka/exactly_once_test.py       so many kills
    WEIR_SEED=7                                                          another series

Four jobs share the kills. Each eighth kill the broker is killed, too, and comes back. Meanwhile
somebody reads what is committed: it may only grow.
"""
import itertools
import json
import os
import random
import signal
import subprocess
import tempfile
import threading
import time
import unittest
from typing import NamedTuple

import jobs
import weir
from broker import Message
from topics import T0_MS, TopicTest

KILLS = int(os.environ.get("WEIR_TORTURE", "12"))
SEED = int(os.environ.get("WEIR_SEED", "1"))
PARTITIONS = 2
CHUNK = 400  # records for each partition at once
STEP_MS = 50  # of event time between two records of a partition
POINTS = ("kafka.begin", "kafka.produced", "kafka.offsets", "kafka.committed", "deliver.after")

STREAM = """CREATE STREAM events (host TEXT, v DOUBLE, ts BIGINT,
    WATERMARK FOR to_timestamp(ts, 'ms'))
WITH (connector = 'kafka', topic = '{topic}');
"""
QUERY = """SELECT window_start, host, count(*) AS n, sum(v) AS total
FROM events WINDOW TUMBLING 5 SECONDS WHERE host <> 'end' GROUP BY host;
"""
PASSED = "SELECT host, v, ts FROM events WHERE v > 90 AND host <> 'end';\n"
TOTALS = "SELECT host, count(*) AS n, sum(v) AS total FROM events WHERE host <> 'end' GROUP BY host"
# More groups than memory: panes are spilled.
HOPS = "SELECT window_start, host, v, count(*) AS n FROM events WINDOW HOPPING 100 SECONDS " \
       "ADVANCE BY 50 SECONDS WHERE host <> 'end' GROUP BY host, v;\n"
SETTINGS = "SET checkpoint_interval = '50 ms';\n"


class Producer(threading.Thread):
    """Writes chunks until it is told to stop, then what closes all windows."""

    def __init__(self, broker, topic):
        super().__init__(daemon=True)
        self.broker, self.topic = broker, topic
        self.rng, self.stopped, self.count, self.failure = random.Random(SEED), False, 0, None

    def chunk(self, first):
        for i in range(first, first + CHUNK):
            for partition in range(PARTITIONS):
                yield Message(json.dumps({"host": f"h{self.rng.randrange(9)}",
                                          "v": round(self.rng.uniform(0, 100), 6),
                                          "ts": T0_MS + i * STEP_MS}), partition=partition)

    def run(self):
        try:
            while not self.stopped:
                self.broker.produce(self.topic, self.chunk(self.count))
                self.count += CHUNK
                time.sleep(0.2)
            end = json.dumps({"host": "end", "v": 0, "ts": T0_MS + 10 ** 9})
            self.broker.produce(self.topic, [Message(end, partition=partition)
                                             for partition in range(PARTITIONS)])
        except Exception as failure:  # told by the test's thread
            self.failure = failure


class JobTest(TopicTest):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.bench = jobs.Bench(directory.name)
        self.bench.env.update(self.env())


class Reader(threading.Thread):
    """Reads committed records again and again: what was seen once stays, in its place."""

    def __init__(self, broker, topics):
        super().__init__(daemon=True)
        self.broker, self.seen = broker, {topic: [] for topic in topics}
        self.stopped, self.reads, self.failure = False, 0, None

    def read(self, topic):
        try:
            records = self.broker.consume(topic)
        except (RuntimeError, subprocess.TimeoutExpired):
            return  # the broker is away
        before, self.reads = self.seen[topic], self.reads + 1
        lost = set(before) - set(records)
        ends = {}
        for record in before:
            ends[record.partition] = record.offset
        late = [record for record in set(records) - set(before)
                if record.offset <= ends.get(record.partition, -1)]
        if lost or late:
            raise AssertionError(f"{topic}: lost {list(lost)[:3]}, came late {late[:3]}")
        self.seen[topic] = records

    def run(self):
        try:
            while not self.stopped:
                for topic in self.seen:
                    self.read(topic)
                time.sleep(0.3)
        except Exception as failure:  # told by the test's thread
            self.failure = failure


class Target(NamedTuple):
    """A topic, what is written into it, and whether records of a key replace each other."""
    topic: str
    query: str
    is_table: bool = False


class KillTest(JobTest):
    def kill_with_broker(self, rng):
        """The broker goes away under a job, which is killed before it is back or a little later."""
        with self.bench.start("job.sql") as job:
            time.sleep(rng.uniform(0.2, 2))
            self.broker.kill()
            if rng.random() < 0.5:
                job.process.send_signal(signal.SIGKILL)
            self.broker.start()
            time.sleep(rng.uniform(0, 2))
            job.process.send_signal(signal.SIGKILL)
            rc = job.process.wait(30)
            self.assertIn(rc, (-signal.SIGKILL, 4), job.err)  # 4: it had not started yet

    def kill_one(self, rng, kill):
        """One run of the job that ends by SIGKILL: at a random time, or at a point of the code."""
        if kill % 8 == 7:
            self.kill_with_broker(rng)
            return
        at_point = kill % 2 == 1
        fault = {"WEIR_FAULT": f"{rng.choice(POINTS)}:{rng.randrange(1, 5)}"} if at_point else {}
        with self.bench.start("job.sql", env=fault) as job:
            try:
                job.process.wait(20 if at_point else rng.uniform(0.3, 2.5))
            except subprocess.TimeoutExpired:
                job.process.send_signal(signal.SIGKILL)
            self.assertEqual(-signal.SIGKILL, job.process.wait(30), f"{fault} {job.err}")

    def batch(self, source, query):
        """What one undisturbed evaluation gives."""
        result = self.run_sql(STREAM.format(topic=source) + query, "-o", "jsonl")
        return sorted(json.dumps(row, sort_keys=True) for row in result.rows())

    def written(self, topic, is_table=False):
        """Committed records, of a table the last of each key; the key is checked on the way."""
        rows = {}
        for number, record in enumerate(self.broker.consume(topic)):
            row = json.loads(record.value)
            self.assertEqual(row["host"].encode(), record.key)
            rows[record.key if is_table else number] = json.dumps(row, sort_keys=True)
        return sorted(rows.values())

    def wait_written(self, job, wanted, timeout=90):
        """Until all rows are there that should be, and a moment longer for more to come."""
        end = time.monotonic() + timeout
        while time.monotonic() < end and job.process.poll() is None:
            if all(self.written(target.topic, target.is_table) == rows
                   for target, rows in wanted.items()):
                break
            time.sleep(0.3)
        time.sleep(0.5)

    def finish(self, source, targets):
        """A last run, which is not killed; then topics and batch evaluation are compared."""
        wanted = {target: self.batch(source, target.query) for target in targets}
        with self.bench.start("job.sql") as job:
            self.wait_written(job, wanted)
            job.process.send_signal(signal.SIGTERM)
            self.assertEqual(0, job.process.wait(60), job.err)
        for target, rows in wanted.items():
            self.assertGreater(len(rows), 8)
            self.assertEqual(rows, self.written(target.topic, target.is_table))

    def torture(self, queries, settings=""):
        """One INSERT for each query, into a topic of its own. A table is (query, its INSERT's)."""
        rng = random.Random(SEED)
        source = self.broker.topic("in", partitions=PARTITIONS)
        script, targets = SETTINGS + settings + STREAM.format(topic=source), []
        for query, emit in queries:
            target = Target(self.broker.topic("out", partitions=2), query, bool(emit))
            script += f"INSERT INTO kafka('{target.topic}', key = host) " \
                + query.rstrip(";\n") + f"{emit};\n"
            targets.append(target)
        self.bench.script("job.sql", script)
        producer = Producer(self.broker, source)
        reader = Reader(self.broker, [target.topic for target in targets])
        producer.start()
        reader.start()
        kills = max(2, KILLS // 4)
        for kill in range(kills):
            self.kill_one(rng, kill)
        producer.stopped = True
        producer.join()
        self.assertIsNone(producer.failure)
        self.finish(source, targets)
        reader.stopped = True
        reader.join()
        self.assertIsNone(reader.failure)
        self.assertGreater(reader.reads, 0)
        print(f"{kills} kills, {producer.count * PARTITIONS} records, {reader.reads} reads ...",
              end=" ", flush=True)

    def test_windows_and_rows_killed_while_a_producer_writes(self):
        self.torture([(QUERY, ""), (PASSED, "")])

    def test_rows_without_state_killed_while_a_producer_writes(self):
        self.torture([(PASSED, "")])

    def test_table_killed_while_a_producer_writes(self):
        self.torture([(TOTALS, " EMIT CHANGES")], "SET allow_unbounded_state = on;\n")

    def test_spilled_hops_killed_while_a_producer_writes(self):
        self.torture([(HOPS, "")], "SET memory_limit = '1 MB';\n")

    def wait_first(self, job, topic):
        end = time.monotonic() + 90
        while time.monotonic() < end and job.process.poll() is None \
                and not self.broker.consume(topic):
            time.sleep(0.3)

    def test_broker_is_killed_under_a_job(self):
        source = self.broker.topic("in", partitions=PARTITIONS)
        target = self.broker.topic("out", partitions=2)
        self.bench.script("job.sql", SETTINGS + STREAM.format(topic=source)
                          + f"INSERT INTO kafka('{target}', key = host) {QUERY}")
        producer = Producer(self.broker, source)
        with self.bench.start("job.sql") as job:
            for first in range(0, 3 * CHUNK, CHUNK):
                self.broker.produce(source, producer.chunk(first))
                if first == 0:  # it may not start without a broker
                    self.wait_first(job, target)
                self.broker.kill()
                self.broker.start()
            producer.count, producer.stopped = 3 * CHUNK, True
            producer.run()
            self.assertIsNone(producer.failure)
            rows = self.batch(source, QUERY)
            self.wait_written(job, {Target(target, QUERY): rows})
            job.process.send_signal(signal.SIGTERM)
            self.assertEqual(0, job.process.wait(30), job.err)
        self.assertEqual(rows, self.written(target), job.err)


class ResumeTest(JobTest):
    """One row out for each row in: what a job takes up, and what it refuses."""

    def setUp(self):
        super().setUp()
        self.numbers = itertools.count(1)
        self.sent = []

    def messages(self, count, is_sent=True):
        numbers = [next(self.numbers) for _ in range(count)]
        self.sent += numbers if is_sent else []
        return [json.dumps({"host": "a", "v": number, "ts": T0_MS}) for number in numbers]

    def run_job(self, source, target, want, options=""):
        """Until `want` rows are there: exit code and stderr."""
        stream = STREAM.format(topic=source).replace("');", f"'{options});")
        self.bench.script("job.sql", SETTINGS + stream
                          + f"INSERT INTO kafka('{target}', key = host) SELECT host, v FROM events")
        with self.bench.start("job.sql") as job:
            end = time.monotonic() + 30
            while job.process.poll() is None and time.monotonic() < end \
                    and len(self.broker.consume(target)) < want:
                time.sleep(0.1)
            time.sleep(0.3)
            job.process.send_signal(signal.SIGTERM)
            return job.process.wait(30), job.err

    def check(self, source, target, options=""):
        rc, err = self.run_job(source, target, len(self.sent), options)
        self.assertEqual(0, rc, err)
        found = [int(json.loads(record.value)["v"]) for record in self.broker.consume(target)]
        self.assertEqual(self.sent, found)

    def topics(self):
        return self.broker.topic("in"), self.broker.topic("out")

    def test_transactions_and_aborted_records_between_runs(self):
        source, target = self.topics()
        for commits in (True, False, True, False, False, True):
            self.broker.transact(source, self.messages(3, commits), commits)
            self.check(source, target)
        self.broker.produce(source, self.messages(2))
        self.check(source, target)

    def test_expired_records(self):
        source, target = self.topics()
        self.broker.produce(source, self.messages(5))
        self.check(source, target)
        self.broker.produce(source, self.messages(5, is_sent=False) + self.messages(5))
        self.broker.expire(source, 0, 10)
        rc, err = self.run_job(source, target, 10)
        self.assertEqual(1, rc, err)
        self.assertIn("E0705", err)
        self.assertIn("wanted: offset 5; available: 10 to 15", err)
        self.check(source, target, ", on_data_loss = 'skip'")

    def test_all_that_was_read_has_expired(self):
        source, target = self.topics()
        self.broker.produce(source, self.messages(5))
        self.check(source, target)
        self.broker.produce(source, self.messages(5))
        self.broker.expire(source, 0, 5)
        self.check(source, target)

    def test_new_partitions_are_read_from_their_first_record(self):
        source, target = self.topics()
        self.broker.produce(source, self.messages(5))
        self.check(source, target)
        self.broker.grow(source, 2)
        self.broker.produce(source, [Message(text, partition=1) for text in self.messages(5)])
        self.check(source, target)

    def test_topic_that_was_made_anew(self):
        """Shorter than what was read; then longer, when only the last record tells."""
        source, target = self.topics()
        self.broker.produce(source, self.messages(5))
        self.check(source, target)
        self.remake(source, self.messages(3))
        rc, err = self.run_job(source, target, 8)
        self.assertEqual(1, rc, err)
        self.assertIn("E0705", err)
        self.assertIn("wanted: offset 5; available: 0 to 3", err)
        self.remake(source, self.messages(9))
        rc, err = self.run_job(source, target, 9)
        self.assertEqual(5, rc, err)
        self.assertIn("E0911", err)
        self.assertEqual(5, len(self.broker.consume(target)))

    def remake(self, topic, messages):
        self.broker.delete(topic)
        time.sleep(1)
        self.broker.create(topic)
        self.broker.produce(topic, messages)


if __name__ == "__main__":
    weir.require_binary()
    unittest.main()
