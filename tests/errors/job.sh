#!/bin/bash
# For scripts of golden errors: a job j.sql that has a state, has stopped and can go on.
cat > j.sql <<'SQL'
CREATE STREAM s (ts TIMESTAMP, v DOUBLE, WATERMARK FOR ts)
WITH (connector = 'file', path = 'in.jsonl', format = 'json', follow = true);
INSERT INTO file('out.jsonl') SELECT sum(v) AS v FROM s WINDOW TUMBLING 1 MINUTE;
SQL
rows() { # rows MINUTE: three rows of it
    for second in 10 20 30; do
        printf '{"ts":"2026-01-01T00:%02d:%dZ","v":1}\n' "$1" "$second"
    done
}
rows 0 > in.jsonl
rows 1 >> in.jsonl
run() {
    weir run j.sql -q --progress off --state state --control ./control --until-eof "$@"
}
run 2> /dev/null
