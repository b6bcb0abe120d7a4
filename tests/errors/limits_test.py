"""No statement, however deep, long or odd, crashes weir or keeps it busy for long: it runs, or says
what was too much. Whole seconds are allowed, for sanitizers and busy machines; what grows with the
square or the power of its size needs minutes.
"""
import tempfile
import unittest
from pathlib import Path

import weir

LIMIT_S = 60


class LimitsTest(unittest.TestCase):
    def run_sql(self, sql):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.sql"
            path.write_bytes(sql if isinstance(sql, bytes) else sql.encode())
            return weir.run("-X", "-q", path, timeout=LIMIT_S)

    def rows(self, sql):
        result = self.run_sql(sql)
        self.assertEqual(0, result.rc, result.err[-2000:])
        return [list(row.values()) for row in result.rows()]

    def refused(self, code, sql):
        """An error of this code, short enough to be read, with a place."""
        result = self.run_sql(sql)
        self.assertEqual(3, result.rc, (result.out + result.err)[-2000:])
        self.assertIn(f"error[{code}]", result.err)
        self.assertIn("a.sql:", result.err)
        self.assertLess(len(result.err), 5000)
        return result.err


class DepthTest(LimitsTest):
    def test_parentheses(self):
        self.assertEqual([[1]], self.rows("SELECT " + "(" * 200 + "1" + ")" * 200))
        self.refused("E0103", "SELECT " + "(" * 300 + "1" + ")" * 300)
        self.refused("E0103", "SELECT " + "(" * 1_000_000)

    def test_other_nesting(self):
        for before, inside, behind in (("NOT ", "TRUE", ""), ("- ", "1", ""),
                                       ("CASE WHEN TRUE THEN ", "1", " END"),
                                       ("abs(", "1", ")"), ("CAST(", "1", " AS BIGINT)"),
                                       ("coalesce(NULL, ", "1", ")"), ("ARRAY[", "1", "]"),
                                       ("CASE ", "1", " WHEN 1 THEN 1 END"),
                                       ("1 = (", "1", ")"), ("1 IN (", "1", ")")):
            with self.subTest(before):
                self.refused("E0103", "SELECT " + before * 3000 + inside + behind * 3000)

    def test_subqueries(self):
        def nested(count):
            return "SELECT * FROM (" * count + "SELECT 1 AS x" + ")" * count
        self.assertEqual([[1]], self.rows(nested(30)))
        for count in (100, 1000, 100_000):
            with self.subTest(count):
                self.assertRegex(self.run_sql(nested(count)).err, r"error\[E0(103|901)\]")

    def test_paths(self):
        self.refused("E0103", "SELECT a" + ".a" * 100_000 + " FROM (VALUES (1)) AS t (a)")
        self.refused("E0103", "SELECT a" + "[0]" * 100_000 + " FROM (VALUES (1)) AS t (a)")
        self.refused("E0103", "SELECT a" + "::TEXT" * 100_000 + " FROM (VALUES (1)) AS t (a)")
        self.refused("E0103", "SELECT a" + "->'x'" * 100_000 + " FROM (VALUES (1)) AS t (a)")

    def test_comments_and_explain(self):
        self.assertEqual([[1]], self.rows("SELECT 1 " + "/*" * 100_000 + "*/" * 100_000))
        self.refused("E0102", "SELECT 1 " + "/*" * 1_000_000)
        self.refused("E0101", "EXPLAIN " * 100_000 + "SELECT 1")
        self.refused("E0103", "ASSERT ERROR 'E0101' FOR " * 100_000 + "SELECT 1")

    def test_types(self):
        self.refused("E0103", "SELECT CAST(1 AS " + "ARRAY<" * 10_000 + "INT" + ">" * 10_000 + ")")


class LengthTest(LimitsTest):
    def test_chains(self):
        terms = 100_000
        self.assertEqual([[terms]], self.rows("SELECT " + "+".join(["1"] * terms)))
        self.assertEqual([[True]], self.rows("SELECT " + " AND ".join(["1 = 1"] * terms)))
        self.assertEqual([[False]], self.rows("SELECT " + " OR ".join(["2 = 1"] * terms)))
        texts = 4 * terms  # copied at each || they would be 80 GB
        self.assertEqual([[texts]], self.rows("SELECT length(" + "||".join(["'a'"] * texts) + ")"))
        any_of = " OR ".join(f"x = {i}" for i in range(terms))
        self.assertEqual([[1]], self.rows(f"SELECT x FROM (VALUES (1)) AS t (x) WHERE {any_of}"))

    def test_lists(self):
        many = ", ".join(map(str, range(100_000)))
        self.assertEqual([[True]], self.rows(f"SELECT 99999 IN ({many})"))
        self.assertEqual([[99_999]], self.rows(f"SELECT greatest({many})"))
        rows = ", ".join(f"({i})" for i in range(100_000))
        self.assertEqual([[100_000]], self.rows(f"SELECT count(*) FROM (VALUES {rows}) AS t"))

    def test_case_of_many_branches(self):
        whens = " ".join(f"WHEN {i} THEN {i + 1}" for i in range(20_000))
        self.assertEqual([[20_000]], self.rows(
            f"SELECT CASE x {whens} END FROM (VALUES (19999)) AS t (x)"))

    def test_ten_megabytes(self):
        text = "x" * 10_000_000
        self.assertEqual([[len(text)]], self.rows(f"SELECT length('{text}')"))
        self.assertEqual([[1]], self.rows("SELECT 1" + " " * 10_000_000))
        self.assertEqual([[1]], self.rows(f"SELECT 1 -- {text}"))
        self.refused("E0203", "SELECT 1, " + "1, " * 1000 + "nope" + " " * 10_000_000)
        self.refused("E0101", "SELECT 1 " + "x " * 5_000_000)
        self.refused("E0102", f"SELECT '{text}")

    def test_a_name_of_a_megabyte(self):
        """Names may be long, messages about them are not."""
        name = "x" * 1_000_000
        self.refused("E0203", f"SELECT {name}")
        self.refused("E0203", f'SELECT "{name}" FROM (VALUES (1)) AS t')
        self.refused("E0203", f"SELECT a.{name} FROM (VALUES (1)) AS a")
        self.refused("E0205", f"SELECT {name}(1)")
        self.refused("E0205", f"SELECT * FROM {name}('a')")
        self.refused("E0201", f"SELECT * FROM {name}")
        self.refused("E0206", f"SET {name} = 1")
        self.refused("E0601", f"SELECT * FROM kafka('t', '{name}' = 1)")
        self.refused("E0301", f"SELECT CAST(1 AS {name})")
        self.refused("E0101", f"{name} 1")
        self.refused("E0101", f"SELECT 1 FROM t {name} {name}")
        self.assertEqual([[1]], self.rows(f"SELECT 1 AS {name}"))
        self.assertEqual([[1]], self.rows(
            f"CREATE VIEW {name} AS SELECT 1 AS {name}; SELECT {name} FROM {name}"))

    def test_numbers(self):
        self.refused("E0105", "SELECT " + "9" * 1_000_000)
        self.refused("E0105", "SELECT 1e" + "9" * 1_000_000)
        self.assertEqual([[0]], self.rows("SELECT 0." + "0" * 1_000_000))
        self.refused("E0105", "SELECT 1 FROM (VALUES (1)) AS t WINDOW TUMBLING "
                              + "9" * 100_000 + " SECONDS")

    def test_many_columns(self):
        self.refused("E0901", "SELECT " + ", ".join(f"{i} AS c{i}" for i in range(10_000)))
        columns = ", ".join(f"c{i} BIGINT" for i in range(10_000))
        self.refused("E0901", f"CREATE STREAM s ({columns}) WITH (connector = 'host')")
        self.refused("E0901", f"SELECT * FROM (VALUES ({', '.join(['1'] * 10_000)})) AS t")
        self.refused("E0901", "SELECT x FROM (VALUES (1)) AS t (x) GROUP BY "
                     + ", ".join(f"x + {i}" for i in range(10_000)))
        self.refused("E0901", "SELECT x FROM (VALUES (1)) AS t (x) ORDER BY "
                     + ", ".join(f"x + {i}" for i in range(10_000)))
        self.assertEqual(4000, len(self.rows("SELECT " + ", ".join(["1 AS a"] * 4000))[0]))

    def test_many_aggregates(self):
        self.refused("E0901", "SELECT 1 + " + " + ".join(f"sum(x + {i})" for i in range(10_000))
                     + " FROM (VALUES (1)) AS t (x)")

    def test_many_options(self):
        options = ", ".join(f"'o{i}' = '1'" for i in range(10_000))
        self.refused("E0601", f"SELECT * FROM kafka('t', {options})")
        self.refused("E0601", f"CREATE STREAM s (v DOUBLE) WITH (connector = 'kafka', {options})")

    def test_many_unions(self):
        union = " UNION ALL ".join(["SELECT 1 AS x"] * 20_000)
        self.assertRegex(self.run_sql(union).err, r"error\[E0901\]")

    def test_many_statements(self):
        self.assertEqual([[1]], self.rows("SET lanes = 1;\n" * 20_000 + "SELECT 1"))
        self.assertEqual([[1]], self.rows(";" * 1_000_000 + "SELECT 1"))


class ExpansionTest(LimitsTest):
    """A view that uses the one before it twice doubles the plan: 40 levels are 2^40 sources."""

    def test_ctes_in_a_row(self):
        chain = ", ".join(["c0 AS (SELECT 1 AS x)",
                           *(f"c{i} AS (SELECT x FROM c{i - 1})" for i in range(1, 10_000))])
        self.assertEqual([[1]], self.rows(f"WITH {chain} SELECT x FROM c0"))
        self.assertIn("E0901", self.refused("E0901", f"WITH {chain} SELECT x FROM c9999"))

    def test_ctes_that_double(self):
        chain = ", ".join(["c0 AS (SELECT 1 AS x)",
                           *(f"c{i} AS (SELECT x FROM c{i - 1} UNION ALL SELECT x FROM c{i - 1})"
                             for i in range(1, 41))])
        self.refused("E0901", f"WITH {chain} SELECT count(*) FROM c40")

    def test_views_that_double(self):
        for inside in ("SELECT 1 AS x", "SELECT v AS x FROM host('h', columns = 'v DOUBLE')"):
            views = "".join(f"CREATE VIEW v{i} AS SELECT x FROM v{i - 1} "
                            f"UNION ALL SELECT x FROM v{i - 1};\n" for i in range(1, 41))
            self.refused("E0901", f"CREATE VIEW v0 AS {inside};\n{views}"
                                  "SELECT count(*) FROM v40")

    def test_views_in_a_row(self):
        views = "".join(f"CREATE VIEW v{i} AS SELECT x FROM v{i - 1};\n" for i in range(1, 1000))
        self.refused("E0901", f"CREATE VIEW v0 AS SELECT 1 AS x;\n{views}SELECT * FROM v999")

    def test_expressions_that_double(self):
        """Columns of views are put into each other: unshared, 2^29 additions."""
        views = "".join(f"CREATE VIEW v{i} AS SELECT x + x AS x FROM v{i - 1};\n"
                        for i in range(1, 30))
        self.assertEqual([[2 ** 29]], self.rows(
            f"CREATE VIEW v0 AS SELECT column1 AS x FROM (VALUES (1)) AS t;\n{views}"
            "SELECT x FROM v29"))

    def test_stars_that_double(self):
        views = "".join(f"CREATE VIEW v{i} AS SELECT *, * FROM v{i - 1};\n" for i in range(1, 30))
        self.refused("E0901", f"CREATE VIEW v0 AS SELECT 1 AS x;\n{views}")


class BytesTest(LimitsTest):
    def test_nul_bytes(self):
        for sql in (b"\0", b"SELECT \0 1", b"SELECT 'a\0b'", b'SELECT "a\0b"', b"SELECT 1\0",
                    b"SELECT 1 \0; SELECT 2", b"SELECT a\0b", b"\0" * 1_000_000):
            with self.subTest(sql[:40]):
                self.assertRegex(self.run_sql(sql).err, r"error\[E010[56]\]")

    def test_nul_bytes_in_comments(self):
        self.assertEqual([[1]], self.rows(b"SELECT 1 -- a\0b\n"))
        self.assertEqual([[1]], self.rows(b"SELECT 1 /* a\0b */"))

    def test_invalid_utf8(self):
        for sql in (b"\xff", b"SELECT '\xff'", b'SELECT "\xc3"', b"SELECT \xe2\x82 1",
                    b"SELECT '\xed\xa0\x80'", b"SELECT '\xf4\x90\x80\x80'", b"SELECT a\xff",
                    b"\x80" * 1_000_000, b"SELECT '" + b"\xfe" * 1_000_000 + b"'",
                    b"\xff\xfeS\0E\0L\0"):
            with self.subTest(sql[:40]):
                err = self.run_sql(sql).err
                self.assertRegex(err, r"error\[E010[56]\]")
                self.assertLess(len(err), 5000)

    def test_byte_order_mark(self):
        self.assertEqual([[1]], self.rows(b"\xef\xbb\xbfSELECT 1"))

    def test_odd_characters(self):
        for character in "\u202e\u200b\u2028\u00ad\ufffd\U0001f600\x1b\x07\x7f\x85":
            with self.subTest(repr(character)):
                err = self.run_sql(f"SELECT {character}x FROM {character}").err
                self.assertRegex(err, r"error\[E0")
                self.assertNotIn("\x1b", err)
                self.assertNotIn("\x07", err)


if __name__ == "__main__":
    unittest.main()
