"""Jobs in a folder of their own: files with events, a job that reads them, what it has written.

    bench = jobs.Bench(folder)
    bench.events("in.jsonl", 1000, seed=1)
    bench.script("hourly.sql", jobs.windows("in.jsonl", "out.jsonl"))
    bench.run("hourly.sql")                     to its end: a weir.Result
    with bench.start("hourly.sql") as job: …    running: a weir.Running

Sockets and states of these jobs lie in the folder, so that tests touch nothing else.
"""
import json
import random
import shutil
import socket
import time
from pathlib import Path

import weir

START_MS = 1_700_000_000_000

STREAM = """CREATE STREAM events (ts BIGINT, host TEXT, v DOUBLE,
    WATERMARK FOR to_timestamp(ts, 'ms') DELAY 2 SECONDS)
WITH (connector = 'file', path = '{source}', follow = {follow});
"""
AVERAGES = """INSERT INTO {sink}
SELECT window_start, host, count(*) AS n, avg(v) AS load, sum(v) AS total
FROM events WINDOW TUMBLING 1 MINUTE GROUP BY host;
"""
PEAKS = """INSERT INTO {sink}
SELECT window_start, max(v) AS peak, count(DISTINCT host) AS hosts
FROM events WINDOW HOPPING 2 MINUTES ADVANCE BY 30 SECONDS WHERE v > 10;
"""
PASSED = """INSERT INTO {sink} SELECT ts, host, v FROM events WHERE v > 99;
"""


def windows(source, target, follow=False, settings=""):
    """A job of one INSERT: averages of a minute by host, into a file."""
    return settings + STREAM.format(source=source, follow=str(follow).lower()) \
        + AVERAGES.format(sink=f"file('{target}')")


def event(i, rng, hosts=7, step_ms=100):
    """The i-th event: time goes on, up to 4 s out of order (2 s are allowed: some are late)."""
    ts = START_MS + i * step_ms - (rng.randrange(4000) if rng.random() < 0.1 else 0)
    return json.dumps({"ts": ts, "host": f"h{rng.randrange(hosts)}",
                       "v": round(rng.uniform(0, 100), 6)})


class Bench:
    def __init__(self, folder):
        self.folder = Path(folder)
        (self.folder / "run").mkdir(parents=True, exist_ok=True)
        self.env = {"XDG_RUNTIME_DIR": str(self.folder / "run"),
                    "XDG_STATE_HOME": str(self.folder / "states")}

    def path(self, name):
        return self.folder / name

    def script(self, name, sql):
        self.path(name).write_text(sql)

    def events(self, name, count, seed=1, first=0, mode="w", hosts=7):
        rng = random.Random(seed * 1_000_003 + first)
        with open(self.path(name), mode, encoding="utf-8") as out:
            for i in range(first, first + count):
                out.write(event(i, rng, hosts) + "\n")

    def state_dir(self, name):
        return self.folder / "states" / "weir" / "jobs" / name

    def socket_path(self, name):
        return self.folder / "run" / "weir" / f"{name}.sock"

    def weir(self, *arguments, env=None, **named):
        return weir.run(*arguments, env={**self.env, **(env or {})}, cwd=self.folder, **named)

    def run(self, script, *options, **named):
        return self.weir("run", script, *options, stdin=None, **named)

    def start(self, script, *options, env=None):
        return weir.start("run", script, *options, env={**self.env, **(env or {})},
                          cwd=self.folder)

    def status(self, job):
        result = self.weir("status", job, "--json", stdin=None)
        if result.rc != 0:
            raise AssertionError(result.err)
        return json.loads(result.out)

    def wait_status(self, job, holds, timeout=10):
        """Asks until `holds(status)`."""
        end = time.monotonic() + timeout
        while True:
            result = self.weir("status", job, "--json", stdin=None)
            status = json.loads(result.out) if result.rc == 0 else {}
            if status and holds(status):
                return status
            if time.monotonic() > end:
                raise AssertionError(f"status is still {status} {result.err}")
            time.sleep(0.05)

    def read(self, name):
        path = self.path(name)
        return path.read_bytes() if path.exists() else b""

    def rows(self, name):
        return [json.loads(line) for line in self.read(name).splitlines()]

    def forget(self, *names):
        """Takes outputs and all states away."""
        shutil.rmtree(self.folder / "states", ignore_errors=True)
        for name in names:
            self.path(name).unlink(missing_ok=True)

    def connect(self, job):
        """A raw connection to the control socket."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(20)
        connection.connect(str(self.socket_path(job)))
        return connection


def exchange(connection, data):
    """Sends bytes, reads the answer to its end; (status, body). The status is 0 without answer."""
    try:
        connection.sendall(data)
    except OSError:
        pass
    answer = b""
    try:
        while piece := connection.recv(65536):
            answer += piece
    except OSError:
        pass
    connection.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    words = head.split()
    return (int(words[1]), body) if len(words) > 1 else (0, b"")


def request(method, path, body=b"", headers=()):
    lines = [f"{method} {path} HTTP/1.1", "Host: weir", "Connection: close",
             f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
