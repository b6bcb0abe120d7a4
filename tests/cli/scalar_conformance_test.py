"""Scalar and aggregate cases of another engine (RisingWave, checked there against PostgreSQL), when
their data lies beside the repository (../shared/conformance/risingwave_scalar, see its README).

Every case runs; known_scalar_differences.py lists those that differ, with the reason. A case that
differs and is not listed fails, and so does a listed one that no longer differs: the list is true.
"""
import json
import math
import os
import re
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import weir
from conformance_test import SHARED
from known_scalar_differences import DIFFERENCES

CASES = SHARED and SHARED / "risingwave_scalar"

# What a table's columns are called upstream, where our name is another one.
TYPES = {"varchar": "TEXT", "character varying": "TEXT", "string": "TEXT", "bytea": "BYTES",
         "jsonb": "JSON", "timestamp with time zone": "TIMESTAMP", "timestamptz": "TIMESTAMP",
         "timestamp without time zone": "TIMESTAMP", "double precision": "DOUBLE",
         "integer": "INT", "int2": "SMALLINT", "int4": "INT", "int8": "BIGINT",
         "float4": "REAL", "float8": "DOUBLE", "float": "DOUBLE", "numeric": "DECIMAL(38, 9)",
         "decimal": "DECIMAL(38, 9)"}


# JSON has no number for these: they are null there.
NOT_IN_JSON = ("NaN", "Infinity", "-Infinity")


def column_type(name):
    name = name.lower().strip()
    return TYPES.get(name, name.upper())


class Tables:
    """The tables of one file as JSON lines, and queries that read them. A case says which of
    several tables of one name it means."""

    def __init__(self, folder, tables):
        self.paths, self.columns = {}, {}
        for key, table in tables.items():
            path = Path(folder) / f"{re.sub('[^A-Za-z0-9_]', '_', key)}.jsonl"
            names = [name for name, _ in table["columns"]]
            path.write_text("".join(json.dumps(dict(zip(names, row))) + "\n"
                                    for row in table["rows"]), encoding="utf-8")
            self.paths[key], self.columns[key] = path, table["columns"]

    def source(self, key, query):
        """With the columns that the query uses: types of others do not matter."""
        used = [(name, kind) for name, kind in self.columns[key]
                if "*" in query or re.search(rf"\b{re.escape(name)}\b", query, re.I)]
        columns = ", ".join(f'"{name}" {column_type(kind)}' for name, kind in used)
        declared = f", columns = '{columns}'" if used else ""
        return f"file('{self.paths[key]}'{declared})"

    def query(self, case):
        key = case.get("table")
        if not key:
            return case["sql"]
        return re.sub(r"kafka\('[^']*'\)", lambda _: self.source(key, case["sql"]), case["sql"])


def printed(value):
    """A value of ours as upstream prints it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return " ".join(str(value).split())


def as_json(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


def as_time(text):
    """Instants in one spelling: theirs has a blank, and a zone or none; ours is ISO."""
    match = re.fullmatch(r"(\d{4,}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?(Z|\+00:00)?", text)
    return match and (match[1], match[2], (match[3] or "").rstrip("0").rstrip("."))


def same_number(ours, theirs):
    try:
        a, b = float(ours), float(theirs)
    except ValueError:
        return False
    return a == b or (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-9)


def same_value(ours, theirs):
    if ours is None or theirs is None:
        return ours is theirs or theirs in NOT_IN_JSON
    theirs = " ".join(theirs.split())
    if ours == theirs or same_number(ours, theirs):
        return True
    if theirs[:1] in "[{":
        return as_json(theirs) is not None and as_json(theirs) == as_json(ours)
    return as_time(theirs) is not None and as_time(theirs) == as_time(ours)


def sort_key(row):
    """The same for two spellings of a number or of an instant."""
    def key(value):
        try:
            return (0, float(value), "")
        except ValueError:
            return (1, 0.0, str(as_time(value) or value))
    return [(2, 0.0, "") if value is None else key(" ".join(value.split())) for value in row]


def same_rows(case, ours):
    theirs = case.get("expected")
    if theirs is None:
        lines = [" ".join(line.split()) for line in case["expected_lines"]]
        return sorted(lines) == sorted(" ".join("NULL" if v is None else v for v in row).strip()
                                       for row in ours)
    if not case["ordered"]:
        ours, theirs = sorted(ours, key=sort_key), sorted(theirs, key=sort_key)
    return len(ours) == len(theirs) and all(
        len(a) == len(b) and all(map(same_value, a, b)) for a, b in zip(ours, theirs))


def difference(tables, case):
    """Empty when ours is theirs, else what ours is."""
    ended = weir.run("-X", "-q", "-o", "jsonl", "-c", tables.query(case))
    if ended.rc != 0 or "error" in ended.err:
        return " ".join(ended.err.split())[:200] or f"exit {ended.rc}"
    rows = [[printed(value) for value in json.loads(line).values()]
            for line in ended.out.splitlines()]
    return "" if same_rows(case, rows) else f"rows {rows}"[:200]


def all_cases(folder):
    for file in sorted(CASES.glob("*.json")):
        told = json.loads(file.read_text(encoding="utf-8"))
        place = Path(folder) / file.stem
        place.mkdir()
        tables = Tables(place, told.get("tables", {}))
        for case in told.get("cases", []):
            yield f"{told['topic']} {case['id']}", tables, case


def reason_of(name, case, differs):
    """Why it is known to differ, or None. Of an error only its line counts, not where it is."""
    told = f"{name}\n{case['sql']}\n{differs.split(' --> ')[0]}"
    for number, (pattern, _) in enumerate(DIFFERENCES):
        if re.search(pattern, told, re.I | re.S):
            return number
    return None


@unittest.skipUnless(CASES and CASES.is_dir(), "no ../shared/conformance")
class ScalarCases(unittest.TestCase):
    def test_all(self):
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
            cases = list(all_cases(folder))
            found = list(pool.map(lambda each: difference(each[1], each[2]), cases))
        wrong, met = [], [0] * len(DIFFERENCES)
        for (name, _, case), differs in zip(cases, found):
            reason = reason_of(name, case, differs) if differs else None
            if reason is not None:
                met[reason] += 1
            elif differs:
                wrong.append(f"{name}\n    {case['sql']}\n    wanted {case.get('expected')}\n"
                             f"    {differs}")
        for count, (pattern, why) in zip(met, DIFFERENCES):
            print(f"{count:5d}  {why}")
            if count == 0:
                wrong.append(f"no case differs any more by: {why} ({pattern})")
        print(f"{len(cases)} cases, {len(cases) - sum(met)} the same, {sum(met)} known to differ")
        self.assertFalse(wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong))


if __name__ == "__main__":
    unittest.main()
