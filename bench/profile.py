"""Where a row's nanoseconds go, by station of its way: perf's samples, grouped by source file.

    python3 bench/profile.py build/release/weir DATA RECORDS [file|kafka]     kafka: DATA is a topic

CPU time of the whole process, one lane, so other users of the machine do not count, but their
traces in the caches do. Which file a function is in is asked from the build's own object files, so
new functions find their station by themselves; what is inlined counts where it was inlined: so
the hash of a single key is told with the window and the states.
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from runner import Engine, run_once
from workshop import query_of

# (station, what `dso symbol file` looks like); the first that fits counts.
STATIONS = [
    ("kernel: read, network, page faults", r"\[k\]"),
    ("librdkafka, its allocations and locks", r"librdkafka|libmimalloc|pthread|__tls_get_addr"),
    ("memory moved, cleared, compared (libc)", r"libc\S* .*(mem|str)"),
    ("poll: copy the payload into the arena", r"connectors/(kafka|waker|host)"),
    ("cut the file into records",
     r"find_lines|connectors/(chunk|file|stdin)_|exec/(pieces|scan_piece)"),
    ("decode", r"connectors/formats/|simdjson|core/(charconv|number|utf8|text)"),
    ("event time and watermark",
     r"exec/(scan|watermark|program|pipeline)|functions/(scalar|kernel|time)|core/(time|vector)"),
    ("find the group", r"core/hash|exec/(group|key)_|xxh|XXH"),
    ("window, hash, update states",
     r"exec/(aggregate|op_window|window|pane|op_project|op_filter)|functions/(aggregate|exact)"),
    ("results", r"exec/(order|op_|reports)|engine/|cli/"),
    ("arenas", r"core/(arena|memory|batch|buffer)"),
]
SHOWN = 5


def bare_name(symbol):
    """Without what the compiler adds to it."""
    return symbol.split(".")[0]


def files_of_symbols(folder):
    """{function: source file}, from the object files of the build."""
    files = {}
    for made in Path(folder).glob("CMakeFiles/weir*.dir/**/*.o"):
        source = str(made.relative_to(folder)).split(".dir/", 1)[1][:-len(".o")]
        said = subprocess.run(["readelf", "-sW", str(made)], check=False,  # nm sees LTO's only
                              capture_output=True, text=True).stdout
        for line in said.splitlines():
            words = line.split()
            if len(words) == 8 and words[3] == "FUNC":
                files.setdefault(bare_name(words[7]), source)
    return files


def station_of(dso, symbol, files):
    described = f"{dso} {symbol} {files.get(bare_name(symbol.split()[-1]), '')}"
    return next((name for name, pattern in STATIONS if re.search(pattern, described)), "rest")


def samples_of(command):
    """(share in percent, dso, symbol) of the command's CPU time."""
    with tempfile.NamedTemporaryFile() as samples:
        subprocess.run(["perf", "record", "-q", "-e", "cpu-clock", "-o", samples.name, *command],
                       check=True, capture_output=True)
        report = subprocess.run(["perf", "report", "-i", samples.name, "--stdio", "--no-children",
                                 "--sort", "dso,symbol"], check=True, capture_output=True,
                                text=True).stdout
    for line in report.splitlines():
        match = re.match(r"\s*([\d.]+)%\s+(\S+)\s+(\[.\]\s+\S+)", line)
        if match:
            yield float(match[1]), match[2], match[3]


def main():
    weir, data, records = sys.argv[1], sys.argv[2], int(sys.argv[3])
    kind = sys.argv[4] if len(sys.argv) > 4 else "file"
    command = [weir, "-X", "-q", "-o", "null", "--until-eof", "-c", query_of(f"{kind}('{data}')")]
    files = files_of_symbols(Path(weir).resolve().parent)
    row_ns = run_once(Engine("weir", command)).cpu / records * 1e9
    shares = dict.fromkeys([name for name, _ in STATIONS] + ["rest"], 0.0)
    strangers = []
    for share, dso, symbol in samples_of(command):
        station = station_of(dso, symbol, files)
        shares[station] += share
        strangers += [f"{symbol} {share:.1f} %"] if station == "rest" else []
    print(f"| station | {kind}, ns/row of {row_ns:.0f} | share |\n| --- | --- | --- |")
    for name, share in shares.items():
        print(f"| {name} | {share / 100 * row_ns:.1f} | {share:.0f} % |")
    print(f"\nThe rest, most of it: {', '.join(strangers[:SHOWN]) or 'nothing'}")


if __name__ == "__main__":
    main()
