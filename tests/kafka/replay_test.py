"""Dead letters of a job on Kafka: what is kept of a record, and that replaying counts it once.

The source has bad records of several kinds in three partitions, with and without keys, headers and
times, between good ones and tombstones. The job is mended, its letters are marked, and the run that
reads them again is killed at one point of the code after another: topics, file and database have
then what one batch evaluation of the mended text gives.

    WEIR_TORTURE=1 python3 tests/run.py tests/kafka/replay_test.py       at every point, not at four
    WEIR_SEED=7                                                          four others
"""
import base64
import collections
import contextlib
import datetime
import json
import os
import random
import signal
import sqlite3
import tempfile
import unittest

import jobs
import weir
from broker import Message
from topics import T0_MS, TopicTest

PARTITIONS = 3
COUNT = 1500  # records for each partition
FAULTS = ("mark.before:1", "seal.after:1", "commit.before:2", "commit.middle:1", "commit.after:1",
          "commit.after:2", "deliver.after:2", "file.before_write:1", "file.after_sync:1",
          "sqlite.before_commit:1", "sqlite.after_commit:1", "kafka.begin:1", "kafka.produced:1",
          "kafka.offsets:1", "kafka.committed:1", "kafka.committed:2")
SEED = int(os.environ.get("WEIR_SEED", "1"))
CHOSEN = FAULTS if "WEIR_TORTURE" in os.environ else random.Random(SEED).sample(FAULTS, 4)

STREAMS = """SET checkpoint_interval = '5 ms';
CREATE STREAM plain (ts BIGINT, host TEXT, w TEXT) WITH (connector = 'kafka', topic = '{source}',
    format = 'json');
CREATE STREAM timed (ts BIGINT, host TEXT, v DOUBLE,
    WATERMARK FOR to_timestamp(ts, 'ms') DELAY {delay})
WITH (connector = 'kafka', topic = '{source}', format = 'json'{more});
"""
PASSED = "SELECT _key, _partition AS p, _offset AS o, _timestamp AS t, ts, CAST({v} AS DOUBLE) " \
         "AS v FROM plain"
COUNTED = "SELECT window_start, host, count(*) AS n, sum(v) AS total FROM timed " \
          "WINDOW TUMBLING 1 MINUTE GROUP BY host"


def bad_value(i, ts):
    """What stands in the place of the i-th record; None: the record is good."""
    return {17: '{"ts": %d, "v":' % ts,
            37: b'{"ts": %d, "host": "\xff", "v": 1, "w": "1"}' % ts,
            57: '{"ts": 9223372036854775808, "host": "h", "v": 1, "w": "1"}',
            77: '{"host": "no time", "v": 1, "w": "1"}'}.get(i % 100)


def mixed(partition):
    """Three of ten have a value that is no number; others are bad in ways that nothing mends."""
    for i in range(COUNT):
        ts = T0_MS + i * 100
        is_bad, is_gone = i % 10 in (3, 4, 6), i % 100 == 97
        good = json.dumps({"ts": ts, "host": f"h{i % 5}", "v": "n/a" if is_bad else i,
                           "w": "n/a" if is_bad else str(i)})
        key = b"\xff\x00" if i % 100 == 43 else (None, b"", "host-1")[i % 3]
        yield Message(None if is_gone else bad_value(i, ts) or good, key="gone" if is_gone else key,
                      partition=partition, timestamp_ms=ts, headers=(("trace", b"%d" % i),))


class ReplayTest(TopicTest):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.bench = jobs.Bench(directory.name)
        self.bench.env.update(self.env())

    def text(self, inserts, mended, delay="1 DAY"):
        """Mended, the job takes 'n/a' for NULL."""
        streams = STREAMS.format(source=self.source, delay=delay,
                                 more=", on_error = 'null'" if mended else "")
        return streams + "".join(f"{insert};\n" for insert in inserts)

    def job(self, inserts, mended, **named):
        self.bench.script("j.sql", self.text(inserts, mended, **named))

    def passed(self, mended):
        return PASSED.format(v="NULLIF(w, 'n/a')" if mended else "w")

    def inserts(self, mended):
        """The same rows into each kind of sink, and windows."""
        return [f"INSERT INTO {sink} {self.passed(mended)}" for sink in (
            f"kafka('{self.out}', key = _key)", "file('rows.jsonl')", "sqlite('rows.db', 'rows')")
        ] + [f"INSERT INTO kafka('{self.windows}', key = host) {COUNTED}"]

    def run_job(self, *options, rc=0, env=None):
        result = self.bench.run("j.sql", "--until-eof", *options, env=env)
        self.assertEqual(rc, result.rc, result.err)
        return result

    def select(self, sql):
        result = self.bench.weir("-X", "-o", "jsonl", "-c", sql, stdin=None)
        self.assertEqual(0, result.rc, result.err)
        return result.rows()

    def letters(self):
        return self.select("SELECT * FROM weir_dead_letters('j')")

    def replay(self, where=""):
        row = self.select("REPLAY DEAD LETTERS j " + where)[0]
        return int(row["marked"]), int(row["left"])

    def stats(self):
        return self.select("SELECT stats FROM weir_jobs('j')")[0]["stats"]

    def batch(self, query, **named):
        result = self.run_sql(self.text([query], True, **named), "-o", "jsonl")
        return self.sorted(result.rows())

    @staticmethod
    def sorted(rows):
        return sorted(json.dumps(row, sort_keys=True) for row in rows)

    def committed(self, topic):
        return self.sorted(json.loads(record.value) for record in self.broker.consume(topic))

    def set_up_topics(self, messages, partitions=PARTITIONS):
        self.bench.forget("rows.jsonl", "rows.db")
        self.source = self.broker.topic("in", partitions=partitions)
        self.out, self.windows = (self.broker.topic(stem, partitions=2)
                                  for stem in ("out", "windows"))
        self.broker.produce(self.source, messages)

    def check_letters(self, letters):
        """A letter has the bytes, key, place and time of its record."""
        records = {(str(record.partition), record.offset): record
                   for record in self.broker.consume(self.source)}
        for letter in letters:
            record = records[letter["partition"], letter["offset"]]
            self.assertEqual(record.value, base64.b64decode(letter["record_bytes"]))
            key = letter["key_bytes"]
            self.assertEqual(record.key, None if key is None else base64.b64decode(key))
            at = datetime.datetime.fromisoformat(letter["record_time"].replace("Z", "+00:00"))
            self.assertEqual(record.timestamp_ms, round(at.timestamp() * 1000))

    def check_sinks(self):
        rows = self.batch(self.passed(True))
        self.assertEqual(rows, self.committed(self.out))
        self.assertEqual(rows, self.sorted(self.bench.rows("rows.jsonl")))
        with contextlib.closing(sqlite3.connect(self.bench.path("rows.db"))) as database:
            found = sorted(database.execute("SELECT p, o, v FROM rows"))
        self.assertEqual(sorted((row["p"], row["o"], row["v"]) for row in map(json.loads, rows)),
                         found)
        self.assertEqual(self.batch(COUNTED), self.committed(self.windows))

    def test_each_counts_once_whatever_is_killed(self):
        for fault in CHOSEN:
            with self.subTest(fault):
                self.set_up_topics(message for partition in range(PARTITIONS)
                                   for message in mixed(partition))
                self.job(self.inserts(False), False)
                self.run_job()
                letters = self.letters()
                self.check_letters(letters)
                self.assertEqual((len(letters), 0), self.replay())
                self.job(self.inserts(True), True)
                killed = self.bench.run("j.sql", "--until-eof", env={"WEIR_FAULT": fault})
                self.assertEqual(-signal.SIGKILL, killed.rc, killed.err)
                self.run_job("--drain")
                self.check_sinks()
                self.check_what_is_left()

    def check_what_is_left(self):
        """The same letters again, but for those that are mended."""
        letters = self.letters()
        self.check_letters(letters)
        kinds = collections.Counter(letter["reason"] for letter in letters)
        each = PARTITIONS * COUNT // 100 * 3  # one of a hundred, for three readers
        self.assertEqual({"not valid for the format": each, "value out of range": each,
                          "invalid UTF-8": 2 * each}, kinds)
        self.assertEqual({False}, {letter["replay"] for letter in letters})

    def test_windows_stay_open_until_the_last_page_is_read(self):
        """All records were bad, so that no partition had a first row: all of them are idle."""
        self.set_up_topics([Message(json.dumps({"ts": T0_MS + i, "host": "a", "v": "n/a"}),
                                    partition=i % PARTITIONS) for i in range(3 * COUNT)])
        inserts = [f"INSERT INTO kafka('{self.windows}', key = host) {COUNTED}"]
        self.job(inserts, False)
        self.run_job()
        self.assertEqual((3 * COUNT, 0), self.replay())
        self.job(inserts, True)
        self.run_job("--drain")
        self.assertEqual(0, self.stats()["rows_late"])
        self.assertEqual([3 * COUNT], [json.loads(row)["n"] for row in
                                       self.committed(self.windows)])

    def test_a_row_whose_window_is_closed_is_late(self):
        def message(seconds, value):
            return Message(json.dumps({"ts": T0_MS + seconds * 1000, "host": "a", "v": value}),
                           partition=0)
        self.set_up_topics([message(1, "n/a"), message(200, 1), message(100, "n/a"),
                            message(190, "n/a")], partitions=1)
        inserts = [f"INSERT INTO kafka('{self.windows}', key = host) {COUNTED}"]
        self.job(inserts, False, delay="0 SECONDS")
        self.run_job()
        self.assertEqual((3, 0), self.replay())
        self.job(inserts, True, delay="0 SECONDS")
        self.run_job("--drain")
        self.assertEqual(2, self.stats()["rows_late"])
        self.assertEqual([2], [json.loads(row)["n"] for row in self.committed(self.windows)])
        self.assertEqual([], self.letters())

    def test_records_that_the_topic_has_no_more(self):
        """Letters are all that is left of them, and all that is needed."""
        self.set_up_topics([Message('{"ts": %d, "host": "a", "w": "n/a"}' % (T0_MS + i),
                                    key=f"k{i}", partition=i % 2, timestamp_ms=T0_MS + i)
                            for i in range(10)], partitions=2)
        inserts = [f"INSERT INTO kafka('{self.out}') {{}}"]
        self.job([inserts[0].format(self.passed(False))], False)
        self.run_job()
        self.broker.expire(self.source, 0, 5)
        self.broker.expire(self.source, 1, 5)
        self.assertEqual((5, 0), self.replay("WHERE partition = '1'"))
        self.assertEqual((1, 0), self.replay("WHERE \"offset\" = 2 AND key = 'k4'"))
        self.job([inserts[0].format(self.passed(True))], False)
        self.run_job()
        rows = [json.loads(row) for row in self.committed(self.out)]
        self.assertEqual([(0, 2, "k4")] + [(1, i, f"k{2 * i + 1}") for i in range(5)],
                         sorted((row["p"], row["o"], row["_key"]) for row in rows))
        self.assertEqual(4, len(self.letters()))

    def test_letters_of_a_topic_that_is_gone_wait(self):
        self.set_up_topics([Message('{"ts": 1, "host": "a", "w": "n/a"}')], partitions=1)
        self.job([f"INSERT INTO kafka('{self.out}') {self.passed(False)}"], False)
        self.run_job()
        self.assertEqual((1, 0), self.replay())
        self.broker.delete(self.source)
        self.job([f"INSERT INTO kafka('{self.out}') {self.passed(True)}"], False)
        failed = self.bench.run("j.sql", "--until-eof")
        self.assertIn(failed.rc, (1, 4, 5), failed.err)
        self.assertIn(self.source, failed.err)
        self.assertEqual([True], [letter["replay"] for letter in self.letters()])
        self.assertEqual([], self.committed(self.out))


if __name__ == "__main__":
    weir.require_binary()
    unittest.main()
