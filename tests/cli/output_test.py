"""Output modes, pipes and terminals: what rows look like, and that nothing else is on stdout."""
import json
import os
import pty
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import weir

TWO_ROWS = ("SELECT column1 AS k, column2 AS v, column3 AS t FROM (VALUES ('a', 1.5, true), "
            "(NULL, NULL, NULL))")
WINDOWED = ("SELECT key, count(*) AS c FROM generate(rows = 100, step = '1 s') WATERMARK FOR ts "
            "WINDOW TUMBLING 1 MINUTE GROUP BY key")


class ModeTest(unittest.TestCase):
    def out(self, mode, sql=TWO_ROWS, *more):
        result = weir.run("-o", mode, *more, "-c", sql)
        self.assertEqual(0, result.rc, result.err)
        return result.out

    def test_jsonl_is_the_default_of_pipes(self):
        self.assertEqual('{"k":"a","v":1.5,"t":true}\n{"k":null,"v":null,"t":null}\n',
                         weir.run("-c", TWO_ROWS).out)
        self.assertEqual(weir.run("-c", TWO_ROWS).out, self.out("jsonl"))

    def test_json_is_one_array(self):
        self.assertEqual([{"k": "a", "v": 1.5, "t": True}, {"k": None, "v": None, "t": None}],
                         json.loads(self.out("json")))
        self.assertEqual([], json.loads(self.out("json", "SELECT 1 WHERE false")))
        self.assertEqual([{"a": 1}], json.loads(self.out("json", "SELECT 1 AS a")))

    def test_csv(self):
        self.assertEqual('k,v,t\na,1.5,true\n,,\n', self.out("csv"))
        self.assertEqual('"x,y",e\n"a ""q""",""\n',
                         self.out("csv", "SELECT 'a \"q\"' AS \"x,y\", '' AS e"))

    def test_csv_of_nothing_has_its_header(self):
        self.assertEqual("a\n", self.out("csv", "SELECT 1 AS a WHERE false"))

    def test_tsv(self):
        self.assertEqual("k\tv\tt\na\t1.5\ttrue\n\\N\t\\N\t\\N\n", self.out("tsv"))
        self.assertEqual("x\na\\tb\\nc\\\\\n", self.out("tsv", "SELECT 'a\tb\nc\\' AS x"))

    def test_markdown(self):
        self.assertEqual("| k | v | t |\n| --- | ---: | --- |\n| a | 1.5 | true |\n"
                         "| NULL | NULL | NULL |\n", self.out("markdown"))
        self.assertEqual("| x |\n| --- |\n| a\\|b\\nc |\n",
                         self.out("markdown", "SELECT 'a|b\nc' AS x"))

    def test_line(self):
        self.assertEqual("   k = a\nlong = 1\n\n   k = b\nlong = 2\n",
                         self.out("line", "SELECT column1 AS k, column2 AS long FROM "
                                          "(VALUES ('a', 1), ('b', 2))"))

    def test_null(self):
        self.assertEqual("", self.out("null"))

    def test_table(self):
        self.assertEqual("k       v  t\n────  ───  ────\na     1.5  true\nNULL  NULL  NULL\n"
                         .replace("───  ────\n", "────  ────\n").replace("k       v", "k        v")
                         .replace("a     1.5", "a      1.5"), self.out("table"))

    def test_table_of_nothing_has_its_header(self):
        self.assertEqual("a\n─\n", self.out("table", "SELECT 1 AS a WHERE false"))

    def test_table_escapes_what_steers_a_terminal(self):
        shown = self.out("table", "SELECT 'a\x1b[2J\n\tb' AS x")
        self.assertIn(r"a\x1b[2J\n\tb", shown)
        self.assertNotIn("\x1b", shown)

    def test_table_widths_of_wide_characters(self):
        self.assertEqual("a     b\n────  ─\n日本  x\nab    y\n",
                         self.out("table", "SELECT column1 AS a, column2 AS b FROM "
                                           "(VALUES ('日本', 'x'), ('ab', 'y'))"))

    def test_changelog(self):
        rows = weir.run("--changelog", "-c", "SELECT 1 AS a").rows()
        self.assertEqual([{"op": "+I", "a": 1}], rows)
        self.assertEqual("op  a\n──  ─\n+I  1\n", self.out("table", "SELECT 1 AS a", "--changelog"))

    def test_exactly_the_selected_columns(self):
        rows = weir.run("-c", WINDOWED).rows()
        self.assertEqual({"key", "c"}, set(rows[0]))
        self.assertEqual(100, sum(row["c"] for row in rows))

    def test_color(self):
        self.assertIn("\x1b[2mNULL", self.out("table", TWO_ROWS, "--color", "always"))
        self.assertNotIn("\x1b", self.out("table", TWO_ROWS, "--color", "never"))


class PipeTest(unittest.TestCase):
    def test_every_batch_is_flushed(self):
        with weir.start("-c", "SELECT n FROM generate(rate = 20)") as query:
            begin = time.monotonic()
            self.assertEqual({"n"}, set(query.next_row(5)))
            self.assertLess(time.monotonic() - begin, 3)
            query.next_row(5)
            self.assertEqual(0, query.stop().rc)

    def test_nothing_but_rows_on_stdout(self):
        result = weir.run("-t", "400ms", "-c", "SELECT v FROM host('h', columns = 'v DOUBLE')")
        self.assertEqual((0, ""), (result.rc, result.out))
        self.assertIn("no output yet: waiting for the first row", result.err)

    def test_quiet(self):
        result = weir.run("-q", "-t", "400ms", "-c",
                          "SELECT v FROM host('h', columns = 'v DOUBLE')")
        self.assertEqual((0, "", ""), (result.rc, result.out, result.err))

    def test_says_which_window_is_awaited(self):
        result = weir.run("-t", "4s", "-c", "SELECT count(*) FROM generate(rate = 10, "
                          "start = '2026-01-01T12:00:00Z', step = '1 s') WATERMARK FOR ts "
                          "WINDOW TUMBLING 1 HOUR", timeout=30)
        self.assertEqual(0, result.rc, result.err)
        self.assertRegex(result.err, r"no output yet: the window closes when the watermark passes "
                                     r"13:00:00 \(now 12:00:\d\d\)")

    def test_sampling_says_so(self):
        result = weir.run("-t", "400ms", "-c", "SELECT * FROM host('h')")
        self.assertIn("waiting for first messages", result.err)

    def test_output_file(self):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "out.csv"
            result = weir.run("-o", "csv", "-O", path, "-c", "SELECT 1 AS a")
            self.assertEqual((0, ""), (result.rc, result.out))
            self.assertEqual("a\n1\n", path.read_text())

    def test_large_output_is_whole(self):
        result = weir.run("-c", "SELECT n FROM generate(rows = 200000)")
        self.assertEqual(0, result.rc, result.err)
        self.assertEqual(200000, len(result.lines()))
        self.assertEqual({"n": 199999}["n"],
                         json.loads(result.lines()[-1])["n"] - json.loads(result.lines()[0])["n"])


class TerminalTest(unittest.TestCase):
    def test_table_is_the_default(self):
        rc, shown = weir.run_terminal("-c", "SELECT 1 AS a, 'x' AS b")
        self.assertEqual(0, rc, shown)
        self.assertIn("a  b", shown)
        self.assertNotIn("{", shown)

    def test_window_in_the_gutter(self):
        rc, shown = weir.run_terminal("-c", WINDOWED)
        self.assertEqual(0, rc, shown)
        self.assertIn("window", shown)
        self.assertRegex(shown, r"\d\d:\d\d:00 – \d\d:\d\d:00")
        self.assertIn("2026-01-01", shown)

    def test_no_gutter_when_the_window_is_selected(self):
        rc, shown = weir.run_terminal("-c", WINDOWED.replace("SELECT", "SELECT window_start,"))
        self.assertEqual(0, rc, shown)
        self.assertNotIn(" – ", shown)

    def test_status_line(self):
        rc, shown = weir.run_terminal("-t", "1s", "-c", "SELECT count(*) FROM generate(rate = 100) "
                                      "WATERMARK FOR ts WINDOW TUMBLING 1 HOUR")
        self.assertEqual(0, rc, shown)
        self.assertIn("in ", shown)
        self.assertIn("late 0", shown)

    def test_reason_after_three_seconds(self):
        rc, shown = weir.run_terminal("-t", "4s", "-c", "SELECT count(*) FROM generate(rate = 10, "
                                      "start = '2026-01-01T12:00:00Z', step = '1 s') WATERMARK "
                                      "FOR ts WINDOW TUMBLING 1 HOUR")
        self.assertEqual(0, rc, shown)
        self.assertRegex(shown, r"no output yet: the window closes when the watermark passes "
                                r"13:00:00 \(now 12:00:\d\d\)")

    def test_no_status_line_when_it_is_off(self):
        rc, shown = weir.run_terminal("--progress", "off", "-t", "1s", "-c",
                                      "SELECT v FROM host('h', columns = 'v DOUBLE')")
        self.assertEqual(0, rc, shown)
        self.assertNotIn("late 0", shown)

    def test_no_status_line_beside_a_pipe(self):
        """What reads the pipe may write to the same terminal."""
        leader, follower = pty.openpty()
        with subprocess.Popen([weir.BINARY, "-t", "1s", "-c", "SELECT v FROM host('h', columns = "
                               "'v DOUBLE')"], stdout=subprocess.PIPE, stderr=follower,
                              env=weir.environment()) as process:
            out = process.stdout.read()
        os.close(follower)
        shown = os.read(leader, 65536).decode()
        os.close(leader)
        self.assertEqual((b"", 0), (out, process.returncode), shown)
        self.assertIn("no output yet", shown)
        self.assertNotIn("late 0", shown)

    def test_no_color(self):
        _, shown = weir.run_terminal("-c", "SELECT NULL AS a", env={"NO_COLOR": "1"})
        self.assertNotIn("\x1b[2m", shown)
        _, shown = weir.run_terminal("-c", "SELECT NULL AS a")
        self.assertIn("\x1b[2m", shown)

    def test_an_insert_prints_nothing(self):
        for mode in ("table", "csv", "tsv", "json", "jsonl", "line", "markdown"):
            with self.subTest(mode):
                result = weir.run("-o", mode, "-c", "INSERT INTO null() SELECT 1 AS a")
                self.assertEqual((0, ""), (result.rc, result.out))


class PromptTest(unittest.TestCase):
    def test_statements_line_by_line(self):
        rc, shown = weir.run_terminal(typed=b"SELECT 1 +\n 2 AS three;\nSELECT nope;\n"
                                            b"SELECT 'on' AS goes;\n\x04", timeout=20)
        self.assertEqual(0, rc, shown)
        self.assertIn("three", shown)
        self.assertIn("E0203", shown)
        self.assertIn("goes", shown)

    def test_declarations_last(self):
        rc, shown = weir.run_terminal(typed=b"CREATE VIEW v AS SELECT 42 AS x;\nSELECT x FROM v;\n"
                                            b"\x04", timeout=20)
        self.assertEqual(0, rc, shown)
        self.assertIn("42", shown)


if __name__ == "__main__":
    weir.require_binary()
    unittest.main()
