"""Golden errors: wrong statements as people type them, each with its whole message.

    == a misspelt column                    one case of a THEME.txt
    SELECT hots FROM cpu                    the statement, run behind declarations.sql …
    ----
    error[E0203]: no column "hots" …        … and all that weir says

Lines that begin with `$ ` are a shell script instead, run in an empty directory with `weir` on the
path; ${CPU} there is the declaration of a stream. `golden_test.py --bless [THEME]` writes what is
really said: read it as the one who typed the statement would.
"""
import os
import re
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent / "lib"))

import weir  # noqa: E402

DECLARATIONS = FOLDER / "declarations.sql"
LIMIT_S = 120

# Codes whose errors need a broker, or a program on weir.h: where they are tested.
ELSEWHERE = {
    "E0702": "tests/kafka/errors_test.py",
    "E0902": "tests/unit/engine_query_test.c",
    "E0903": None,  # weir's own mistakes: no input is known that makes one
}


class Case(NamedTuple):
    title: str
    given: str
    expected: str


def cases_read(path):
    head, *parts = re.split(r"^== ", path.read_text(), flags=re.M)
    cases = []
    for part in parts:
        title, _, body = part.partition("\n")
        given, separator, expected = body.partition("\n----\n")
        if not separator:
            given, expected = body.removesuffix("----\n"), ""
        cases.append(Case(title, given.strip("\n"), expected.strip("\n")))
    return head, cases


def cases_write(path, head, cases):
    path.write_text(head + "\n".join(
        f"== {case.title}\n{case.given}\n----\n{case.expected}\n" for case in cases))


def script_run(script):
    """What a shell script says on stdout and stderr; the directory's name is not part of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{weir.BINARY.parent}:{os.environ['PATH']}"
        env = weir.environment({"PATH": path, "HOME": folder, "FOLDER": str(FOLDER)})
        ended = subprocess.run(["bash", "-c", script], cwd=folder, env=env, text=True, check=False,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, timeout=LIMIT_S)
        weir.check_sanitizers(ended.returncode, ended.stdout)
        said = ended.stdout.replace(folder, "DIR")
        said = re.sub(r"inode \d+ of device \d+", "inode N of device N", said)
        return re.sub(r"this weir knows \d+", "this weir knows N", said)


def case_run(case):
    if case.given.startswith("$ "):
        return script_run("\n".join(line.removeprefix("$ ") for line in case.given.splitlines()))
    ended = weir.run("-X", "-q", "-t", "5s", "-i", DECLARATIONS, "-c", case.given, timeout=LIMIT_S)
    return ended.out + ended.err


def cases_run(cases):
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [said.strip("\n") for said in pool.map(case_run, cases)]


def themes():
    return sorted(FOLDER.glob("*.txt"))


class GoldenTest(unittest.TestCase):
    maxDiff = None

    def test_messages(self):
        cases = [case for path in themes() for case in cases_read(path)[1]]
        self.assertGreater(len(cases), 400)
        for case, said in zip(cases, cases_run(cases)):
            with self.subTest(case.title):
                self.assertIn("error", said)
                self.assertEqual(case.expected, said, case.given)

    def test_every_code_has_a_case(self):
        codes = set(re.findall(r"\bE0\d{3}\b", (weir.ROOT / "docs" / "ERRORS.md").read_text()))
        shown = set()
        for path in themes():
            shown |= {code for case in cases_read(path)[1]
                      for code in re.findall(r"^error\[(E0\d{3})\]", case.expected, re.M)}
        self.assertEqual(set(), codes - shown - ELSEWHERE.keys())
        self.assertEqual(set(), ELSEWHERE.keys() & shown, "has a case: not elsewhere")
        for code, path in ELSEWHERE.items():
            if path is not None:
                self.assertIn(code, (weir.ROOT / path).read_text())

    def test_functions_of_other_sqls(self):
        """Each is none of ours, and what a hint names instead is there."""
        text = (weir.ROOT / "planner" / "function_elsewhere.c").read_text()
        entries = dict(re.findall(r'\{"(\w+)",\s*(?:"|[A-Z_]+)([^}]*)\}', text))
        self.assertGreater(len(entries), 50)
        listed = weir.run("-X", "-o", "tsv", "-c", "SHOW FUNCTIONS").out
        functions = set(re.findall(r"^(\w+)", listed, re.M))
        self.assertEqual(set(), entries.keys() & functions)
        for name, hint in entries.items():
            wanted = set(re.findall(r"\b([a-z_0-9]+)\(", hint)) - {"extract"}
            self.assertEqual(set(), wanted - functions, name)

    def test_help_knows_every_code(self):
        rows = re.findall(r"^\| (E0\d{3}) \| (.+?) \| (.+?) \|$",
                          (weir.ROOT / "docs" / "ERRORS.md").read_text(), re.M)
        self.assertGreater(len(rows), 50)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            pages = pool.map(lambda row: weir.run("help", row[0]), rows)
            for (code, title, meaning), page in zip(rows, pages):
                with self.subTest(code):
                    self.assertEqual(0, page.rc, page.err)
                    self.assertIn(title, page.out)
                    self.assertIn(meaning, page.out)


def bless(names):
    for path in themes():
        if not names or path.stem in names:
            head, cases = cases_read(path)
            said = cases_run(cases)
            cases_write(path, head, [case._replace(expected=new)
                                     for case, new in zip(cases, said)])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--bless"]:
        bless(sys.argv[2:])
    else:
        unittest.main()
