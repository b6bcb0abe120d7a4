"""weir fmt: files, stdin, -w, --check; what it leaves as it is."""
import os
import stat
import tempfile
import unittest
from pathlib import Path

import weir

UGLY = "select host,avg( v ) as load from cpu  -- all hosts\n group by host;\n"
NEAT = "SELECT host, avg(v) AS load\nFROM cpu -- all hosts\nGROUP BY host;\n"
WRONG = "select from;\n"


class FormatTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def file(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return path

    def test_stdin_to_stdout(self):
        for arguments in (["fmt"], ["fmt", "-"]):
            result = weir.run(*arguments, stdin=UGLY)
            self.assertEqual((0, NEAT, ""), (result.rc, result.out, result.err))

    def test_a_text_on_the_command_line(self):
        self.assertEqual("SELECT 1\n", weir.run("fmt", "-c", "select\n1").out)

    def test_files_go_to_stdout_and_stay(self):
        a, b = self.file("a.sql", UGLY), self.file("b.sql", "set lanes=1")
        result = weir.run("fmt", a, b)
        self.assertEqual((0, NEAT + "SET lanes = 1\n"), (result.rc, result.out), result.err)
        self.assertEqual(UGLY, a.read_text())

    def test_write_replaces_what_changes(self):
        ugly, neat = self.file("ugly.sql", UGLY), self.file("neat.sql", NEAT)
        ugly.chmod(0o640)
        before = neat.stat()
        result = weir.run("fmt", "-w", ugly, neat)
        self.assertEqual((0, "", ""), (result.rc, result.out, result.err))
        self.assertEqual(NEAT, ugly.read_text())
        self.assertEqual(0o640, stat.S_IMODE(ugly.stat().st_mode))
        self.assertEqual((before.st_ino, before.st_mtime_ns),
                         (neat.stat().st_ino, neat.stat().st_mtime_ns))
        self.assertEqual({"ugly.sql", "neat.sql"}, set(os.listdir(self.directory)))

    def test_write_follows_a_link(self):
        target, link = self.file("target.sql", UGLY), self.directory / "link.sql"
        link.symlink_to(target)
        self.assertEqual(0, weir.run("fmt", "-w", link).rc)
        self.assertTrue(link.is_symlink())
        self.assertEqual(NEAT, target.read_text())

    def test_check_names_what_would_change(self):
        ugly, neat = self.file("ugly.sql", UGLY), self.file("neat.sql", NEAT)
        result = weir.run("fmt", "--check", neat)
        self.assertEqual((0, "", ""), (result.rc, result.out, result.err))
        result = weir.run("fmt", "--check", ugly, neat)
        self.assertEqual((1, ""), (result.rc, result.out))
        self.assertIn("ugly.sql is not formatted", result.err)
        self.assertNotIn("neat.sql", result.err)
        self.assertEqual(UGLY, ugly.read_text())

    def test_a_file_with_a_mistake_stays_and_the_others_are_done(self):
        wrong, ugly = self.file("wrong.sql", WRONG), self.file("ugly.sql", UGLY)
        result = weir.run("fmt", "-w", wrong, ugly)
        self.assertEqual(3, result.rc)
        self.assertIn("error[E0101]", result.err)
        self.assertIn("wrong.sql:1:8", result.err)
        self.assertEqual((WRONG, NEAT), (wrong.read_text(), ugly.read_text()))

    def test_a_mistake_behind_good_statements_has_its_place(self):
        result = weir.run("fmt", stdin="select 1;\nselect 2;\n  select from;\n")
        self.assertEqual((3, ""), (result.rc, result.out))
        self.assertIn("stdin:3:10", result.err)

    def test_a_byte_that_is_no_text(self):
        result = weir.run("fmt", stdin=b"select 1 -- a\0b\n")
        self.assertEqual((3, ""), (result.rc, result.out))
        self.assertIn("0x00", result.err)

    def test_wrong_use(self):
        for arguments in (["fmt", "-w"], ["fmt", "-w", "--check", "a.sql"], ["-w", "a.sql"],
                          ["fmt", self.directory / "none.sql"]):
            with self.subTest(arguments):
                self.assertEqual(2, weir.run(*arguments).rc)

    def test_a_file_that_cannot_be_written(self):
        if os.geteuid() == 0:
            self.skipTest("root may write anywhere")
        path = self.file("a.sql", UGLY)
        self.directory.chmod(0o500)
        self.addCleanup(self.directory.chmod, 0o700)
        result = weir.run("fmt", "-w", path)
        self.assertEqual(1, result.rc)
        self.assertEqual(UGLY, path.read_text())


if __name__ == "__main__":
    unittest.main()
