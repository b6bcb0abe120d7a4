"""avg and count by host, TUMBLING 5 MINUTES, over generated readings on a local Kafka broker.

    python3 bench/kafka.py build/release/weir [records, default 10,000,000]

weir itself loads the topic (two partitions), then reads it to its end. Broker and weir share the
machine, so the figure per CPU second is the fair one.
"""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from groups import measure

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent / "tests" / "kafka"
QUERY = ("SELECT window_start, host, avg(v), count(*) FROM kafka('bench') "
         "WATERMARK FOR to_timestamp(ts, 'ms') WINDOW TUMBLING 5 MINUTES GROUP BY host")
LOAD = ("INSERT INTO kafka('bench', format = 'text') "
        "SELECT v FROM file('{}', format = 'text', columns = 'v TEXT')")


def main():
    weir = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        tool, generate, data = f"{folder}/kafka_tool", f"{folder}/generate", f"{folder}/in.ndjson"
        subprocess.run(["cc", "-O2", "-D_POSIX_C_SOURCE=200809L", str(TESTS / "kafka_tool.c"),
                        "-lrdkafka", "-o", tool], check=True)
        subprocess.run(["cc", "-O2", str(HERE / "generate.c"), "-o", generate], check=True)
        with open(data, "wb") as out:
            subprocess.run([generate, str(count)], stdout=out, check=True)
        os.environ["WEIR_KAFKA_TOOL"] = tool
        sys.path.insert(0, str(TESTS))
        from broker import Broker  # after the tool's place is known
        broker = Broker().start()
        broker.create("bench", partitions=2)
        os.environ["WEIR_KAFKA_BROKERS"] = broker.address
        wall, cpu, _, _ = measure([weir, "-c", LOAD.format(data)])
        print(f"load  {count:>11,} records: {count / wall / 1e6:6.2f} M/s  "
              f"{count / cpu / 1e6:6.2f} M per CPU-s")
        for _ in range(3):
            wall, cpu, peak, rows = measure([weir, "--until-eof", "-c", QUERY])
            print(f"kafka {count:>11,} records: {count / wall / 1e6:6.2f} M/s  "
                  f"{count / cpu / 1e6:6.2f} M per CPU-s  peak {peak:.0f} MB  {rows:,} rows")


if __name__ == "__main__":
    main()
