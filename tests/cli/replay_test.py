"""REPLAY DEAD LETTERS: a restarted job reads them again, each once, whatever was killed."""
import json
import signal
import tempfile
import unittest

import jobs

STREAM = """CREATE STREAM s (ts BIGINT, host TEXT, v {type}, WATERMARK FOR to_timestamp(ts, 'ms'))
    WITH (connector = 'file', path = '{path}', format = 'json', follow = 'true'{more});
"""
PLAIN = "INSERT INTO file('out.jsonl') SELECT ts, {v} AS v FROM s;\n"
COUNTS = """INSERT INTO file('counts.jsonl')
SELECT window_start, host, count(*) AS n, sum(v) AS total
FROM s WINDOW TUMBLING 1 MINUTE GROUP BY host;
"""
FAULTS = [f"{point}:{count}" for point in ("mark.before", "seal.after", "commit.before",
                                           "commit.middle", "commit.after") for count in (1, 2)]


class ReplayTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.bench = jobs.Bench(directory.name)

    def job(self, inserts, settings="", type="TEXT", more="", path="in.ndjson"):
        sets = "".join(f"SET {setting};\n" for setting in settings.split(";") if setting)
        self.bench.script("j.sql", sets + STREAM.format(type=type, more=more, path=path) + inserts)

    def put(self, *rows, mode="a", name="in.ndjson"):
        with open(self.bench.path(name), mode, encoding="utf-8") as file:
            for row in rows:
                file.write((row if isinstance(row, str) else json.dumps(row)) + "\n")

    def run_job(self, *options, rc=0, env=None):
        result = self.bench.run("j.sql", "--until-eof", *options, env=env)
        self.assertEqual(rc, result.rc, result.err)
        return result

    def killed(self, fault):
        if fault:
            result = self.bench.run("j.sql", "--until-eof", env={"WEIR_FAULT": fault})
            self.assertEqual(-9, result.rc, result.err)

    def sql(self, text, rc=0):
        result = self.bench.weir("-X", "-o", "jsonl", "-c", text, stdin=None)
        self.assertEqual(rc, result.rc, result.err)
        return [json.loads(line) for line in result.out.splitlines()] if rc == 0 else result.err

    def replay(self, where=""):
        row = self.sql("REPLAY DEAD LETTERS j " + where)[0]
        return int(row["marked"]), int(row["left"])

    def letters(self):
        return self.sql("SELECT * FROM weir_dead_letters('j')")

    def stats(self):
        return self.sql("SELECT stats FROM weir_jobs('j')")[0]["stats"]

    def values(self):
        return [(row["ts"], row["v"]) for row in self.bench.rows("out.jsonl")]

    def plain(self, mended):
        value = "CAST(NULLIF(v, 'n/a') AS DOUBLE)" if mended else "CAST(v AS DOUBLE)"
        self.job(PLAIN.format(v=value), settings="checkpoint_interval = '5 ms'")

    def test_rows_that_have_become_good(self):
        self.plain(False)
        self.put({"ts": 1, "v": "1"}, {"ts": 2, "v": "n/a"}, {"ts": 3, "v": "3"},
                 {"ts": 4, "v": "no"}, "broken", {"ts": 5, "v": "n/a"})
        self.run_job()
        self.assertEqual([(1, 1), (3, 3)], self.values())
        self.assertEqual(4, len(self.letters()))
        self.assertEqual((4, 0), self.replay())
        self.assertEqual([True] * 4, [letter["replay"] for letter in self.letters()])
        self.plain(True)
        self.put({"ts": 6, "v": "6"})
        self.run_job()
        self.assertEqual([(1, 1), (3, 3), (2, None), (5, None), (6, 6)], self.values())
        letters = self.letters()
        self.assertEqual(["broken", '{"ts": 4, "v": "no"}'],
                         sorted(letter["record"] for letter in letters))
        self.assertEqual([False] * 2, [letter["replay"] for letter in letters])
        self.assertGreater(min(letter["id"] for letter in letters), 4)
        places = [self.bench.read("in.ndjson").index(letter["record"].encode())
                  for letter in letters]
        self.assertEqual(places, [letter["offset"] for letter in letters])
        self.run_job()
        self.assertEqual(5, len(self.values()))

    def test_only_those_that_are_meant(self):
        self.plain(False)
        self.put({"ts": 1, "v": "n/a"}, {"ts": 2, "v": "n/a"}, "broken")
        self.run_job()
        self.assertEqual((1, 0), self.replay("WHERE column_name IS NULL AND record = 'broken'"))
        self.assertEqual((0, 0), self.replay("WHERE source = 'nobody'"))
        self.assertEqual((1, 0), self.replay("WHERE record LIKE '%2%'"))
        self.plain(True)
        self.run_job()
        self.assertEqual([(2, None)], self.values())
        self.assertEqual(2, len(self.letters()))
        self.assertEqual([{"source": "s", "reason": "not valid for the format", "rows": 2}],
                         self.stats()["bad"])

    def test_each_is_counted_once_whatever_is_killed(self):
        rows = [{"ts": i, "v": "n/a" if i % 3 else str(i)} for i in range(3000)]
        for fault in FAULTS:
            with self.subTest(fault):
                self.bench.forget("out.jsonl", "in.ndjson")
                self.plain(False)
                self.put(*rows)
                self.run_job()
                self.assertEqual((2000, 0), self.replay())
                self.plain(True)
                self.killed(fault)
                self.run_job()
                self.assertEqual([row["ts"] for row in rows],
                                 sorted(ts for ts, _ in self.values()))
                self.assertEqual([], self.letters())

    def counts(self, lanes, mended):
        self.job(COUNTS, settings=f"lanes = {lanes}", type="DOUBLE",
                 more=", on_error = 'null'" if mended else "")

    def test_windows_count_each_once_whatever_is_killed(self):
        rows = [{"ts": i * 10, "host": f"h{i % 5}", "v": "n/a" if i % 7 == 0 else i}
                for i in range(5000)]
        for lanes in (1, 3):
            for fault in (None, "commit.before:1", "commit.after:1", "commit.after:2"):
                with self.subTest((lanes, fault)):
                    self.bench.forget("counts.jsonl", "in.ndjson")
                    self.counts(lanes, False)
                    self.put(*rows)
                    self.run_job()
                    self.assertEqual((715, 0), self.replay())
                    self.counts(lanes, True)
                    self.killed(fault)
                    self.run_job("--drain")
                    found = self.bench.rows("counts.jsonl")
                    self.assertEqual(5000, sum(row["n"] for row in found))
                    good = sum(row["v"] for row in rows if row["v"] != "n/a")
                    self.assertEqual(good, sum(row["total"] for row in found))
                    self.assertEqual(0, self.stats()["rows_late"])

    def test_what_is_behind_the_watermark_is_late(self):
        self.counts(1, False)
        self.put({"ts": 1000, "host": "a", "v": "n/a"}, {"ts": 200_000, "host": "a", "v": 1},
                 {"ts": 100_000, "host": "a", "v": "n/a"}, {"ts": 190_000, "host": "a", "v": "n/a"})
        self.run_job()
        self.assertEqual((3, 0), self.replay())
        self.counts(1, True)
        self.run_job("--drain")
        self.assertEqual([2], [row["n"] for row in self.bench.rows("counts.jsonl")])
        self.assertEqual(2, self.stats()["rows_late"])
        self.assertEqual([], self.letters())

    def test_each_insert_has_its_own(self):
        inserts = PLAIN.format(v="CAST(v AS DOUBLE)") + \
            "INSERT INTO file('all.jsonl') SELECT ts, {} AS v FROM s;\n"
        self.job(inserts.format("v"))
        self.put({"ts": 1, "v": "n/a"}, {"ts": 2, "v": "2"}, "broken")
        self.run_job()
        self.assertEqual((3, 0), self.replay())
        self.job(inserts.replace("CAST(v", "CAST(NULLIF(v, 'n/a')").format("v"))
        self.run_job()
        self.assertEqual([(2, 2), (1, None)], self.values())
        self.assertEqual([1, 2], [row["ts"] for row in self.bench.rows("all.jsonl")])
        self.assertEqual(["broken"] * 2, [letter["record"] for letter in self.letters()])

    def test_results_are_left(self):
        self.job(COUNTS.replace("sum(v)", "sum(CAST(v AS BIGINT))"))
        big = str(2 ** 63 - 1)
        self.put({"ts": 1000, "host": "a", "v": big}, {"ts": 1000, "host": "a", "v": big},
                 {"ts": 2000, "host": "b", "v": "x"}, {"ts": 90_000, "host": "a", "v": "1"})
        self.run_job()
        self.assertEqual((1, 1), self.replay())

    def test_what_was_cut_is_left(self):
        self.plain(False)
        self.put({"ts": 1, "v": "1"}, "x" * (2 << 20))
        self.run_job()
        self.assertEqual((0, 1), self.replay())

    def test_records_of_a_file_with_a_header_are_left(self):
        self.job(PLAIN.format(v="CAST(v AS DOUBLE)").replace(" s;", " t;").replace(
            "INSERT", "CREATE STREAM t (ts BIGINT, v TEXT) WITH (connector = 'file', "
            "path = 'in.csv', format = 'csv', follow = 'true');\nINSERT"))
        self.put("v,ts", "n/a,1", "2,2", name="in.csv")
        self.run_job()
        self.assertEqual((0, 1), self.replay())

    def test_a_record_of_many_rows_does_not_count_twice(self):
        row = '{"ts": %d, "v": "%s"}'
        self.job(PLAIN.format(v="CAST(v AS DOUBLE)"), type="TEXT NOT NULL")
        self.put(f"[{row % (1, '1')}, {row % (2, 'n/a')}, {row % (3, '3')}]",
                 f"[{row % (4, '4')}, {{\"ts\": 5}}]")
        self.run_job()
        self.assertEqual([1, 3, 4], [ts for ts, _ in self.values()])
        self.assertEqual((1, 1), self.replay())
        self.job(PLAIN.format(v="CAST(NULLIF(v, 'n/a') AS DOUBLE)"))
        self.run_job()
        self.assertEqual([1, 3, 4, 5], [ts for ts, _ in self.values()])
        self.assertEqual(1, len(self.letters()))

    def test_a_row_without_time_in_a_record_of_many(self):
        self.counts(1, False)
        self.put('[{"ts": 1000, "host": "a", "v": 1}, {"host": "b", "v": 1}]',
                 '{"host": "b", "v": 1}')
        self.run_job()
        self.assertEqual((1, 1), self.replay())

    def test_many_are_read_in_pages(self):
        self.plain(False)
        self.put(*({"ts": i, "v": "n/a", "pad": "x" * 500} for i in range(7000)))
        self.run_job()
        self.assertEqual((7000, 0), self.replay())
        self.plain(True)
        self.run_job()
        self.assertEqual([(i, None) for i in range(7000)], self.values())
        self.assertEqual([], self.letters())

    def test_not_while_the_job_runs(self):
        self.plain(False)
        self.put({"ts": 1, "v": "n/a"})
        with self.bench.start("j.sql") as job:
            self.bench.wait_status("j", lambda status: status["rows_in"] >= 1)
            said = self.sql("REPLAY DEAD LETTERS j", rc=5)
            job.send(signal.SIGTERM)
            self.assertEqual(0, job.wait().rc)
        self.assertIn("E0907", said)
        self.assertIn("weir stop", said)

    def test_not_when_it_is_over_or_not_there(self):
        self.plain(False)
        self.put({"ts": 1, "v": "n/a"})
        self.run_job("--drain")
        self.assertIn("E0914", self.sql("REPLAY DEAD LETTERS j", rc=5))
        self.assertIn("E0906", self.sql("REPLAY DEAD LETTERS nobody", rc=5))

    def test_a_wrong_condition_is_shown_where_it_stands(self):
        self.plain(False)
        self.put({"ts": 1, "v": "n/a"})
        self.run_job()
        said = self.sql("REPLAY DEAD LETTERS j WHERE nothing = 3", rc=3)
        self.assertIn("E02", said)
        self.assertIn("1:29", said)


if __name__ == "__main__":
    unittest.main()
