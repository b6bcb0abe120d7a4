"""Every folder under examples/ does what its README says, with time compressed."""
import csv
import io
import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "kafka"))
import weir  # noqa: E402
from topics import T0_MS, TopicTest, at  # noqa: E402

EXAMPLES = weir.ROOT / "examples"


def cpu_percent(step):
    """A quiet quarter of an hour with a busy second third, a reading every five seconds."""
    return 95.5 if 60 <= step < 120 else 10.0 + step % 7


class CpuUsageTest(TopicTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.topic = cls.broker.create("cpu-usage")
        cls.values = [cpu_percent(step) for step in range(180)]
        cls.broker.produce(cls.topic, [at(step / 12, str(value))
                                       for step, value in enumerate(cls.values)])

    def run_file(self, name):
        result = weir.run("--until-eof", EXAMPLES / "cpu-usage" / name, env=self.env())
        self.assertEqual(0, result.rc, result.err)
        return result.rows()

    def test_average(self):
        self.assertEqual([sum(self.values[i:i + 60]) / 60 for i in (0, 60, 120)],
                         [row["avg(v)"] for row in self.run_file("average.sql")])

    def test_last_five_minutes_every_five_seconds(self):
        rows = self.run_file("last5.sql")
        self.assertEqual(180 + 59, len(rows))
        for number, row in enumerate(rows):
            seen = self.values[max(0, number - 59):number + 1]
            self.assertAlmostEqual(sum(seen) / len(seen), row["load"], places=9)

    def test_alert(self):
        self.assertEqual([{"window_start": "2025-01-01T00:05:00Z",
                           "window_end": "2025-01-01T00:10:00Z", "load": 95.5, "peak": 95.5}],
                         self.run_file("alert.sql"))


class ProduceTest(TopicTest):
    def test_producer_prints_percentages(self):
        said = subprocess.run([EXAMPLES / "cpu-usage" / "produce.sh"], capture_output=True,
                              text=True, check=True, env={"INTERVAL": "0.1", "COUNT": "3",
                                                          "PATH": "/usr/bin:/bin"}).stdout
        values = [float(line) for line in said.splitlines()]
        self.assertEqual(3, len(values))
        self.assertTrue(all(0 <= value <= 100 for value in values), values)

    def test_publish_writes_plain_numbers(self):
        topic = self.broker.topic("published")
        sql = (EXAMPLES / "cpu-usage" / "publish.sql").read_text().replace("cpu-usage", topic)
        result = weir.run("-c", sql, stdin="12.5\n99\n0.1\n", env=self.env())
        self.assertEqual(0, result.rc, result.err)
        self.assertEqual([12.5, 99.0, 0.1], [float(r.value) for r in self.broker.consume(topic)])


class HostsTest(TopicTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.broker.create("cpu", partitions=2)
        cls.broker.create("busy-hosts")
        messages = []
        for second in range(0, 180, 10):
            for partition, (host, load) in enumerate((("web", 95.0), ("db", 20.0))):
                text = json.dumps({"ts": T0_MS + second * 1000, "host": host, "v": load})
                messages.append(at(second / 60, text, partition=partition))
        cls.broker.produce("cpu", messages)

    def run_file(self, name):
        result = weir.run("--until-eof", EXAMPLES / "hosts" / name, env=self.env())
        self.assertEqual(0, result.rc, result.err)
        return result.rows()

    def test_by_host(self):
        self.assertEqual([("db", 20.0, 6), ("web", 95.0, 6)] * 3,
                         [(r["host"], r["load"], r["readings"])
                          for r in self.run_file("by_host.sql")])

    def test_declared(self):
        rows = self.run_file("declared.sql")
        self.assertEqual(["2025-01-01T00:00:00Z", "2025-01-01T00:01:00Z", "2025-01-01T00:02:00Z"],
                         [row["window_start"] for row in rows[::2]])
        self.assertEqual(["db", "web"] * 3, [row["host"] for row in rows])

    def test_busy(self):
        self.run_file("busy.sql")
        records = self.broker.consume("busy-hosts")
        self.assertEqual([b"web"] * 3, [r.key for r in records])
        self.assertEqual({"host": "web", "window_end": "2025-01-01T00:01:00Z", "load": 95.0},
                         json.loads(records[0].value))


class FileToFileTest(unittest.TestCase):
    def test_hourly(self):
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder) / "work"
            shutil.copytree(EXAMPLES / "file-to-file", work)
            for _ in range(2):  # the output is overwritten
                result = weir.run("hourly.sql", cwd=work)
                self.assertEqual(0, result.rc, result.err)
            rows = list(csv.DictReader(io.StringIO((work / "hourly.csv").read_text())))
        self.assertEqual(["db", "web"] * 3, [row["host"] for row in rows])
        self.assertEqual(["6"] * 6, [row["readings"] for row in rows])
        self.assertEqual({"window_start": "2025-01-01T00:00:00Z", "host": "db", "readings": "6",
                          "load": "75", "peak": "80"},
                         {**rows[0], "load": f"{float(rows[0]['load']):g}",
                          "peak": f"{float(rows[0]['peak']):g}"})


class EmbedTest(unittest.TestCase):
    def test_embed(self):
        ended = subprocess.run([weir.BUILD / "example_embed"], capture_output=True, text=True,
                               env=weir.environment(), timeout=60, check=False)
        self.assertEqual((0, ""), (ended.returncode, ended.stderr))
        self.assertEqual(["2025-01-01T00:01:00Z 22.5", "2025-01-01T00:02:00Z 28.5",
                          "2025-01-01T00:03:00Z 34.5"], ended.stdout.splitlines())


if __name__ == "__main__":
    unittest.main()
