"""Latency Kafka to Kafka: from a window's closing record to its result in the sink topic.

    python3 bench/kafka_latency.py build/release/weir [--rate 100000] [--seconds 60]
                                   [--window-ms 1000] [--realtime]

A feeder, the broker, weir and a watcher share this machine; what exactly is measured stands in
kafka_latency.c. The rate, records a second, is a fixed one: with half of what weir reads at most
feeder and broker alone keep two cores busy. The broker gets a young generation of 512 MB: with the
tests' small heap its collections, 10 ms each and two a second, are what p99 shows. With --realtime
all of them run under SCHED_RR, so that other work on the machine counts less.
"""
import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TESTS = ROOT / "tests" / "kafka"
WORK = ROOT / "build" / "bench"


def compile_tool(source, *options):
    out = WORK / source.stem
    subprocess.run(["cc", "-O2", "-D_POSIX_C_SOURCE=200809L", str(source), "-o", str(out), *options,
                    "-lrdkafka", "-lpthread"], check=True)
    return str(out)


def broker_start(prefix):
    os.environ["WEIR_KAFKA_TOOL"] = compile_tool(TESTS / "kafka_tool.c")
    os.environ["JAVA_TOOL_OPTIONS"] = "-Xms768m -Xmn512m"
    sys.path.insert(0, str(TESTS))
    from broker import Broker  # reads WEIR_KAFKA_TOOL when it is imported
    broker = Broker().start()
    del os.environ["JAVA_TOOL_OPTIONS"]  # other engines' are not ours
    if prefix:
        subprocess.run(["chrt", "-a", "-r", "-p", "5", str(broker.process.pid)], check=True)
    broker.create("in", partitions=2)
    broker.create("out", partitions=1)
    return broker


def query_of(window_ms):
    return ("INSERT INTO kafka('out') SELECT host, avg(v) AS v, count(*) AS n FROM kafka('in', "
            "format = 'json', columns = 'ts BIGINT, host TEXT, v DOUBLE') "
            "WATERMARK FOR to_timestamp(ts, 'us') "
            f"WINDOW TUMBLING ({window_ms} MILLISECONDS) GROUP BY host")


def measure(weir, rate, seconds, window_ms, realtime=False):
    """Runs it, prints the table, and returns what kafka_latency said."""
    WORK.mkdir(parents=True, exist_ok=True)
    prefix = ["chrt", "-r", "5"] if realtime else []
    tool = compile_tool(HERE / "kafka_latency.c")
    broker = broker_start(prefix)
    query = subprocess.Popen([*prefix, weir, "-X", "-q", "-c", query_of(window_ms)],
                             env={**os.environ, "WEIR_KAFKA_BROKERS": broker.address})
    time.sleep(1)
    ended = subprocess.run([*prefix, tool, broker.address, "in", "out", str(rate), str(seconds),
                            str(window_ms)], stdout=subprocess.PIPE, check=False)
    query.terminate()
    query.wait()
    broker.close()
    if ended.returncode != 0:
        sys.exit(ended.returncode)
    told = json.loads(ended.stdout)
    print(f"\n### Kafka to Kafka: {rate:,} records/s, windows of {window_ms} ms, ms\n\n"
          "| what | p50 | p99 | max |\n| --- | --- | --- | --- |")
    for name, title in (("latency", "window's end to result"), ("hop", "record to plain consumer"),
                        ("feeder", "feeder behind its ticks")):
        print(f"| {title} | {told[name]['p50']} | {told[name]['p99']} | {told[name]['max']} |")
    return told


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("weir")
    parser.add_argument("--rate", type=int, default=100000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--window-ms", type=int, default=1000)
    parser.add_argument("--realtime", action="store_true")
    given = parser.parse_args()
    measure(given.weir, given.rate, given.seconds, given.window_ms, given.realtime)


if __name__ == "__main__":
    main()
