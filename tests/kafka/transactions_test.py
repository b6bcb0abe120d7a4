"""The exactly-once sink alone: killed at every point, fenced, restarted broker, strange markers."""
import os
import signal
import subprocess
import tempfile
import unittest
from collections import Counter
from pathlib import Path

from broker import BUILD, shared

TOOL = BUILD / "transactions_tool"
OTHER_UUID = "6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b"
POINTS = ("kafka.begin", "kafka.produced", "kafka.offsets", "kafka.committed")
E_STATE, E_RUNTIME = "error 6 E0911", "error 4 E0704"  # wr_status, code


class Job:
    """transactions_tool as a context: lines in, answers out."""

    def __init__(self, broker, topic, state, *options, fault=None):
        env = dict(os.environ, **({"WEIR_FAULT": fault} if fault else {}))
        self.process = subprocess.Popen([TOOL, broker.address, topic, state, *options], env=env,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.first = "" if "once" in options else self.answer()

    def answer(self):
        return self.process.stdout.readline().strip()

    def ask(self, command):
        """The answer to one command; "" when the job died of it."""
        try:
            self.process.stdin.write(f"{command}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return ""
        return self.answer()

    def end(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass  # it died before it read the line


def values(broker, topic):
    return [int(record.value.split(b":")[1].split(b",")[0]) for record in broker.consume(topic)]


def rows(*epochs):
    """What the tool writes: epochs as (number, count)."""
    return sorted(epoch * 1000000000 + i for epoch, count in epochs for i in range(count))


class TransactionsTest(unittest.TestCase):
    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        cls.broker = shared()

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.state = Path(self.folder.name) / "state"

    def job(self, topic, *options, **more):
        return Job(self.broker, topic, self.state, *options, **more)

    def check(self, topic, *epochs):
        self.assertEqual(rows(*epochs), sorted(values(self.broker, topic)))

    def test_epochs_go_on_after_a_clean_end(self):
        topic = self.broker.topic("exact", partitions=3)
        with self.job(topic) as job:
            self.assertRegex(job.first, f"recovered 0 kafka:{topic}@.+")
            self.assertRegex(job.ask(10), "ok 1 .*")
            self.assertRegex(job.ask(5000), "ok 2 .*")
            self.assertEqual(0, job.end())
        with self.job(topic) as job:
            self.assertRegex(job.first, "recovered 2 .*")
            self.assertRegex(job.ask(7), "ok 3 .*")
            self.assertRegex(job.ask("refresh"), "ok 3 .*")
            self.assertEqual(0, job.end())
        with self.job(topic) as job:
            self.assertRegex(job.first, "recovered 3 .*")
        self.check(topic, (1, 10), (2, 5000), (3, 7))

    def test_killed_at_every_point(self):
        """Three epochs; the second one is killed at the point, the next run brings it."""
        for point in POINTS:
            with self.subTest(point=point):
                topic = self.broker.topic("kill")
                self.state = Path(self.folder.name) / point
                with self.job(topic, fault=f"{point}:2") as job:
                    self.assertRegex(job.ask(300), "ok 1 .*")
                    self.assertEqual("", job.ask(2500))
                    self.assertEqual(-signal.SIGKILL, job.process.wait(30))
                with self.job(topic) as job:
                    shown = 2 if point == "kafka.committed" else 1
                    self.assertRegex(job.first, f"recovered {shown} .*")
                    self.assertRegex(job.ask(40), "ok 3 .*")
                    self.assertEqual(0, job.end())
                self.check(topic, (1, 300), (2, 2500), (3, 40))

    def test_killed_in_the_first_epoch(self):
        for point in ("kafka.produced", "kafka.committed"):
            with self.subTest(point=point):
                topic = self.broker.topic("first")
                self.state = Path(self.folder.name) / point
                with self.job(topic, fault=f"{point}:1") as job:
                    self.assertEqual("", job.ask(100))
                with self.job(topic) as job:
                    self.assertRegex(job.ask(1), "ok 2 .*")
                    job.end()
                self.check(topic, (1, 100), (2, 1))

    def test_another_instance_fences(self):
        topic = self.broker.topic("fence")
        with self.job(topic) as old:
            self.assertRegex(old.ask(10), "ok 1 .*")
            with self.job(topic) as new:
                self.assertRegex(new.first, "recovered 1 .*")
                answer = old.ask(10)
                self.assertRegex(answer, E_RUNTIME)
                self.assertIn(f'another instance of job "{topic}"', answer)
                self.assertRegex(new.ask(20), "ok . .*")
                new.end()
        numbers = values(self.broker, topic)
        self.assertEqual(1, max(Counter(numbers).values()))

    def test_marker_survives_a_broker_restart(self):
        topic = self.broker.topic("restart")
        with self.job(topic) as job:
            self.assertRegex(job.ask(10), "ok 1 .*")
            for end in (self.broker.stop, self.broker.kill):
                end()
                self.broker.start()
                self.assertRegex(job.ask(10), "ok . .*")
            job.end()
        with self.job(topic) as job:
            self.assertRegex(job.first, "recovered 3 .*")
        self.check(topic, (1, 10), (2, 10), (3, 10))

    def test_broker_away_in_mid_delivery(self):
        topic = self.broker.topic("away")
        with self.job(topic) as job:
            self.assertRegex(job.ask(10), "ok 1 .*")
            self.broker.kill()
            job.process.stdin.write("1000\n")
            job.process.stdin.flush()
            self.broker.start()
            self.assertRegex(job.answer(), "ok 2 .*")
            job.end()
        self.check(topic, (1, 10), (2, 1000))

    def write_state(self, epoch, delivered, uuid="1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"):
        self.state.write_text(f"{epoch} 10 {delivered} {uuid}\n", encoding="ascii")

    def deliver_two(self, stem):
        topic = self.broker.topic(stem)
        with self.job(topic) as job:
            job.ask(10)
            job.ask(10)
            job.end()
        return topic

    def test_marker_of_another_job(self):
        topic = self.deliver_two("other")
        self.write_state(0, 0, OTHER_UUID)
        with self.job(topic) as job:
            self.assertRegex(job.first, E_STATE)
            self.assertIn("another job of the name", job.first)
        with self.job(topic, "duplicate") as job:
            self.assertRegex(job.first, "recovered 0 .*")
            self.assertRegex(job.ask(10), "ok 1 .*")
            job.end()
        with self.job(topic) as job:
            self.assertRegex(job.first, "recovered 1 .*")
        self.check(topic, (1, 10), (1, 10), (2, 10))

    def test_marker_missing(self):
        topic = self.broker.topic("missing")
        self.write_state(5, 5)
        with self.job(topic) as job:
            self.assertRegex(job.first, E_STATE)
            self.assertIn("has no marker", job.first)
        with self.job(topic, "duplicate") as job:
            self.assertRegex(job.first, "recovered 5 .*")

    def test_state_older_than_the_topic(self):
        """Who calls decides; the sink repeats, or keeps silent up to what is there."""
        topic = self.deliver_two("older")
        self.write_state(1, 1)
        with self.job(topic) as job:
            self.assertRegex(job.first, "recovered 2 .*")
        self.write_state(1, 1)
        with self.job(topic, "skip") as job:
            self.assertRegex(job.first, "recovered 2 .*")
            self.assertRegex(job.ask(10), "ok 2 .*")
            self.assertRegex(job.ask(3), "ok 3 .*")
            job.end()
        self.check(topic, (1, 10), (2, 10), (3, 3))
        self.write_state(1, 1)
        with self.job(topic, "duplicate") as job:
            self.assertRegex(job.first, "recovered 1 .*")
            self.assertRegex(job.ask(10), "ok 2 .*")
            job.end()
        self.check(topic, (1, 10), (2, 10), (3, 3), (2, 10))

    def test_record_too_large_names_its_key(self):
        topic = self.broker.topic("large")
        with self.job(topic) as job:
            self.assertEqual("ok 0", job.ask("big 1000").rsplit(" ", 1)[0])
            answer = job.ask("big 60000000")
            self.assertRegex(answer, E_RUNTIME)
            self.assertRegex(answer, 'does not take a record of 12\\d{7} bytes, key "xxx')


if __name__ == "__main__":
    unittest.main()
