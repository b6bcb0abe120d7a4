"""Two instances of one job, each with a copy of the same state, while a producer writes.

A lock holds off a second process on one state directory; nothing but the broker holds off one on a
copy. Of two such instances at most one goes on: the other is refused, and no record is in the topic
twice or missing.
"""
import collections
import json
import shutil
import signal
import time
import unittest

import weir
from exactly_once_test import CHUNK, PARTITIONS, SETTINGS, STREAM, JobTest, Producer

ALL = "SELECT host, v, ts, _partition AS p, _offset AS o FROM events"
ROUNDS = 2


class FencingTest(JobTest):
    def run_both(self, seconds):
        """Starts both at once; each that is not refused is stopped after a while. Their results."""
        running = [self.bench.start("job.sql", "--state", name,
                                    "--control", str(self.bench.path(name + ".sock")))
                   for name in ("a", "b")]
        time.sleep(seconds)
        results = []
        for job in running:
            if job.process.poll() is None:
                job.send(signal.SIGTERM)
            results.append(job.wait(60))
        return results

    def job_topics(self):
        """A job, and the topics it goes between; the source has a chunk already."""
        source = self.broker.topic("in", partitions=PARTITIONS)
        target = self.broker.topic("out", partitions=2)
        self.bench.script("job.sql", SETTINGS + STREAM.format(topic=source)
                          + f"INSERT INTO kafka('{target}', key = host) {ALL};\n")
        for name in ("a", "b"):
            shutil.rmtree(self.bench.path(name), ignore_errors=True)
        self.broker.produce(source, Producer(self.broker, source).chunk(0))
        return source, target

    def run_until_eof(self, name, rc=0, env=None):
        result = self.bench.run("job.sql", "--state", name, "--until-eof", env=env)
        self.assertEqual(rc, result.rc, result.err)
        return result

    def places(self, topic):
        rows = (json.loads(record.value) for record in self.broker.consume(topic))
        return collections.Counter((row["p"], row["o"]) for row in rows)

    def finish(self, target, wanted):
        """A survivor's last run; exit codes of both."""
        codes = []
        for name in ("a", "b"):
            with self.bench.start("job.sql", "--state", name) as job:
                end = time.monotonic() + 60
                while time.monotonic() < end and job.process.poll() is None \
                        and len(self.places(target)) < wanted:
                    time.sleep(0.3)
                time.sleep(1)
                if job.process.poll() is None:
                    job.send(signal.SIGTERM)
                codes.append(job.wait(60).rc)
        return codes

    def test_instances_on_copies_of_a_state(self):
        for round_ in range(ROUNDS):
            with self.subTest(round_):
                source, target = self.job_topics()
                producer = Producer(self.broker, source)
                producer.count = CHUNK
                self.run_until_eof("a")
                shutil.copytree(self.bench.path("a"), self.bench.path("b"),
                                ignore=shutil.ignore_patterns("*.sock"))
                producer.start()
                results = self.run_both(4)
                producer.stopped = True
                producer.join()
                self.assertIsNone(producer.failure)
                # 1: fenced by the other, which goes on (0), or saw then that its state is older (5)
                self.assertIn(sorted(result.rc for result in results), ([0, 1], [1, 5]))
                wanted = len(self.broker.consume(source))
                codes = self.finish(target, wanted)
                found = self.places(target)
                self.assertEqual(1, max(found.values()))
                self.assertEqual(wanted, len(found))
                self.assertEqual([0, 5], sorted(codes))

    def test_a_copy_that_sealed_the_same_epoch_is_refused(self):
        """Both made an epoch of one number, of different records; that of `a` is in the topic."""
        for more in (400, 800):
            with self.subTest(more):
                source, target = self.job_topics()
                self.run_until_eof("a")
                shutil.copytree(self.bench.path("a"), self.bench.path("b"))
                producer = Producer(self.broker, source)
                self.broker.produce(source, list(producer.chunk(400))[:more - 100])
                self.run_until_eof("b", -signal.SIGKILL, {"WEIR_FAULT": "kafka.begin:1"})
                self.broker.produce(source, list(producer.chunk(800))[:more])
                self.run_until_eof("a")
                refused = self.run_until_eof("b", 5)
                self.assertIn("E0911", refused.err)
                self.assertIn("a copy needs a name of its own", refused.err)
                self.assertEqual({1}, set(self.places(target).values()))

    def test_a_run_that_was_killed_behind_its_commit_goes_on(self):
        source, target = self.job_topics()
        self.run_until_eof("a")
        shutil.copytree(self.bench.path("a"), self.bench.path("b"))
        self.broker.produce(source, Producer(self.broker, source).chunk(400))
        self.run_until_eof("b", -signal.SIGKILL, {"WEIR_FAULT": "kafka.committed:1"})
        self.run_until_eof("b")
        self.assertEqual({1}, set(self.places(target).values()))
        self.assertIn("E0911", self.run_until_eof("a", 5).err)


if __name__ == "__main__":
    weir.require_binary()
    unittest.main()
