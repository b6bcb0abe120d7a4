"""Exit codes: 0 done, 1 run-time failure, 2 usage, 3 SQL, 4 unreachable, 130/143 second signal."""
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import weir

ENDLESS = "SELECT n FROM generate(rate = 1000)"
SILENT = "SELECT v FROM host('nobody', columns = 'v DOUBLE')"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ExitCodeTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.path = Path(self.directory.name)

    def file(self, name, text):
        path = self.path / name
        path.write_text(text)
        return path

    def check(self, rc, *arguments, **named):
        result = weir.run(*arguments, **named)
        self.assertEqual(rc, result.rc, result.err)
        return result

    def test_done(self):
        self.assertEqual([{"a": 1}], self.check(0, "-c", "SELECT 1 AS a").rows())

    def test_nothing_to_do(self):
        self.check(0, "-c", "")
        self.check(0, "-c", "-- only a comment\n ; ;")
        self.check(0, stdin="")

    def test_usage(self):
        for arguments in (["--nope"], ["-Z"], ["-o"], ["-o", "xml"], ["-n", "many"], ["-n", "-1"],
                          ["-t", "soon"], ["-D", "novalue"], ["--quiet=yes"], ["a.sql", "b.sql"],
                          ["-c", "SELECT 1", "a.sql"], ["-c", "SELECT 1", "-c", "SELECT 2"],
                          ["-f", "a.sql", "-f", "b.sql"], ["demo", "x"], ["--color", "sometimes"],
                          ["-D", "no_such_setting=1", "-c", "SELECT 1"],
                          ["-D", "batch_rows=lots", "-c", "SELECT 1"]):
            with self.subTest(arguments):
                result = self.check(2, *arguments)
                self.assertEqual("", result.out)
                self.assertTrue(result.err.startswith("error"), result.err)

    def test_did_you_mean(self):
        self.assertIn("--until-eof", self.check(2, "--until-oef").err)
        self.assertIn("batch_rows", self.check(2, "-D", "batch_row=1", "-c", "SELECT 1").err)
        self.assertIn("\"check\"", self.check(2, "chek").err)
        self.assertIn("\"check\"", self.check(2, "chek", "a.sql").err)
        self.assertIn("table|line|csv", self.check(2, "-o", "tabel", "-c", "SELECT 1").err)

    def test_later_commands(self):
        for command in ("submit", "ps", "top", "logs", "pause", "resume", "test",
                        "peek", "export", "completion"):
            with self.subTest(command):
                result = self.check(2, command, "x", "--state", "y")
                self.assertIn("not in this version yet", result.err)

    def test_sql_error(self):
        self.check(3, "-c", "SELEC 1")
        self.check(3, "-c", "SELECT nope")
        self.check(3, self.file("a.sql", "SELECT 1;\nSELECT nope;\nSELECT 2;\n"))

    def test_stops_at_the_first_error(self):
        result = self.check(3, "-c", "SELECT 1 AS a; SELECT nope; SELECT 2 AS a")
        self.assertEqual([{"a": 1}], result.rows())

    def test_run_time_failure(self):
        data = self.file("a.jsonl", '{"v": 1}\n{"v": "x"}\n')
        result = self.check(1, "-c", f"SELECT v FROM file('{data}', columns = 'v BIGINT', "
                                     "on_error = 'fail')")
        self.assertIn("E0801", result.err)

    def test_missing_script(self):
        result = self.check(2, self.path / "nothing.sql")
        self.assertIn("nothing.sql", result.err)
        self.check(2, self.path)
        self.check(2, "-f", self.path / "nothing.sql")
        self.check(2, "-i", self.path / "nothing.sql", "-c", "SELECT 1")

    def test_missing_data(self):
        result = self.check(4, "-c", f"SELECT * FROM file('{self.path}/nothing.csv')")
        self.assertIn("nothing.csv", result.err)
        self.check(4, "-c", f"SELECT * FROM file('{self.path}')")

    def test_no_broker(self):
        begin = time.monotonic()
        address = f"127.0.0.1:{free_port()}"
        result = self.check(4, "-c", f"SELECT * FROM kafka('t', brokers = '{address}')")
        self.assertLess(time.monotonic() - begin, 15)
        self.assertIn("E0701", result.err)

    def test_first_signal_stops_cleanly(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number), weir.start("-c", ENDLESS) as query:
                query.next_row()
                query.send(number)
                self.assertEqual(0, query.wait(10).rc)

    def test_signal_while_nothing_comes(self):
        with weir.start("-c", SILENT) as query:
            query.wait_err("waiting")
            begin = time.monotonic()
            query.send(signal.SIGTERM)
            self.assertEqual(0, query.wait(10).rc)
            self.assertLess(time.monotonic() - begin, 2)

    def test_signal_ends_the_whole_script(self):
        with weir.start("-c", f"{SILENT}; SELECT 1 AS a") as query:
            query.wait_err("waiting")
            result = query.stop()
            self.assertEqual((0, ""), (result.rc, result.out))

    def test_second_signal_exits_at_once(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(number), weir.start("-c", ENDLESS) as query:
                query.next_row()
                # Both are delivered together, so that the first has no time to end it.
                query.send(signal.SIGSTOP)
                query.send(signal.SIGINT)
                query.send(signal.SIGTERM)
                query.send(signal.SIGCONT)
                self.assertIn(query.process.wait(10), (130, 143), code)

    def test_reader_goes_away(self):
        for mode in ("jsonl", "csv", "table", "tsv"):
            with self.subTest(mode):
                ended = subprocess.run(
                    f"'{weir.BINARY}' -o {mode} -c \"{ENDLESS}\" | head -1; "
                    "exit ${PIPESTATUS[0]}", shell=True, executable="/bin/bash",
                    capture_output=True, timeout=30, env=weir.environment(), check=False)
                self.assertEqual(0, ended.returncode, ended.stderr)
                self.assertNotIn(b"error", ended.stderr)

    def test_reader_goes_away_while_nothing_comes(self):
        ended = subprocess.run(f"'{weir.BINARY}' -q -c \"{SILENT}\" | true; "
                               "exit ${PIPESTATUS[0]}", shell=True, executable="/bin/bash",
                               capture_output=True, timeout=30, env=weir.environment(), check=False)
        self.assertEqual(0, ended.returncode, ended.stderr)

    def test_disk_full(self):
        with open("/dev/full", "wb") as full:
            for sql in ("SELECT 1", "SELECT n FROM generate(rows = 100000)", ENDLESS):
                ended = subprocess.run([weir.BINARY, "-c", sql], stdout=full,
                                       stderr=subprocess.PIPE, timeout=60, check=False,
                                       env=weir.environment())
                self.assertEqual(1, ended.returncode, ended.stderr)
                self.assertIn(b"No space left on device", ended.stderr)

    def test_disk_full_of_output_file(self):
        result = self.check(1, "-O", "/dev/full", "-c", "SELECT 1")
        self.assertIn("/dev/full", result.err)
        self.check(2, "-O", self.path / "no" / "such" / "file", "-c", "SELECT 1")

    def test_file_size_limit(self):
        """SIGXFSZ must not end us: write says EFBIG."""
        out = self.path / "out"
        ended = subprocess.run(
            f"ulimit -f 8; '{weir.BINARY}' -O '{out}' -c \"SELECT n FROM generate(rows = 100000)\"",
            shell=True, executable="/bin/bash", capture_output=True, timeout=60,
            env=weir.environment(), check=False)
        self.assertEqual(1, ended.returncode, ended.stderr)
        self.assertIn(b"File too large", ended.stderr)

    def test_stdout_closed(self):
        ended = subprocess.run(f"'{weir.BINARY}' -c 'SELECT 1' >&-", shell=True,
                               capture_output=True, timeout=30, env=weir.environment(), check=False)
        self.assertEqual(1, ended.returncode, ended.stderr)

    def test_standard_descriptors_closed(self):
        """A file that we open takes the place of none of them."""
        for command, rc in (("-c 'SELECT * FROM stdin()' <&-", 1), ("<&-", 2),
                            ("-c 'SELECT * FROM stdin()' </tmp", 1), ("</tmp", 2),
                            ("-c 'SELECT 1' 2>&-", 0), ("-c 'SELECT nope' <&- >&- 2>&-", 3)):
            with self.subTest(command):
                ended = subprocess.run(f"'{weir.BINARY}' {command}", shell=True,
                                       capture_output=True, timeout=30, env=weir.environment(),
                                       check=False)
                self.assertEqual(rc, ended.returncode, ended.stderr)

    def test_time_limit(self):
        begin = time.monotonic()
        self.check(0, "-t", "300ms", "-c", SILENT)
        self.assertLess(time.monotonic() - begin, 5)

    def test_max_rows(self):
        self.assertEqual(3, len(self.check(0, "-n", "3", "-c", ENDLESS).rows()))
        self.assertEqual("", self.check(0, "-n", "0", "-c", ENDLESS).out)


if __name__ == "__main__":
    weir.require_binary()
    unittest.main()
