"""`make bench`: weir beside its peers on this machine, interleaved, as ratios, and its goals.

    python3 bench/run.py build/release/weir [--full] [--rounds N] [--records N] [--only PARTS]

    quick (the default)   2 million records,  5 rounds, below five minutes on a quiet machine
    --full                10 million records, 7 rounds, with 10 M groups
    --only                of files,groups,windows,lanes,encode,push,micro,self,state,kafka,latency,
                          peers
    PEERS=all             also Flink, Spark and Kafka Streams over a Kafka topic; or some of
                          flink,spark,kstreams

First every peer's answer is compared with weir's: a different row stops everything. A peer that
cannot be had is left out, with a line that says so. All that is made or fetched is under build/.
"""
import argparse
import os
import platform
import time

import file_cases
import kafka_cases
import kafka_peers
import self_cases
import state_cases
from workshop import Bench, query_of

PARTS = {
    "files": file_cases.shapes,
    "groups": file_cases.groups,
    "windows": file_cases.windows,
    "lanes": file_cases.lanes,
    "encode": self_cases.encode,
    "push": self_cases.push,
    "micro": self_cases.micro,
    "self": self_cases.itself,
    "state": state_cases.run,
    "kafka": lambda bench: kafka_cases.run(bench, query_of),
    "latency": self_cases.latency,
    "peers": kafka_peers.run,
}


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo", encoding="ascii")
                  if line.startswith("model name")), platform.processor())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    with open("/proc/loadavg", encoding="ascii") as file:
        load = file.read().split()[0]
    return (f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} × {model}, {memory:.0f} GiB, "
            f"{platform.system()} {platform.release()}, load {load} at the start")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("weir")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--records", type=int)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--only", default=",".join(PARTS))
    arguments = parser.parse_args()
    print(f"## {machine()}\n", flush=True)
    started = time.monotonic()
    bench = Bench(arguments)
    for name in arguments.only.split(","):
        PARTS[name](bench)
    bench.goals.print()
    print(f"\n{bench.count:,} records, {bench.rounds} rounds, "
          f"{time.monotonic() - started:.0f} s in all")


if __name__ == "__main__":
    main()
