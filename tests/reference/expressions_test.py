"""Random expressions over columns with NULLs: weir's values against SQLite's.

Integers, booleans and texts, where both engines mean the same: division cuts and gives NULL by
zero, three-valued logic, CASE, IN, BETWEEN, LIKE.
"""
import json
import os
import random
import sqlite3
import tempfile
import unittest
from pathlib import Path

import weir

CASE_COUNT = int(os.environ.get("WEIR_RANDOM_CASES", "15"))
SEED = int(os.environ.get("WEIR_RANDOM_SEED", "1"))
EXPRESSIONS_A_CASE = 12
DEPTH = 3
COLUMNS = "id BIGINT, a BIGINT, b BIGINT, t TEXT"
PATTERNS = ["a%", "%b", "_b", "%", "", "a_%"]


class Maker:
    """Draws expressions of a type, at most `depth` deep."""

    def __init__(self, seed):
        self.chance = random.Random(seed)

    def fill(self, shape, depth):
        """N, B and T in a shape become a number, a boolean and a text."""
        makers = {"N": self.number, "B": self.boolean, "T": self.text}
        return "".join(makers[c](depth - 1) if c in makers else c for c in shape)

    def number(self, depth):
        if depth <= 0 or self.chance.random() < 0.25:
            return self.chance.choice(["a", "b", "a", "b", str(self.chance.randint(-3, 9))])
        return self.fill(self.chance.choice([
            "(N + N)", "(N - N)", "(N * N)", "(N / N)", "(N % N)", "(- N)", "abs(N)", "length(T)",
            "coalesce(N, N)", "nullif(N, N)", "case when B then N when B then N else N end",
            "case N when N then N end"]), depth)

    def text(self, depth):
        if depth <= 0 or self.chance.random() < 0.4:
            return self.chance.choice(["t", "t", "'ab'", "''", "'b'"])
        return self.fill(self.chance.choice([
            "(T || T)", "upper(T)", "replace(T, 'a', 'xy')", "case when B then T else T end"]),
            depth)

    def boolean(self, depth):
        if depth <= 0:
            return self.chance.choice(["(a > 1)", "(b = a)", "(a is null)", "(t = 'ab')"])
        pattern = self.chance.choice(PATTERNS)
        return self.fill(self.chance.choice([
            "(N < N)", "(N <= N)", "(N = N)", "(N <> N)", "(N >= N)", "(T < T)", "(T = T)",
            "(T <> T)", "(B and B)", "(B or B)", "(not B)", "(N in (N, N, 2))",
            "(N not in (N, N))", "(N between N and N)", "(N not between N and N)", "(N is null)",
            "(N is not null)", f"(T like '{pattern}')"]), depth)


class ExpressionsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        weir.require_binary()
        chance = random.Random(5)
        cls.rows = [(i, chance.choice([None, -4, -1, 0, 1, 2, 3, 7]),
                     chance.choice([None, -2, 0, 1, 2, 5]),
                     chance.choice([None, "", "a", "ab", "b", "Be"])) for i in range(40)]
        cls.db = sqlite3.connect(":memory:")
        cls.addClassCleanup(cls.db.close)
        cls.db.execute("PRAGMA case_sensitive_like = 1")
        cls.db.execute("CREATE TABLE r (id, a, b, t)")
        cls.db.executemany("INSERT INTO r VALUES (?, ?, ?, ?)", cls.rows)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.file = Path(folder.name) / "r.jsonl"
        cls.file.write_text("".join(json.dumps(dict(zip(("id", "a", "b", "t"), row))) + "\n"
                                    for row in cls.rows))

    def check(self, expressions):
        items = ", ".join(f"{text} AS e{i}" for i, text in enumerate(expressions))
        result = weir.run("-c", f"SELECT {items} FROM file('{self.file}', columns = '{COLUMNS}')")
        self.assertEqual(0, result.rc, result.err)
        got = [list(row.values()) for row in result.rows()]
        wanted = self.db.execute(f"SELECT {', '.join(expressions)} FROM r ORDER BY id").fetchall()
        self.assertEqual(len(wanted), len(got), result.err)
        for row, mine, theirs in zip(self.rows, got, wanted):
            for text, value, other in zip(expressions, mine, theirs):
                self.assertEqual(other, value, f"{text} of {row}")

    def test_values_are_those_of_sqlite(self):
        for seed in range(SEED, SEED + CASE_COUNT):
            maker = Maker(seed)
            makers = [maker.number, maker.boolean, maker.text]
            with self.subTest(seed=seed):
                self.check([maker.chance.choice(makers)(DEPTH)
                            for _ in range(EXPRESSIONS_A_CASE)])


if __name__ == "__main__":
    unittest.main()
