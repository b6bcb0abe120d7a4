"""Random queries over what windows give: windows over windows, ORDER BY … LIMIT per window, changes
folded to a table, unions, no window at all; each against the naive evaluator."""
import json
import random
import tempfile
import unittest
from pathlib import Path

import weir
from naive import Query, Row, key_order, rows_random, seconds_text, SECOND_US
from random_test import CASE_COUNT, COLUMNS, SEED, line_of, row_json, time_text

WINDOW_TIME_BEFORE_END_US = 1000


def window_tumbling(chance):
    query = Query(chance)
    query.hopping, query.advance_us = False, query.size_us
    return query


class DerivedTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        weir.require_binary()

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def source(self, name, rows, delay_us):
        """Writes each partition to a file; the source that reads them."""
        for partition in {row.partition for row in rows}:
            path = Path(self.folder.name) / f"{name}{partition}.jsonl"
            path.write_text("".join(line_of(r) + "\n" for r in rows if r.partition == partition))
        return (f"file('{self.folder.name}/{name}*.jsonl', columns = '{COLUMNS}') "
                f"WATERMARK FOR ts DELAY {seconds_text(delay_us)}")

    def rows_of(self, sql, *options):
        result = weir.run(*options, "-c", sql)
        self.assertEqual(0, result.rc, f"{sql}\n{result.err}")
        return [list(row.values()) for row in result.rows()]

    def each_case(self, check):
        for seed in range(SEED, SEED + CASE_COUNT):
            chance = random.Random(seed)
            rows = rows_random(chance, chance.choice([1, 3]), chance.choice([10, 200]))
            with self.subTest(seed=seed):
                check(chance, rows, chance.choice([0, 2]) * SECOND_US, f"c{seed}-")

    def check_windows_over_windows(self, chance, rows, delay_us, name):
        inner, outer = Query(chance), Query(chance)
        inner.keys = inner.keys or [("k", lambda r: r.k)]
        inner.aggregates = [("count(*)", len)]
        sql = ("SELECT window_start AS w0, window_end AS w1, k0, count(*) AS n, sum(a0) AS s "
               "FROM (" + inner.sql(self.source(name, rows, delay_us)) +
               f") {outer.window_sql()} GROUP BY k0")
        groups = {}
        for _, end, key, *rest in inner.rows(rows, delay_us):
            for window in outer.windows(end - WINDOW_TIME_BEFORE_END_US):
                groups.setdefault((window[1], window[0], key), []).append(rest[-1])
        wanted = [[time_text(start), time_text(end), key, len(values), sum(values)]
                  for (end, start, key), values in
                  sorted(groups.items(), key=lambda g: (g[0][0], key_order(g[0][2])))]
        self.assertEqual(wanted, self.rows_of(sql), sql)

    def test_windows_over_windows(self):
        self.each_case(self.check_windows_over_windows)

    def check_order_and_limit(self, chance, rows, delay_us, name):
        query = Query(chance)
        query.keys, query.aggregates = [("k", lambda r: r.k)], [
            ("count(*)", len),
            ("max(n)", lambda group: max((r.n for r in group if r.n is not None), default=None))]
        limit, offset = chance.randint(1, 3), chance.choice([0, 0, 1])
        sql = (query.sql(self.source(name, rows, delay_us)) +
               f" ORDER BY a1 DESC, k0 LIMIT {limit} OFFSET {offset}")
        windows = {}
        for row in query.rows(rows, delay_us):
            windows.setdefault((row[1], row[0]), []).append(row)
        wanted = []
        for _, group in sorted(windows.items()):
            group.sort(key=lambda r: key_order(r[2]))
            group.sort(key=lambda r: (r[4] is not None, -(r[4] or 0)))  # DESC: NULLs first
            wanted += [row_json(row) for row in group[offset:offset + limit]]
        self.assertEqual(wanted, self.rows_of(sql), sql)

    def test_order_and_limit_per_window(self):
        self.each_case(self.check_order_and_limit)

    def check_changes(self, chance, rows, delay_us, name):
        query = Query(chance)
        sql = query.sql(self.source(name, rows, delay_us)) + " EMIT CHANGES"
        result = weir.run("--changelog", "-D", f"batch_rows={chance.choice([1, 9, 1000])}", "-c",
                          sql)
        table, key_count = {}, 2 + len(query.keys)
        for op, *row in (list(json.loads(line).values()) for line in result.lines()):
            key = tuple(row[:key_count])
            if op in ("-U", "-D"):
                self.assertEqual(row, table.pop(key, None), sql)
            else:
                self.assertNotIn(key, table, sql)
                table[key] = row
        wanted = {tuple(row[:key_count]): row
                  for row in map(row_json, query.rows(rows, delay_us))}
        self.assertEqual(wanted, table, f"{sql}\n{result.err}")

    def test_changes_end_in_the_final_table(self):
        self.each_case(self.check_changes)

    def check_union(self, chance, rows, delay_us, name):
        other = [Row(r.partition, *r[1:]) for r in rows_random(chance, 2, 60)]
        query = Query(chance)
        both = [self.source(name + "a", rows, delay_us), self.source(name + "b", other, 0)]
        sql = query.sql("(SELECT * FROM " + " UNION ALL SELECT * FROM ".join(both) + ")")
        moved = [row._replace(partition=row.partition + 100) for row in other]
        wanted = query.rows_of_sources([(rows, delay_us), (moved, 0)])
        self.assertEqual([row_json(row) for row in wanted], self.rows_of(sql), sql)

    def test_unions_judge_each_row_by_its_own_partition(self):
        self.each_case(self.check_union)

    def check_no_window(self, chance, rows, delay_us, name):
        query = Query(chance)
        keys = ", ".join(f"{text} AS k{i}" for i, (text, _) in enumerate(query.keys))
        items = ", ".join(f"{text} AS a{i}" for i, (text, _) in enumerate(query.aggregates))
        sql = f"SELECT {keys + ', ' if keys else ''}{items} FROM {self.source(name, rows, 0)}"
        sql += f" WHERE {query.where[0]}" if query.where[0] else ""
        sql += " GROUP BY " + ", ".join(k for k, _ in query.keys) if query.keys else ""
        groups = {} if query.keys else {(): []}
        for row in filter(query.where[1], rows):
            groups.setdefault(tuple(part(row) for _, part in query.keys), []).append(row)
        wanted = [[*key, *(f(group) for _, f in query.aggregates)] for key, group in
                  sorted(groups.items(), key=lambda g: [key_order(k) for k in g[0]])]
        self.assertEqual(wanted, self.rows_of(sql), f"{sql} ({delay_us})")

    def test_without_a_window(self):
        self.each_case(self.check_no_window)


if __name__ == "__main__":
    unittest.main()
