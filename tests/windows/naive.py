"""What a windowed query must give, computed row by row: no panes, no batches, no vectors.

    query = Query.random(chance)     its SQL: query.sql(source), what it needs: query.rows(arrivals)

The rules (each sentence is one `if` below):
- the watermark of a partition is its greatest event time − delay; a row is judged against the one
  just before it, for each of its windows alone; a row of which no window is open is late;
- a partition that appears later begins at the watermark of the source, the least of its partitions;
- rows that WHERE leaves out move the watermark all the same, and are never late;
- sums are exact and rounded once; NULLs make one group; groups come by (window_end, keys).
"""
import math
from typing import NamedTuple, Optional

SECOND_US = 1000000
BASE_US = 1767261600 * SECOND_US  # 2026-01-01T10:00:00Z


class Row(NamedTuple):
    """One source row. Numbers are multiples of 1/100, so that they print alike everywhere."""
    partition: int
    ts_us: int
    k: Optional[str]
    b: Optional[bool]
    n: Optional[int]
    v: Optional[float]


def seconds_text(us):
    return f"{us // SECOND_US} SECONDS" if us % SECOND_US == 0 else f"{us // 1000} ms"


def present(values):
    return [value for value in values if value is not None]


def total(values):
    return math.fsum(values) if values else None


def mean(values):
    return math.fsum(values) / len(values) if values else None


# Aggregate: its text and what it is over the rows of a group.
AGGREGATES = [
    ("count(*)", len),
    ("count(v)", lambda rows: len(present(r.v for r in rows))),
    ("sum(v)", lambda rows: total(present(r.v for r in rows))),
    ("avg(v)", lambda rows: mean(present(r.v for r in rows))),
    ("sum(n)",
     lambda rows: sum(present(r.n for r in rows)) if present(r.n for r in rows) else None),
    ("avg(n)", lambda rows: mean(present(r.n for r in rows))),
    ("min(v)", lambda rows: min(present(r.v for r in rows), default=None)),
    ("max(n)", lambda rows: max(present(r.n for r in rows), default=None)),
    ("min(k)", lambda rows: min(present(r.k for r in rows), default=None)),
    ("count(DISTINCT k)", lambda rows: len(set(present(r.k for r in rows)))),
    ("count(DISTINCT n)", lambda rows: len(set(present(r.n for r in rows)))),
    ("sum(DISTINCT v)", lambda rows: total(sorted(set(present(r.v for r in rows))))),
    ("count(*) FILTER (WHERE b)", lambda rows: len([r for r in rows if r.b])),
    ("avg(v) FILTER (WHERE n > 3)",
     lambda rows: mean(present(r.v for r in rows if r.n is not None and r.n > 3))),
    ("sum(v) + count(*)",
     lambda rows: None if total(present(r.v for r in rows)) is None
     else total(present(r.v for r in rows)) + len(rows)),
    ("max(CASE WHEN b THEN v END)",
     lambda rows: max(present(r.v for r in rows if r.b), default=None)),
]

KEYS = [
    ("k", lambda r: r.k),
    ("b", lambda r: r.b),
    ("n", lambda r: r.n),
    ("n / 3", lambda r: None if r.n is None else int(r.n / 3)),
    ("k || 'x'", lambda r: None if r.k is None else r.k + "x"),
]

WHERES = [
    ("", lambda r: True),
    ("", lambda r: True),
    ("v > 0", lambda r: r.v is not None and r.v > 0),
    ("k IS NOT NULL AND n <> 2", lambda r: r.k is not None and r.n is not None and r.n != 2),
    ("b OR k = 'a'", lambda r: bool(r.b) or r.k == "a"),
]

HAVINGS = [
    ("", lambda rows: True),
    ("", lambda rows: True),
    ("count(*) > 1", lambda rows: len(rows) > 1),
    ("sum(n) % 2 = 0",
     lambda rows: bool(present(r.n for r in rows)) and sum(present(r.n for r in rows)) % 2 == 0),
]


def key_order(value):
    """NULLs last, texts by bytes."""
    return (value is None, value.encode() if isinstance(value, str) else value or 0)


class Query:
    """A window, keys, aggregates, WHERE and HAVING, drawn by chance."""

    def __init__(self, chance):
        unit_us = chance.choice([SECOND_US, 1000 * 1000, 250 * 1000])
        self.size_us = chance.randint(1, 40) * unit_us
        self.hopping = chance.random() < 0.6
        self.advance_us = chance.randint(1, self.size_us // unit_us) * unit_us \
            if self.hopping else self.size_us
        self.grace_us = chance.choice([0, 0, chance.randint(1, 20) * unit_us])
        self.offset_us = chance.choice([0, 0, chance.randint(-50, 50) * unit_us])
        self.keys = chance.sample(KEYS, chance.choice([0, 1, 1, 2]))
        self.aggregates = chance.sample(AGGREGATES, chance.randint(1, 5))
        self.where = chance.choice(WHERES)
        self.having = chance.choice(HAVINGS)
        self.late_count = 0

    def window_sql(self):
        options = [f"SIZE {seconds_text(self.size_us)}"]
        if self.hopping:
            options.append(f"ADVANCE BY {seconds_text(self.advance_us)}")
        if self.grace_us:
            options.append(f"GRACE PERIOD {seconds_text(self.grace_us)}")
        if self.offset_us:
            sign = "-" if self.offset_us < 0 else ""
            options.append(f"OFFSET {sign}{seconds_text(abs(self.offset_us))}")
        return f"WINDOW {'HOPPING' if self.hopping else 'TUMBLING'} ({', '.join(options)})"

    def sql(self, source):
        items = ["window_start AS w0", "window_end AS w1"]
        items += [f"{text} AS k{i}" for i, (text, _) in enumerate(self.keys)]
        items += [f"{text} AS a{i}" for i, (text, _) in enumerate(self.aggregates)]
        text = f"SELECT {', '.join(items)} FROM {source} {self.window_sql()}"
        if self.where[0]:
            text += f" WHERE {self.where[0]}"
        if self.keys:
            text += " GROUP BY " + ", ".join(key for key, _ in self.keys)
        if self.having[0]:
            text += f" HAVING {self.having[0]}"
        return text

    def windows(self, ts_us):
        """All [start, end) that hold this time."""
        start = (ts_us - self.offset_us) // self.advance_us * self.advance_us + self.offset_us
        while start + self.size_us > ts_us:
            yield start, start + self.size_us
            start -= self.advance_us

    def rows(self, arrivals, delay_us, joins_at=None):
        """The result over these rows; sets late_count."""
        return self.result(judged(arrivals, delay_us, joins_at))

    def rows_of_sources(self, sources):
        """The result over a union of (rows, delay), which share no partition."""
        return self.result(pair for rows, delay_us in sources for pair in judged(rows, delay_us))

    def result(self, pairs):
        """Groups over (row, watermark of its partition before it)."""
        groups = {}
        self.late_count = 0
        for row, watermark in pairs:
            if not self.where[1](row):
                continue
            windows = [w for w in self.windows(row.ts_us) if w[1] + self.grace_us > watermark]
            self.late_count += not windows
            for start, end in windows:
                key = tuple(part(row) for _, part in self.keys)
                groups.setdefault((end, start, key), []).append(row)
        ordered = sorted(groups.items(), key=lambda g: (g[0][0], [key_order(k) for k in g[0][2]]))
        return [[start, end, *key, *(f(rows) for _, f in self.aggregates)]
                for (end, start, key), rows in ordered if self.having[1](rows)]


def judged(arrivals, delay_us, joins_at=None):
    """Each row with the watermark of its partition just before it. `joins_at` knows the watermark
    at which a partition begins that is not there from the start."""
    watermarks = {}
    for row in arrivals:
        before = watermarks.get(row.partition)
        if before is None:
            before = joins_at[row.partition] if joins_at else -math.inf
        yield row, before
        watermarks[row.partition] = max(before, row.ts_us - delay_us)


def rows_random(chance, partition_count, count):
    """Rows that go forward in time by fits and starts, with disorder, for several partitions."""
    step_us = chance.choice([100, 1000, 4000]) * 1000
    disorder_us = chance.choice([0, 3, 30]) * SECOND_US
    at_us = [BASE_US + chance.randrange(20) * SECOND_US for _ in range(partition_count)]
    rows = []
    for _ in range(count):
        partition = chance.randrange(partition_count)
        at_us[partition] += chance.randrange(step_us)
        ts_us = at_us[partition] - (chance.randrange(disorder_us) if disorder_us else 0)
        if chance.random() < 0.2:
            ts_us -= ts_us % SECOND_US  # borders
        elif chance.random() < 0.8:
            ts_us -= ts_us % 1000
        rows.append(Row(partition, ts_us,
                        chance.choice(["a", "b", "B", "é", "", None, "a long key"]),
                        chance.choice([True, False, None]),
                        chance.choice([None, *range(-4, 9)]),
                        chance.choice([None, chance.randint(-10000, 10000) / 100,
                                       chance.randint(0, 5) / 1])))
    return rows
