"""SAVEPOINT, FORK JOB, EXPLAIN UPGRADE, CREATE JOB: statements about jobs, and jobs that change."""
import json
import signal
import tempfile
import unittest

import jobs


UPGRADE = """{stream}EXPLAIN UPGRADE first AS INSERT INTO file('x.jsonl') {query};"""
QUERY = """SELECT window_start, host, {values} FROM events
WINDOW TUMBLING 1 MINUTE {where} GROUP BY host"""


class JobStatementTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.bench = jobs.Bench(directory.name)
        self.bench.events("in.jsonl", 3000)

    def check(self, rc, result):
        self.assertEqual(rc, result.rc, result.err)
        return result

    def stream(self):
        return jobs.STREAM.format(source="in.jsonl", follow="true")

    def stopped(self, name="first", sink="out.jsonl"):
        """A job over a growing file that was stopped with windows open."""
        self.bench.script(f"{name}.sql", jobs.windows("in.jsonl", sink, follow=True))
        with self.bench.start(f"{name}.sql") as job:
            self.bench.wait_status(name, lambda s: s["rows_in"] >= 3000)
            job.send(signal.SIGTERM)
            self.assertEqual(0, job.wait().rc)

    def upgrade(self, values, where="WHERE v >= 0"):
        sql = UPGRADE.format(stream=self.stream(),
                             query=QUERY.format(values=values, where=where))
        found = self.check(0, self.bench.weir("-X", "-o", "jsonl", "-c", sql, stdin=None))
        return {row["operator"]: row["verdict"]
                for row in map(json.loads, found.out.splitlines())}

    def test_upgrade_tells_what_goes_on(self):
        self.stopped()
        columns = "count(*) AS n, avg(v) AS load, sum(v) AS total"
        self.assertEqual({"scan 1": "unchanged", "aggregate 1": "unchanged"},
                         self.upgrade(columns, where=""))
        self.assertEqual("rebuild", self.upgrade("max(v)", where="")["aggregate 1"])
        self.assertEqual("rebuild", self.upgrade(columns)["aggregate 1"])
        self.assertEqual("unchanged",
                         self.upgrade(columns + ", upper(host)", where="")["aggregate 1"])

    def test_another_meaning_is_refused(self):
        self.stopped()
        self.bench.script("first.sql", self.stream() + "INSERT INTO file('out.jsonl') " +
                          QUERY.format(values="max(v)", where="") + ";")
        refused = self.check(5, self.bench.run("first.sql"))
        self.assertIn("E0912", refused.err)
        self.assertIn("aggregate 1", refused.err)

    def test_a_projection_behind_the_state_may_change(self):
        self.stopped()
        sql = jobs.windows("in.jsonl", "out.jsonl", follow=False)
        self.bench.script("first.sql", sql.replace("count(*) AS n", "count(*) * 10 AS n"))
        before = self.bench.rows("out.jsonl")
        self.check(0, self.bench.run("first.sql"))
        after = self.bench.rows("out.jsonl")
        self.assertEqual(before, after[:len(before)])
        self.assertTrue(len(after) > len(before))
        self.assertTrue(all(row["n"] % 10 == 0 for row in after[len(before):]))

    def test_savepoint_and_fork(self):
        self.stopped()
        made = self.bench.weir("-X", "-c", "SAVEPOINT first TO 'a.save';"
                               "FORK JOB first AS second FROM 'a.save'", stdin=None)
        self.check(0, made)
        whole = jobs.windows("in.jsonl", "out.jsonl", follow=False)
        self.bench.script("first.sql", whole)
        self.bench.script("second.sql", whole.replace("out.jsonl", "fork.jsonl"))
        before = self.bench.rows("out.jsonl")
        self.check(0, self.bench.run("first.sql"))
        self.check(0, self.bench.run("second.sql"))
        self.assertEqual(self.bench.rows("out.jsonl")[len(before):],
                         self.bench.rows("fork.jsonl"))

    def test_fork_takes_no_place_that_is_taken(self):
        self.stopped()
        made = self.bench.weir("-X", "-c", "SAVEPOINT first TO 'a.save';"
                               "FORK JOB first AS first FROM 'a.save'", stdin=None)
        self.assertEqual((5, True), (made.rc, "there is a state in" in made.err), made.err)

    def test_savepoint_of_nothing(self):
        made = self.bench.weir("-X", "-c", "SAVEPOINT nobody TO 'a.save'", stdin=None)
        self.assertEqual((5, True), (made.rc, "E0906" in made.err), made.err)

    def test_create_job_with_several_inserts(self):
        self.bench.script("any.sql", jobs.STREAM.format(source="in.jsonl", follow="false") +
                          "CREATE JOB both WITH (checkpoint_interval = '5 ms') AS BEGIN\n" +
                          jobs.AVERAGES.format(sink="file('a.jsonl')") +
                          jobs.PASSED.format(sink="file('b.jsonl')") + "END;")
        self.check(0, self.bench.run("any.sql"))
        self.assertTrue((self.bench.state_dir("both") / "weir.db").exists())
        passed = [row for row in self.bench.rows("in.jsonl") if row["v"] > 99]
        self.assertEqual([row["v"] for row in passed],
                         [row["v"] for row in self.bench.rows("b.jsonl")])
        self.assertEqual(3000, sum(row["n"] for row in self.bench.rows("a.jsonl")) +
                         self.late("both"))

    def late(self, name):
        found = self.bench.weir("status", name, "--json", stdin=None)
        return json.loads(found.out)["rows_late"] if found.rc == 0 else self.late_in_state(name)

    def late_in_state(self, name):
        import sqlite3
        state = sqlite3.connect(self.bench.state_dir(name) / "weir.db")
        with state:
            (stats,) = state.execute("SELECT stats FROM weir_jobs").fetchone()
        state.close()
        return json.loads(stats)["rows_late"]

    def test_what_is_no_job(self):
        for sql, said in (("SELECT 1;", "nobody to show rows to"), ("SET lanes = 1;", "no INSERT"),
                          ("CREATE JOB a AS INSERT INTO null() SELECT 1; "
                           "CREATE JOB b AS INSERT INTO null() SELECT 2;", "another already"),
                          ("INSERT INTO null() SELECT ?;", "parameters")):
            with self.subTest(sql):
                self.bench.script("no.sql", sql)
                refused = self.check(3, self.bench.run("no.sql"))
                self.assertIn("E0913", refused.err)
                self.assertIn(said, refused.err)

    def test_positions_refer_to_the_file(self):
        self.bench.script("bad.sql", "SET lanes = 1;\n\nINSERT INTO null()\nSELECT nothing FROM "
                                     "(VALUES (1));\n")
        refused = self.check(3, self.bench.run("bad.sql"))
        self.assertIn("bad.sql:4:8", refused.err)

    def test_state_without_end_is_refused(self):
        self.bench.script("grow.sql", self.stream() +
                          "INSERT INTO null() SELECT host, count(*) FROM events GROUP BY host;")
        refused = self.check(3, self.bench.run("grow.sql"))
        self.assertIn("allow_unbounded_state", refused.err)


if __name__ == "__main__":
    unittest.main()
