"""Passwords: where CREATE SECRET takes them from, and that none is shown or stored anywhere."""
import tempfile
import unittest
from pathlib import Path

import jobs
import weir

WORD = "hunter2-of-mine"
STREAM = ("CREATE STREAM k (v DOUBLE) WITH (connector = 'kafka', brokers = '127.0.0.1:1', "
          "topic = 't', format = 'json', security = 'sasl_plaintext', mechanism = 'PLAIN', "
          "username = 'me', password = SECRET p, connect_timeout = '300 ms');\n")
FROM_VALUE = f"CREATE SECRET p (value = '{WORD}');\n" + STREAM


class SecretTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def file(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return path

    def assert_silent(self, result):
        for part in ("hunter2", WORD):
            self.assertNotIn(part, result.out)
            self.assertNotIn(part, result.err)

    def test_no_output_has_the_value(self):
        for what in ("SHOW SECRETS", "SHOW STREAMS", "DESCRIBE k", "SHOW SETTINGS",
                     "EXPLAIN SELECT v FROM k", "EXPLAIN INSERT INTO k SELECT 1.0"):
            with self.subTest(what):
                result = weir.run("-c", FROM_VALUE + what)
                self.assertEqual(0, result.rc, result.err)
                self.assertNotEqual("", result.out)
                self.assert_silent(result)
        path = self.file("q.sql", FROM_VALUE + "SELECT v FROM k;")
        for arguments in (["check", path], ["explain", path], ["explain", "--json", path]):
            result = weir.run(*arguments)
            self.assertEqual(0, result.rc, result.err)
            self.assert_silent(result)

    def test_no_failure_has_the_value(self):
        for level in ("info", "debug"):
            for what in ("SELECT v FROM k", "INSERT INTO k SELECT 1.0", "SELECT w FROM k"):
                with self.subTest(what):
                    result = weir.run("--log-level", level, "-c", FROM_VALUE + what)
                    self.assertNotEqual(0, result.rc)
                    self.assert_silent(result)

    def test_no_mistake_shows_what_was_typed(self):
        for create in (f"CREATE SECRET p (value = '{WORD}'", f"CREATE SECRET p ('{WORD}')",
                       f"CREATE SECRET p (valu = '{WORD}')", f"CREATE SECRET p (value = '{WORD}",
                       f"CREATE SECRET p value = '{WORD}'", f"CREATE SECRET p (value '{WORD}')",
                       f"CREATE OR REPLACE SECRET p (value = '{WORD}', env = 'A')",
                       f"CREATE SECRET p (value = 'a' '{WORD}')",
                       f"CREATE SECRET p (value = \"{WORD}\")",
                       f"CREATE SECRET p (value = 5, 'x' = '{WORD}')",
                       f"CREATE SECRET p (value = 'a'); CREATE SECRET p (value = '{WORD}')",
                       "SELECT * FROM kafka('t', columns = 'v INT', format = 'json', "
                       f"password = '{WORD}', nope = 1)"):
            for errors in ("text", "json"):
                with self.subTest(create + errors):
                    result = weir.run("--errors", errors, "-c", create)
                    self.assertEqual(3, result.rc, result.err)
                    self.assert_silent(result)

    def test_a_place_keeps_its_column(self):
        result = weir.run("-c", "SELECT * FROM kafka('t', password = 'ab', nope = 1)")
        self.assertIn("-c:1:43", result.err)
        self.assertIn("password = '**', nope = 1", result.err)

    def test_the_environment_and_files_are_read_at_start(self):
        secret = self.file("secret", WORD + "\n")
        ask = STREAM + "SELECT v FROM k"
        for create, env in ((f"CREATE SECRET p (file = '{secret}');", {}),
                            ("CREATE SECRET p (env = 'A_PASSWORD');", {"A_PASSWORD": WORD})):
            with self.subTest(create):
                result = weir.run("-c", create + ask, env=env)
                self.assertEqual(4, result.rc, result.err)  # it got as far as asking the broker
                self.assert_silent(result)
        result = weir.run("-c", "CREATE SECRET p (env = 'A_PASSWORD');" + ask)
        self.assertEqual(1, result.rc)
        self.assertIn("E0605", result.err)
        self.assertIn("A_PASSWORD", result.err)
        checked = self.file("c.sql", "CREATE SECRET p (env = 'A_PASSWORD');" + ask)
        self.assertEqual(0, weir.run("check", checked).rc)

    def test_files_that_are_no_password(self):
        big, odd = self.file("big", "x" * 70000), self.directory / "odd"
        odd.write_bytes(b"\xff\xfe")
        for path in (big, odd, self.directory, self.directory / "none"):
            with self.subTest(path):
                result = weir.run("-c", f"CREATE SECRET p (file = '{path}');" + STREAM +
                                  "SELECT v FROM k")
                self.assertEqual(1, result.rc, result.err)
                self.assertIn("E0605", result.err)

    def test_the_state_of_a_job_has_no_value(self):
        rows = self.file("in.jsonl", '{"v": 1}\n{"v": 2}\n')
        state = self.directory / "state"
        job = self.file("job.sql", FROM_VALUE +
                        "CREATE STREAM in_place (v INT) WITH (connector = 'kafka', topic = 't', "
                        f"'sasl.password' = '{WORD}');\n"
                        f"INSERT INTO file('{self.directory}/out.jsonl') "
                        f"SELECT sum(v) AS v FROM file('{rows}', columns = 'v BIGINT');\n")
        result = weir.run("run", job, "--state", state)
        self.assertEqual(0, result.rc, result.err)
        self.assert_silent(result)
        self.assertEqual('{"v":3}\n', (self.directory / "out.jsonl").read_text())
        shown = weir.run("state", state)
        self.assert_silent(shown)
        text, = weir.run("-c", f"SELECT sql FROM weir_jobs('{state}')").rows()
        self.assertIn("CREATE SECRET p (value = '" + "*" * len(WORD) + "')", text["sql"])
        self.assertIn("'sasl.password' = '" + "*" * len(WORD) + "'", text["sql"])
        stored = [path for path in state.rglob("*") if path.is_file()]
        self.assertIn("weir.db", [path.name for path in stored])
        for path in stored:
            self.assertNotIn(WORD.encode(), path.read_bytes(), path)

    def test_a_running_job_tells_no_value(self):
        bench = jobs.Bench(self.directory)
        self.file("in.jsonl", '{"v": 1}\n')
        bench.script("live.sql", FROM_VALUE + "INSERT INTO file('out.jsonl') SELECT v FROM "
                     "file('in.jsonl', columns = 'v BIGINT', follow = true);\n")
        with bench.start("live.sql") as running:
            bench.wait_status("live", lambda status: status["epoch"] > 0)
            for arguments in (["status", "live"], ["status", "live", "--json"]):
                asked = bench.weir(*arguments)
                self.assertEqual(0, asked.rc, asked.err)
                self.assert_silent(asked)
            ended = running.stop()
        self.assert_silent(ended)
        self.assertEqual(0, ended.rc, ended.err)
        self.assertNotIn(WORD.encode(), (bench.state_dir("live") / "weir.db").read_bytes())


if __name__ == "__main__":
    unittest.main()
