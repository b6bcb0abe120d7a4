"""weir beside the bare librdkafka loop, on one broker.

Broker and reader share the machine. The loop copies payloads and does nothing else; weir decodes,
groups and emits on top of it. Both have mimalloc and the same fetch settings; the loop's queue is
longer.
"""
import os
import subprocess
import sys
from pathlib import Path

from runner import Engine, Table, interleave, ratio, run_once, spread

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TESTS = ROOT / "tests" / "kafka"
QUEUE_MB = 512


def broker_start(bench):
    """A broker with the topic `bench` (2 partitions) loaded, or None."""
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
    broker.create("bench", partitions=2)
    os.environ["WEIR_KAFKA_BROKERS"] = broker.address
    load = ("INSERT INTO kafka('bench', format = 'text') "
            f"SELECT v FROM file('{bench.data()}', format = 'text', columns = 'v TEXT')")
    run_once(Engine("load", [bench.weir, "-X", "-q", "-c", load]))
    return broker


def run(bench, query_of):
    print(f"\n### Kafka: the same query, 2 partitions, {bench.count:,} records of 54 bytes\n")
    broker = broker_start(bench)
    if broker is None:
        return
    ceiling = bench.compile("kafka_ceiling", "-lrdkafka", "-lmimalloc")
    engines = [
        bench.weir_of("weir", query_of("kafka('bench')"), "--until-eof", "--drain", "-D",
                      f"kafka.queue_limit={QUEUE_MB} MB"),
        Engine("loop", [ceiling, broker.address, "bench", str(QUEUE_MB * 1024)])]
    runs = interleave(engines, bench.rounds)
    table = Table("engine", "M rec/s", "M rec per CPU-s", "weir × wall", "weir × CPU", "peak MB")
    for name, each in runs.items():
        table.add(name, bench.rate(runs, name), bench.rate(runs, name, "cpu"),
                  spread(ratio(runs, "weir", name, "wall")),
                  spread(ratio(runs, "weir", name, "cpu")),
                  f"{max(run.peak for run in each):.0f}")
    bench.goals.add(1, "Kafka: as fast as the bare loop, wall", ratio(runs, "weir", "loop", "wall"),
                    least=0.9)
    broker.close()
