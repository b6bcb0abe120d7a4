"""Where a row's nanoseconds go, by station of its way: perf's samples, grouped by function.

    python3 bench/profile.py build/release/weir DATA RECORDS [file|kafka]     kafka: DATA is a topic

CPU time of the whole process, so other users of the machine do not count, but their traces in the
caches do.
"""
import re
import resource
import subprocess
import sys
import tempfile

STATIONS = [
    ("read: kernel, page faults", r"\[k\]"),
    ("librdkafka, its allocations and locks", r"librdkafka|mimalloc|pthread|__tls_get_addr"),
    ("poll: copy the payload", r"message_(take|keep)|queue_serve|topic_poll|block_add"),
    ("frame: cut into records", r"chunk_|memchr|pending_"),
    ("decode", r"shape_|json_|csv_|simdjson|memcmp|decode|number_|direct_"),
    ("event time, watermark", r"time_from|scan_|watermark|wr_program|judge"),
    ("hash and find the group", r"hash_|group_table|xxh|XXH"),
    ("window and update states", r"aggregate_|exact_sum|double_update|count_rows|window_|pane"),
    ("memory moved and cleared (libc)", r"memmove|memset|memcpy"),
]


def main():
    weir, data, records = sys.argv[1], sys.argv[2], int(sys.argv[3])
    kind = sys.argv[4] if len(sys.argv) > 4 else "file"
    query = (f"SELECT window_start, host, avg(v), count(*) FROM {kind}('{data}') WATERMARK FOR "
             "to_timestamp(ts, 'ms') WINDOW TUMBLING 5 MINUTES GROUP BY host")
    command = [weir, "-X", "-q", "-o", "null", "--until-eof", "-c", query]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with tempfile.NamedTemporaryFile() as samples:
        subprocess.run(["perf", "record", "-q", "-o", samples.name, *command], check=True,
                       capture_output=True)
        report = subprocess.run(["perf", "report", "-i", samples.name, "--stdio", "--sort",
                                 "dso,symbol"], check=True, capture_output=True, text=True).stdout
    shares = dict.fromkeys([name for name, _ in STATIONS] + ["rest"], 0.0)
    for line in report.splitlines():
        match = re.match(r"\s*([\d.]+)%\s+(.*)", line)
        if match:
            name = next((name for name, pattern in STATIONS if re.search(pattern, match[2])),
                        "rest")
            shares[name] += float(match[1])
    print(f"| station | ns/row of {cpu / records * 1e9:.0f} | share |\n| --- | --- | --- |")
    for name, share in shares.items():
        print(f"| {name} | {share / 100 * cpu / records * 1e9:.0f} | {share:.0f} % |")


if __name__ == "__main__":
    main()
