"""Data that is broken, huge, deep, or no data at all: counted, never a crash or a hang."""
import gzip
import random
import tempfile
import time
import unittest
from pathlib import Path

import weir


class BadDataTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.path = Path(self.directory.name)

    def read(self, name, data, options="", sql="SELECT * FROM file('{}'{})", rc=0):
        path = self.path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        result = weir.run("-c", sql.format(path, options), timeout=60)
        self.assertEqual(rc, result.rc, result.err[:2000])
        self.assertLess(len(result.err), 2000)
        return result

    def check_bad(self, count, rows, result):
        self.assertEqual(rows, result.rows())
        noun = "1 bad row was left out" if count == 1 else f"{count} bad rows were left out"
        self.assertIn(noun, result.err)

    def test_truncated_json(self):
        result = self.read("a.jsonl", '{"v":1}\n{"v":')
        self.check_bad(1, [{"v": 1}], result)

    def test_deep_json(self):
        deep = 100_000
        for text in ('{"v":' + "[" * deep + "1" + "]" * deep + "}", "[" * deep,
                     '{"v":' * deep + "1" + "}" * deep, '{"v":' * deep):
            for options in ("", ", columns = 'v BIGINT'", ", columns = 'v JSON'"):
                with self.subTest(text[:10] + options):
                    result = self.read("a.jsonl", text + '\n{"v":2}\n', options)
                    self.check_bad(1, [{"v": 2}], result)
                    self.assertIn("nested too deeply", result.err)

    def test_64_megabytes_of_json(self):
        large = '{"v":1,"s":"' + "x" * (64 << 20) + '"}\n{"v":2,"s":"a"}\n'
        result = self.read("a.jsonl", large, sql="SELECT v, length(s) AS n FROM file('{}')")
        self.assertEqual([{"v": 1, "n": 64 << 20}, {"v": 2, "n": 1}], result.rows())

    def test_large_array_takes_linear_time(self):
        """The rest of a line was sought again for each batch of an array's rows."""
        array = "[" + ",".join(f'{{"v":{i}}}' for i in range(3_000_000)) + "]"
        begin = time.monotonic()
        result = self.read("a.json", array, ", columns = 'v BIGINT'",
                           "SELECT count(*) AS n, max(v) AS m FROM file('{}'{})")
        self.assertEqual([{"n": 3_000_000, "m": 2_999_999}], result.rows())
        self.assertLess(time.monotonic() - begin, 40)

    def test_invalid_utf8(self):
        result = self.read("a.jsonl", b'{"s":"\xff\xfe"}\n{"s":"ok"}\n{"s\xc3":3}\n{"s":"\xed\xa0'
                                      b'\x80"}\n{"s":"\\ud800"}\n')
        self.check_bad(4, [{"s": "ok"}], result)
        self.assertIn("\\xff\\xfe", result.err)

    def test_byte_order_mark(self):
        self.assertEqual([{"v": 1}], self.read("a.jsonl", b'\xef\xbb\xbf{"v":1}\n').rows())
        self.assertEqual([{"a": 1}], self.read("a.csv", b"\xef\xbb\xbfa\r\n1\r\n").rows())

    def test_nul_bytes(self):
        result = self.read("a.jsonl", b'{"v":1}\n\0\0\0\n{"v":2}\0\n{"v":3}\n')
        self.check_bad(2, [{"v": 1}, {"v": 3}], result)

    def test_ragged_csv(self):
        result = self.read("a.csv", 'a,b\n1\n1,2,3\n5,6\n"x,y\n')
        self.check_bad(3, [{"a": 5, "b": 6}], result)

    def test_very_long_lines(self):
        for name, data in (("a.txt", "x" * 30_000_000 + "\ny\n"),
                           ("a.csv", "v\n" + "x" * 30_000_000 + "\ny\n")):
            with self.subTest(name):
                result = self.read(name, data, sql="SELECT length(v) AS n FROM file('{}')")
                self.assertEqual([{"n": 30_000_000}, {"n": 1}], result.rows())

    def test_nothing_to_learn_from(self):
        self.assertIn("the input is empty", self.read("a.jsonl", "\n", rc=1).err)
        self.assertIn("the input is empty", self.read("a.csv", "", rc=1).err)
        result = self.read("a.json", '[\n  {\n    "v": 1\n  }\n]\n', rc=1)
        self.assertIn('the first record is "["', result.err)
        self.assertIn("a JSON record is one line", result.err)
        result = self.read("b.json", b"\x1b[31m\xff" + b"\xc3\xa4" * 100, rc=1)
        self.assertIn("\\x1b[31m\\xff", result.err)

    def test_garbage(self):
        random.seed(11)
        for name in ("a.jsonl", "a.csv", "a.txt", "a.dat", "a.tsv"):
            for size in (1, 100, 100_000):
                with self.subTest(name, size=size):
                    (self.path / name).write_bytes(random.randbytes(size))
                    result = weir.run("-c", f"SELECT * FROM file('{self.path / name}')")
                    self.assertIn(result.rc, (0, 1), result.err)
                    self.assertTrue(result.rc == 0 or "E0804" in result.err, result.err)

    def test_damaged_gzip(self):
        whole = gzip.compress(b'{"v":1}\n' * 10_000)
        self.assertEqual([{"n": 10_000}], self.read(
            "a.jsonl.gz", whole, sql="SELECT count(*) AS n FROM file('{}')").rows())
        for name, data in (("cut", whole[:-20]), ("empty", b""), ("none", b'{"v":1}\n' * 100),
                           ("flipped", whole[:30] + b"\xff\xff" + whole[32:])):
            with self.subTest(name):
                path = self.path / f"{name}.jsonl.gz"
                path.write_bytes(data)
                result = weir.run("-c", f"SELECT count(*) AS n FROM file('{path}', "
                                        "columns = 'v BIGINT')")
                self.assertIn(result.rc, (0, 1), result.err)
                self.assertTrue(result.rc == 1 or name in ("empty", "none"), result.out)


if __name__ == "__main__":
    weir.require_binary()
    unittest.main()
