"""What all cases need: the binary, the sizes, the data, the peers that could be had, the goals."""
import os
import subprocess

import peer_setup
from runner import HERE, WORK, Engine, Goals, compile_c, run_once, spread

DAY_MS = 86_400_000
FIVE_MINUTES_MS = 300_000
TUMBLING = "WINDOW TUMBLING 5 MINUTES"
HOPPING = "WINDOW HOPPING 5 MINUTES ADVANCE BY 10 SECONDS"
DAY = "WINDOW TUMBLING 1 DAY"
# How a shape's record says event time, host and value.
FIELDS = {"nested": ("CAST(at.ts AS BIGINT)", "a ->> 'host'", "CAST(a.b[1].c AS DOUBLE)")}


def query_of(source, window=TUMBLING, delay="", shape="narrow", lanes=1,
             columns="window_start"):
    ts, host, value = FIELDS.get(shape, ("ts", "host", "v"))
    return (f"SET lanes = {lanes}; SELECT {columns}, {host} AS host, avg({value}) AS a, "
            f"count(*) AS n FROM {source} WATERMARK FOR to_timestamp({ts}, 'ms'){delay} "
            f"{window} GROUP BY {host}")


class Bench:
    """One run of the benchmark."""

    def __init__(self, arguments):
        self.weir = os.path.abspath(arguments.weir)
        self.full = arguments.full
        self.count = arguments.records or (10_000_000 if arguments.full else 2_000_000)
        self.rounds = arguments.rounds or (7 if arguments.full else 5)
        self.goals = Goals()
        WORK.mkdir(parents=True, exist_ok=True)
        self.generate = self.compile("generate")
        self.python = peer_setup.python()
        self.duck = self.python and peer_setup.package(self.python, "duckdb", "DuckDB")
        self.chdb = self.python and peer_setup.package(self.python, "chdb", "chDB")

    @staticmethod
    def compile(name, *libraries):
        return compile_c(name, *libraries)

    def data(self, shape="narrow", hosts=1000, disorder_ms=0, count=None):
        """The file of that shape; made once."""
        suffix = "csv" if shape == "csv" else "ndjson"
        count = count or self.count
        path = WORK / f"{shape}-{count}-{hosts}-{disorder_ms}.{suffix}"
        if not path.exists() or path.stat().st_mtime < os.stat(self.generate).st_mtime:
            part = path.with_suffix(".part")
            with open(part, "wb") as out:
                subprocess.run([self.generate, str(count), shape, str(hosts), str(disorder_ms)],
                               stdout=out, check=True)
            part.rename(path)
        return path

    def weir_of(self, name, query, *options):
        return Engine(name, [self.weir, "-X", "-q", "-o", "null", *options, "-c", query])

    def peer_of(self, name, program, threads, path, shape, query=FIVE_MINUTES_MS,
                answer="/dev/null"):
        """An engine over files: bench/peers/PROGRAM. query: a window's milliseconds, or "copy"."""
        return Engine(name, [self.python, HERE / "peers" / program, threads, path, shape, query,
                             answer], reports=True)

    def duck_of(self, name, *arguments, **more):
        return self.peer_of(name, "duck.py", *arguments, **more)

    def chdb_of(self, name, *arguments, **more):
        return self.peer_of(name, "chdb_tumbling.py", *arguments, **more)

    def rate(self, runs, name, field="wall", count=None):
        return spread(self.rates(runs, name, field, count))

    def rates(self, runs, name, field="wall", count=None):
        """Millions of records a second, round by round. count: of a file that is not as usual."""
        return [(count or self.count) / getattr(run, field) / 1e6 for run in runs[name]]

    def same_answers(self, engine, theirs, source, *options, window=TUMBLING, shape="narrow",
                     last_missing=False):
        """Runs both once and stops everything when a row differs. last_missing: the peer emits no
        window that has not ended. False: nothing to compare with."""
        if not self.duck:
            print(f"- not compared, so left out: {engine.name} (DuckDB compares the answers)")
            return False
        ours = WORK / f"weir-{os.getpid()}.answer"
        query = query_of(source, window, shape=shape, columns="CAST(extract(epoch FROM "
                         "window_start) * 1000 AS BIGINT) AS ws")
        with open(ours, "wb") as out:
            subprocess.run([self.weir, "-X", "-q", "-o", "csv", *options, "-c", query], check=True,
                           stdout=out)
        run_once(engine)
        compared = subprocess.run([self.duck, str(HERE / "peers" / "compare.py"), str(ours),
                                   str(theirs), str(int(last_missing))],
                                  check=False, capture_output=True, text=True)
        ours.unlink()
        theirs.unlink()
        if compared.returncode != 0:
            raise SystemExit(f"bench: weir and {engine.name} differ on {source}: "
                             f"{compared.stdout}{compared.stderr}")
        return True
