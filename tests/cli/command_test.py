"""check, explain, help, version, messages, demo."""
import json
import signal
import tempfile
import time
import unittest
from pathlib import Path

import weir


class CommandTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)

    def file(self, text):
        path = Path(self.directory.name) / "q.sql"
        path.write_text(text)
        return path

    def test_version(self):
        for arguments in (["version"], ["--version"], ["-V"]):
            result = weir.run(*arguments)
            self.assertEqual(0, result.rc)
            self.assertRegex(result.out, r"^weir \d+\.\d+\.\d+\n$")

    def test_help_lists_what_can_be_typed(self):
        result = weir.run("--help")
        self.assertEqual(0, result.rc)
        for word in ("-o, --mode", "--until-eof", "weir demo", "weir check", "exit codes",
                     "not in this version yet"):
            self.assertIn(word, result.out)
        self.assertEqual(result.out, weir.run("help").out)
        self.assertTrue(all(len(line) <= 100 for line in result.lines()), result.out)

    def test_help_on_topics(self):
        for topic in ("avg", "E0203", "idle_timeout", "demo", "--mode", "-o", "select"):
            with self.subTest(topic):
                result = weir.run("help", topic)
                self.assertEqual(0, result.rc, result.err)
                self.assertGreater(len(result.out), 20)

    def test_help_on_nothing_known(self):
        result = weir.run("help", "agv")
        self.assertEqual(2, result.rc)
        self.assertIn('"avg"', result.err)

    def test_check(self):
        good = self.file("CREATE STREAM cpu (host TEXT, v DOUBLE) WITH (connector = 'kafka', "
                         "topic = 't', format = 'json');\nSELECT host FROM cpu;\n"
                         "SELECT * FROM kafka('unknown', brokers = '127.0.0.1:1');\n")
        result = weir.run("check", good)
        self.assertEqual((0, ""), (result.rc, result.out), result.err)
        bad = self.file("CREATE STREAM cpu (host TEXT, v DOUBLE) WITH (connector = 'kafka', "
                        "topic = 't', format = 'json');\n\nSELECT hots FROM cpu;\n")
        result = weir.run("check", bad)
        self.assertEqual(3, result.rc)
        self.assertIn("error[E0203]", result.err)
        self.assertIn("q.sql:3:8", result.err)
        self.assertEqual(3, weir.run("check", "-c", "SELEC 1").rc)

    def test_explain(self):
        path = self.file("CREATE STREAM cpu (ts TIMESTAMP, host TEXT, v DOUBLE, WATERMARK FOR ts) "
                         "WITH (connector = 'kafka', topic = 't', format = 'json');\n"
                         "SELECT host, avg(v) FROM cpu WHERE v > 0 WINDOW TUMBLING 5 MINUTES "
                         "GROUP BY host;\n")
        result = weir.run("explain", path)
        self.assertEqual(0, result.rc, result.err)
        for word in ("aggregate", "scan", "filter", "avg"):
            self.assertIn(word, result.out.lower())
        result = weir.run("explain", path, "--json")
        self.assertEqual(0, result.rc, result.err)
        json.loads(result.out)

    def test_caret(self):
        result = weir.run(self.file("SELECT 1,\n       hots\nFROM (SELECT 1 AS host);\n"))
        self.assertEqual(3, result.rc)
        lines = result.err.splitlines()
        self.assertTrue(lines[0].startswith("error[E0203]: "), result.err)
        self.assertTrue(lines[1].endswith("q.sql:2:8"), result.err)
        self.assertEqual(lines[2].index("hots"), lines[3].index("^^^^"))
        self.assertIn('hint: ', result.err)

    def test_caret_under_wide_characters(self):
        result = weir.run("-c", "SELECT '日本', nope")
        lines = result.err.splitlines()
        self.assertIn("-c:1:14", lines[1])
        self.assertEqual(lines[2].index("nope") + 2, lines[3].index("^"))

    def test_position_in_a_later_statement(self):
        result = weir.run(self.file("SELECT 1;\nSELECT 2; SELECT nope;\n"))
        self.assertIn("q.sql:2:18", result.err)

    def test_errors_as_json(self):
        result = weir.run("--errors", "json", "-c", "SELECT\n nope")
        self.assertEqual(3, result.rc)
        message = json.loads(result.err)
        self.assertEqual(("error", "E0203", 2, 2),
                         (message["level"], message["code"], message["line"], message["column"]))

    def test_messages_are_escaped(self):
        result = weir.run("-c", "SELECT \"a\x1b[2Jb\"")
        self.assertEqual(3, result.rc)
        self.assertNotIn("\x1b", result.err)


class DemoTest(unittest.TestCase):
    def test_averages_within_seconds(self):
        begin = time.monotonic()
        result = weir.run("demo", "-n", "3", timeout=60)
        self.assertEqual(0, result.rc, result.err)
        self.assertLess(time.monotonic() - begin, 30)
        averages = [row["avg(v)"] for row in result.rows()]
        self.assertEqual(3, len(averages))
        self.assertTrue(all(0 < value < 100 for value in averages), averages)
        self.assertIn("SELECT avg(v) FROM kafka('cpu-usage') WINDOW TUMBLING 5 MINUTES", result.err)

    def test_ends_by_itself(self):
        result = weir.run("demo", "--seconds", "2", timeout=60)
        self.assertEqual(0, result.rc, result.err)

    def test_interrupt(self):
        with weir.start("demo") as demo:
            demo.next_row(30)
            demo.send(signal.SIGINT)
            self.assertEqual(0, demo.wait(15).rc)

    def test_terminal(self):
        rc, shown = weir.run_terminal("demo", "-n", "2", timeout=60)
        self.assertEqual(0, rc, shown)
        self.assertRegex(shown, r"\d\d:\d\d:00 – \d\d:\d\d:00")


if __name__ == "__main__":
    weir.require_binary()
    unittest.main()
