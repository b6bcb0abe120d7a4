"""weir beside the bare librdkafka loop, on one broker.

Broker and reader share the machine. The loop copies payloads and does nothing else; weir decodes,
groups and emits on top of it. Both have mimalloc and the same fetch settings; the loop's queue is
longer. Memory is told with librdkafka's queue, and with a queue of 1 MB filled by fetches of 64 KB,
which leaves weir and the library.
"""
import os
import shutil
import subprocess
import sys
from pathlib import Path

from runner import WORK, Engine, Table, interleave, ratio, run_once, spread

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TESTS = ROOT / "tests" / "kafka"
QUEUE_MB = 512


def broker_start(bench):
    """A broker without topics, or None."""
    tool = ROOT / "build" / "bench" / "kafka_tool"
    subprocess.run(["cc", "-O2", "-D_POSIX_C_SOURCE=200809L", str(TESTS / "kafka_tool.c"),
                    "-lrdkafka", "-o", str(tool)], check=True)
    os.environ["WEIR_KAFKA_TOOL"] = str(tool)
    sys.path.insert(0, str(TESTS))
    from broker import Broker  # reads WEIR_KAFKA_TOOL when it is imported
    try:
        broker = Broker().start()
    except (RuntimeError, subprocess.CalledProcessError) as problem:
        print(f"- left out: Kafka ({problem})")
        return None
    os.environ["WEIR_KAFKA_BROKERS"] = broker.address
    return broker


def load_topic(bench, broker, codec):
    topic = f"bench-{codec}"
    broker.create(topic, partitions=2)
    load = (f"INSERT INTO kafka('{topic}', format = 'text', compression.codec = '{codec}') "
            f"SELECT v FROM file('{bench.data()}', format = 'text', columns = 'v TEXT')")
    run_once(Engine("load", [bench.weir, "-X", "-q", "-c", load]))
    return topic


def codec_run(bench, broker, codec, query_of):
    print(f"\n### Kafka: the same query, 2 partitions, {bench.count:,} records of 54 bytes, "
          f"compression {codec}\n")
    topic = load_topic(bench, broker, codec)

    def weir_of(queue_mb, options=""):
        return bench.weir_of("weir", query_of(f"kafka('{topic}'{options})"), "--until-eof",
                             "--drain", "-D", f"kafka.queue_limit={queue_mb} MB")

    ceiling = bench.compile("kafka_ceiling", "-lrdkafka", "-lmimalloc")
    loop = Engine("loop", [ceiling, broker.address, topic, str(QUEUE_MB * 1024)])
    runs = interleave([weir_of(QUEUE_MB), loop], bench.rounds)
    table = Table("engine", "M rec/s", "M rec per CPU-s", "weir × wall", "weir × CPU", "peak MB")
    for name, each in runs.items():
        table.add(name, bench.rate(runs, name), bench.rate(runs, name, "cpu"),
                  spread(ratio(runs, "weir", name, "wall")),
                  spread(ratio(runs, "weir", name, "cpu")),
                  f"{max(run.peak for run in each):.0f}")
    bench.goals.add(1, f"Kafka, {codec}: as fast as the bare loop, wall",
                    ratio(runs, "weir", "loop", "wall"), least=0.9)
    alone = run_once(weir_of(1, ", fetch.message.max.bytes = '65536'"))
    bench.goals.add(1, f"Kafka, {codec}: peak MB but for librdkafka's queue", alone.peak, most=64)


PASS_THROUGH = """SET guarantee = '{guarantee}';
CREATE STREAM s (ts BIGINT, host TEXT, v DOUBLE) WITH (connector = 'kafka', topic = '{topic}',
    format = 'json');
INSERT INTO kafka('{out}') SELECT host, v FROM s;
"""


def guarantee_run(bench, broker, topic, guarantee, number):
    """A job that writes every record on, into a topic of its own, to the end of what is there."""
    name = f"{guarantee}-{number}"
    folder = WORK / "guarantees"
    folder.mkdir(parents=True, exist_ok=True)
    broker.create(name, partitions=2)
    script = folder / f"{name}.sql"
    script.write_text(PASS_THROUGH.format(guarantee=guarantee, topic=topic, out=name),
                      encoding="ascii")
    return run_once(Engine(guarantee, [bench.weir, "run", script, "--state", folder / name,
                                       "--until-eof", "--drain"]))


def guarantees(bench, broker, topic):
    print(f"\n### Kafka to Kafka: a job that writes {bench.count:,} records on\n")
    runs = {"at_least_once": [], "exactly_once": []}
    for number in range(bench.rounds + 1):
        for guarantee, each in runs.items():
            one = guarantee_run(bench, broker, topic, guarantee, number)
            if number > 0:  # the first round only warms up
                each.append(one)
    table = Table("guarantee", "M rec/s", "M rec per CPU-s", "peak MB")
    for name, each in runs.items():
        table.add(name, bench.rate(runs, name), bench.rate(runs, name, "cpu"),
                  f"{max(run.peak for run in each):.0f}")
    bench.goals.add(4, "Kafka to Kafka: exactly once, × at least once, wall",
                    ratio(runs, "exactly_once", "at_least_once", "wall"), least=0.8)
    shutil.rmtree(WORK / "guarantees", ignore_errors=True)


def run(bench, query_of):
    broker = broker_start(bench)
    if broker is None:
        return
    for codec in ("none", "lz4"):
        codec_run(bench, broker, codec, query_of)
    guarantees(bench, broker, "bench-none")
    broker.close()
