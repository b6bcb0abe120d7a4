"""Docs are tests: every ```sql block in the tree's Markdown and every examples/*.sql checks clean,
and what comes from tables (tools/reference.py) is what they say now.

A block that shows a statement which must fail says so in its first line:  -- error: E0203
"""
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import weir

BLOCK = re.compile(r"^```sql\n(.*?)^```$", re.M | re.S)


def markdown_files():
    return [path for path in sorted(weir.ROOT.rglob("*.md"))
            if not {"build", ".git"} & set(path.relative_to(weir.ROOT).parts)]


class DocsTest(unittest.TestCase):
    def check(self, sql):
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write(sql)
            file.flush()
            return weir.run("check", file.name)

    def test_sql_blocks(self):
        for path in markdown_files():
            for number, block in enumerate(BLOCK.findall(path.read_text()), 1):
                with self.subTest(f"{path.relative_to(weir.ROOT)} block {number}"):
                    result = self.check(block)
                    wanted = re.match(r"-- error: (\w+)", block)
                    if wanted:
                        self.assertEqual(3, result.rc, result.err)
                        self.assertIn(wanted.group(1), result.err)
                    else:
                        self.assertEqual(0, result.rc, result.err)

    def test_example_files(self):
        for path in sorted((weir.ROOT / "examples").rglob("*.sql")):
            with self.subTest(path.relative_to(weir.ROOT)):
                result = weir.run("check", path)
                self.assertEqual(0, result.rc, result.err)

    def test_generated_parts_are_up_to_date(self):
        result = subprocess.run(
            [weir.ROOT / "tools" / "reference.py", "--check", "--weir", weir.BINARY],
            capture_output=True, text=True, env=weir.environment(), check=False)
        self.assertEqual(0, result.returncode, result.stdout + result.stderr)

    def test_links(self):
        for path in markdown_files():
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text()):
                with self.subTest(f"{path.relative_to(weir.ROOT)} -> {target}"):
                    self.assertTrue((path.parent / target).exists())

    def test_files_that_are_named_exist(self):
        """`planner/plan.h` and the like: from the root, or beside the page."""
        names = re.compile(r"`([\w./-]+/[\w.-]+\.(?:c|h|y|py|md|sh|txt|cmake))`|"
                           r"^ *\d+ (\w+/[\w/]+\.c) ", re.M)
        for path in markdown_files():
            for match in names.finditer(path.read_text()):
                name = match.group(1) or match.group(2)
                with self.subTest(f"{path.relative_to(weir.ROOT)}: {name}"):
                    self.assertTrue((weir.ROOT / name).exists() or (path.parent / name).exists())

    def test_there_are_blocks(self):
        readme = (weir.ROOT / "README.md").read_text()
        self.assertGreaterEqual(len(BLOCK.findall(readme)), 5)
        self.assertTrue((Path(weir.ROOT) / "docs" / "ARCHITECTURE.md").exists())


if __name__ == "__main__":
    unittest.main()
