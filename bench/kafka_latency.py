"""Latency Kafka to Kafka at half load: from a window's closing record to its result's arrival.

    python3 bench/kafka_latency.py build/release/weir [--rate N] [--rounds 5] [--seconds 15]
                                   [--window-ms 50] [--no-realtime] [--checkpoint-ms N]

A feeder, the broker, weir and two watchers share this machine; what exactly is measured stands in
kafka_latency.c, and kafka_probe.c tells weir's own part. First the full rate is looked for: the
most records a second that feeder, broker, weir and the watcher of the results sustain together.
Then half of it is measured, in rounds, once the broker is warm (--rate: that rate instead).
With --checkpoint-ms the query is a job that writes exactly once, with a checkpoint as often; its
state lies on disk, under build/, and the watchers read what is committed.

The broker is set up as for latency on one small machine: BROKER_JAVA, BROKER_SETTINGS, and its data
in shared memory. All of them run under SCHED_RR where that is permitted, so that other work on the
machine counts less.
"""
import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TESTS = ROOT / "tests" / "kafka"
WORK = ROOT / "build" / "bench"

# A heap that is there from the start, most of it young: with 50 MB/s a collection, of 30 ms, comes
# every minute. Without room for classes two of everything, 200 ms each, come when it starts.
BROKER_JAVA = ["-Xms3g", "-Xmx3g", "-Xmn2g", "-XX:MetaspaceSize=256m", "-XX:+AlwaysPreTouch",
               "-XX:+UseSerialGC", "-XX:+PerfDisableSharedMem"]
# Nothing is deleted, and no segment begun, while it is measured.
BROKER_SETTINGS = "log.segment.bytes=2147483647\n"
SHARED_MEMORY = Path("/dev/shm")
PROBE_BYTES = 2 << 20
PRIORITY = 20
RATE_FIRST, COARSE, FINE = 100_000, 1.5, 1.22
STEP_S, STEP_WARM_UP_S, SETTLE_TRIES = 4, 2, 5
LAG_MS = 50
WARM_UP_S, WARM_UP_TRIES, COMPILER_SHARE = 8, 10, 0.04


def compile_tool(source, *options):
    out = WORK / (source.stem + (".so" if "-shared" in options else ""))
    subprocess.run(["cc", "-O2", str(source), "-o", str(out), *options, "-lrdkafka", "-lpthread"],
                   check=True)
    return str(out)


def broker_start(java, settings, parent):
    os.environ["WEIR_KAFKA_TOOL"] = compile_tool(TESTS / "kafka_tool.c",
                                                 "-D_POSIX_C_SOURCE=200809L")
    sys.path.insert(0, str(TESTS))
    from broker import Broker  # reads WEIR_KAFKA_TOOL when it is imported
    broker = Broker(java, settings, parent).start()
    broker.create("in", partitions=2)
    broker.create("out", partitions=1)
    broker.create("pulse", partitions=1)
    return broker


def threads_raise(pid, warm):
    """SCHED_RR for all threads that a record may wait for: those of Java's compiler, which hold a
    processor for as long as they like, only until the broker is warm; its housekeeping never."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            name = (task / "comm").read_text()
            low = name.startswith("kafka-scheduler") or (warm and "CompilerThre" in name)
            policy, priority = (os.SCHED_OTHER, 0) if low else (os.SCHED_RR, PRIORITY)
            os.sched_setscheduler(int(task.name), policy, os.sched_param(priority))
        except (FileNotFoundError, ProcessLookupError):
            pass  # it has ended


def query_of(window_ms):
    return ("INSERT INTO kafka('out') SELECT host, avg(v) AS v, count(*) AS n FROM kafka('in', "
            "format = 'json', columns = 'ts BIGINT, host TEXT, v DOUBLE') "
            "WATERMARK FOR to_timestamp(ts, 'us') "
            f"WINDOW TUMBLING ({window_ms} MILLISECONDS) GROUP BY host")


def command_of(weir, window_ms, checkpoint_ms):
    """The query alone, or as a job with a new state."""
    if not checkpoint_ms:
        return [weir, "-X", "-q", "-c", query_of(window_ms)]
    job, state = WORK / "latency.sql", WORK / "latency-state"
    job.write_text(f"SET checkpoint_interval = '{checkpoint_ms} ms';\n"
                   f"CREATE JOB latency AS {query_of(window_ms)};\n", encoding="utf-8")
    shutil.rmtree(state, ignore_errors=True)
    return [weir, "run", "-q", str(job), "--state", str(state)]


class Rig:
    """Broker, weir and the measuring program."""

    def __init__(self, weir, window_ms, realtime=False, checkpoint_ms=0):
        WORK.mkdir(parents=True, exist_ok=True)
        self.window_ms = window_ms
        self.realtime = realtime
        self.checkpoint_ms = checkpoint_ms
        self.tool = compile_tool(HERE / "kafka_latency.c")
        probe = compile_tool(HERE / "kafka_probe.c", "-shared", "-fPIC")
        self.probe_path = SHARED_MEMORY / f"kafka-probe-{os.getpid()}"
        self.probe_path.write_bytes((window_ms * 1000).to_bytes(8, sys.byteorder) +
                                    bytes(PROBE_BYTES))
        self.broker = broker_start(BROKER_JAVA, BROKER_SETTINGS, SHARED_MEMORY)
        self.query = subprocess.Popen(
            command_of(weir, window_ms, checkpoint_ms),
            env={**os.environ, "WEIR_KAFKA_BROKERS": self.broker.address, "LD_PRELOAD": probe,
                 "KAFKA_PROBE": str(self.probe_path)})
        time.sleep(1)

    def run(self, rate, seconds, warm_up_s, warm=True):
        if self.realtime:
            threads_raise(self.broker.process.pid, warm)
            threads_raise(self.query.pid, warm)
        prefix = ["chrt", "-r", str(PRIORITY)] if self.realtime else []
        ended = subprocess.run(
            [*prefix, self.tool, self.broker.address, self.probe_path, str(rate), str(seconds),
             str(warm_up_s), str(self.window_ms)],
            stdout=subprocess.PIPE, check=True)
        return json.loads(ended.stdout)  # lists of ms by name

    def compiler_s(self):
        """CPU seconds of the Java compiler's threads so far."""
        ticks = 0
        for task in Path(f"/proc/{self.broker.process.pid}/task").iterdir():
            try:
                name, _, rest = (task / "stat").read_text().rpartition(")")
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has ended
            if "CompilerThre" in name:
                ticks += sum(map(int, rest.split()[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def warm_up(self, rate):
        """Until the broker's code is compiled: its compiler hardly works any more."""
        for _ in range(WARM_UP_TRIES):
            before = self.compiler_s()
            self.run(rate, WARM_UP_S, 1, warm=False)
            share = (self.compiler_s() - before) / WARM_UP_S
            print(f"- warming up: the broker's compiler takes {100 * share:.0f} % of a core",
                  file=sys.stderr, flush=True)
            if share < COMPILER_SHARE:
                return

    def close(self):
        self.query.terminate()
        self.query.wait()
        self.broker.close()
        self.probe_path.unlink()


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else float("nan")


class FullRate:
    """Looks for the greatest rate at which nothing falls behind."""

    def __init__(self, rig):
        self.rig = rig

    def sustains(self, rate):
        told = self.rig.run(rate, STEP_S, STEP_WARM_UP_S, warm=False)
        behind = quantile(told["last"], 0.5) if told["last"] else float("inf")
        late = quantile(told["feeder"], 0.9)
        print(f"- {rate:,} records/s: results {behind:.0f} ms behind in the last second, "
              f"feeder {late:.0f} ms", file=sys.stderr, flush=True)
        return behind < LAG_MS and late < LAG_MS

    def settle(self):
        """A rate that is too great leaves records behind; they are read before more is asked."""
        for _ in range(SETTLE_TRIES):
            if self.sustains(RATE_FIRST):
                return
        sys.exit(f"this machine does not sustain {RATE_FIRST:,} records/s now")

    def find(self):
        self.settle()
        rate = RATE_FIRST
        while self.sustains(int(rate * COARSE)):
            rate = int(rate * COARSE)
        self.settle()
        if self.sustains(int(rate * FINE)):
            rate = int(rate * FINE)
        self.settle()
        return rate


ROWS = (
    ("latency", "window's end to result"),
    ("hop", "a record behind the closing ones to a plain consumer"),
    ("in", "the closing records to weir"),
    ("weir", "weir: closing records received to results handed over"),
    ("out", "results handed over to their arrival"),
    ("feeder", "feeder behind its ticks: the machine"),
)


def stolen_share(before, after):
    spent = [b - a for a, b in zip(before, after)]
    return 100 * spent[7] / sum(spent)


def processor_ticks():
    with open("/proc/stat", encoding="ascii") as file:
        return [int(each) for each in file.readline().split()[1:9]]


def report(rounds, rate, full_rate, rig, stolen):
    whose = f"half of {full_rate:,}" if full_rate else "as given"
    how = f"exactly once, a checkpoint each {rig.checkpoint_ms} ms, " if rig.checkpoint_ms else ""
    print(f"\n### Kafka to Kafka: {how}{rate:,} records/s ({whose}), "
          f"windows of {rig.window_ms} ms, 100 keys, {len(rounds)} rounds, "
          f"{'SCHED_RR' if rig.realtime else 'no priority'}, "
          f"load {os.getloadavg()[0]:.1f}, stolen {stolen:.1f} %, ms\n\n"
          "| what | p50 | p90 | p99 | max | p99 of each round |\n"
          "| --- | --- | --- | --- | --- | --- |")
    for name, title in ROWS:
        values = [value for told in rounds for value in told[name]]
        figures = [f"{quantile(values, share):.2f}" for share in (0.5, 0.9, 0.99, 1)]
        each = ", ".join(f"{quantile(told[name], 0.99):.1f}" for told in rounds)
        print(f"| {title} | {' | '.join(figures)} | {each} |")
    print(f"\n{len(rounds)} rounds held {sum(len(told['weir']) for told in rounds)} windows.")


def may_be_realtime():
    return subprocess.run(["chrt", "-r", str(PRIORITY), "true"], check=False,
                          stderr=subprocess.DEVNULL).returncode == 0


def measure(rig, rate, rounds, seconds):
    """Finds the rate unless it is given, and prints the table."""
    full_rate = 0 if rate else FullRate(rig).find()
    rate = rate or full_rate // 2
    rig.warm_up(rate)
    before = processor_ticks()
    told = [rig.run(rate, seconds + 1, 1) for _ in range(rounds)]
    report(told, rate, full_rate, rig, stolen_share(before, processor_ticks()))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("weir")
    parser.add_argument("--rate", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--window-ms", type=int, default=50)
    parser.add_argument("--checkpoint-ms", type=int, default=0)
    parser.add_argument("--no-realtime", action="store_true")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # shared memory is given back
    rig = Rig(given.weir, given.window_ms, not given.no_realtime and may_be_realtime(),
              given.checkpoint_ms)
    try:
        measure(rig, given.rate, given.rounds, given.seconds)
    finally:
        rig.close()


if __name__ == "__main__":
    main()
