"""weir run: jobs as processes that end, are stopped, killed and run again, always to one result."""
import contextlib
import json
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import tempfile
import time
import unittest
from collections import defaultdict
from math import fsum
from pathlib import Path

import jobs
import weir

COUNT = 6000  # events: ten minutes


class JobTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.bench = jobs.Bench(directory.name)

    def check(self, rc, result):
        self.assertEqual(rc, result.rc, result.err)
        return result

    def expected(self, source):
        """One batch evaluation in Python: (window, host) → count, sum; late rows left out."""
        groups, watermark = defaultdict(list), None
        for row in self.bench.rows(source):
            start = row["ts"] // 60000 * 60000
            if watermark is None or start + 60000 > watermark:
                groups[start, row["host"]].append(row["v"])
            watermark = max(watermark or 0, row["ts"] - 2000)
        return {(window, host): (len(values), fsum(values))
                for (window, host), values in groups.items()}

    def assert_result(self, source, target):
        found = self.bench.rows(target)
        keys = [(row["window_start"], row["host"]) for row in found]
        self.assertEqual(sorted(keys), keys)
        self.assertEqual(sorted(self.expected(source).values()),
                         sorted((row["n"], row["total"]) for row in found))


class RunTest(JobTest):
    def test_to_the_end(self):
        self.bench.events("in.jsonl", COUNT)
        self.bench.script("hourly.sql", jobs.windows("in.jsonl", "out.jsonl"))
        result = self.check(0, self.bench.run("hourly.sql"))
        self.assertEqual("", result.out)
        self.assertIn("job hourly: started new", result.err)
        self.assertRegex(result.err, r"job hourly: finished after .*, 6000 rows in")
        self.assert_result("in.jsonl", "out.jsonl")
        self.assertTrue((self.bench.state_dir("hourly") / "weir.db").exists())
        self.assertFalse(self.bench.socket_path("hourly").exists())

    def test_a_finished_job(self):
        self.bench.events("in.jsonl", COUNT)
        self.bench.script("hourly.sql", jobs.windows("in.jsonl", "out.jsonl"))
        self.check(0, self.bench.run("hourly.sql"))
        before = self.bench.read("out.jsonl")
        result = self.check(0, self.bench.run("hourly.sql"))
        self.assertIn("finished already", result.err)
        self.assertIn("FORK", result.err)
        self.assertEqual(before, self.bench.read("out.jsonl"))

    def test_quiet(self):
        self.bench.events("in.jsonl", 10)
        self.bench.script("a.sql", jobs.windows("in.jsonl", "out.jsonl"))
        result = self.check(0, self.bench.run("a.sql", "-q"))
        self.assertEqual(("", ""), (result.out, result.err))

    def test_into_stdout(self):
        self.bench.events("in.jsonl", COUNT)
        self.bench.script("a.sql", jobs.STREAM.format(source="in.jsonl", follow="false")
                          + jobs.AVERAGES.format(sink="stdout()"))
        result = self.check(0, self.bench.run("a.sql"))
        self.assertEqual(len(self.expected("in.jsonl")), len(result.rows()))

    def test_a_setting_of_the_command_line_is_stronger(self):
        self.bench.events("in.jsonl", 100)
        self.bench.script("a.sql", jobs.windows("in.jsonl", "out.jsonl",
                                                settings="SET checkpoint_interval = '1 hour';\n"))
        self.check(2, self.bench.run("a.sql", "-D", "checkpoint_interval=never"))
        self.bench.script("a.sql", jobs.windows("in.jsonl", "out.jsonl", follow=True,
                                                settings="SET checkpoint_interval = '1 hour';\n"))
        with self.bench.start("a.sql", "-D", "checkpoint_interval=50ms") as job:
            self.bench.wait_status("a", lambda s: s["rows_in"] == 100)
            before = self.bench.status("a")["epoch"]
            self.bench.events("in.jsonl", 100, first=100, mode="a")
            self.bench.wait_status("a", lambda s: s["epoch"] > before)
            self.assertEqual(0, job.stop().rc)

    def test_variables(self):
        self.bench.events("in.jsonl", 100)
        self.bench.script("a.sql", jobs.windows("${source}", "out.jsonl"))
        self.check(0, self.bench.run("a.sql", "-v", "source=in.jsonl"))
        self.check(2, self.bench.run("a.sql", "-v", "target=x"))

    def test_several_inserts(self):
        self.bench.events("in.jsonl", COUNT)
        self.bench.script("a.sql", jobs.windows("in.jsonl", "out.jsonl")
                          + jobs.PEAKS.format(sink="file('peaks.jsonl')")
                          + jobs.PASSED.format(sink="file('passed.jsonl')"))
        result = self.check(0, self.bench.run("a.sql"))
        self.assertRegex(result.err, rf"job a: finished after .*, {COUNT} rows in")
        self.assert_result("in.jsonl", "out.jsonl")
        self.assertGreater(len(self.bench.rows("peaks.jsonl")), 10)
        self.assertEqual([row for row in self.bench.rows("in.jsonl") if row["v"] > 99],
                         self.bench.rows("passed.jsonl"))


class NameTest(JobTest):
    def setUp(self):
        super().setUp()
        self.bench.events("in.jsonl", 10)
        self.sql = jobs.windows("in.jsonl", "out.jsonl")

    def test_the_file_names_it(self):
        self.bench.script("per-minute_2.sql", self.sql)
        self.assertIn("job per-minute_2:", self.check(0, self.bench.run("per-minute_2.sql")).err)
        self.assertTrue(self.bench.state_dir("per-minute_2").exists())

    def test_an_option_names_it(self):
        self.bench.script("not a name.sql", self.sql)
        result = self.check(2, self.bench.run("not a name.sql"))
        self.assertIn("--name", result.err)
        self.check(0, self.bench.run("not a name.sql", "--name", "good"))
        for name in ("", "a/b", "..", "x" * 65, "ü"):
            with self.subTest(name):
                self.check(2, self.bench.run("not a name.sql", "--name", name))

    def test_create_job_names_it(self):
        stream, insert = self.sql.split("INSERT", 1)
        self.bench.script("a.sql", f"{stream}CREATE JOB minutes AS INSERT{insert}")
        self.assertIn("job minutes:", self.check(0, self.bench.run("a.sql", "--name", "b")).err)

    def test_from_stdin(self):
        result = self.bench.weir("run", "-", stdin=self.sql)
        self.check(2, result)
        self.check(0, self.bench.weir("run", "-", "--name", "piped", stdin=self.sql))

    def test_usage(self):
        self.bench.script("a.sql", self.sql)
        for arguments in (["run"], ["run", "a.sql", "b.sql"], ["run", "a.sql", "--state"],
                          ["run", "a.sql", "--sink-ahead", "maybe"], ["a.sql", "--name", "x"],
                          ["run", "nothing.sql"], ["status"], ["stop", "a", "b"],
                          ["savepoint", "a"], ["checkpoint", "-c", "x"]):
            with self.subTest(arguments):
                result = self.check(2, self.bench.weir(*arguments, stdin=None))
                self.assertEqual("", result.out)

    def test_sql_errors(self):
        for sql in ("SELECT 1;", "", "INSERT INTO null() SELECT nope FROM generate(rows = 1);",
                    "SELEC", "SET batch_rows = 100;"):
            with self.subTest(sql):
                self.bench.script("a.sql", sql)
                self.check(3, self.bench.run("a.sql"))
                self.assertFalse(self.bench.state_dir("a").exists())

    def test_unreachable(self):
        self.bench.script("a.sql", jobs.windows("nothing.jsonl", "out.jsonl"))
        self.check(4, self.bench.run("a.sql"))

    def test_no_place_for_the_state(self):
        self.bench.script("a.sql", self.sql)
        env = {"XDG_STATE_HOME": "", "HOME": ""}
        self.assertIn("--state", self.check(2, self.bench.run("a.sql", env=env)).err)
        self.check(0, self.bench.run("a.sql", "--state", "here", env=env))
        self.assertTrue((self.bench.path("here") / "weir.db").exists())


class StopTest(JobTest):
    """A followed file never ends: it is stopped and run again."""

    def setUp(self):
        super().setUp()
        self.bench.script("hourly.sql", jobs.windows("in.jsonl", "out.jsonl", follow=True))

    def run_in_pieces(self, end):
        """Six pieces of input; each is read by a run that `end` ends."""
        piece = COUNT // 6
        for i in range(6):
            self.bench.events("in.jsonl", piece, first=i * piece, mode="a")
            with self.bench.start("hourly.sql") as job:
                self.bench.wait_status("hourly", lambda s, i=i: s["rows_in"] >= 1)
                end(job, i)

    def finish(self):
        self.check(0, self.bench.run("hourly.sql", "--until-eof", "--drain"))
        self.assert_result("in.jsonl", "out.jsonl")

    def test_signal_and_go_on(self):
        def end(job, i):
            self.assertIn("continued from checkpoint" if i > 0 else "started new", job.err)
            job.send(signal.SIGTERM if i % 2 else signal.SIGINT)
            result = self.check(0, job.wait(20))
            self.assertIn("job hourly: stopped after", result.err)
        self.run_in_pieces(end)
        self.finish()

    def test_kill_and_go_on(self):
        def end(job, _):
            job.send(signal.SIGKILL)
            job.process.wait()
        self.run_in_pieces(end)
        self.finish()

    def test_second_signal_ends_it_at_once(self):
        self.bench.events("in.jsonl", COUNT)
        with self.bench.start("hourly.sql") as job:
            self.bench.wait_status("hourly", lambda s: s["rows_in"] > 0)
            for number in (signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGCONT):
                job.send(number)
            self.assertIn(job.process.wait(10), (130, 143))
        self.finish()

    def test_until_eof_keeps_windows_open(self):
        self.bench.events("in.jsonl", COUNT // 2)
        self.check(0, self.bench.run("hourly.sql", "--until-eof"))
        self.assertLess(len(self.bench.rows("out.jsonl")), len(self.expected("in.jsonl")))
        self.bench.events("in.jsonl", COUNT // 2, first=COUNT // 2, mode="a")
        self.check(0, self.bench.run("hourly.sql", "--until-eof"))
        self.finish()

    def test_until_eof_drained(self):
        self.bench.events("in.jsonl", COUNT)
        self.finish()
        result = self.check(0, self.bench.run("hourly.sql"))
        self.assertIn("finished already", result.err)

    def test_time_limit(self):
        self.bench.events("in.jsonl", COUNT)
        self.check(0, self.bench.run("hourly.sql", "-t", "1s"))
        self.finish()

    def test_stop_and_drain_over_the_socket(self):
        self.bench.events("in.jsonl", COUNT)
        with self.bench.start("hourly.sql") as job:
            self.bench.wait_status("hourly", lambda s: s["rows_in"] == COUNT)
            self.check(0, self.bench.weir("stop", "hourly"))
            self.assertEqual(0, job.wait(5).rc)
        self.assertLess(len(self.bench.rows("out.jsonl")), len(self.expected("in.jsonl")))
        with self.bench.start("hourly.sql") as job:
            self.bench.wait_status("hourly", lambda s: s["state"] == "running")
            self.check(0, self.bench.weir("stop", "hourly", "--drain"))
            self.assertEqual(0, job.wait(5).rc)
        self.assert_result("in.jsonl", "out.jsonl")
        self.assertIn("finished already", self.check(0, self.bench.run("hourly.sql")).err)


class SecondInstanceTest(JobTest):
    def setUp(self):
        super().setUp()
        self.bench.events("in.jsonl", 100)
        self.bench.script("a.sql", jobs.windows("in.jsonl", "out.jsonl", follow=True))

    def test_same_job(self):
        with self.bench.start("a.sql") as job:
            self.bench.wait_status("a", lambda s: s["rows_in"] == 100)
            result = self.check(5, self.bench.run("a.sql"))
            self.assertIn(str(job.process.pid), result.err)
            self.assertEqual("running", self.bench.status("a")["state"])

    def test_same_state_directory(self):
        with self.bench.start("a.sql", "--control", "one.sock"):
            self.bench.wait_status(self.bench.state_dir("a"), lambda s: s["rows_in"] == 100)
            result = self.check(5, self.bench.run("a.sql", "--control", "two.sock"))
            self.assertIn("E0907", result.err)

    def test_same_name_elsewhere(self):
        with self.bench.start("a.sql"):
            self.bench.wait_status("a", lambda s: s["rows_in"] == 100)
            self.assertIn("another name", self.check(5, self.bench.run("a.sql", "--state",
                                                                       "elsewhere")).err)
            self.bench.script("b.sql", jobs.windows("in.jsonl", "b.jsonl"))
            self.check(0, self.bench.run("b.sql", "--state", "elsewhere"))

    def test_a_stale_socket_is_replaced(self):
        with self.bench.start("a.sql") as job:
            self.bench.wait_status("a", lambda s: s["rows_in"] == 100)
            job.send(signal.SIGKILL)
            job.process.wait()
        self.assertTrue(self.bench.socket_path("a").exists())
        self.assertIn("job a: stopped", self.check(1, self.bench.weir("status", "a")).out)
        with self.bench.start("a.sql") as job:
            self.bench.wait_status("a", lambda s: s["pid"] == job.process.pid)
            self.assertEqual(0, job.stop().rc)

    def test_what_is_no_socket_stays(self):
        self.bench.path("precious").write_text("text")
        self.check(2, self.bench.run("a.sql", "--control", "precious"))
        self.assertEqual("text", self.bench.path("precious").read_text())


class DamagedStateTest(JobTest):
    def setUp(self):
        super().setUp()
        self.bench.events("in.jsonl", COUNT)
        self.bench.script("a.sql", jobs.windows("in.jsonl", "out.jsonl", follow=True))
        self.check(0, self.bench.run("a.sql", "--until-eof"))
        self.file = self.bench.state_dir("a") / "weir.db"

    def test_no_state_at_all(self):
        self.file.write_bytes(b"SELECT 1;\n" * 1000)
        self.assertRegex(self.check(5, self.bench.run("a.sql")).err, r"error\[E09")

    def test_cut_short(self):
        data = self.file.read_bytes()
        for size in (len(data) // 2, 4096, 100, 1):
            with self.subTest(size):
                self.file.write_bytes(data[:size])
                self.check(5, self.bench.run("a.sql"))

    def test_flipped_bits(self):
        """Refused, or where nothing of the state lies: never a wrong result."""
        data, written = self.file.read_bytes(), self.bench.read("out.jsonl")
        rng, refused = random.Random(1), 0
        for _ in range(12):
            damaged = bytearray(data)
            at = rng.randrange(len(data))
            damaged[at] ^= 1 << rng.randrange(8)
            with self.subTest(at):
                self.file.write_bytes(damaged)
                self.bench.path("out.jsonl").write_bytes(written)
                result = self.bench.run("a.sql", "--until-eof", "--drain")
                self.assertIn(result.rc, (0, 5), result.err)
                refused += result.rc == 5
                if result.rc == 0:
                    self.assert_result("in.jsonl", "out.jsonl")
        self.assertGreater(refused, 0)

    def test_another_jobs(self):
        self.bench.script("b.sql", jobs.windows("in.jsonl", "b.jsonl", follow=True))
        result = self.check(5, self.bench.run("b.sql", "--state", self.bench.state_dir("a")))
        self.assertIn("E0905", result.err)

    def test_older_than_its_sink(self):
        shutil.copytree(self.bench.state_dir("a"), self.bench.path("old"))
        self.bench.events("in.jsonl", COUNT, first=COUNT, mode="a")
        self.check(0, self.bench.run("a.sql", "--until-eof"))
        longer = self.bench.read("out.jsonl")
        result = self.check(5, self.bench.run("a.sql", "--state", "old", "--until-eof"))
        self.assertIn("E0911", result.err)
        self.check(0, self.bench.run("a.sql", "--state", "old", "--until-eof",
                                     "--sink-ahead=skip"))
        self.assertEqual(longer, self.bench.read("out.jsonl"))


class TakenAwayTest(JobTest):
    def test_state_directory_removed_while_the_job_runs(self):
        """No checkpoint goes where nobody finds it again: the job ends, and says why."""
        self.bench.script("a.sql", jobs.windows("in.jsonl", "out.jsonl", follow=True,
                                                settings="SET checkpoint_interval = '50 ms';\n"))
        self.bench.events("in.jsonl", COUNT // 2)
        with self.bench.start("a.sql") as job:
            self.bench.wait_status("a", lambda s: s["epoch"] > 0)
            shutil.rmtree(self.bench.state_dir("a"))
            self.bench.events("in.jsonl", COUNT // 2, first=COUNT // 2, mode="a")
            result = self.check(5, job.wait())
        self.assertIn("E0904", result.err)
        self.assertIn("taken away", result.err)


class PlaceTest(JobTest):
    """States at places that cannot be written, or are not what they seem."""

    def setUp(self):
        super().setUp()
        self.bench.events("in.jsonl", COUNT // 2)
        self.bench.script("a.sql", jobs.windows("in.jsonl", "out.jsonl", follow=True))

    def half(self, state):
        self.check(0, self.bench.run("a.sql", "--state", state, "--until-eof"))
        self.bench.events("in.jsonl", COUNT // 2, first=COUNT // 2, mode="a")

    def rest(self, state):
        """Nothing was lost: it goes on from there."""
        result = self.check(0, self.bench.run("a.sql", "--state", state, "--until-eof", "--drain"))
        self.assertIn("continued from checkpoint", result.err)
        self.assert_result("in.jsonl", "out.jsonl")

    def refused(self, rc, code, text, *options):
        result = self.check(rc, self.bench.run("a.sql", *options, "--until-eof"))
        self.assertIn(code, result.err)
        self.assertIn(text, result.err)

    def mount(self, *arguments):
        mounted = subprocess.run(["mount", *arguments], capture_output=True, check=False)
        if mounted.returncode != 0:
            self.skipTest(f"nothing can be mounted here: {mounted.stderr.decode()}")

    def test_read_only_mount(self):
        disk = self.bench.path("disk")
        disk.mkdir()
        self.mount("-t", "tmpfs", "-o", "size=16m", "tmpfs", disk)
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=False)
        self.half("disk/state")
        self.check(0, self.bench.weir("-c", f"SAVEPOINT a TO '{disk}/saved'",
                                      env={"XDG_STATE_HOME": str(self.job_home(disk / "state"))}))
        self.mount("-o", "remount,ro", disk)
        self.refused(1, "E0910", "Read-only file system", "--state", "disk/state")
        self.refused(1, "E0910", "Read-only file system", "--state", "disk/new")
        self.assertIn("7", self.check(0, self.bench.weir("state", "disk/state", "windows")).out)
        self.assertIn("job a: stopped", self.bench.weir("status", "disk/state").out)
        shutil.copy(self.bench.path("out.jsonl"), self.bench.path("half.jsonl"))
        self.check(0, self.bench.run("a.sql", "--state", "elsewhere", "--restore", "disk/saved",
                                     "--until-eof", "--drain"))
        self.assert_result("in.jsonl", "out.jsonl")
        shutil.copyfile(self.bench.path("half.jsonl"), self.bench.path("out.jsonl"))
        self.mount("-o", "remount,rw", disk)
        self.rest("disk/state")

    def job_home(self, state):
        """Where jobs are looked for by name, with a link to this state: links are followed."""
        jobs_dir = self.bench.path("home/weir/jobs")
        jobs_dir.mkdir(parents=True)
        (jobs_dir / "a").symlink_to(state)
        return self.bench.path("home")

    def test_read_only_bind_mount(self):
        self.half("real")
        view = self.bench.path("view")
        view.mkdir()
        self.mount("--bind", self.bench.path("real"), view)
        self.addCleanup(subprocess.run, ["umount", "-l", view], check=False)
        self.mount("-o", "remount,bind,ro", view)
        self.refused(1, "E0910", "Read-only file system", "--state", "view")
        self.check(0, self.bench.weir("state", "view"))
        self.rest("real")

    def test_files_that_must_not_change(self):
        self.half("state")
        for name in ("state/weir.db", "state", "state/lock"):
            with self.subTest(name):
                path = self.bench.path(name)
                changed = subprocess.run(["chattr", "+i", path], capture_output=True, check=False)
                if changed.returncode != 0:
                    self.skipTest(f"no file can be made immutable: {changed.stderr.decode()}")
                try:
                    self.refused(1, "E0910", "Operation not permitted", "--state", "state")
                finally:
                    subprocess.run(["chattr", "-i", path], check=True)
        self.rest("state")

    def test_links(self):
        self.bench.path("real").mkdir(mode=0o700)
        self.bench.path("link").symlink_to("real")
        self.bench.path("folder").mkdir()
        self.bench.path("folder/up").symlink_to("..")
        self.half("link")
        self.check(0, self.bench.weir("state", "folder/up/real"))
        for name in ("weir.db", "lock"):
            path, aside = self.bench.path(f"real/{name}"), self.bench.path(f"real/{name}.aside")
            path.rename(aside)
            path.symlink_to(aside)
            self.refused(5, "E0908", f"{name} is no regular file", "--state", "real")
            path.unlink()
            aside.rename(path)
        self.bench.path("dangling").symlink_to("nowhere")
        self.refused(1, "E0910", "dangling: Not a directory", "--state", "dangling")
        self.refused(1, "E0910", "in.jsonl: Not a directory", "--state", "in.jsonl")
        self.rest("folder/up/real")


class HeaderTest(JobTest):
    def test_csv_header_that_changed(self):
        """What was read is the same, but what follows would mean something else."""
        rows = "".join(f"{jobs.START_MS + i * 10},{i % 5},{i % 7}\n" for i in range(2000))
        self.bench.path("in.csv").write_text("ts,a,b\n" + rows)
        self.bench.script("a.sql",
                          "CREATE STREAM s (ts BIGINT, a BIGINT, b BIGINT, "
                          "WATERMARK FOR to_timestamp(ts, 'ms')) WITH (connector = 'file', "
                          "path = 'in.csv', format = 'csv', follow = true);\n"
                          "INSERT INTO file('out.jsonl') SELECT a, sum(b) AS b FROM s "
                          "WINDOW TUMBLING 1 SECOND GROUP BY a;\n")
        self.check(0, self.bench.run("a.sql", "--until-eof"))
        self.bench.path("in.csv").write_text("ts,b,a\n" + rows + rows)
        self.assertIn("E0705", self.check(5, self.bench.run("a.sql", "--until-eof")).err)


class DiskFullTest(JobTest):
    SIZE = "2m"

    def setUp(self):
        super().setUp()
        self.disk = self.bench.path("disk")
        self.disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.SIZE}", "tmpfs",
                                  self.disk], capture_output=True, check=False)
        if mounted.returncode != 0:
            self.skipTest(f"a file system of {self.SIZE} cannot be mounted here: "
                          f"{mounted.stderr.decode()}")
        self.addCleanup(subprocess.run, ["umount", "-l", self.disk], check=False)

    def fill(self):
        """Takes all the room there is; the file to remove."""
        filler = self.disk / "filler"
        try:
            with open(filler, "wb", buffering=0) as out:
                while out.write(b"x" * 4096):
                    pass
        except OSError:
            pass
        return filler

    def test_goes_on_when_there_is_room(self):
        self.bench.script("a.sql", jobs.windows("in.jsonl", "out.jsonl", follow=True,
                                                settings="SET checkpoint_interval = '50 ms';\n"))
        self.bench.events("in.jsonl", COUNT // 2)
        with self.bench.start("a.sql", "--state", "disk/state") as job:
            self.bench.wait_status("a", lambda s: s["epoch"] > 0)
            filler = self.fill()
            self.bench.events("in.jsonl", COUNT // 2, first=COUNT // 2, mode="a")
            status = self.bench.wait_status("a", lambda s: s["state"] == "degraded")
            self.assertIn("full", status["last_error"])
            self.assertIn("degraded", self.check(0, self.bench.weir("status", "a")).out)
            job.wait_err("job a: degraded")
            filler.unlink()
            self.bench.wait_status("a", lambda s: s["state"] == "running")
            job.wait_err("job a: recovered")
            self.assertEqual(0, job.stop().rc)
        self.check(0, self.bench.run("a.sql", "--state", "disk/state", "--until-eof", "--drain"))
        self.assert_result("in.jsonl", "out.jsonl")


class SpillingIntoAFullDiskTest(DiskFullTest):
    """Only what is spilled is written: checkpoints are an hour apart."""
    SIZE = "24m"
    HOSTS = 20000
    SETTINGS = "SET memory_limit = '1 MB';\nSET checkpoint_interval = '1 hour';\n" \
               "SET batch_rows = 500;\n"

    def setUp(self):
        super().setUp()
        self.bench.events("in.jsonl", 24000, hosts=self.HOSTS)
        sql = jobs.STREAM + "INSERT INTO file('{target}') SELECT window_start, host, " \
            "count(*) AS n, sum(v) AS s FROM events WINDOW TUMBLING 10 MINUTES GROUP BY host;\n"
        self.bench.script("a.sql", self.SETTINGS + sql.format(
            source="in.jsonl", follow="true", target="out.jsonl"))
        self.bench.script("whole.sql", sql.format(
            source="in.jsonl", follow="false", target="whole.jsonl"))
        self.check(0, self.bench.run("whole.sql"))

    @contextlib.contextmanager
    def started_on_a_full_disk(self):
        """The job has begun, then there is no room, then most of the events come."""
        lines = self.bench.read("in.jsonl").splitlines(keepends=True)
        self.bench.path("in.jsonl").write_bytes(b"".join(lines[:500]))
        with self.bench.start("a.sql", "--state", "disk/state") as job:
            self.bench.wait_status("a", lambda s: s["rows_in"] == 500)
            filler = self.fill()
            with open(self.bench.path("in.jsonl"), "ab") as out:
                out.write(b"".join(lines[500:]))
            status = self.bench.wait_status("a", lambda s: s["state"] == "degraded")
            self.assertIn("full", status["last_error"])
            yield job, filler

    def test_goes_on_when_there_is_room(self):
        with self.started_on_a_full_disk() as (job, filler):
            rows = self.bench.status("a")["rows_in"]
            self.assertLess(rows, 24000)
            time.sleep(0.5)
            self.assertEqual(rows, self.bench.status("a")["rows_in"])
            filler.unlink()
            self.bench.wait_status("a", lambda s: s["rows_in"] == 24000)
            job.wait_err("job a: recovered")
            self.check(0, self.bench.weir("stop", "a", "--drain"))
            self.check(0, job.wait())
        self.assertEqual(self.bench.read("whole.jsonl"), self.bench.read("out.jsonl"))

    def test_stopped_while_there_is_no_room(self):
        with self.started_on_a_full_disk() as (job, filler):
            self.assertIn("E0910", self.check(1, job.stop()).err)
        filler.unlink()
        self.check(0, self.bench.run("a.sql", "--state", "disk/state", "--until-eof", "--drain"))
        self.assertEqual(self.bench.read("whole.jsonl"), self.bench.read("out.jsonl"))

    def test_query_that_is_no_job_ends(self):
        self.fill()
        result = self.bench.weir("-c", "SET lanes = 1;\nSET memory_limit = '1 MB';\n"
                                 "SET batch_rows = 500;\n"
                                 + jobs.STREAM.format(source="in.jsonl", follow="false")
                                 + "SELECT host, count(*) FROM events WINDOW TUMBLING 10 MINUTES "
                                 "GROUP BY host;\n", env={"TMPDIR": str(self.disk)}, stdin=None)
        self.assertIn("E0910", self.check(1, result).err)
        self.assertIn("full", result.err)


class TableOnAFullDiskTest(DiskFullTest):
    """Rows into the state's own file wait for room as the checkpoint does."""
    SIZE = "8m"

    def test_goes_on_when_there_is_room(self):
        self.bench.script("a.sql", "SET checkpoint_interval = '50 ms';\n"
                          + jobs.STREAM.format(source="in.jsonl", follow="true")
                          + "INSERT INTO sqlite('disk/state/weir.db', 'rows') "
                          "SELECT ts, repeat(host, 500) AS host FROM events;\n")
        self.bench.events("in.jsonl", 100)
        with self.bench.start("a.sql", "--state", "disk/state") as job:
            self.bench.wait_status("a", lambda s: s["rows_in"] == 100 and s["epoch"] > 0)
            filler = self.fill()
            self.bench.events("in.jsonl", 400, first=100, mode="a")
            status = self.bench.wait_status("a", lambda s: s["state"] == "degraded")
            self.assertIn("full", status["last_error"])
            filler.unlink()
            self.bench.wait_status("a", lambda s: s["state"] == "running")
            self.assertEqual(0, job.stop().rc)
        path = self.disk / "state" / "weir.db"
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT ts FROM rows ORDER BY rowid").fetchall()
        self.assertEqual([(json.loads(line)["ts"],)
                          for line in self.bench.read("in.jsonl").splitlines()], rows)


class SavepointTest(JobTest):
    def test_restore_elsewhere(self):
        self.bench.script("a.sql", jobs.windows("in.jsonl", "out.jsonl", follow=True))
        self.bench.events("in.jsonl", COUNT // 2)
        with self.bench.start("a.sql") as job:
            self.bench.wait_status("a", lambda s: s["rows_in"] == COUNT // 2)
            result = self.check(0, self.bench.weir("savepoint", "a", "half.weir"))
            self.assertIn("half.weir", result.out)
            self.assertEqual(0, job.stop().rc)
        self.assertEqual(0o600, stat.S_IMODE(self.bench.path("half.weir").stat().st_mode))
        self.bench.events("in.jsonl", COUNT // 2, first=COUNT // 2, mode="a")
        result = self.check(0, self.bench.run("a.sql", "--state", "second", "--restore",
                                              "half.weir", "--until-eof", "--drain"))
        self.assertIn("continued from checkpoint", result.err)
        self.assert_result("in.jsonl", "out.jsonl")

    def test_restore_wants_an_empty_place(self):
        self.bench.script("a.sql", jobs.windows("in.jsonl", "out.jsonl", follow=True))
        self.bench.events("in.jsonl", 100)
        with self.bench.start("a.sql") as job:
            self.bench.wait_status("a", lambda s: s["rows_in"] == 100)
            self.check(0, self.bench.weir("savepoint", "a", "s"))
            result = self.check(1, self.bench.weir("savepoint", "a", "no/such/folder/s"))
            self.assertNotEqual("", result.err)
            job.stop()
        self.check(5, self.bench.run("a.sql", "--restore", "s"))
        self.bench.path("broken").write_bytes(self.bench.read("s")[:5000])
        self.check(5, self.bench.run("a.sql", "--restore", "broken", "--state", "x"))
        self.check(5, self.bench.run("a.sql", "--restore", "nothing", "--state", "y"))


class InsideTest(JobTest):
    """A table in the job's own weir.db."""

    def setUp(self):
        super().setUp()
        self.bench.events("in.jsonl", COUNT // 2)
        self.script()

    def script(self, table="passed", state="state", settings=""):
        self.bench.script("a.sql", settings + jobs.STREAM.format(source="in.jsonl", follow="true")
                          + jobs.PASSED.format(sink=f"sqlite('{state}/weir.db', '{table}')"))

    def step(self, *options, state="state"):
        return self.check(0, self.bench.run("a.sql", "--state", state, "--until-eof", *options))

    def rows(self, file="state/weir.db"):
        path = self.bench.path(file)
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            return database.execute("SELECT ts, host, v FROM passed ORDER BY rowid").fetchall()

    def expected(self):
        events = map(json.loads, self.bench.read("in.jsonl").splitlines())
        return [(e["ts"], e["host"], e["v"]) for e in events if e["v"] > 99]

    def test_rows_come_with_the_checkpoint(self):
        self.step()
        self.assertEqual(self.expected(), self.rows())
        self.bench.events("in.jsonl", COUNT // 2, first=COUNT // 2, mode="a")
        self.step("--drain")
        self.assertEqual(self.expected(), self.rows())

    def test_a_savepoint_has_the_table_and_a_fork_has_not(self):
        self.step()
        half = self.expected()
        home = self.bench.path("home/weir/jobs")
        home.mkdir(parents=True)
        (home / "a").symlink_to(self.bench.path("state"))
        env = {"XDG_STATE_HOME": str(self.bench.path("home"))}
        saved = self.bench.path("saved")
        self.check(0, self.bench.weir("-c", f"SAVEPOINT a TO '{saved}'", env=env))
        self.assertEqual(half, self.rows("saved"))
        self.bench.events("in.jsonl", COUNT // 2, first=COUNT // 2, mode="a")
        self.step()
        self.script(state="second")
        self.step("--restore", "saved", state="second")
        self.assertEqual(self.expected(), self.rows("second/weir.db"))
        self.check(0, self.bench.weir("-c", f"FORK JOB a AS b FROM '{saved}'", env=env))
        self.script(state="home/weir/jobs/b")
        self.step("--name", "b", state="home/weir/jobs/b")
        self.assertEqual(self.expected()[len(half):], self.rows("home/weir/jobs/b/weir.db"))

    def test_names_of_weirs_own(self):
        for name in ("job", "BODY", "weir_jobs", "dead_letter", "sqlite_x"):
            self.script(name)
            result = self.check(3, self.bench.run("a.sql", "--state", "state"))
            self.assertIn("is a table of the job's state", result.err)

    def test_another_jobs_state(self):
        self.step()
        self.assertIn("holds the state of a job",
                      self.check(3, self.bench.run("a.sql", "--state", "other")).err)

    def test_only_exactly_once(self):
        self.script(settings="SET guarantee = 'at_least_once';\n")
        self.assertIn("exactly_once",
                      self.check(3, self.bench.run("a.sql", "--state", "state")).err)

    def test_a_row_that_the_table_refuses(self):
        self.step()
        with contextlib.closing(sqlite3.connect(self.bench.path("state/weir.db"))) as database:
            database.execute("CREATE UNIQUE INDEX one_ts ON passed(ts)")
        lines = self.bench.read("in.jsonl").splitlines(keepends=True)
        again = [line for line in lines if json.loads(line)["v"] > 99][:1]
        with open(self.bench.path("in.jsonl"), "ab") as out:
            out.write(b"".join(again))
        before = self.rows()
        result = self.check(5, self.bench.run("a.sql", "--state", "state", "--until-eof"))
        self.assertIn("E0704", result.err)
        self.assertIn("UNIQUE", result.err)
        self.assertEqual(before, self.rows())
        with contextlib.closing(sqlite3.connect(self.bench.path("state/weir.db"))) as database:
            database.execute("DROP INDEX one_ts")
        self.step()
        self.assertEqual(self.expected(), self.rows())


class ControlTest(JobTest):
    def setUp(self):
        super().setUp()
        self.bench.events("in.jsonl", COUNT)
        self.bench.script("a.sql", jobs.windows("in.jsonl", "out.jsonl", follow=True,
                                                settings="SET checkpoint_interval = '1 hour';\n"))
        self.job = self.bench.start("a.sql")
        self.addCleanup(self.job.__exit__)
        self.bench.wait_status("a", lambda s: s["rows_in"] == COUNT)

    def ask(self, method, path, body=b""):
        return jobs.exchange(self.bench.connect("a"), jobs.request(method, path, body))

    def test_status(self):
        status = self.bench.status("a")
        self.assertEqual(("a", self.job.process.pid, "running", COUNT, 0),
                         (status["name"], status["pid"], status["state"], status["rows_in"],
                          status["rows_bad"]))
        self.assertGreater(status["groups"], 0)
        self.assertRegex(status["watermark"], r"^2023-11-14T22:2\d:\d\d")
        text = self.check(0, self.bench.weir("status", "a")).out
        for word in ("job a: running", "checkpoint", "6000 rows", "watermark", "state"):
            self.assertIn(word, text)

    def test_state_directory_instead_of_the_name(self):
        text = self.check(0, self.bench.weir("status", self.bench.state_dir("a"))).out
        self.assertIn("job a: running", text)

    def test_checkpoint(self):
        before = self.bench.status("a")["epoch"]
        result = self.check(0, self.bench.weir("checkpoint", "a"))
        self.assertIn("checkpoint", result.out)
        after = self.bench.status("a")
        self.assertGreater(after["epoch"], before)
        self.assertLess(after["checkpoint_age_ms"], 10000)
        self.job.send(signal.SIGKILL)
        self.job.process.wait()
        self.check(0, self.bench.run("a.sql", "--until-eof", "--drain"))
        self.assert_result("in.jsonl", "out.jsonl")

    def test_bad_requests(self):
        for status, arguments in ((404, ("GET", "/")), (404, ("POST", "/nothing")),
                                  (405, ("POST", "/status")), (405, ("GET", "/stop")),
                                  (405, ("DELETE", "/checkpoint")),
                                  (400, ("POST", "/stop", b"garbage")),
                                  (400, ("POST", "/stop", b'{"drain": 1}')),
                                  (400, ("POST", "/stop", b'{"drain": true')),
                                  (400, ("POST", "/stop", b"[" * 60000)),
                                  (400, ("POST", "/savepoint")),
                                  (400, ("POST", "/savepoint", b'{"file": "relative"}')),
                                  (400, ("POST", "/savepoint", b'{"file": "/a\\u0000b"}')),
                                  (413, ("POST", "/stop", b"x" * 70000))):
            with self.subTest(arguments[:2]):
                found, body = self.ask(*arguments)
                self.assertEqual(status, found, body)
                self.assertIn(b'"error":', body)
        for data in (b"garbage\r\n\r\n", b"\0" * 100000, b"GET /status\r\n\r\n",
                     b"GET /status HTTP/1.1\r\nHost: x\r\n"
                     + b"".join(b"X-%d: y\r\n" % i for i in range(10000)) + b"\r\n",
                     b"POST /stop HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
                     b"POST /stop HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                     + (b"ffff\r\n" + b"x" * 65535 + b"\r\n") * 20):
            with self.subTest(data[:30]):
                found, _ = jobs.exchange(self.bench.connect("a"), data)
                self.assertNotEqual(200, found)
        self.assertEqual("running", self.bench.status("a")["state"])

    def test_slow_clients_hold_up_nobody(self):
        slow = [self.bench.connect("a") for _ in range(10)]
        for i, connection in enumerate(slow):
            connection.sendall(jobs.request("POST", "/stop", b'{"drain": true}')[:8 * i])
        begin = time.monotonic()
        self.assertEqual("running", self.bench.status("a")["state"])
        self.check(0, self.bench.weir("checkpoint", "a"))
        self.assertLess(time.monotonic() - begin, 5)
        begin = time.monotonic()
        self.assertEqual(0, self.job.stop().rc)
        self.assertLess(time.monotonic() - begin, 5)
        for connection in slow:
            connection.close()

    def test_the_socket_is_its_users_alone(self):
        path = self.bench.socket_path("a")
        self.assertEqual(0o600, stat.S_IMODE(path.stat().st_mode))
        self.assertEqual(0o700, stat.S_IMODE(path.parent.stat().st_mode))

    def test_a_process_that_does_not_answer(self):
        self.job.send(signal.SIGSTOP)
        try:
            begin = time.monotonic()
            self.assertIn("does not answer", self.check(1, self.bench.weir("status", "a")).err)
            self.assertLess(time.monotonic() - begin, 20)
            self.assertIn(str(self.job.process.pid), self.check(5, self.bench.run("a.sql")).err)
        finally:
            self.job.send(signal.SIGCONT)

    def test_not_running(self):
        for name in ("nobody", str(self.bench.folder), "/nonexistent/x", ""):
            for command in ("status", "stop", "checkpoint"):
                with self.subTest((command, name)):
                    self.check(1, self.bench.weir(command, name))


class SocketPlaceTest(JobTest):
    def setUp(self):
        super().setUp()
        self.bench.events("in.jsonl", 100)
        self.sql = jobs.windows("in.jsonl", "out.jsonl", follow=True)

    def check_reachable(self, job, *names):
        for name in names:
            end = time.monotonic() + 20
            while (result := self.bench.weir("status", name, stdin=None)).rc != 0:
                self.assertLess(time.monotonic(), end, result.err + job.err)
                time.sleep(0.05)
        self.assertEqual(0, job.stop().rc)

    def test_runtime_folder_with_a_long_path(self):
        name = f"weir-test-{self.bench.folder.name.replace('.', '-')}"
        self.bench.script(f"{name}.sql", self.sql)
        self.bench.env["XDG_RUNTIME_DIR"] = str(self.bench.folder / ("r" * 120))
        with self.bench.start(f"{name}.sql") as job:
            self.check_reachable(job, name, self.bench.state_dir(name))

    def test_runtime_folder_that_cannot_be_made(self):
        name = f"weir-test-{self.bench.folder.name.replace('.', '-')}"
        self.bench.script(f"{name}.sql", self.sql)
        self.bench.env["XDG_RUNTIME_DIR"] = "/proc/nothing"
        with self.bench.start(f"{name}.sql") as job:
            self.check_reachable(job, name, self.bench.state_dir(name))

    def test_state_directory_with_a_long_path(self):
        self.bench.script("a.sql", self.sql)
        long = self.bench.folder / ("d" * 100) / ("e" * 100)
        with self.bench.start("a.sql", "--state", long) as job:
            self.check_reachable(job, "a", long)

    def test_given_path_however_long(self):
        self.bench.script("a.sql", self.sql)
        folder = self.bench.folder / ("d" * 100) / ("e" * 100)
        folder.mkdir(parents=True)
        with self.bench.start("a.sql", "--control", folder / "s") as job:
            self.check_reachable(job, self.bench.state_dir("a"))
        self.assertIn("too long", self.check(2, self.bench.run("a.sql", "--control",
                                                               "s" * 120)).err)
        self.check(2, self.bench.run("a.sql", "--control", "no/such/folder/s"))


class StateTest(JobTest):
    def setUp(self):
        super().setUp()
        self.bench.events("in.jsonl", COUNT)
        self.bench.script("a.sql", jobs.windows("in.jsonl", "out.jsonl", follow=True))

    def part(self, name):
        return self.check(0, self.bench.weir("state", "a", name, "-o", "jsonl")).rows()

    def test_parts(self):
        self.check(0, self.bench.run("a.sql", "--until-eof"))
        expected = self.expected("in.jsonl")
        open_start = max(window for window, _ in expected)
        self.assertEqual({host: f"count(*) = {n}" for (window, host), (n, _) in expected.items()
                          if window == open_start},
                         {row["key"]: row["values"].split(",")[0] for row in self.part("windows")})
        self.assertEqual([("events", "in.jsonl", str(self.bench.path("in.jsonl").stat().st_size))],
                         [(row["source"], row["partition"], row["next_offset"])
                          for row in self.part("positions")])
        self.assertEqual(("a", "false"), tuple(self.part("job")[0][key]
                                               for key in ("name", "finished")))
        self.assertEqual(2, len(self.part("operators")))
        self.assertEqual("0", self.part("outbox")[0]["frames"])
        self.assertEqual([], self.part("dead_letters"))

    def test_all_of_it(self):
        self.check(0, self.bench.run("a.sql", "--until-eof"))
        text = self.check(0, self.bench.weir("state", self.bench.state_dir("a"))).out
        for word in ("job\n", "operators\n", "windows\n", "positions\n", "outbox\n", "tumbling"):
            self.assertIn(word, text)
        self.assertNotIn("dead_letters\n", text)

    def test_while_it_runs(self):
        with self.bench.start("a.sql") as job:
            self.bench.wait_status("a", lambda s: s["rows_in"] == COUNT)
            self.check(0, self.bench.weir("checkpoint", "a"))
            self.assertEqual(7, len(self.part("windows")))
            self.assertEqual(0, job.stop().rc)

    def test_status_of_a_stopped_job(self):
        self.check(0, self.bench.run("a.sql", "--until-eof"))
        result = self.check(1, self.bench.weir("status", "a"))
        self.assertRegex(result.out, r"job a: stopped\n  checkpoint  \d+ of ")
        self.check(0, self.bench.run("a.sql", "--until-eof", "--drain"))
        result = self.check(1, self.bench.weir("status", "a", "--json"))
        self.assertEqual("finished", result.rows()[0]["state"])

    def test_what_is_no_state(self):
        self.check(0, self.bench.run("a.sql", "--until-eof"))
        self.check(2, self.bench.weir("state"))
        self.check(2, self.bench.weir("state", "a", "b"))
        self.check(2, self.bench.weir("state", "a", "job", "job"))
        self.assertIn("E0906", self.check(5, self.bench.weir("state", "nothing")).err)
        file = self.bench.state_dir("a") / "weir.db"
        data = bytearray(file.read_bytes())
        for at in range(0, len(data), 64):
            data[at] ^= 1
        file.write_bytes(data)
        self.check(5, self.bench.weir("state", "a"))


class TerminalTest(JobTest):
    def test_status_line(self):
        self.bench.events("in.jsonl", COUNT)
        self.bench.script("a.sql", jobs.windows("in.jsonl", "out.jsonl", follow=True,
                                                settings="SET checkpoint_interval = '100 ms';\n"))
        rc, shown = weir.run_terminal("run", str(self.bench.path("a.sql")), "-t", "2s",
                                      "--state", str(self.bench.path("state")),
                                      env=self.bench.env, cwd=self.bench.folder)
        self.assertEqual(0, rc, shown)
        self.assertRegex(shown, r"in .*/s  out .*/s .*state .*B  ckpt .* ago")


if __name__ == "__main__":
    weir.require_binary()
    unittest.main()
