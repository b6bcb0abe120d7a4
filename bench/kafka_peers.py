"""weir beside the engines that run on a JVM, over one Kafka topic: PEERS=all, or some of
flink,spark,kstreams.

The records are keyed by host, so that Kafka Streams need not send them through the broker a second
time. Each engine is told twice: as a process from its start to its end, and without its start. All
run with two threads of work, state in memory, no checkpoints or change logs: their fast settings.
"""
import os
import shutil
import tempfile

import peer_setup
from kafka_cases import broker_start
from runner import HERE, WORK, Engine, Table, interleave, ratio, run_once, spread
from workshop import query_of

TOPIC = "bench_keyed"
SPARK = "pyspark==3.5.3"
OPENED = ["java.base/java.lang", "java.base/java.util", "java.base/java.nio",
          "java.base/java.time", "java.base/sun.nio.ch"]
OPENS = [f"--add-opens={package}=ALL-UNNAMED" for package in OPENED]


def flink(_bench, brokers):
    libs = peer_setup.jars("Flink", "flink-pom.xml")
    if libs is None:
        return None
    return lambda answer: [*peer_setup.java("FlinkTumbling", libs, "-Xmx3g", *OPENS), brokers,
                           TOPIC, *answer]


def kstreams(_bench, brokers):
    libs = peer_setup.jars("Kafka Streams", "kstreams-pom.xml")
    if libs is None:
        return None
    return lambda answer: [*peer_setup.java("KafkaStreamsTumbling", libs, "-Xmx3g"), brokers,
                           TOPIC, *answer]


def spark(bench, brokers):
    python = bench.python and peer_setup.package(bench.python, "pyspark", "Spark", SPARK)
    libs = python and peer_setup.jars("Spark", "spark-pom.xml")
    if libs is None:
        return None
    return lambda answer: [python, HERE / "peers" / "spark_tumbling.py", libs, brokers, TOPIC,
                           *answer]


# name → (how to run it, does it leave the window open that nothing closes?)
PEERS = {"flink": (flink, False), "spark": (spark, True), "kstreams": (kstreams, True)}


def wanted():
    said = os.environ.get("PEERS", "")
    return list(PEERS) if said == "all" else [name for name in said.split(",") if name]


def load_topic(bench, broker):
    broker.create(TOPIC, partitions=2)
    insert = (f"INSERT INTO kafka('{TOPIC}', key = host, format = 'json') "
              f"SELECT ts, host, v FROM file('{bench.data()}')")
    run_once(Engine("load", [bench.weir, "-X", "-q", "-c", insert]))


def run(bench):
    names = wanted()
    if not names:
        return
    print(f"\n### Kafka beside engines of the JVM: 2 partitions, {bench.count:,} records\n")
    broker = broker_start(bench)
    if broker is None:
        return
    scratch = tempfile.mkdtemp(prefix="peers-", dir=WORK)
    os.environ["BENCH_SCRATCH"] = scratch
    try:
        load_topic(bench, broker)
        measure(bench, broker, names)
    finally:
        broker.close()
        shutil.rmtree(scratch, ignore_errors=True)


def measure(bench, broker, names):
    source = f"kafka('{TOPIC}')"
    options = ["--until-eof", "--drain"]
    engines = [bench.weir_of("weir", query_of(source, lanes=2), *options)]
    for name in names:
        make, last_missing = PEERS[name]
        command = make(bench, broker.address)
        if command is None:
            continue
        answer = WORK / f"{name}.answer"
        asked = Engine(name, command([answer]), says_inner=True)
        if bench.same_answers(asked, answer, source, *options, last_missing=last_missing):
            engines.append(asked._replace(command=command([])))
    runs = interleave(engines, bench.rounds, warm=False)
    table = Table("engine", "s in all", "s without start", "M rec/s", "M rec per CPU-s",
                  "weir: × wall", "× wall without start", "× CPU", "peak MB")
    for name, each in runs.items():
        inner = [theirs.inner / ours.wall for ours, theirs in zip(runs["weir"], each)]
        table.add(name, spread(run.wall for run in each), spread(run.inner for run in each),
                  bench.rate(runs, name), bench.rate(runs, name, "cpu"),
                  spread(ratio(runs, "weir", name, "wall")), spread(inner),
                  spread(ratio(runs, "weir", name, "cpu")),
                  f"{max(run.peak for run in each):.0f}")
        if name == "flink":
            bench.goals.add(1, "Kafka: × Flink without its start, wall", inner, least=6)
            bench.goals.add(1, "Kafka: × Flink per CPU-second", ratio(runs, "weir", name, "cpu"),
                            least=10)
