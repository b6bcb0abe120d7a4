"""Jobs that are killed again and again give bit for bit what an undisturbed run gives.

    WEIR_TORTURE=2000 python3 tests/run.py tests/cli/kill_loop_test.py      so many kills, not 50
    WEIR_SEED=7                                                             another series

A kill is SIGKILL at a random moment of a run, or WEIR_FAULT=point:n, which kills the process when
it passes a point of the code for the n-th time (builds with WEIR_FAULTS). After each kill the job
is started again, and killed again, until one run comes to its end. WEIR_FAULT=alloc:n refuses the
n-th allocation of the engine, which ends the process likewise.
"""
import contextlib
import os
import random
import re
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest

import jobs
import weir

KILLS = int(os.environ.get("WEIR_TORTURE", "50"))
SEED = int(os.environ.get("WEIR_SEED", "1"))
EVENTS = 12000
OUTPUTS = ("averages.jsonl", "peaks.csv", "passed.jsonl")
SETTINGS = "SET checkpoint_interval = '10 ms';\nSET batch_rows = 100;\n"
SQL = SETTINGS + jobs.STREAM.format(source="in.jsonl", follow="false") \
    + jobs.AVERAGES.format(sink="file('averages.jsonl')") \
    + jobs.PEAKS.format(sink="file('peaks.csv', format = 'csv')") \
    + jobs.PASSED.format(sink="file('passed.jsonl')")
# Megabytes in one checkpoint: several frames for one file.
BULK = "SET checkpoint_interval = '1 hour';\n" \
    + jobs.STREAM.format(source="in.jsonl", follow="false") \
    + "INSERT INTO file('bulk.jsonl') SELECT *, repeat(host, 99) AS more FROM events;\n"
# More groups than memory: windows are spilled and merged while the job is killed.
SPILL = "SET memory_limit = '1 MB';\nSET checkpoint_interval = '30 ms';\nSET batch_rows = 500;\n" \
    + jobs.STREAM.format(source="many.jsonl", follow="false") \
    + "INSERT INTO file('many_out.jsonl') SELECT window_start, host, count(*) AS n, sum(v) AS s " \
      "FROM events WINDOW TUMBLING 10 MINUTES GROUP BY host;\n"
# Two tables beside the state, and a file.
OWN = "states/weir/jobs/inside/weir.db"
INSIDE = SETTINGS + jobs.STREAM.format(source="in.jsonl", follow="false") \
    + jobs.AVERAGES.format(sink=f"sqlite('{OWN}', 'averages', key = (window_start, host))") \
    + jobs.PASSED.format(sink=f"sqlite('{OWN}', 'passed')") \
    + jobs.PEAKS.format(sink="file('inside.jsonl')")
# The same with each kind of sink, for runs that get no memory.
MEMORY = SPILL.replace("many_out", "memory_out").replace("30 ms", "10 ms") + jobs.PEAKS.format(
    sink="file('memory.csv', format = 'csv')") + jobs.PASSED.format(
    sink="sqlite('memory.db', 'passed')")
MEMORY_OUTPUTS = ("memory_out.jsonl", "memory.csv", "memory.db", "memory.db-wal", "memory.db-shm")
SQLITE = jobs.PASSED.format(sink="sqlite('passed.db', 'passed')")


def fault_points():
    """The names of all points in the library's code."""
    names = set()
    for layer in ("core", "connectors", "exec", "engine"):
        for path in (weir.ROOT / layer).rglob("*.c"):
            names.update(re.findall(r'WR_FAULT\("([^"]+)"\)', path.read_text()))
    return sorted(names)


class KillLoopTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        cls.bench = jobs.Bench(cls.directory.name)
        cls.bench.events("in.jsonl", EVENTS, seed=SEED)
        cls.bench.script("job.sql", SQL)
        cls.has_sqlite = cls.bench.weir("check", "-c", SQL + SQLITE).rc == 0
        if cls.has_sqlite:
            cls.bench.script("job.sql", SQL + SQLITE)
        begin = time.monotonic()
        result = cls.bench.run("job.sql")
        cls.duration_s = time.monotonic() - begin
        if result.rc != 0:
            raise AssertionError(result.err)
        cls.undisturbed = cls.outputs()

    @classmethod
    def outputs(cls):
        """All that the job has written; of the database its rows."""
        found = {name: cls.bench.read(name) for name in OUTPUTS}
        if cls.has_sqlite:
            with contextlib.closing(sqlite3.connect(cls.bench.path("passed.db"))) as database:
                rows = database.execute("SELECT * FROM passed ORDER BY rowid").fetchall()
            found["passed.db"] = "".join(f"{row}\n" for row in rows)
        return found

    def forget(self):
        self.bench.forget(*OUTPUTS, "passed.db", "passed.db-wal", "passed.db-shm")

    def assert_undisturbed(self, what):
        for name, data in self.outputs().items():
            if data != self.undisturbed[name]:
                self.fail(f"{what}: {name} differs ({len(data)} bytes, undisturbed "
                          f"{len(self.undisturbed[name])}); its job has seed {SEED}")

    def run_to_the_end(self, what, script="job.sql"):
        result = self.bench.run(script)
        self.assertEqual(0, result.rc, f"{what}: {result.err}")

    def run_and_kill(self, after_s, what, script="job.sql"):
        """Starts the job and kills it after so long. True: it was killed before its end."""
        with self.bench.start(script) as job:
            try:
                job.process.wait(after_s)
            except subprocess.TimeoutExpired:
                job.send(signal.SIGKILL)
            rc = job.process.wait()
        self.assertIn(rc, (0, -signal.SIGKILL), f"{what}: {job.err}")
        return rc != 0

    def test_random_kills(self):
        rng, kills, ends, run_s = random.Random(SEED), 0, 0, self.duration_s
        while kills < KILLS or ends == 0:
            self.forget()
            history, running = [], True
            while running:
                after_s, begin = rng.uniform(0, run_s), time.monotonic()
                history.append(f"{after_s:.4f}")
                what = f"killed after {', '.join(history)} s"
                running = self.run_and_kill(after_s, what)
                kills += running
                if not running and len(history) == 1:  # kills must fall into the run
                    run_s = min(run_s, time.monotonic() - begin)
            ends += 1
            self.assert_undisturbed(what)
        print(f"{kills} kills, {ends} ends ...", end=" ", flush=True)

    def test_every_fault_point(self):
        reached, points = set(), fault_points()
        rng = random.Random(SEED)
        for point in points:
            for round_ in range(max(1, KILLS // 50)):
                count = 1 if round_ == 0 else rng.randrange(2, 60)
                with self.subTest(f"{point}:{count}"):
                    self.forget()
                    result = self.bench.run("job.sql", env={"WEIR_FAULT": f"{point}:{count}"})
                    self.assertIn(result.rc, (0, -signal.SIGKILL), result.err)
                    if result.rc != 0:
                        reached.add(point)
                        self.run_to_the_end(point)
                    self.assert_undisturbed(point)
        passed_by = ", ".join(sorted(set(points) - reached))
        print(f"{len(reached)} of {len(points)} points reached, not {passed_by} ...", end=" ",
              flush=True)

    def test_points_between_frames_of_one_checkpoint(self):
        self.bench.script("bulk.sql", BULK)
        self.bench.forget("bulk.jsonl")
        self.run_to_the_end("bulk", "bulk.sql")
        whole = self.bench.read("bulk.jsonl")
        self.assertGreater(len(whole), 2 << 20)
        for point in ("file.before_write", "file.between_frames", "file.after_write"):
            with self.subTest(point):
                self.bench.forget("bulk.jsonl")
                result = self.bench.run("bulk.sql", env={"WEIR_FAULT": f"{point}:1"})
                self.assertEqual(-signal.SIGKILL, result.rc, result.err)
                self.run_to_the_end(point, "bulk.sql")
                self.assertEqual(whole, self.bench.read("bulk.jsonl"))

    def test_random_kills_while_windows_are_spilled(self):
        self.bench.events("many.jsonl", 24000, seed=SEED, hosts=20000)
        self.bench.script("spill.sql", SPILL)
        self.bench.forget("many_out.jsonl")
        begin = time.monotonic()
        self.run_to_the_end("spill", "spill.sql")
        duration_s = time.monotonic() - begin
        whole, rng = self.bench.read("many_out.jsonl"), random.Random(SEED)
        self.assertGreater(whole.count(b"\n"), 12000)
        for _ in range(max(2, KILLS // 25)):
            self.bench.forget("many_out.jsonl")
            history = []
            for _ in range(4):
                history.append(f"{rng.uniform(0.1, duration_s):.4f}")
                if not self.run_and_kill(float(history[-1]), history, "spill.sql"):
                    break
            self.run_to_the_end(history, "spill.sql")
            self.assertEqual(whole, self.bench.read("many_out.jsonl"), history)

    def inside_outputs(self):
        with contextlib.closing(sqlite3.connect(self.bench.path(OWN))) as database:
            return (self.bench.read("inside.jsonl"),
                    database.execute("SELECT * FROM passed ORDER BY rowid").fetchall(),
                    database.execute("SELECT * FROM averages ORDER BY 1, 2").fetchall())

    def test_kills_with_tables_inside_of_the_state(self):
        self.bench.script("inside.sql", INSIDE)
        self.bench.forget("inside.jsonl")
        begin = time.monotonic()
        self.run_to_the_end("inside", "inside.sql")
        duration_s, rng, reached = time.monotonic() - begin, random.Random(SEED), 0
        whole = self.inside_outputs()
        self.assertGreater(len(whole[1]), 50)
        points = ("sqlite.inside", "commit.middle", "commit.before", "commit.after", "seal.after")
        for round_ in range(max(10, KILLS // 4)):
            self.bench.forget("inside.jsonl")
            fault = f"{points[round_ % len(points)]}:{rng.randrange(1, 8)}"
            result = self.bench.run("inside.sql", env={"WEIR_FAULT": fault})
            self.assertIn(result.rc, (0, -signal.SIGKILL), f"{fault} {result.err}")
            reached += result.rc != 0
            history = [fault, f"{rng.uniform(0.05, duration_s):.4f}"]
            self.run_and_kill(float(history[1]), history, "inside.sql")
            self.run_to_the_end(history, "inside.sql")
            self.assertEqual(whole, self.inside_outputs(), history)
        self.assertGreater(reached, 5)

    def memory_outputs(self):
        with contextlib.closing(sqlite3.connect(self.bench.path("memory.db"))) as database:
            rows = database.execute("SELECT * FROM passed ORDER BY rowid").fetchall()
        return self.bench.read("memory_out.jsonl"), self.bench.read("memory.csv"), rows

    def run_without_memory(self, number):
        """Refuses this allocation. True: the run ended for that; False: it did not get so far."""
        result = self.bench.run("memory.sql", env={"WEIR_FAULT": f"alloc:{number}"})
        if result.rc == 0:
            return False
        self.assertEqual(weir.OUT_OF_MEMORY_RC, result.rc, f"alloc:{number} {result.err}")
        lines = [line for line in result.err.splitlines(keepends=True)
                 if not line.startswith("notice: ")]
        self.assertEqual([weir.OUT_OF_MEMORY], lines, f"alloc:{number}")
        return True

    def test_every_allocation_may_fail(self):
        self.bench.events("many.jsonl", 24000, seed=SEED, hosts=20000)
        self.bench.script("memory.sql", MEMORY)
        self.bench.forget(*MEMORY_OUTPUTS)
        self.run_to_the_end("memory", "memory.sql")
        whole = self.memory_outputs()
        last, is_reached = 512, True
        while is_reached:  # how many are there?
            last += last // 4
            self.bench.forget(*MEMORY_OUTPUTS)
            is_reached = self.run_without_memory(last)
        rng, failed, rounds = random.Random(SEED), 0, max(3, KILLS // 3)
        for i in range(rounds):
            self.bench.forget(*MEMORY_OUTPUTS)
            history = []
            # First at any time of its life, then while it starts, restores, and goes on.
            for number in (last * (i + rng.random()) / rounds, 2 ** rng.uniform(0, 9),
                           last * rng.random()):
                history.append(int(number) + 1)
                failed += self.run_without_memory(history[-1])
            self.run_to_the_end(f"alloc:{history}", "memory.sql")
            self.assertEqual(whole, self.memory_outputs(), f"alloc:{history}")
        self.assertGreater(failed, rounds)
        print(f"{failed} allocations of about {last} refused ...", end=" ", flush=True)

    def test_kills_at_points_and_at_random_together(self):
        rng, points = random.Random(SEED + 1), fault_points()
        for _ in range(max(3, KILLS // 20)):
            self.forget()
            history = []
            for _ in range(6):
                fault = f"{rng.choice(points)}:{rng.randrange(1, 40)}" if points else ""
                history.append(fault)
                result = self.bench.run("job.sql", env={"WEIR_FAULT": fault})
                self.assertIn(result.rc, (0, -signal.SIGKILL), f"{history} {result.err}")
                if result.rc == 0:
                    break
            self.run_to_the_end(history)
            self.assert_undisturbed(history)


if __name__ == "__main__":
    weir.require_binary()
    unittest.main()
