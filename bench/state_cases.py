"""What it costs to keep state: checkpoints, recovery, memory that is not enough."""
import shutil
import subprocess

from runner import WORK, Engine, Table, interleave, ratio, spread
from self_cases import program

STREAM = """SET checkpoint_interval = '{interval}'; SET memory_limit = '{limit}';
CREATE STREAM s (ts BIGINT, host TEXT, v DOUBLE, WATERMARK FOR to_timestamp(ts, 'ms'))
WITH (connector = 'file', path = '{path}', format = 'json');
INSERT INTO {sink} SELECT window_start, host, avg(v) AS a, count(*) AS n
FROM s WINDOW TUMBLING {window} GROUP BY host;
"""
NEVER, SECOND = "1 h", "1 s"
LARGE = 1_000_000
FOLDER = WORK / "state"
HUGE = "64 GB"
HALF_WAY_STEPS = 60


def script(name, path, window, interval=SECOND, limit=HUGE, sink="null()"):
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"{name}.sql"
    file.write_text(STREAM.format(path=path, window=window, interval=interval, limit=limit,
                                  sink=sink), encoding="ascii")
    return file


def job_of(bench, name, *arguments, **more):
    """The job begins anew each time."""
    state = FOLDER / name
    command = f'rm -rf "{state}"; exec "{bench.weir}" run "{script(name, *arguments, **more)}" ' \
              f'--state "{state}" --name bench 2>&1'
    return Engine(name, ["sh", "-c", command])


def cost(bench, what, path, window, least):
    runs = interleave([job_of(bench, "without", path, window, interval=NEVER),
                       job_of(bench, "with", path, window)], bench.rounds)
    wall, cpu = (ratio(runs, "with", "without", field) for field in ("wall", "cpu"))
    bench.goals.add(4, f"{what}: throughput with a checkpoint each second, × without, CPU", cpu,
                    least=least)
    return what, spread(wall), spread(cpu)


def probe(bench, name, *arguments, state=None, steps=(), **more):
    """What weir_checkpoint_probe tells: {first word: [the numbers behind it, line by line]}."""
    probing = program(bench, "weir_checkpoint_probe")
    state = state or FOLDER / name
    file = script(name, *arguments, **more)
    said = subprocess.run([probing, str(file), str(state), *map(str, steps)],
                          check=True, capture_output=True, text=True).stdout
    told = {}
    for line in said.splitlines():
        word, *numbers = line.split()
        told.setdefault(word, []).append([float(each) for each in numbers])
    return told


def checkpoints(bench):
    """Of a job with 1 M groups: a full one, those of a tenth, and the way back."""
    moving = bench.data("moving", hosts=LARGE, count=4 * bench.count)
    table = Table("checkpoint", "to COMMIT, ms", "longest pause of a step, ms", "MB")
    state = FOLDER / "recovery"
    parts, pauses, full, starts = [], [], [], []
    for _ in range(bench.rounds):
        shutil.rmtree(state, ignore_errors=True)
        told = probe(bench, "moving", moving, "1 DAY", state=state, interval="300 ms")
        made = sorted(told["checkpoint"], key=lambda each: -each[3])
        full.append(made[0])
        parts += [each for each in told["checkpoint"] if 2e6 < each[3] < made[0][3] / 4]
        pauses += [each[2] for each in told["checkpoint"]]
        shutil.rmtree(state, ignore_errors=True)
        probe(bench, "moving", moving, "1 DAY", state=state, steps=[HALF_WAY_STEPS])
        starts += probe(bench, "moving", moving, "1 DAY", state=state, steps=[1])["start"][0]
    for name, each in (("the largest of each run", full), ("smaller than a quarter of it", parts)):
        if each:
            table.add(name, spread([row[1] for row in each], "{:.0f}"),
                      spread([row[2] for row in each]),
                      spread([row[3] / 1e6 for row in each], "{:.1f}"))
    bench.goals.add(4, "checkpoint of 1 M groups, to COMMIT, ms", [row[1] for row in full],
                    most=200, form="{:.0f}")
    if parts:
        bench.goals.add(4, "checkpoint of a tenth of them, ms", [row[1] for row in parts], most=40,
                        form="{:.0f}")
    bench.goals.add(4, "longest pause of a step, ms", pauses, most=5)
    bench.goals.add(4, "start from a state of 1 M groups, ms", starts, most=1000, form="{:.0f}")


def spill(bench):
    """10 M groups of one record each under 256 MB, beside all the memory it wants."""
    path = bench.data(hosts=10_000_000, count=10_000_000)
    runs = interleave([job_of(bench, "memory", path, "1 DAY", interval=NEVER),
                       job_of(bench, "limit", path, "1 DAY", interval=NEVER, limit="256 MB")],
                      min(bench.rounds, 3), warm=False)
    slower = ratio(runs, "memory", "limit", "wall")
    table = Table("10 M groups", "wall, s", "CPU, s", "peak MB")
    for name, each in runs.items():
        table.add(name, spread([run.wall for run in each]), spread([run.cpu for run in each]),
                  f"{max(run.peak for run in each):.0f}")
    bench.goals.add(3, "10 M groups under 256 MB, × the time in memory", slower, most=3)
    bench.goals.add(3, "peak MB of it", max(run.peak for run in runs["limit"]),
                    most=(256 + 64) * 1.048576)


def run(bench):
    count = 4 * bench.count
    print(f"\n### Checkpoints: a job of {count:,} records, one each second\n")
    table = Table("groups", "throughput × without, wall", "CPU")
    table.add(*cost(bench, "1,000 groups", bench.data(count=count), "5 MINUTES", 0.97))
    table.add(*cost(bench, "1 M groups, a tenth at a time",
                    bench.data("moving", hosts=LARGE, count=count), "1 DAY", 0.92))
    print()
    checkpoints(bench)
    if bench.full:
        print("\n### Memory that is not enough\n")
        spill(bench)
    shutil.rmtree(FOLDER, ignore_errors=True)
