#!/usr/bin/env python3
"""Writes the parts of docs that come from tables: what is between the marks of docs/SQL.md, and
docs/ERRORS.md.

    tools/reference.py [--check] [--weir build/dev/weir]

    <!-- functions -->         SHOW FUNCTIONS
    <!-- options of kafka -->  weir help kafka
    <!-- end -->

--check writes nothing and fails when something is out of date (tests/docs runs it).
"""
import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MARK = re.compile(r"<!-- (?!end)([a-z][a-z ]*) -->\n.*?<!-- end -->", re.S)


def run(weir, *arguments):
    return subprocess.run([weir, *arguments], check=True, capture_output=True, text=True).stdout


def rows(weir, sql):
    return [json.loads(line) for line in run(weir, "-o", "jsonl", "-c", sql).splitlines()]


def code(text):
    """Text as code in a cell of a table."""
    return "`" + text.replace("|", "\\|") + "`" if text else ""


def table(head, lines):
    cells = [head, ["---"] * len(head), *lines]
    return "".join("| " + " | ".join(line) + " |\n" for line in cells)


def functions(weir, kind):
    found, seen = [], set()
    for row in rows(weir, "SHOW FUNCTIONS"):
        if row["kind"] != kind or (row["signature"], row["meaning"]) in seen:
            continue
        seen.add((row["signature"], row["meaning"]))
        found.append([code(row["signature"]), row["meaning"].replace("|", "\\|"),
                      code(row["example"]), code(row["example_result"])])
    return table(["Function", "Meaning", "Example", "gives"], found)


def settings(weir):
    return table(["Setting", "Default", "Values", "Meaning"],
                 [[code(row["name"]), code(row["default"]), row["bounds"] or "", row["meaning"]]
                  for row in rows(weir, "SHOW SETTINGS")])


def options(weir, name):
    """Each table of options that `weir help NAME` prints, under its heading."""
    text, lines = "", []
    for line in run(weir, "help", name).splitlines():
        heading = re.fullmatch(rf"((?:source|sink|format|source and sink) {name})", line)
        option = re.match(r"    (\w+) +(.*?)(?: \(default: '(.*)'\))?$", line)
        if heading:
            text += options_table(lines) + f"\n{heading.group(1)}:\n\n"
            lines = []
        elif text and option:
            lines.append([code(option.group(1)), code(option.group(3) or ""),
                          option.group(2).replace("|", " \\| ")])
    return text.lstrip("\n") + options_table(lines)


def options_table(lines):
    return table(["Option", "Default", "Meaning"], lines) if lines else ""


def errors():
    text = (ROOT / "core" / "error_list.h").read_text()
    groups = dict(re.findall(r"\b(E\d\d) ([a-z][^,.]*?(?:\([^)]*\))?)[,.]", " ".join(
        line.lstrip(" *") for line in text.split("*/")[0].splitlines())))
    out = ["# Error codes\n\n", "`weir help E0203` says the same. This file is written by "
           "`tools/reference.py` from `core/error_list.h`.\n"]
    last = ""
    for entry in re.findall(r'X\(("E\d{4}".*?)\)\s*(?:\\?\n|$)', text, re.S):
        strings = re.findall(r'"((?:[^"\\]|\\.)*)"', entry)
        number, title, meaning = strings[0], strings[1], "".join(strings[2:])
        if number[:3] != last:
            last = number[:3]
            out.append(f"\n## {last}xx: {groups[last]}\n\n| Code | Title | Meaning |\n"
                       "|---|---|---|\n")
        out.append(f"| {number} | {title} | {meaning} |\n")
    return "".join(out)


def generated(weir, mark):
    if mark == "scalar functions":
        return functions(weir, "scalar")
    if mark == "aggregate functions":
        return functions(weir, "aggregate")
    if mark == "settings":
        return settings(weir)
    return options(weir, mark.removeprefix("options of "))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--weir", default=str(ROOT / "build" / "dev" / "weir"))
    arguments = parser.parse_args()
    reference = ROOT / "docs" / "SQL.md"
    wanted = {
        ROOT / "docs" / "ERRORS.md": errors(),
        reference: MARK.sub(
            lambda m: f"<!-- {m[1]} -->\n{generated(arguments.weir, m[1])}<!-- end -->",
            reference.read_text()),
    }
    stale = [path for path, text in wanted.items()
             if not path.exists() or path.read_text() != text]
    for path in stale:
        if arguments.check:
            print(f"{path.relative_to(ROOT)} is out of date: run tools/reference.py")
        else:
            path.write_text(wanted[path])
    return 1 if stale and arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())
