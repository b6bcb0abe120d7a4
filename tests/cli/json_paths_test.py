"""Paths into JSON that the decoder follows say what the operators say of the whole value.

Records are mutated at random (the seed is fixed); each query runs twice: as it is written, and with
its column behind a function that no path goes through.
"""
import random
import tempfile
import unittest
from pathlib import Path

import weir

SEEDS = [
    '{"at":{"zone":"UTC","ts":1700006400000},"a":{"b":[{"c":6},{"c":95.74,"d":"x"}],"host":"h1"}}',
    '{"at":{"ts":17},"a":{"host":"caf\\u00e9","b":[[1,2],{"c":"1.5"},null,{"c":-0}],"B":{"c":7}}}',
    '{"a":{"b":{"c":1e3},"1":{"c":2},"host":null},"at":null}',
    '{"at":{"ts":"8"},"a":{"b":[],"host":{"x":[1]},"host":"twice"},"A":{"b":[1]}}',
    '{"a":[{"b":1},{"b":[0,{"c":true}]}],"at":{"ts":9007199254740993.0}}',
]
PIECES = ['"', "\\", "{", "}", "[", "]", ",", ":", "0", "1", "-", ".", "e5", " ", "null", "true",
          '"b":', '"c":1,', '"\\u0062":', '"C":2,', "1e400", "9223372036854775808", "{},", "[0],",
          '" 12 "', "12345678901234567890", "0.1", '"host":"y",', "1.0", "-0", "\xe9", "\\n"]
PATHS = [
    "a.b[1].c", "a ->> 'host'", "a.b[1] ->> 'c'", "a.b ->> 0", "a.b[0]", "a.b['c']", "a['1'].c",
    "a -> 1 -> 'b'", "a.b[-1].c", "a ->> 'b'", "at ->> 'ts'", "a.b[99999]", "a.b[3] ->> 'c'",
    "a -> 'b' -> 0 -> 1", "CAST(a.b[1].c AS DOUBLE)", "CAST(a.b[1] ->> 'c' AS DOUBLE)",
    "CAST(at.ts AS BIGINT)", "CAST(at ->> 'ts' AS BIGINT)", "TRY_CAST(at.ts AS BIGINT)",
    "TRY_CAST(a.b[1] ->> 'c' AS DOUBLE)", "a.b[1].c + 1", "CAST(at.ts AS INT)",
    "CAST(a.host AS TEXT)", "CAST(a.b[1].c AS BOOLEAN)", "a.host = 'y'",
]
QUERIES = [[path] for path in PATHS] + [
    ["at.ts", "a ->> 'host'", "a.b[1].c"],
    ["CAST(at.ts AS BIGINT)", "a ->> 'host'", "TRY_CAST(a.b[1].c AS DOUBLE)"],
    ["a.b", "a.b[1].c", "a ->> 'b'"],
    ["a.b[1].c", "a.b[1] ->> 'c'", "TRY_CAST(a.b[1].c AS DOUBLE)", "TRY_CAST(a.b[1].c AS BIGINT)"],
    ["a", "a.b", "a ->> 'host'"],
    ["CASE WHEN a ->> 'host' = 'h1' THEN CAST(a.b[1].c AS DOUBLE) END", "a ->> 'host'"],
]
COLUMNS = "columns = 'at JSON, a JSON', on_error = 'skip'"


def mutated(generator, text):
    for _ in range(generator.randrange(3)):
        at = generator.randrange(len(text) + 1)
        gone = generator.choice([0, 0, 1, 2, 4])
        text = text[:at] + generator.choice(["", *PIECES, *PIECES]) + text[at + gone:]
    return text


def records(generator):
    """Runs of records that are alike, so that they are predicted, with others in between."""
    lines = []
    while len(lines) < 1000:
        seed = generator.choice(SEEDS)
        lines += [seed] * generator.randrange(12)
        one = mutated(generator, seed)
        lines += [one, one, seed, mutated(generator, one), one]
    return "\n".join(line.replace("\n", " ") for line in lines) + "\n"


class JsonPathsTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name) / "records.jsonl"

    def ask(self, outputs, hidden, tail=""):
        source = f"file('{self.path}', {COLUMNS})"
        if hidden:
            source = f"(SELECT coalesce(at, at) AS at, coalesce(a, a) AS a FROM {source}) s"
        named = ", ".join(f"{output} AS c{i}" for i, output in enumerate(outputs))
        result = weir.run("-X", "-o", "jsonl", "-c",
                          f"SELECT {named} FROM {source} {tail}")
        self.assertEqual(0, result.rc, result.err[:1000])
        left_out = [line for line in result.err.splitlines() if "left out" in line]
        return result.lines(), left_out

    def check(self, outputs, tail=""):
        with self.subTest(outputs):
            written, hidden = (self.ask(outputs, hidden, tail) for hidden in (False, True))
            self.assertGreater(len(written[0]), 50)
            for expected, got in zip(hidden, written):
                differs = next((i for i, pair in enumerate(zip(expected, got))
                                if pair[0] != pair[1]), None)
                if differs is not None:
                    self.fail(f"{differs}: expected {expected[differs]}, got {got[differs]}")
                self.assertEqual(len(expected), len(got))

    def test_paths_say_what_operators_say(self):
        generator = random.Random(7)
        for outputs in QUERIES:
            self.path.write_text(records(generator), encoding="utf-8")
            self.check(outputs)

    def test_errors_that_nobody_meets(self):
        """A value that cannot be cast is an error only where it is looked at."""
        self.path.write_text(records(random.Random(8)), encoding="utf-8")
        number = "CAST(a.b[1].c AS DOUBLE)"
        self.check(["a ->> 'host'"], f"WHERE a ->> 'host' = 'h1' AND {number} > 1")
        self.check([number, "at.ts"], "WHERE a ->> 'host' = 'h1'")
        self.check([number, "a ->> 'host'"], "ORDER BY at ->> 'ts', a ->> 'host'")
        self.check(["a ->> 'host'"], f"ORDER BY {number}, a ->> 'host'")


if __name__ == "__main__":
    unittest.main()
