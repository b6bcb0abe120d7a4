"""CREATE TABLE: what stands in a table of sqlite after rows came, changed and went."""
import sqlite3
import tempfile
import unittest
from pathlib import Path

import weir


class TableTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def run_sql(self, sql):
        result = weir.run("-c", sql, cwd=self.directory)
        self.assertEqual(0, result.rc, result.err)
        return result

    def rows(self, sql):
        connection = sqlite3.connect(self.directory / "a.db")
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def test_a_newer_row_replaces_the_older_one_of_its_key(self):
        table = ("CREATE TABLE t (k TEXT, v BIGINT, note TEXT, PRIMARY KEY (k)) "
                 "WITH (connector = 'sqlite', path = 'a.db', table = 't');")
        self.run_sql(table + "INSERT INTO t SELECT column1, column2, 'first' "
                             "FROM (VALUES ('a', 1), ('b', 2), ('a', 3))")
        self.assertEqual([("a", 3, "first"), ("b", 2, "first")],
                         self.rows("SELECT * FROM t ORDER BY k"))
        self.run_sql(table + "INSERT INTO t (k, v) SELECT 'b', 5")
        self.assertEqual([("a", 3, "first"), ("b", 5, None)],
                         self.rows("SELECT * FROM t ORDER BY k"))

    def test_a_row_that_goes_is_deleted(self):
        events = self.directory / "in.jsonl"
        events.write_text("".join(f'{{"k": "{k}"}}\n' for k in "aabcaa"))
        self.run_sql("SET batch_rows = 1;"
                     "CREATE TABLE few (k TEXT, n BIGINT, PRIMARY KEY (k)) "
                     "WITH (connector = 'sqlite', path = 'a.db', table = 'few');"
                     "INSERT INTO few SELECT k, count(*) FROM file('in.jsonl', "
                     "columns = 'k TEXT') GROUP BY k HAVING count(*) < 3 EMIT CHANGES")
        self.assertEqual([("b", 1), ("c", 1)], self.rows("SELECT * FROM few ORDER BY k"))

    def test_a_key_of_several_columns_with_any_names(self):
        self.run_sql("CREATE TABLE t (a BIGINT, \"b, c\" TEXT, v DOUBLE, "
                     "PRIMARY KEY (\"b, c\", a)) "
                     "WITH (connector = 'sqlite', path = 'a.db', table = 't');"
                     "INSERT INTO t SELECT column1, column2, column3 FROM "
                     "(VALUES (1, 'x', 0.5), (1, 'y', 1.5), (1, 'x', 2.5))")
        self.assertEqual([(1, "x", 2.5), (1, "y", 1.5)], self.rows("SELECT * FROM t ORDER BY 2"))

    def test_a_null_in_the_key_is_a_bad_row(self):
        result = self.run_sql("CREATE TABLE t (k TEXT PRIMARY KEY, v BIGINT) "
                              "WITH (connector = 'sqlite', path = 'a.db', table = 't');"
                              "INSERT INTO t SELECT column1, column2 FROM "
                              "(VALUES ('a', 1), (NULL, 2), ('b', 3))")
        self.assertIn("NULL in a NOT NULL column", result.err)
        self.assertEqual([("a", 1), ("b", 3)], self.rows("SELECT * FROM t ORDER BY k"))


if __name__ == "__main__":
    unittest.main()
