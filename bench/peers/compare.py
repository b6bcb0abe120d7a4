"""Are two answers (CSV: window start in ms, host, average, count) the same?

    python3 bench/peers/compare.py OURS THEIRS LAST_MISSING

OURS has a header. Averages may differ by the rounding of the peer's sum. LAST_MISSING = 1: the
peer's last windows may be missing, those that nothing had closed. Exit 1 and the differences when
not.
"""
import sys

import duckdb

FORM = ("auto_detect = false, delim = ',', quote = '\"', escape = '\"', "
        "columns = {ws: 'BIGINT', host: 'VARCHAR', a: 'DOUBLE', n: 'BIGINT'}")
OURS = f"read_csv($ours, header = true, {FORM})"
DIFFER = f"""
    FROM (FROM {OURS}) o
    FULL JOIN (FROM read_csv($theirs, header = false, {FORM})) t USING (ws, host)
    SELECT coalesce(o.ws, t.ws) AS window_start, host, o.a, t.a, o.n, t.n
    WHERE (o.n IS DISTINCT FROM t.n OR NOT (abs(o.a - t.a) <= 1e-9 * (1 + abs(o.a))))
      AND NOT ($last_missing AND t.n IS NULL AND o.ws >= (SELECT max(ws) FROM {OURS}))
    LIMIT 5"""


def main():
    ours, theirs, last_missing = sys.argv[1:4]
    found = duckdb.execute(DIFFER, {"ours": ours, "theirs": theirs,
                                    "last_missing": last_missing == "1"}).fetchall()
    count = duckdb.execute(f"SELECT count(*) FROM {OURS}", {"ours": ours}).fetchone()[0]
    if count == 0:
        found = ["no rows at all"]
    for row in found:
        print(row)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
