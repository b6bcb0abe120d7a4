-- Every line is a sentence that must parse, print, and parse to an equal tree again.
-- samples and windows
SELECT avg(v) FROM kafka('cpu-usage') WINDOW TUMBLING 5 MINUTES
SELECT avg(v) FROM kafka('cpu-usage', brokers = 'h:9092', format='json', start => 'earliest') WINDOW HOPPING (SIZE 5 MINUTES, ADVANCE BY 10 SECONDS, GRACE PERIOD 10 s, OFFSET 1 HOUR) GROUP BY host
SELECT avg(v) FROM cpu WINDOW HOPPING 5 MINUTES ADVANCE BY 10 SECONDS GRACE PERIOD 3 s WHERE v > 1 GROUP BY host
SELECT avg(v) FROM cpu WINDOW HOPPING 5 MINUTES, ADVANCE BY 10 SECONDS
SELECT avg(v) FROM cpu WINDOW HOPPING SIZE 5 MINUTES ADVANCE BY 10 SECONDS
SELECT avg(v) FROM cpu WINDOW HOPPING (5 MINUTES ADVANCE BY 10 SECONDS)
SELECT avg(v) FROM cpu WHERE v > 1 WINDOW TUMBLING 5 min
SELECT host, avg(v) FROM cpu WHERE v > 1 GROUP BY host HAVING avg(v) > 2 WINDOW SESSION 30 SECONDS, MAX 1 HOUR EMIT FINAL FILL 0 LATE DATA TO late
SELECT host, avg(v) FROM cpu GROUP BY host WINDOW TUMBLING INTERVAL '5' MINUTE GRACE PERIOD 1 SECOND EMIT EVERY 5 SECONDS AND FINAL
SELECT host FROM cpu WINDOW COUNT 100 ROWS ADVANCE BY 10
SELECT host FROM cpu WINDOW COUNT 100
SELECT host FROM cpu WINDOW COUNT (100 ROWS, ADVANCE BY 10)
SELECT host FROM cpu WINDOW COUNT (100, ADVANCE BY 10)
SELECT host FROM cpu WINDOW CUMULATE SIZE 1 DAY STEP 1 HOUR IN TIME ZONE 'Europe/Berlin' GROUP BY host
SELECT host FROM cpu WINDOW CUMULATE (1 DAY, STEP 1 HOUR)
SELECT host FROM cpu WINDOW TUMBLING 'PT5M'
SELECT host FROM cpu WINDOW TUMBLING '5 minutes'
SELECT host FROM cpu WINDOW TUMBLING INTERVAL '5 minutes'
SELECT host FROM cpu WINDOW TUMBLING INTERVAL '1.5' HOURS
SELECT avg(v) FROM cpu WINDOW TUMBLING 5s
SELECT avg(v) FROM cpu WINDOW TUMBLING 250ms
SELECT avg(v) FROM cpu WINDOW TUMBLING 250 MILLISECONDS
SELECT avg(v) FROM cpu WINDOW TUMBLING 10 us
SELECT avg(v) FROM cpu WINDOW TUMBLING 10 MICROSECONDS
SELECT avg(v) FROM cpu WINDOW TUMBLING 1 MONTH IN TIME ZONE 'Europe/Berlin'
SELECT avg(v) FROM cpu WINDOW TUMBLING 1 YEAR
SELECT avg(v) FROM cpu WINDOW TUMBLING 2 WEEKS
SELECT avg(v) FROM cpu WINDOW TUMBLING 1 d
SELECT avg(v) FROM cpu WINDOW TUMBLING 1h
SELECT avg(v) FROM cpu WINDOW TUMBLING 5m
SELECT avg(v) FROM cpu WINDOW TUMBLING (1 DAY, OFFSET 6 HOURS)
SELECT avg(v) FROM cpu WINDOW TUMBLING (1 DAY, OFFSET -6 HOURS)
SELECT avg(v) FROM cpu WINDOW TUMBLING (1 DAY OFFSET '-6 hours')
SELECT avg(v) FROM cpu WINDOW TUMBLING (SIZE 1 DAY, RETENTION 7 DAYS, GRACE PERIOD 1 HOUR)
SELECT avg(v) FROM cpu WINDOW TUMBLING 1 DAY RETENTION 7 DAYS
SELECT avg(v) FROM cpu WINDOW SLIDING 5 MINUTES
SELECT avg(v) FROM cpu WINDOW SLIDING (SIZE 5 MINUTES, GRACE PERIOD 1 MINUTE)
SELECT avg(v) FROM cpu WINDOW SESSION GAP 30 SECONDS
SELECT avg(v) FROM cpu WINDOW SESSION (GAP 30 SECONDS, MAX 1 HOUR, GRACE PERIOD 5 SECONDS)
SELECT avg(v) FROM cpu WINDOW SESSION 30 SECONDS MAX 1 HOUR
SELECT avg(v) FROM cpu GROUP BY host WINDOW TUMBLING 5 MINUTES HAVING avg(v) > 1
SELECT avg(v) FROM cpu GROUP BY host HAVING avg(v) > 1 WINDOW TUMBLING 5 MINUTES
SELECT a FROM t WINDOW TUMBLING 5 MINUTES QUALIFY row_number() OVER (ORDER BY a) = 1
-- watermarks
SELECT * FROM cpu WATERMARK FOR ts AS ts - INTERVAL '5' SECOND IDLE TIMEOUT 30 SECONDS WINDOW TUMBLING 5 MINUTES
SELECT * FROM cpu WATERMARK FOR to_timestamp(ts,'ms') WINDOW TUMBLING 5 MINUTES
SELECT * FROM cpu WATERMARK FOR ts
SELECT * FROM cpu WATERMARK FOR ts DELAY 5 SECONDS
SELECT * FROM cpu WATERMARK FOR ts DELAY 5s IDLE TIMEOUT 1min
SELECT * FROM cpu WATERMARK FOR ts IDLE TIMEOUT '30 s'
SELECT * FROM cpu WATERMARK FOR now() WINDOW TUMBLING 1 MINUTE
SELECT * FROM cpu c WATERMARK FOR c.ts WHERE c.v > 1
SELECT * FROM cpu AS c (a, b) WATERMARK FOR a
SELECT * FROM a WATERMARK FOR x JOIN b WATERMARK FOR y DELAY 1 s WITHIN 1 MINUTE ON a.k = b.k
SELECT * FROM file('x.csv') WATERMARK FOR CASE WHEN a THEN b ELSE c END WINDOW TUMBLING 1 MINUTE
-- emit, fill, late data, limit
SELECT * FROM cpu c EMIT CHANGES
SELECT * FROM cpu EMIT CHANGES LIMIT 5
SELECT * FROM cpu LIMIT 5 EMIT CHANGES
SELECT * FROM cpu EMIT FINAL
SELECT * FROM cpu EMIT ON WINDOW CLOSE
SELECT * FROM cpu EMIT EVERY 5 SECONDS
SELECT * FROM cpu EMIT EVERY '5 s' AND FINAL FILL PREVIOUS
SELECT * FROM cpu EMIT FINAL FILL NULL
SELECT * FROM cpu EMIT FINAL FILL -1
SELECT * FROM cpu EMIT FINAL FILL 'none'
SELECT * FROM cpu EMIT CHANGES FILL TIMESTAMP '2026-01-01'
SELECT * FROM cpu EMIT FINAL FILL TRUE
SELECT * FROM cpu LATE DATA DROP
SELECT * FROM cpu LATE DATA FAIL
SELECT * FROM cpu LATE DATA TO late_rows
SELECT * FROM cpu LATE DATA TO file('late.jsonl', mode = 'append')
SELECT * FROM cpu LATE DATA TO null()
SELECT * FROM cpu LATE DATA TO kafka('late', format = 'json') EMIT FINAL LIMIT 3
SELECT a FROM t LIMIT 5 OFFSET 2
SELECT a FROM t ORDER BY a LIMIT 5
SELECT a FROM t ORDER BY a LIMIT 5 EMIT FINAL LATE DATA DROP
SELECT a FROM t ORDER BY a DESC NULLS FIRST, b ASC NULLS LAST, c + 1 DESC, d NULLS LAST
SELECT a FROM t LIMIT ?
SELECT late FROM data
SELECT a late FROM t late
-- new words as names
SELECT size, count, data, final, key, period, step, first, last, max, gap, rows, time, state, set, to, zone FROM cpu
SELECT advance, all, alter, asc, assert, at, begin, by, changes, clock, close, cumulate, current, dead FROM t
SELECT delay, desc, describe, drop, end, enforced, error, escape, every, explain, fail, fill, filter FROM t
SELECT following, fork, grace, grouping, hopping, idle, if, insert, into, job, late, leading, letters FROM t
SELECT metadata, metric, nulls, of, offset, ordered, outer, over, partition, pause, preceding, previous FROM t
SELECT primary, range, replace, replay, reset, restart, resume, retention, rollup, row, savepoint, secret FROM t
SELECT session, sets, show, sliding, stall, stream, system_time, timeout, trailing, tumbling, unbounded FROM t
SELECT upgrade, view, cube, cast, try_cast, array, both, year, month, week, day, hour, minute, second FROM t
SELECT count(*) n, max(v) mx, min(v) mn FROM cpu c LEFT JOIN hosts h ON h.host = c.host
SELECT left(a, 3), right(b, 2) FROM t
SELECT min(v), first(v), last(v), count(*) FROM t GROUP BY s, h, d, m
SELECT s.a, d.b FROM s JOIN d ON s.k = d.k
SELECT timestamp, date, time, interval, value, user FROM t
SELECT window_start AS start, window_end AS end FROM t
SELECT window.start FROM t
SELECT a.order, b.group, c.from, d.end, e.select FROM t
SELECT a AS order FROM t
SELECT a AS order, b AS group, c AS window FROM t
SELECT a AS from FROM t
SELECT a "order", b "Group" FROM "T" AS "Window"
SELECT a b FROM t
SELECT count(*) over FROM t
SELECT count(*) filter, sum(x) AS over FROM t
SELECT replace(a, 'b', 'c'), if(a, b, c), row(1), date(x), time(x) FROM t
SELECT größe, "naïve ""x""", 名前 FROM tабл
SELECT a AS 'label' FROM t
SELECT secret FROM secret WHERE secret = 1
SELECT rollup, cube FROM t GROUP BY rollup, cube
SELECT _key, _partition, _offset FROM kafka('t')
-- literals
SELECT 1
SELECT 1, 1.5, .5, 1e3, 1.5E-3, 0, 12345678901234567890
SELECT 'it''s', '', 'ünïcode', 'a -- no comment', '/* neither */'
SELECT NULL, TRUE, FALSE, true, null
SELECT TIMESTAMP '2026-01-01 00:00:00', DATE '2026-01-01', INTERVAL '5' MINUTE, INTERVAL '5 minutes' FROM t
SELECT DECIMAL '1.5', TIME '12:00:00', JSON '{"a":1}', BIGINT '5'
SELECT INTERVAL '5 minutes' m FROM t
SELECT INTERVAL '-5' MINUTE, INTERVAL '1' DAY + INTERVAL '2' HOUR, INTERVAL '1h 30m'
SELECT DATE '2026-01-01' d FROM t
SELECT TIMESTAMP '2026-01-01' m, x FROM t
SELECT ARRAY[1,2,3], ARRAY[], ARRAY['a', b + 1]
SELECT ?, ?, ?7, :name, :name, :other FROM t WHERE a = ? AND b > :name
SELECT 5 s, 5 min, 5 d FROM t
-- expressions
SELECT EXTRACT(DAY FROM ts), EXTRACT(epoch FROM ts), extract('hour' FROM ts), EXTRACT(hour FROM ts AT TIME ZONE 'x') FROM t
SELECT position('a' IN b), position('a' IN b || 'c'), position('x' IN (y)) FROM t
SELECT trim(x), trim(BOTH ' ' FROM x), trim(LEADING FROM x), trim(TRAILING 'a' FROM x), trim('a' FROM x), trim(BOTH x) FROM t
SELECT substring(a FROM 1 FOR 2), substring(a FROM 2), substring(a FOR 3), substring(a, 1, 2) FROM t
SELECT ts AT TIME ZONE 'Europe/Berlin' FROM t
SELECT ts AT TIME ZONE 'Europe/Berlin' AT TIME ZONE zone, -a AT TIME ZONE 'z' FROM t
SELECT a->'b'->>'c', a::int, a[1], a['k'].b[2].c, ARRAY[1,2,3][1] FROM t
SELECT (a).b, (a.b).c, f(x).y, f(x)[1].y.z, ('x').y, (SELECT a FROM b).c FROM t
SELECT payload.user.age > 30 FROM t
SELECT t.*, a.b, payload.user.* FROM t
SELECT *, 1 FROM t
SELECT a FROM t, u, v
SELECT CASE WHEN a > 1 THEN b ELSE c END, CASE a WHEN 1 THEN 2 END FROM t
SELECT CASE WHEN a THEN CASE b WHEN 1 THEN 2 ELSE 3 END WHEN c OR d THEN 4 END + 1 end FROM t
SELECT NOT a = b, a = b = c, -a::int, a->'b' = 'c', a || b -> 'c' FROM t
SELECT x FROM t WHERE a -> 'b' ->> 'c' LIKE 'x%' AND NOT b IN (1,2)
SELECT a OR b AND c OR d, (a OR b) AND (c OR d), NOT (a OR b), NOT NOT a FROM t
SELECT a + b - c * d / e % f, (a + b) * c, a - (b - c), a - b - c, a / (b * c) FROM t
SELECT - -5, -(-5), +a, -(a + b), a - -1, a--comment
SELECT a /* comment /* nested */ still */ + b FROM t -- end
SELECT a || b || c, (a || b) || c, a || (b || c) FROM t
SELECT a < b, a <= b, a > b, a >= b, a <> b, a != b, (a < b) = (c < d), a < b = c FROM t
SELECT a BETWEEN 1 AND 2 AND b NOT BETWEEN c + 1 AND d FROM t
SELECT a IN (1), a NOT IN (1, 2), a IN (SELECT 1), a NOT IN (SELECT b FROM c) FROM t
SELECT a LIKE 'x', a NOT LIKE 'x' ESCAPE '!', a ILIKE b || '%', a NOT ILIKE 'y' FROM t
SELECT a IS NULL, a IS NOT NULL, a IS TRUE, a IS NOT FALSE, a IS DISTINCT FROM b, a IS NOT DISTINCT FROM b + 1 FROM t
SELECT a = b IS NULL, a IS NULL = b, a IS NULL IS NOT NULL, (a LIKE b) IS TRUE FROM t
SELECT CAST(a AS BIGINT), TRY_CAST(a AS DECIMAL(10, 2)), CAST(a AS DOUBLE PRECISION), a::decimal(5,1)::text FROM t
SELECT CAST(a AS ARRAY<INT>), CAST(a AS STRUCT<x INT, y ARRAY<TEXT>>), CAST(b AS ROW<z INT>) FROM t
SELECT (SELECT max(a) FROM t), EXISTS (SELECT 1 FROM u) AND NOT EXISTS (SELECT 2), ((1))
SELECT ((a)), (((a + 1))) * 2, -((a)) FROM t
SELECT a = ANY_VALUE(b), coalesce(a, b, 0), f() FROM t
SELECT f(a => 1, 'b c' => 2), g(x, y => z + 1) FROM t
-- aggregates and OVER
SELECT row_number() OVER (PARTITION BY k ORDER BY ts DESC) AS rn FROM t QUALIFY row_number() OVER (PARTITION BY k ORDER BY v DESC) <= 3
SELECT sum(v) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW) FROM t
SELECT sum(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 10 PRECEDING AND CURRENT ROW) FROM t
SELECT sum(v) OVER (ORDER BY ts ROWS UNBOUNDED PRECEDING), sum(v) OVER (), lag(v, 1) OVER (ORDER BY ts) FROM t
SELECT sum(v) OVER (ORDER BY ts ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM t
SELECT sum(v) OVER (ORDER BY ts RANGE BETWEEN 5 MINUTES PRECEDING AND UNBOUNDED FOLLOWING) FROM t
SELECT sum(v) OVER (ORDER BY ts RANGE '5 minutes' PRECEDING) FROM t
SELECT count(*) FILTER (WHERE v > 1) hot, percentile_cont(0.5) WITHIN GROUP (ORDER BY v) FROM t
SELECT count(DISTINCT a), sum(DISTINCT a) FILTER (WHERE b), count(DISTINCT a, b) FROM t
SELECT string_agg(x, ',' ORDER BY ts DESC) FROM t
SELECT array_agg(DISTINCT x ORDER BY x) FROM t
SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY v DESC) FILTER (WHERE v > 0) p FROM t
SELECT DISTINCT a, b FROM t
-- grouping
SELECT a, count(*) FROM t GROUP BY a, b + 1, 3
SELECT a FROM t GROUP BY GROUPING SETS ((a, b), (a), ())
SELECT a FROM t GROUP BY GROUPING SETS (a, (b), (a, b)), c
SELECT a FROM t GROUP BY ROLLUP (a, (b, c)), CUBE(d, e)
SELECT a FROM t GROUP BY a HAVING count(*) > 1 AND max(b) < 3
SELECT max(a) FROM t HAVING max(a) > 1
-- queries in queries
SELECT * FROM (SELECT host, avg(v) a FROM cpu WINDOW TUMBLING 1 MINUTE GROUP BY host) WINDOW TUMBLING 5 MINUTES
SELECT * FROM (SELECT a FROM t ORDER BY a LIMIT 3) AS x
SELECT * FROM (VALUES (1,'a'),(2,'b')) AS t(x, y)
VALUES (1, 2), (3, 4)
WITH a AS (SELECT 1) SELECT * FROM a UNION ALL SELECT * FROM a ORDER BY 1 LIMIT 5
WITH a AS (SELECT 1), b (x, y) AS (VALUES (1, 2)) SELECT * FROM a, b
WITH a AS (WITH b AS (SELECT 1) SELECT * FROM b) SELECT * FROM a
SELECT a FROM t UNION ALL SELECT b FROM u EMIT FINAL
SELECT a FROM t UNION ALL (SELECT b FROM u ORDER BY b LIMIT 1) UNION ALL VALUES (1)
SELECT a FROM t UNION ALL (SELECT b FROM u UNION ALL SELECT c FROM v)
-- sources
SELECT * FROM TABLE(TUMBLE(TABLE T1, DESCRIPTOR(rowtime), INTERVAL '5' SECOND)) GROUP BY name, window_start, window_end
SELECT * FROM TUMBLE(DATA => TABLE s, TIMECOL => DESCRIPTOR(ts), SIZE => INTERVAL '10' MINUTES)
SELECT * FROM TABLE(SESSION(TABLE T1 PARTITION BY name, DESCRIPTOR(rowtime), INTERVAL '5' SECOND))
SELECT * FROM TABLE(SESSION(TABLE T1 PARTITION BY (name, host), DESCRIPTOR(rowtime), INTERVAL '5' SECOND)) x
SELECT * FROM TABLE(CUMULATE(TABLE kafka('t'), DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '1' HOUR))
SELECT * FROM TABLE(HOP(TABLE (SELECT * FROM t), DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '1' HOUR))
SELECT * FROM HOP(s, ts, INTERVAL '5' SECOND, INTERVAL '10' SECOND) AS w WHERE a > 1
SELECT * FROM a JOIN b WITHIN 5 MINUTES ON a.k = b.k
SELECT * FROM a JOIN b WITHIN (1 HOUR, 2 HOURS) ON a.k = b.k WHERE a.x IN (1,2,3)
SELECT * FROM a INNER JOIN b ON a.k = b.k RIGHT JOIN c USING (k, l) FULL OUTER JOIN d ON TRUE CROSS JOIN e
SELECT * FROM o LEFT JOIN rates FOR SYSTEM_TIME AS OF o.ts AS r ON o.c = r.c
SELECT * FROM o LEFT OUTER JOIN rates FOR SYSTEM_TIME AS OF o.ts r ON o.c = r.c
SELECT * FROM o JOIN lookup('x') FOR SYSTEM_TIME AS OF f(o.ts) WITHIN 5 MINUTES ON o.c = r.c
SELECT * FROM a, b WHERE a.k = b.k
SELECT a FROM t full JOIN u ON a = b
SELECT * FROM a WHERE x IN (SELECT y FROM b) AND EXISTS (SELECT 1 FROM c) AND z NOT LIKE 'a%' ESCAPE '!' AND q IS NOT DISTINCT FROM 3 AND w BETWEEN 1 AND 2
SELECT * FROM orders o CROSS JOIN UNNEST(o.items) AS i(item)
SELECT * FROM orders o, UNNEST(o.items) i LEFT JOIN UNNEST(ARRAY[1]) ON TRUE
SELECT * FROM generate(rows = 1000, rate = 100/s)
SELECT * FROM generate(rows = ?, rate = :rate)
SELECT * FROM stdin()
SELECT * FROM kafka('t', password = SECRET n, user = 'x', "sasl.mechanism" = 'PLAIN')
SELECT * FROM kafka('t', 'auto.offset.reset' = 'x', bootstrap.servers = 'b:9092', columns = 'ts BIGINT, host TEXT')
SELECT * FROM kafka(topic => 't', group => 'g', from = 'x', on_error => a OR b)
SELECT * FROM f((a = b), (c) = d, e)
SELECT * FROM file('*.csv', follow = true, header = false) c
-- statements
CREATE STREAM cpu (host TEXT, v DOUBLE, ts TIMESTAMP(3), "timestamp" BIGINT, end TIME, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH (connector='kafka', topic='t', 'auto.offset.reset'='x', bootstrap.servers='b:9092')
CREATE STREAM cpu (a ARRAY<INT>, b STRUCT<x INT>, c DECIMAL(10,2), d DOUBLE PRECISION) WITH (connector='kafka')
CREATE OR REPLACE STREAM IF NOT EXISTS s (a INT NOT NULL, b TEXT METADATA FROM '_key' NOT NULL) WITH (connector = 'host')
CREATE STREAM s WITH (connector = 'kafka', topic = 't', group = 'g', key = 'k', table = 'x')
CREATE STREAM s (ts BIGINT, rt AS to_timestamp(ts, 'ms'), WATERMARK FOR rt DELAY 5 SECONDS IDLE TIMEOUT 30 s)
CREATE STREAM s
CREATE STREAM s (WATERMARK FOR ts, a INT)
CREATE STREAM s (PRIMARY KEY (a), a INT)
CREATE TABLE t (k TEXT PRIMARY KEY, PRIMARY KEY (k) NOT ENFORCED) WITH (connector='kafka')
CREATE TABLE t (k TEXT NOT NULL PRIMARY KEY, v DOUBLE, PRIMARY KEY (k, v))
CREATE OR REPLACE TABLE IF NOT EXISTS t (time TIME, date DATE, timestamp TIMESTAMP, interval INTERVAL)
CREATE VIEW v AS SELECT a FROM t
CREATE OR REPLACE VIEW IF NOT EXISTS v AS WITH x AS (SELECT 1) SELECT * FROM x
CREATE VIEW v AS VALUES (1)
CREATE JOB j WITH (guarantee='exactly_once') AS INSERT INTO kafka('out', key = 'host') SELECT host, avg(v) FROM cpu WINDOW TUMBLING 5 MINUTES GROUP BY host
CREATE JOB j AS BEGIN INSERT INTO a SELECT * FROM s; INSERT INTO b SELECT CASE WHEN x THEN 1 END FROM s; END
CREATE JOB j AS BEGIN INSERT INTO a SELECT a AS begin, b AS end FROM s; END
CREATE OR REPLACE JOB IF NOT EXISTS j WITH (state_ttl = '7 days', lanes = 4) AS INSERT INTO t SELECT 1
INSERT INTO kafka('t', key = (a, "B c", d)) SELECT a, "B c", d FROM s
CREATE STREAM o (a TEXT, b BIGINT) WITH (connector = 'kafka', topic = 't', key = (a, b))
SELECT * FROM kafka('t', flag = (a = b), x = (1 + 2) * 3)
CREATE SECRET n (value = 'x')
CREATE SECRET IF NOT EXISTS n (env = 'KAFKA_PASSWORD')
CREATE SECRET n (file = '/run/secrets/x')
ALTER JOB j PAUSE
ALTER JOB j RESUME
DROP STREAM s
DROP STREAM IF EXISTS s
DROP TABLE t
DROP VIEW IF EXISTS v
DROP JOB j
DROP SECRET "N"
SET allow_unbounded_state = on
SET kafka.brokers = 'h:9092'
SET checkpoint_interval = 5
SET memory_limit TO '256 MB'
SET lanes = 4
SET on_error = skip
SET "weird name" = 1
RESET kafka.brokers
RESET all
SHOW STREAMS
SHOW ALL
SHOW FUNCTIONS LIKE 'json%'
SHOW kafka.brokers
SHOW CREATE STREAM cpu
SHOW CREATE TABLE "Cpu"
SHOW CREATE VIEW v
DESCRIBE cpu
DESCRIBE SELECT a, b FROM t
DESCRIBE WITH a AS (SELECT 1) SELECT * FROM a
DESCRIBE "Cpu"
EXPLAIN SELECT 1
EXPLAIN (FORMAT JSON) SELECT 1
EXPLAIN (FORMAT json) INSERT INTO t SELECT 1
EXPLAIN (format text) SELECT 1
EXPLAIN INSERT INTO t SELECT 1
EXPLAIN CREATE JOB j AS INSERT INTO t SELECT 1
EXPLAIN STALL j
EXPLAIN STATE j
EXPLAIN STATE SELECT count(*) FROM t
EXPLAIN UPGRADE j
EXPLAIN UPGRADE j AS INSERT INTO t SELECT 1
INSERT INTO s VALUES (1,2),(3,4)
INSERT INTO s (a, b) SELECT 1, 2
INSERT INTO kafka('t', key = host, create = 'no') SELECT 1 AS host
INSERT INTO kafka('t') (a, b) SELECT 1, 2
INSERT INTO null() SELECT 1
INSERT INTO stdout() WITH a AS (SELECT 1) SELECT * FROM a
INSERT INTO sqlite('f.db', 't', key = 'k') SELECT 1 EMIT CHANGES LATE DATA TO null()
SAVEPOINT j TO 'f.save'
FORK JOB j AS k FROM 'f.save'
REPLAY DEAD LETTERS j
REPLAY DEAD LETTERS j WHERE reason = 'cast' AND _offset > 5
ADVANCE WATERMARK s TO '2026-01-01T00:00:00Z'
ADVANCE WATERMARK s TO TIMESTAMP '2026-01-01' + INTERVAL '5' MINUTE
ADVANCE CLOCK TO '2026-01-01T00:00:00Z'
RESTART
ASSERT ROWS (SELECT a FROM t) VALUES (1), (2)
ASSERT ROWS ORDERED (SELECT a, b FROM t WINDOW TUMBLING 1 MINUTE) VALUES (1, 'a'), (NULL, TIMESTAMP '2026-01-01')
ASSERT METRIC late_rows = 3
ASSERT METRIC source.rows >= 3
ASSERT ERROR 'E0203' FOR SELECT hots FROM cpu
ASSERT ERROR 'E0201' FOR INSERT INTO nowhere SELECT 1
SELECT (CASE WHEN a THEN b END).* FROM t
SELECT (1).*, ('x').*, (a + b).*, f(a).*, (SELECT 1).*, a.b.*, (a[0]).* FROM t
