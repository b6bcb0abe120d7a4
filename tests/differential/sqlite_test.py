"""Random queries over random small tables give what SQLite gives, where both mean the same.

    SELECT 7 AS q, a * 3 AS c0, CASE WHEN … END AS c1 FROM (VALUES …) AS t (a, x, s, b) WHERE …

Expressions are made with a type, so that SQLite's conversions never matter. Left out: what differs
by intention (division by 0.0, overflow, rounding casts, texts of doubles, Unicode upper case).
WEIR_DIFFERENTIAL=N makes N batches, each with a seed of its own, instead of the fixed few.
"""
import json
import math
import os
import random
import re
import sqlite3
import tempfile
import unittest
from pathlib import Path

import weir

BATCHES = int(os.environ.get("WEIR_DIFFERENTIAL", "3"))
QUERIES = 250
DEPTH_MAX = 4
COLUMNS = {"a": "int", "n": "int", "x": "double", "y": "double", "s": "text", "u": "text",
           "b": "bool", "d": "bool"}
TEXTS = ["", "a", "b", "ab", "abc", "B", "Abc", " a ", "a%b", "a_b", "x" * 13, "zz", "10", "ba" * 9]
DOUBLES = [0.0, 0.5, -1.25, 3.0, 1e4, -7.75, 0.1, 123456.789, -0.0]


class Generator:
    """Queries from a random number generator, as texts that both read."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.columns = COLUMNS

    def pick(self, *choices):
        return self.random.choice(choices)

    def literal(self, kind):
        if kind == "int":
            return str(self.random.randint(-9, 30))
        if kind == "double":
            return repr(self.pick(*DOUBLES[:8]))
        if kind == "text":
            return "'" + self.pick(*TEXTS) + "'"
        return self.pick("TRUE", "FALSE")

    def leaf(self, kind):
        names = [name for name, of in self.columns.items() if of == kind]
        return self.pick(*names) if names and self.random.random() < 0.75 else self.literal(kind)

    def expr(self, kind, depth=0):
        if depth >= DEPTH_MAX or self.random.random() < 0.2:
            return self.leaf(kind)
        make = {"int": self.integer, "double": self.double, "text": self.text,
                "bool": self.boolean}
        if self.random.random() < 0.2:
            return self.conditional(kind, depth + 1)
        return make[kind](depth + 1)

    def conditional(self, kind, depth):
        one, two, three = (self.expr(kind, depth) for _ in range(3))
        condition = self.expr("bool", depth)
        of = self.pick("int", "text", "double")
        return self.pick(
            f"CASE WHEN {condition} THEN {one} ELSE {two} END",
            f"CASE WHEN {condition} THEN {one} WHEN {self.expr('bool', depth)} THEN {two} END",
            f"CASE {self.expr(of, depth)} WHEN {self.expr(of, depth)} THEN {one} ELSE {two} END",
            f"COALESCE({one}, {two}, {three})", f"NULLIF({one}, {two})", f"IFNULL({one}, {two})",
            f"IIF({condition}, {one}, {two})")

    def integer(self, depth):
        one, two = self.expr("int", depth), self.expr("int", depth)
        text = self.expr("text", depth)
        return self.pick(
            f"({one} + {two})", f"({one} - {two})", f"({one} * {self.literal('int')})",
            f"({one} / {two})", f"({one} % {two})", f"(- {one})", f"ABS({one})", f"LENGTH({text})",
            f"INSTR({text}, {self.expr('text', depth)})", f"SIGN({one})")

    def double(self, depth):
        one, two = self.expr("double", depth), self.expr("double", depth)
        return self.pick(
            f"({one} + {two})", f"({one} - {two})", f"({one} * {two})", f"({one} / 4.0)",
            f"({one} + {self.expr('int', depth)})", f"({self.expr('int', depth)} * {one})",
            f"ABS({one})", f"(- {one})", f"CAST({self.expr('int', depth)} AS DOUBLE)")

    def text(self, depth):
        one, two = self.expr("text", depth), self.expr("text", depth)
        start, size = self.random.randint(1, 4), self.random.randint(0, 5)
        return self.pick(
            f"({one} || {two})", f"({one} || {two} || {self.expr('text', depth)})",
            f"UPPER({one})", f"LOWER({one})", f"SUBSTR({one}, {start}, {size})",
            f"REPLACE({one}, '{self.pick(*TEXTS[1:])}', {two})", f"TRIM({one})", f"LTRIM({one})",
            f"RTRIM({one})", f"CAST({self.expr('int', depth)} AS TEXT)")

    def boolean(self, depth):
        of = self.pick("int", "double", "text")
        one, two, three = (self.expr(of, depth) for _ in range(3))
        left, right = self.expr("bool", depth), self.expr("bool", depth)
        no = self.pick("", "NOT ")
        return self.pick(
            f"({one} {self.pick('=', '<>', '<', '<=', '>', '>=')} {two})",
            f"({self.expr('int', depth)} < {self.expr('double', depth)})",
            f"({left} AND {right})", f"({left} OR {right})", f"(NOT {left})",
            f"({one} IS {no}NULL)", f"({left} IS {no}{self.pick('TRUE', 'FALSE')})",
            f"({one} {no}BETWEEN {two} AND {three})", f"({one} {no}IN ({two}, {three}))",
            f"({one} {no}IN ({two}, NULL, {three}))", f"({one} IS {no}DISTINCT FROM {two})",
            f"({self.expr('text', depth)} {no}LIKE {self.pattern()})", f"({left} = {right})")

    def pattern(self):
        return "'" + "".join(self.pick("%", "_", "a", "b", "A", "x") for _ in
                             range(self.random.randint(0, 4))) + "'"

    def any_expr(self, depth=0):
        kind = self.pick("int", "double", "text", "bool")
        return kind, self.expr(kind, depth)

    def key(self):
        """Of GROUP BY: a number alone would be a position."""
        kind, key = self.any_expr(2)
        return key if re.search(r"[a-z]", re.sub("'[^']*'", "", key)) else self.key()

    def aggregate(self, depth=1):
        some = self.expr(self.pick("int", "double"), DEPTH_MAX - 1)  # SQLite sums are inexact
        whole = self.expr("int", depth)
        text = self.expr("text", depth)
        filter_ = ""
        if self.random.random() < 0.3:
            filter_ = f" FILTER (WHERE {self.expr('bool', depth)})"
        call = self.pick("COUNT(*)", f"COUNT({some})", f"SUM({some})", f"AVG({some})",
                         f"MIN({some})", f"MAX({some})", f"MIN({text})", f"MAX({text})",
                         f"COUNT(DISTINCT {some})", f"COUNT(DISTINCT {text})",
                         f"SUM(DISTINCT {whole})", f"COUNT({text})")
        return call + filter_

    def table(self):
        rows = []
        for i in range(self.random.randint(1, 12)):
            values = []
            for kind in self.columns.values():
                null = i > 0 and self.random.random() < 0.2
                values.append("NULL" if null else self.literal(kind))
            rows.append(f"({', '.join(values)})")
        return f"(VALUES {', '.join(rows)}) AS t ({', '.join(self.columns)})"

    def source(self):
        """The VALUES themselves, or a query over them with the same columns."""
        table = self.table()
        if self.random.random() < 0.6:
            return table
        items = ", ".join(f"{self.expr(kind, 2)} AS {name}" for name, kind in self.columns.items())
        return f"(SELECT {items} FROM {table} WHERE {self.expr('bool', 2)}) AS t"

    def where(self):
        return f" WHERE {self.expr('bool')}" if self.random.random() < 0.5 else ""

    def query(self, number):
        shape = self.pick("plain", "plain", "distinct", "group", "group", "global", "top", "union")
        source = self.source()
        if shape == "global":
            items = [self.aggregate() for _ in range(3)]
            return self.select(number, items, source + self.where()), False
        if shape == "group":
            keys = [self.key() for _ in range(self.random.randint(1, 2))]
            items = keys + [self.aggregate() for _ in range(2)]
            having = f" HAVING {self.aggregate()} IS NOT NULL" if self.random.random() < 0.3 else ""
            tail = source + self.where() + f" GROUP BY {', '.join(keys)}" + having
            return self.select(number, items, tail), False
        items = [self.any_expr()[1] for _ in range(self.random.randint(1, 3))]
        if shape == "distinct":
            return self.select(number, items, source + self.where(), "DISTINCT "), False
        if shape == "union":
            kinds = [self.pick("int", "text") for _ in range(2)]
            one = self.select(number, [self.expr(k) for k in kinds], source + self.where())
            two = self.select(number, [self.expr(k) for k in kinds], self.source())
            return f"{one} UNION ALL {two}", False
        tail = source + self.where()
        if shape == "top":
            order = ", ".join(
                f"{i + 2} {self.pick('ASC', 'DESC')} NULLS {self.pick('FIRST', 'LAST')}"
                for i in range(len(items)))
            tail += f" ORDER BY {order} LIMIT {self.random.randint(0, 8)}"
            return self.select(number, items, tail), True
        return self.select(number, items, tail), False

    @staticmethod
    def select(number, items, tail, distinct=""):
        listed = ", ".join(f"{item} AS c{i}" for i, item in enumerate(items))
        return f"SELECT {distinct}{number} AS q, {listed} FROM {tail}"


def for_sqlite(sql):
    """(VALUES …) AS t (a, b) has a column list that SQLite does not read: a SELECT names them."""
    names = ", ".join(f"column{i + 1} AS {name}" for i, name in enumerate(COLUMNS))
    listed = re.escape(f"AS t ({', '.join(COLUMNS)})")
    return re.sub(rf"\((VALUES \(.*?\))\) {listed}", rf"(SELECT {names} FROM (\1)) AS t", sql)


def number_equal(one, two):
    return one == two or math.isclose(one, two, rel_tol=1e-9, abs_tol=1e-6)


def value_equal(one, two):
    if one is None or two is None or isinstance(one, str) or isinstance(two, str):
        return one == two
    return number_equal(one, two)


def rows_equal(ours, theirs, ordered):
    if len(ours) != len(theirs):
        return False

    def key(row):
        return [(v is not None, isinstance(v, str), v if isinstance(v, str) else
                 float(f"{v or 0:.9g}")) for v in row]
    if not ordered:
        ours, theirs = sorted(ours, key=key), sorted(theirs, key=key)
    return all(value_equal(a, b) for one, two in zip(ours, theirs) for a, b in zip(one, two))


class SqliteTest(unittest.TestCase):
    def setUp(self):
        self.sqlite = sqlite3.connect(":memory:")
        self.addCleanup(self.sqlite.close)
        self.sqlite.execute("PRAGMA case_sensitive_like = ON")

    def weir_rows(self, queries):
        """Rows by number of query; None: the whole is refused, as a constant cannot be computed."""
        rows = {number: [] for number in range(len(queries))}
        first = 0
        while first < len(queries):
            with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
                file.write(";\n".join(queries[first:]))
                file.flush()
                result = weir.run("-X", "-q", file.name, timeout=300)
            for row in result.rows():
                values = [int(v) if isinstance(v, bool) else v for v in row.values()]
                rows[values[0]].append(values[1:])
            if result.rc == 0:
                break
            place = re.search(rf"^error\[E0304\].*?\.sql:(\d+):", result.err, re.M | re.S)
            self.assertIsNotNone(place, result.err + "\n" + "\n".join(queries[first:])[:2000])
            first += int(place.group(1))
            rows[first - 1] = None
        return rows

    def compare(self, seed):
        generator = Generator(seed)
        queries = [generator.query(number) for number in range(QUERIES)]
        ours = self.weir_rows([sql for sql, _ in queries])
        compared = 0
        for number, (sql, ordered) in enumerate(queries):
            if ours[number] is None:
                continue
            theirs = [list(row)[1:] for row in self.sqlite.execute(for_sqlite(sql))]
            compared += 1
            with self.subTest(seed=seed, query=number):
                self.assertTrue(rows_equal(ours[number], theirs, ordered),
                                f"{sql}\nweir:   {ours[number]}\nSQLite: {theirs}")
        return compared

    def test_queries(self):
        compared = sum(self.compare(seed) for seed in range(1, BATCHES + 1))
        self.assertGreater(compared, BATCHES * QUERIES * 9 // 10)


if __name__ == "__main__":
    unittest.main()
