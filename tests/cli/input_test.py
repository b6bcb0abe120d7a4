"""Where SQL comes from, and SQL that is large, deep, or no SQL at all."""
import random
import tempfile
import time
import unittest
from pathlib import Path

import weir


class SourceOfSqlTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.path = Path(self.directory.name)

    def file(self, name, text):
        path = self.path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def rows(self, *arguments, **named):
        result = weir.run(*arguments, **named)
        self.assertEqual(0, result.rc, result.err)
        return result.rows()

    def test_file(self):
        path = self.file("a.sql", "CREATE VIEW v AS SELECT 1 AS a;\nSELECT a FROM v;\n")
        self.assertEqual([{"a": 1}], self.rows(path))
        self.assertEqual([{"a": 1}], self.rows("-f", path))

    def test_stdin(self):
        self.assertEqual([{"a": 1}], self.rows(stdin="SELECT 1 AS a"))
        self.assertEqual([{"a": 1}], self.rows("-", stdin="SELECT 1 AS a"))

    def test_data_on_stdin(self):
        self.assertEqual([{"s": 6}], self.rows("-c", "SELECT sum(v) AS s FROM stdin(columns = "
                                               "'v BIGINT', format = 'json')",
                                               stdin='{"v":1}\n{"v":2}\n{"v":3}'))

    def test_init_file(self):
        init = self.file("init.sql", "CREATE VIEW v AS SELECT 5 AS a;")
        self.assertEqual([{"a": 5}], self.rows("-i", init, "-c", "SELECT a FROM v"))

    def test_user_init_file(self):
        (self.path / "weir").mkdir()
        self.file("weir/init.sql", "CREATE VIEW v AS SELECT 6 AS a;")
        env = {"XDG_CONFIG_HOME": str(self.path)}
        self.assertEqual([{"a": 6}], self.rows("-c", "SELECT a FROM v", env=env))
        self.assertEqual(3, weir.run("-X", "-c", "SELECT a FROM v", env=env).rc)

    def test_mistake_in_init_file(self):
        init = self.file("init.sql", "SELEC 1;")
        result = weir.run("-i", init, "-c", "SELECT 1")
        self.assertEqual(3, result.rc)
        self.assertIn("init.sql:1:1", result.err)

    def test_variables(self):
        self.assertEqual([{"a": "o'neil", "b": 3}], self.rows(
            "-v", "who=o'neil", "-v", "n=3", "-c", "SELECT :'who' AS a, ${n} AS b"))
        self.assertEqual([{"a": "x ${n} 3"}], self.rows(
            "-v", "n=3", "-v", "m=${n}", "-c", "SELECT 'x ${m} ${n}' AS a -- ${nope}"))
        result = weir.run("-c", "SELECT ${nope}")
        self.assertEqual(2, result.rc)
        self.assertIn("-v nope=", result.err)

    def test_settings(self):
        self.assertEqual(0, weir.run("-D", "batch_rows=7", "-c", "SELECT 1").rc)
        result = weir.run("-D", "idle_timeout=7 s", "-c", "SET idle_timeout = '9 s'; SHOW SETTINGS")
        self.assertEqual(0, result.rc, result.err)
        self.assertIn("7", [r for r in result.out.splitlines() if "idle_timeout" in r][0])

    def test_environment_setting(self):
        result = weir.run("-c", "SHOW SETTINGS", env={"WEIR_KAFKA_BROKERS": "h.example:9999",
                                                     "WEIR_SOMETHING_ELSE": "1"})
        self.assertEqual(0, result.rc, result.err)
        self.assertIn("h.example:9999", result.out)

    def test_until_eof(self):
        data = self.file("a.jsonl", '{"v":1}\n{"v":2}\n')
        sql = f"SELECT count(*) AS c FROM file('{data}', follow = true)"
        self.assertEqual([{"c": 2}], self.rows("--until-eof", "--drain", "-c", sql))

    def test_endless_insert_warns_of_what_stands_behind(self):
        result = weir.run("-t", "300ms", "-c", "INSERT INTO null() SELECT n FROM "
                          "generate(rate = 10); SELECT 1 AS a")
        self.assertEqual((0, ""), (result.rc, result.out))
        self.assertIn("does not end by itself", result.err)

    def test_bad_rows_are_shown_and_counted(self):
        data = self.file("a.jsonl", '{"v":1}\n{"v":"x"}\nnot json\n{"v":2}\n')
        result = weir.run("-c", f"SELECT v FROM file('{data}', columns = 'v BIGINT')")
        self.assertEqual(0, result.rc)
        self.assertEqual([{"v": 1}, {"v": 2}], result.rows())
        self.assertEqual(1, result.err.count("bad row:"), result.err)
        self.assertIn("2 bad rows were left out", result.err)


class OddSqlTest(unittest.TestCase):
    """None of it crashes or hangs; a wrong statement is exit 3."""

    def sql(self, text, timeout=60):
        with tempfile.NamedTemporaryFile(suffix=".sql") as file:
            file.write(text.encode() if isinstance(text, str) else text)
            file.flush()
            return weir.run(file.name, timeout=timeout)

    def test_garbage(self):
        random.seed(7)
        for text in (b"\x00", b"\xff\xfe", b"SELECT \x00 1", b"'" * 1001, b"(" * 100000,
                     b"/*" * 1000, b"$$$$", b"\xe2\x82", b";" * 100000 + b"x",
                     *(random.randbytes(500) for _ in range(20))):
            with self.subTest(text[:40]):
                self.assertEqual(3, self.sql(text).rc)

    def test_ten_megabytes_of_text(self):
        result = self.sql("SELECT length('" + "x" * 10_000_000 + "') AS n")
        self.assertEqual((0, [{"n": 10_000_000}]), (result.rc, result.rows()))

    def test_ten_megabytes_of_comment_and_an_error(self):
        result = self.sql("/*" + "-" * 10_000_000 + "*/ SELECT nope")
        self.assertEqual(3, result.rc)
        self.assertLess(len(result.err), 1000)

    def test_ten_megabytes_of_statements(self):
        result = self.sql("CREATE OR REPLACE VIEW v AS SELECT 1 AS a;\n" * 20_000
                          + "SELECT a FROM v", timeout=120)
        self.assertEqual((0, [{"a": 1}]), (result.rc, result.rows()))

    def test_hundred_thousand_or(self):
        begin = time.monotonic()
        result = self.sql("SELECT count(*) AS c FROM generate(rows = 10) WHERE "
                          + " OR ".join(f"n = {i}" for i in range(100_000)), timeout=120)
        self.assertEqual(0, result.rc, result.err[:500])
        self.assertIn(result.rows()[0]["c"], (9, 10))
        self.assertLess(time.monotonic() - begin, 60)

    def test_hundred_thousand_in(self):
        result = self.sql("SELECT count(*) AS c FROM generate(rows = 10) WHERE n IN ("
                          + ", ".join(str(i) for i in range(100_000)) + ")", timeout=120)
        self.assertEqual(0, result.rc, result.err[:500])

    def test_hundred_thousand_plus(self):
        result = self.sql("SELECT " + " + ".join(["1"] * 100_000) + " AS n", timeout=120)
        self.assertEqual((0, [{"n": 100_000}]), (result.rc, result.rows()), result.err[:500])

    def test_nesting_limit(self):
        result = self.sql("SELECT " + "(" * 300 + "1" + ")" * 300)
        self.assertEqual(3, result.rc)
        self.assertIn("E0103", result.err)
        self.assertEqual(0, self.sql("SELECT " + "(" * 100 + "1" + ")" * 100).rc)

    def test_text_in_one_very_long_line_is_cut(self):
        result = self.sql("SELECT " + "1 + " * 10_000 + "nope" + " + 1" * 10_000)
        self.assertEqual(3, result.rc)
        self.assertLess(len(result.err), 600)
        self.assertIn("nope", result.err)
        self.assertIn("…", result.err)


if __name__ == "__main__":
    weir.require_binary()
    unittest.main()
