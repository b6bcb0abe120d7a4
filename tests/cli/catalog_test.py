"""Declarations that outlast the process: weir --state DIR, and those of a job."""
import sqlite3
import tempfile
import unittest
from pathlib import Path

import jobs
import weir

STREAM = ("CREATE STREAM cpu (host TEXT, v DOUBLE) "
          "WITH (connector = 'file', path = 'in.jsonl', format = 'json');")


class CatalogTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        (self.directory / "in.jsonl").write_text('{"host": "a", "v": 1}\n{"host": "b", "v": 2}\n')

    def state(self, sql, *options, rc=0):
        result = weir.run("--state", "state", *options, "-c", sql, cwd=self.directory)
        self.assertEqual(rc, result.rc, result.err)
        return result

    def database(self):
        return sqlite3.connect(self.directory / "state" / "weir.db")

    def change(self, sql):
        with self.database() as connection:
            connection.execute(sql)
        connection.close()

    def test_what_is_declared_is_there_at_the_next_start(self):
        self.state(STREAM + "CREATE VIEW hot AS SELECT host FROM cpu WHERE v > 1;"
                   "CREATE TABLE t (k TEXT PRIMARY KEY) WITH (connector = 'null')")
        self.assertEqual([{"host": "b"}], self.state("SELECT host FROM hot").rows())
        self.assertEqual(["t"], [row["name"] for row in self.state("SHOW TABLES").rows()])
        self.assertIn("E0202", self.state(STREAM, rc=3).err)
        self.state("CREATE OR REPLACE STREAM cpu (v DOUBLE) WITH (connector = 'file', "
                   "path = 'in.jsonl')")
        self.assertEqual(["v"], [row["column"] for row in self.state("DESCRIBE cpu").rows()])

    def test_drop_takes_it_away(self):
        self.state(STREAM)
        self.state("DROP STREAM cpu")
        self.assertIn("E0201", self.state("SELECT v FROM cpu", rc=3).err)
        self.assertEqual([], self.state("SHOW STREAMS").rows())

    def test_without_a_state_nothing_is_kept(self):
        weir.run("-c", STREAM, cwd=self.directory)
        self.assertEqual([], self.state("SHOW STREAMS").rows())
        self.assertFalse((self.directory / "state").exists())

    def test_settings_and_init_files_are_not_kept(self):
        (self.directory / "init.sql").write_text(STREAM)
        self.state("SET lanes = 1; CREATE VIEW v AS SELECT 1 AS x", "-i",
                   self.directory / "init.sql")
        self.assertEqual([], self.state("SHOW STREAMS").rows())
        self.assertEqual([{"name": "lanes", "value": "0"}], self.state("SHOW lanes").rows())
        self.assertEqual([{"x": 1}], self.state("SELECT x FROM v").rows())

    def test_references_of_secrets_are_kept_and_values_are_not(self):
        self.state("CREATE SECRET e (env = 'IT''S'); CREATE SECRET f (file = '/a'); "
                   "CREATE SECRET v (value = 'hunter2')")
        shown = [(row["name"], row["kind"], row["reference"])
                 for row in self.state("SHOW SECRETS").rows()]
        self.assertEqual([("e", "env", "IT'S"), ("f", "file", "/a")], shown)
        self.state("DROP SECRET e")
        self.assertEqual(["f"], [row["name"] for row in self.state("SHOW SECRETS").rows()])
        for path in (self.directory / "state").iterdir():
            self.assertNotIn(b"hunter2", path.read_bytes())

    def test_a_declaration_with_a_password_is_not_kept(self):
        result = self.state("CREATE STREAM k (v DOUBLE) WITH (connector = 'kafka', topic = 't', "
                            "password = 'hunter2'); DESCRIBE k")
        self.assertIn("holds a password and is not kept", result.err)
        self.assertEqual(["v"], [row["column"] for row in result.rows()])
        self.assertEqual([], self.state("SHOW STREAMS").rows())
        for path in (self.directory / "state").iterdir():
            self.assertNotIn(b"hunter2", path.read_bytes())

    def test_check_and_explain_see_it_and_change_nothing(self):
        self.state(STREAM)
        for command in ("check", "explain"):
            result = weir.run(command, "--state", "state", "-c",
                              "CREATE VIEW w AS SELECT v FROM cpu; SELECT v FROM w",
                              cwd=self.directory)
            self.assertEqual(0, result.rc, result.err)
        self.assertEqual([], self.state("SHOW VIEWS").rows())

    def test_commands_that_have_no_use_for_it_refuse_it(self):
        for arguments in (["status", "job"], ["fmt", "-c", "SELECT 1"], ["version"]):
            with self.subTest(arguments):
                result = weir.run(*arguments, "--state", "state", cwd=self.directory)
                self.assertEqual(2, result.rc, result.err)
                self.assertIn("--state belongs to weir run", result.err)

    def test_damage_is_told(self):
        for change in ("UPDATE weir_catalog SET sql = replace(sql, 'cpu', 'gpu')",
                       "UPDATE weir_catalog SET sum = sum + 1", "DELETE FROM weir_catalog",
                       "INSERT INTO weir_catalog VALUES(2, 'CREATE VIEW v AS SELECT 1', 0)",
                       "DROP TABLE weir_catalog", "PRAGMA user_version = 1"):
            with self.subTest(change):
                self.setUp()
                self.state(STREAM)
                self.change(change)
                for sql in ("SHOW STREAMS", "CREATE VIEW v AS SELECT 1"):
                    self.assertIn("E0904", self.state(sql, rc=5).err)

    def test_two_programs_do_not_overwrite_each_other(self):
        self.state(STREAM)
        process = weir.start("--state", "state", "-c",
                             "SELECT * FROM generate(rows = 1000000000, rate = 10) LIMIT 15;"
                             "CREATE VIEW mine AS SELECT 1 AS x", cwd=self.directory)
        with process as running:
            running.next_row()
            self.state("CREATE VIEW other AS SELECT 2 AS x")
            result = running.wait()
        self.assertEqual(5, result.rc, result.err)
        self.assertIn("another program has declared", result.err)
        self.assertEqual(["other"], [row["name"] for row in self.state("SHOW VIEWS").rows()])


class JobCatalogTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.bench = jobs.Bench(directory.name)
        self.bench.events("in.jsonl", 200)

    def version(self, state):
        connection = sqlite3.connect(state / "weir.db")
        try:
            return connection.execute("PRAGMA user_version").fetchone()[0]
        finally:
            connection.close()

    def test_a_jobs_declarations_are_in_its_state_and_its_file_replaces_them(self):
        self.bench.script("hourly.sql", jobs.windows("in.jsonl", "out.jsonl", follow=True))
        state = self.bench.path("state")
        for _ in range(2):
            with self.bench.start("hourly.sql", "--state", "state") as job:
                self.bench.wait_status("hourly", lambda status: status["epoch"] > 0)
                self.assertEqual(0, job.stop().rc)
            self.assertEqual(2, self.version(state))
        shown = self.bench.weir("--state", "state", "-c", "SHOW STREAMS")
        self.assertEqual(["events"], [row["name"] for row in shown.rows()], shown.err)

    def test_a_job_goes_on_with_what_its_state_remembers(self):
        self.bench.script("hourly.sql", jobs.windows("in.jsonl", "out.jsonl", follow=True))
        with self.bench.start("hourly.sql", "--state", "state") as job:
            self.bench.wait_status("hourly", lambda status: status["epoch"] > 0)
            self.assertEqual(0, job.stop().rc)
        self.bench.script("hourly.sql", jobs.AVERAGES.format(sink="file('out.jsonl')"))
        with self.bench.start("hourly.sql", "--state", "state") as job:
            self.bench.wait_status("hourly", lambda status: status["epoch"] > 1)
            self.assertEqual(0, job.stop().rc)

    def test_a_state_of_the_first_version_is_read_and_gets_declarations(self):
        self.bench.script("plain.sql", "INSERT INTO file('out.jsonl') SELECT v FROM "
                          "file('in.jsonl', columns = 'v DOUBLE', follow = true);")
        state = self.bench.path("state")
        with self.bench.start("plain.sql", "--state", "state") as job:
            self.bench.wait_status("plain", lambda status: status["epoch"] > 0)
            locked = self.bench.weir("--state", "state", "-c", "CREATE VIEW v AS SELECT 1 AS x")
            self.assertEqual(5, locked.rc)
            self.assertIn("E0907", locked.err)
            self.assertEqual(0, self.bench.weir("--state", "state", "-c", "SHOW VIEWS").rc)
            self.assertEqual(0, job.stop().rc)
        self.assertEqual(1, self.version(state))
        declared = self.bench.weir("--state", "state", "-c", "CREATE VIEW v AS SELECT 1 AS x")
        self.assertEqual(0, declared.rc, declared.err)
        self.assertEqual(2, self.version(state))
        rows = len(self.bench.rows("out.jsonl"))
        with self.bench.start("plain.sql", "--state", "state") as job:
            self.bench.wait_status("plain", lambda status: status["epoch"] > 1)
            self.assertEqual(0, job.stop().rc)
        self.assertEqual(rows, len(self.bench.rows("out.jsonl")))

    def test_a_job_takes_over_the_directory_of_a_shell(self):
        self.bench.weir("--state", "state", "-c", "CREATE STREAM events (v DOUBLE) WITH "
                        "(connector = 'file', path = 'in.jsonl')")
        self.bench.script("total.sql",
                          "INSERT INTO file('out.jsonl') SELECT count(*) AS n FROM events;")
        result = self.bench.run("total.sql", "--state", "state")
        self.assertEqual(0, result.rc, result.err)
        self.assertEqual([{"n": 200}], self.bench.rows("out.jsonl"))

    def test_a_job_leaves_alone_what_a_shell_has_declared(self):
        declared = self.bench.weir("--state", "state", "-c", "CREATE VIEW v AS SELECT 1 AS x; "
                                   "CREATE VIEW total AS SELECT 2 AS x; "
                                   "CREATE SECRET s (env = 'A')")
        self.assertEqual(0, declared.rc, declared.err)
        self.bench.script("sum.sql", "CREATE VIEW total AS SELECT count(*) AS n FROM "
                          "file('in.jsonl', columns = 'v DOUBLE'); "
                          "INSERT INTO file('out.jsonl') SELECT n FROM total;")
        result = self.bench.run("sum.sql", "--state", "state")
        self.assertEqual(0, result.rc, result.err)
        shown = self.bench.weir("--state", "state", "-c", "SHOW VIEWS; SHOW SECRETS")
        self.assertEqual(["total", "v", "s"], [row["name"] for row in shown.rows()], shown.err)
        self.assertIn("count(*)", shown.rows()[0]["definition"])

    def test_savepoints_and_forks_have_them(self):
        self.bench.script("hourly.sql", jobs.windows("in.jsonl", "out.jsonl", follow=True))
        with self.bench.start("hourly.sql", "--state", "state") as job:
            self.bench.wait_status("hourly", lambda status: status["epoch"] > 0)
            saved = self.bench.weir("savepoint", "hourly", "saved")
            self.assertEqual(0, saved.rc, saved.err)
            self.assertEqual(0, job.stop().rc)
        self.bench.script("hourly.sql", jobs.AVERAGES.format(sink="file('out.jsonl')"))
        self.bench.forget("out.jsonl")
        forked = self.bench.weir("-c", "FORK JOB hourly AS other FROM 'saved'")
        self.assertEqual(0, forked.rc, forked.err)
        shown = self.bench.weir("--state", self.bench.state_dir("other"), "-c", "SHOW STREAMS")
        self.assertEqual(["events"], [row["name"] for row in shown.rows()], shown.err)


if __name__ == "__main__":
    unittest.main()
