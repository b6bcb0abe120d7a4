"""weir beside DuckDB and chDB over the same files; and beside itself: windows, disorder, lanes."""
import os
import shlex

from runner import Engine, Table, interleave, ratio, spread
from workshop import DAY, DAY_MS, FIVE_MINUTES_MS, HOPPING, TUMBLING, query_of

# name, shape, is chDB asked too, goal against DuckDB
SHAPES = [("narrow", "narrow", True, 5), ("wide", "wide", True, 4), ("CSV", "csv", True, 4),
          ("key order drawn for each record", "shuffled", False, None),
          ("unicode escapes, exponents", "escaped", False, None),
          ("nested, a.b[1].c", "nested", False, None)]
# The size that the goals are stated for: the start of a process is no part of them.
GOAL_RECORDS = 10_000_000
SWEEP = [1_000, 10_000, 100_000, 1_000_000, 10_000_000]
# Each group has that many rows at least: groups are to be found, not only made.
ROWS_PER_GROUP, GROUPS_RECORDS_MAX = 40, 40_000_000
# What is gained over half a second is to be seen, not the start of a process; and a core of a
# virtual machine that has rested is slow for a while, so rounds differ.
LANES_RECORDS, LANES_ROUNDS = 40_000_000, 15


def against(runs, peer, field):
    """How many times longer the peer takes; – when it was not there."""
    return spread(ratio(runs, "weir", peer, field)) if peer in runs else "–"


def engines_of(bench, path, shape, window=TUMBLING, window_ms=FIVE_MINUTES_MS, with_chdb=False):
    """weir and the peers whose answer was found to be the same as weir's."""
    source = f"file('{path}')"
    engines = [bench.weir_of("weir", query_of(source, window, shape=shape))]
    peers = [("DuckDB", bench.duck_of, 1)] if bench.duck else []
    peers += [("chDB", bench.chdb_of, 1)] if with_chdb and bench.chdb else []
    for name, make, threads in peers:
        answer = path.with_suffix(".answer")
        asked = make(name, threads, path, shape, query=window_ms, answer=answer)
        if bench.same_answers(asked, answer, source, window=window, shape=shape):
            engines.append(make(name, threads, path, shape, query=window_ms))
    if len(engines) > 1:
        engines.append(bench.duck_of("DuckDB 2", 2, path, shape, query=window_ms))
    return engines


def shapes(bench):
    print(f"\n### Files: avg, count by host, {TUMBLING.lower()}, one lane\n\n"
          "× is how many times longer the peer takes.\n")
    table = Table("case", "records", "weir, M rec/s", "weir, M rec per CPU-s", "DuckDB, M rec/s",
                  "DuckDB 1 thread, × wall", "× CPU", "DuckDB 2 threads, × wall",
                  "chDB 1 thread, × wall", "× CPU", "peak MB: weir / DuckDB")
    for name, shape, with_chdb, goal in SHAPES:
        count = max(bench.count, GOAL_RECORDS) if goal else bench.count
        path = bench.data(shape, count=count)
        runs = interleave(engines_of(bench, path, shape, with_chdb=with_chdb), bench.rounds)
        peaks = [f"{max(run.peak for run in runs[each]):.0f}" if each in runs else "–"
                 for each in ("weir", "DuckDB")]
        table.add(name, f"{count:,}", bench.rate(runs, "weir", count=count),
                  bench.rate(runs, "weir", "cpu", count),
                  bench.rate(runs, "DuckDB", count=count) if "DuckDB" in runs else "–",
                  against(runs, "DuckDB", "wall"), against(runs, "DuckDB", "cpu"),
                  against(runs, "DuckDB 2", "wall"), against(runs, "chDB", "wall"),
                  against(runs, "chDB", "cpu"), " / ".join(peaks))
        if goal and "DuckDB" in runs:
            bench.goals.add(2, f"file, {name}, one lane: × DuckDB with one thread, wall",
                            ratio(runs, "weir", "DuckDB", "wall"), least=goal)


def groups(bench):
    print("\n### Groups alive at once: narrow, window tumbling 1 day, one lane\n")
    table = Table("groups", "records", "weir, M rec/s", "weir, M rec per CPU-s",
                  "DuckDB 1 thread, × wall", "× CPU", "peak MB: weir / DuckDB")
    cases = [(f"{hosts:,}", hosts, DAY, DAY_MS) for hosts in SWEEP if hosts <= bench.count]
    cases.append(("1,000,000 hosts in windows of 5 minutes: nearly each record makes a group",
                  1_000_000, TUMBLING, FIVE_MINUTES_MS))
    for name, hosts, window, window_ms in cases:
        count = max(bench.count, min(ROWS_PER_GROUP * hosts, GROUPS_RECORDS_MAX))
        path = bench.data(hosts=hosts, count=count)
        engines = engines_of(bench, path, "narrow", window, window_ms)[:2]
        runs = interleave(engines, bench.rounds)
        peaks = [f"{max(run.peak for run in runs[each]):.0f}" if each in runs else "–"
                 for each in ("weir", "DuckDB")]
        table.add(name, f"{count:,}", bench.rate(runs, "weir", count=count),
                  bench.rate(runs, "weir", "cpu", count),
                  against(runs, "DuckDB", "wall"), against(runs, "DuckDB", "cpu"),
                  " / ".join(peaks))
        if hosts == 1_000_000 and window == DAY:
            bench.goals.add(3, "1 M groups alive, M rec per CPU-s",
                            bench.rates(runs, "weir", "cpu", count), least=8)
        if hosts > 1000:
            path.unlink()


def windows(bench):
    print("\n### The cost of windows and disorder, against tumbling and in order\n")
    table = Table("case", "× CPU", "× wall", "peak MB")
    ordered, mixed = f"file('{bench.data()}')", f"file('{bench.data(disorder_ms=5000)}')"
    delay = " DELAY 5 SECONDS"
    runs = interleave([
        bench.weir_of("tumbling", query_of(ordered)),
        bench.weir_of("hopping", query_of(ordered, HOPPING)),
        bench.weir_of("ordered", query_of(ordered, delay=delay)),
        bench.weir_of("disorder", query_of(mixed, delay=delay))], bench.rounds)
    for title, base, case, most in [("hopping 5 min by 10 s", "tumbling", "hopping", 1.3),
                                    ("disorder of 5 s", "ordered", "disorder", 1.15)]:
        table.add(title, spread(ratio(runs, base, case, "cpu")),
                  spread(ratio(runs, base, case, "wall")),
                  f"{max(run.peak for run in runs[case]):.0f}")
        bench.goals.add(3, f"{title}: × the CPU time without", ratio(runs, base, case, "cpu"),
                        most=most)


def lane_counts():
    """1, 2, 4 … and the number of cores."""
    cores = os.cpu_count() or 1
    counts = [1 << i for i in range(cores.bit_length()) if 1 << i < cores]
    return [*counts, cores]


def side_by_side(engine, count):
    """So many of it at once, which share nothing: what the machine has to give."""
    command = shlex.join(map(str, engine.command))
    return Engine(f"{count} processes", ["sh", "-c", f"{command} & " * count + "wait"])


def lanes(bench):
    count_records, rounds = max(bench.count, LANES_RECORDS), max(bench.rounds, LANES_ROUNDS)
    print(f"\n### Lanes: narrow, tumbling, {count_records:,} records, {rounds} rounds\n")
    table = Table("lanes", "M rec/s", "M rec per CPU-s", "× one lane, wall", "peak MB")
    source = f"file('{bench.data(count=count_records)}')"
    counts = lane_counts()
    engines = [bench.weir_of(str(count), query_of(source, lanes=count)) for count in counts]
    cores = counts[-1]
    apart = side_by_side(engines[0], cores)
    runs = interleave([*engines, apart], rounds)
    for count in counts:
        faster = ratio(runs, str(count), "1", "wall")
        table.add(count, bench.rate(runs, str(count), count=count_records),
                  bench.rate(runs, str(count), "cpu", count=count_records),
                  spread(faster), f"{max(run.peak for run in runs[str(count)]):.0f}")
        if count == 2:
            bench.goals.add(2, "two lanes: × as fast as one, wall", faster, least=1.8)
    table.add(f"{cores} processes of one lane, each with all records",
              bench.rate(runs, apart.name, count=cores * count_records),
              bench.rate(runs, apart.name, "cpu", count=cores * count_records),
              spread([cores * each for each in ratio(runs, apart.name, "1", "wall")]),
              f"{max(run.peak for run in runs[apart.name]):.0f}")
