"""Dead letters of jobs: what cannot be used is kept with its bytes, its neighbours untouched."""
import base64
import json
import os
import tempfile
import time
import unittest

import jobs

BAD = (
    (b'{"ts":2000,"host":"a","v":', "not valid for the format"),
    (b'{"ts":4000,"host":"\xff","v":"2"}', "invalid UTF-8"),
    (b'{"ts":9223372036854775808,"host":"b","v":"3"}', "value out of range"),
    (b'{"ts":3000,"host":"b","v":"x"}', "cannot be cast"),
)
STREAM = """
CREATE STREAM s (ts BIGINT, host TEXT, v TEXT, WATERMARK FOR to_timestamp(ts, 'ms'))
    WITH (connector = 'file', path = 'in.ndjson', format = 'json', follow = '{follow}'{more});
"""
INSERT = """
INSERT INTO file('out.jsonl') SELECT window_start, host, sum(CAST(v AS BIGINT)) AS s, count(*) AS n
FROM s WINDOW TUMBLING 1 MINUTE GROUP BY host;
"""


def good(ts, host="a"):
    return json.dumps({"ts": ts, "host": host, "v": "1"}).encode()


class DeadLettersTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.bench = jobs.Bench(self.directory.name)

    def job(self, *settings, follow="false", more=""):
        text = "".join(f"SET {setting};\n" for setting in settings)
        self.bench.script("job.sql", text + STREAM.format(follow=follow, more=more) + INSERT)

    def put(self, records, mode="wb"):
        with open(self.bench.path("in.ndjson"), mode) as file:
            file.writelines(record + b"\n" for record in records)

    def run_job(self, *options):
        result = self.bench.weir("run", "job.sql", "--state", "state", *options)
        self.assertEqual(0, result.rc, result.err)

    def select(self, sql):
        result = self.bench.weir("-X", "-o", "jsonl", "-c", sql)
        self.assertEqual(0, result.rc, result.err)
        return [json.loads(line) for line in result.out.splitlines()]

    def letters(self):
        return self.select("SELECT * FROM weir_dead_letters('./state')")

    def test_each_bad_record_is_kept_with_its_bytes(self):
        self.job()
        records = []
        for i, (bad, _) in enumerate(BAD):
            records += [good(1000 + i), bad]
        self.put(records)
        self.run_job()
        letters = self.letters()
        found = {base64.b64decode(letter["record_bytes"]): letter for letter in letters}
        self.assertEqual(sorted(record for record, _ in BAD), sorted(found))
        data = b"".join(record + b"\n" for record in records)
        for record, reason in BAD:
            self.assertEqual(reason, found[record]["reason"])
            self.assertEqual(data.index(record), found[record]["offset"])
            self.assertTrue(found[record]["partition"].endswith("in.ndjson"))
        self.assertIsNone(found[BAD[1][0]]["record"])
        self.assertEqual(BAD[0][0].decode(), found[BAD[0][0]]["record"])
        self.assertEqual("ts", found[BAD[2][0]]["column_name"])
        rows = [json.loads(line) for line in self.bench.read("out.jsonl").splitlines()]
        self.assertEqual([(len(BAD), len(BAD))], [(row["s"], row["n"]) for row in rows])

    def test_only_the_newest_are_kept_and_they_survive(self):
        self.job("dead_letters_max = 5", follow="true")
        self.put([b"broken %d" % i for i in range(20000)] + [good(1000)])
        self.run_job("--until-eof")
        expected = ["broken %d" % i for i in range(19995, 20000)]
        self.assertEqual(expected, [letter["record"] for letter in self.letters()])
        job = self.select("SELECT * FROM weir_jobs('./state')")[0]
        self.assertEqual((5, 19995), (job["dead_letters"], job["dead_letters_removed"]))
        self.put([b"one more"], "ab")
        self.run_job("--until-eof")
        self.assertEqual(expected[1:] + ["one more"],
                         [letter["record"] for letter in self.letters()])
        job = self.select("SELECT * FROM weir_jobs('./state')")[0]
        self.assertEqual((5, 19996), (job["dead_letters"], job["dead_letters_removed"]))

    def test_a_giant_record_is_cut(self):
        self.job()
        self.put([good(1000), b"x" * (3 << 20), good(2000)])
        self.run_job()
        record = self.letters()[0]["record"]
        self.assertTrue(record.endswith("x [cut: 3145728 bytes]"), record[-40:])
        self.assertLess(len(record), (1 << 20) + 100)

    def test_a_bad_result_is_kept_as_json(self):
        self.job()
        row = {"ts": 1000, "host": "a", "v": str(2 ** 63 - 1)}
        self.put([json.dumps(row).encode()] * 2)
        self.run_job()
        letters = self.letters()
        self.assertEqual(1, len(letters))
        self.assertEqual("s", letters[0]["column_name"])
        self.assertEqual("a", json.loads(letters[0]["record"])["host"])

    def test_skip_keeps_none(self):
        self.job("on_error = 'skip'")
        self.put([good(1000), b"broken"])
        self.run_job()
        self.assertEqual([], self.letters())

    def test_one_source_may_say_so(self):
        self.job("on_error = 'skip'", more=", on_error = 'dead_letter'")
        self.put([good(1000), b"broken"])
        self.run_job()
        self.assertEqual(["broken"], [letter["record"] for letter in self.letters()])

    def test_without_a_job_there_is_no_place(self):
        self.put([good(1000)])
        result = self.bench.weir("-X", "-c", "SELECT * FROM file('in.ndjson', "
                                 "on_error = 'dead_letter')")
        self.assertEqual(3, result.rc)
        self.assertIn("needs a job", result.err)

    def test_looking_while_the_job_runs(self):
        self.job("checkpoint_interval = '50 ms'", follow="true")
        self.put([good(1000, "a"), good(2000, "b"), b"broken", good(3000, "b")])
        with self.bench.start("job.sql", "--state", "state"):
            deadline = time.monotonic() + 30
            windows = []
            while len(windows) < 2 and time.monotonic() < deadline:
                result = self.bench.weir("-X", "-o", "jsonl", "-c",
                                         "SELECT key, value FROM weir_windows('./state')")
                windows = [json.loads(line) for line in result.out.splitlines()]
            counts = {row["key"]["key 1"]: row["value"]["count(*)"] for row in windows}
            self.assertEqual({"a": 1, "b": 2}, counts)
            self.assertEqual(["broken"], [letter["record"] for letter in self.letters()])
            positions = self.select("SELECT * FROM weir_positions('./state')")
            self.assertEqual([os.path.getsize(self.bench.path("in.ndjson"))],
                             [position["next_offset"] for position in positions])

    def test_no_state_is_an_error(self):
        result = self.bench.weir("-X", "-c", "SELECT * FROM weir_windows('./nowhere')")
        self.assertEqual(5, result.rc)
        self.assertIn("E0906", result.err)


if __name__ == "__main__":
    unittest.main()
