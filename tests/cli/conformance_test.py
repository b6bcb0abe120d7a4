"""Other engines' window cases, when their data lies beside the repository (../shared/conformance).

Each case becomes an .slt file for the runner, so it also runs in every world.
"""
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import weir

SLT = weir.BUILD / "slt"


def shared_directory():
    places = [os.environ.get("WEIR_SHARED"), weir.ROOT.parent / "shared",
              weir.ROOT.parent.parent / "shared"]
    for place in places:
        if place and (Path(place) / "conformance").is_dir():
            return Path(place) / "conformance"
    return None


SHARED = shared_directory()

# What a column of the expected rows is in our SQL; the others need types that come later.
FLINK_COLUMNS = {
    "name": "name", "window_start": "window_start", "window_end": "window_end",
    "window_time": "window_time", "count": "count(*)", "max_double": 'max("double")',
    "min_float": 'min("float")', "count_distinct_string": "count(DISTINCT string)",
}


def timestamp(text):
    text = text.replace(" ", "T")
    return text + (":00" if text.count(":") == 1 else "") + "Z"


def value(cell):
    if cell is None or cell == "null":
        return "NULL"
    text = str(cell).lower() if isinstance(cell, bool) else str(cell)
    if len(text) >= 16 and text[4] == "-" and text[7] == "-" and text[13] == ":":
        return timestamp(text)
    try:
        number = float(text)
        return str(int(number)) if number == int(number) else repr(number)
    except ValueError:
        return text


def window_clause(window):
    kind = {"TUMBLE": "TUMBLING", "HOP": "HOPPING"}[window["kind"]]
    parts = [f"SIZE {window['size_ms']} MILLISECONDS"]
    if "slide_ms" in window:
        parts.append(f"ADVANCE BY {window['slide_ms']} MILLISECONDS")
    if window.get("offset_ms"):
        # A negative offset counts modulo the size.
        offset = window["offset_ms"] % window.get("slide_ms", window["size_ms"])
        parts.append(f"OFFSET {offset} MILLISECONDS")
    return f"WINDOW {kind} ({', '.join(parts)})"


def push_rows(columns, rows):
    lines = ["push t"]
    for row in rows:
        cells = []
        for (_, kind), cell in zip(columns, row):
            text = "NULL" if cell is None else str(cell)
            if kind == "TIMESTAMP" and cell is not None:
                text = timestamp(cell)
            elif kind == "DOUBLE" and cell is not None:
                text = str(float(cell))
            elif kind == "TEXT" and cell is not None:
                text = f"'{cell}'"
            cells.append(text)
        lines.append("|".join(cells))
    return "\n".join(lines)


def case_file(columns, rows, delay, query, expected):
    time_column = next(name for name, kind in columns if kind == "TIMESTAMP")
    declared = ", ".join(f'"{name}" {kind}' for name, kind in columns)
    return "\n\n".join([
        f'statement ok\nCREATE STREAM t ({declared}, WATERMARK FOR "{time_column}"{delay}) '
        "WITH (connector = 'host')",
        f"run q\n{query}", push_rows(columns, rows), "end t",
        "\n".join(["expect q sorted done", "----", *expected])]) + "\n"


@unittest.skipIf(SHARED is None, "no ../shared/conformance here")
class WindowConformanceTest(unittest.TestCase):
    def run_file(self, name, text):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / f"{name}.slt"
            path.write_text(text)
            ended = subprocess.run([SLT, path], capture_output=True, text=True, timeout=120,
                                   env=weir.environment(), check=False)
            self.assertEqual(0, ended.returncode, f"{text}\n{ended.stdout}{ended.stderr}")

    def test_flink_window_table(self):
        data = json.loads((SHARED / "flink_window_table.json").read_text())
        table = data["tables"]["T1"]
        kinds = {"ts": "TIMESTAMP", "int": "BIGINT", "double": "DOUBLE", "float": "DOUBLE"}
        columns = [(name, kinds.get(name, "TEXT")) for name, _ in table["columns"]]
        ran = 0
        for case in data["cases"]:
            unknown = [c for c in case["columns"] if c not in FLINK_COLUMNS
                       and c not in ("sum_bigdec", "concat_distinct_string")]
            if (case["window"]["kind"] not in ("TUMBLE", "HOP") or unknown
                    or "grouping_sets" in case.get("tags", []) or "Cascade" in case["id"]):
                continue
            kept = [i for i, c in enumerate(case["columns"]) if c in FLINK_COLUMNS]
            items = ", ".join(FLINK_COLUMNS[case["columns"][i]] for i in kept)
            group = " GROUP BY name" if "name" in case["columns"] else ""
            expected = ["|".join(value(row[i]) for i in kept) for row in case["expected"]]
            with self.subTest(case["id"]):
                self.run_file(case["id"], case_file(
                    columns, table["rows"], " DELAY 1 SECOND",
                    f"SELECT {items} FROM t {window_clause(case['window'])}{group}", expected))
            ran += 1
        self.assertGreaterEqual(ran, 8)

    def test_calcite_stream(self):
        data = json.loads((SHARED / "calcite_stream.json").read_text())
        ran = 0
        for case in data["cases"]:
            if case["window"]["kind"] not in ("TUMBLE", "HOP"):
                continue
            source = case["input"]
            table = data["tables"][source] if isinstance(source, str) else source
            names = [c[0] if isinstance(c, list) else c for c in table["columns"]]
            when = case["window"]["time_column"]
            columns = [(name, "TIMESTAMP" if name == when else
                        "BIGINT" if name in ("ID", "UNITS") else "TEXT") for name in names]
            items = ", ".join(f'"{name}"' if name in names else name for name in case["columns"])
            rows = [["" if cell is None and kind != "TIMESTAMP" else cell
                     for (_, kind), cell in zip(columns, row)] for row in table["rows"]]
            texts = {name for name, kind in columns if kind == "TEXT"}
            expected = ["|".join(str(cell) if name in texts else value(cell)
                                 for name, cell in zip(case["columns"], row))
                        for row in case["expected"]]
            with self.subTest(case["id"]):
                self.run_file(case["id"].replace(":", "_"), case_file(
                    columns, rows, "", f"SELECT {items} FROM t {window_clause(case['window'])}",
                    expected))
            ran += 1
        self.assertGreaterEqual(ran, 10)


if __name__ == "__main__":
    unittest.main()
