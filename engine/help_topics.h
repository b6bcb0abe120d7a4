/* What `weir help TOPIC` says of statements and clauses: X(topic, other words, line, text). */
#ifndef WEIR_ENGINE_HELP_TOPICS_H
#define WEIR_ENGINE_HELP_TOPICS_H

#define HELP_TOPIC_LIST(X) \
    X("select", "from where group having order limit values distinct union", \
      "a query that prints rows", \
      "SELECT [DISTINCT] items [FROM source] [WINDOW …] [WHERE e] [GROUP BY e, …] [HAVING e]\n" \
      "    [ORDER BY e [DESC], …] [LIMIT n [OFFSET m]] [EMIT …] [LATE DATA …]\n\n" \
      "    SELECT host, avg(v) FROM kafka('cpu-usage') WINDOW TUMBLING 5 MINUTES GROUP BY host\n") \
    X("window", "windows tumbling hopping grace offset", \
      "how rows are cut into windows of event time", \
      "WINDOW TUMBLING [SIZE] d                     windows side by side\n" \
      "WINDOW HOPPING [SIZE] d [,] ADVANCE BY d     windows that overlap\n" \
      "    options: GRACE PERIOD d, and in parentheses OFFSET d\n" \
      "    columns: window_start, window_end (exclusive), window_time\n\n" \
      "    SELECT avg(v) FROM cpu WINDOW HOPPING (SIZE 5 MINUTES, ADVANCE BY 5 SECONDS)\n") \
    X("watermark", "late delay idle", "event time, and how long to wait for late rows", \
      "FROM source WATERMARK FOR e [AS e - INTERVAL '5' SECOND | DELAY d] [IDLE TIMEOUT d]\n" \
      "    e: a TIMESTAMP, ISO 8601 text, or to_timestamp(x, 'ms'); now() is processing time.\n" \
      "    A row is late when its window was closed by earlier rows of its own partition.\n") \
    X("emit", "final changes every", "when results come out", \
      "EMIT FINAL             one row per window and key, after the window closed (default)\n" \
      "EMIT CHANGES           what changed, after every batch\n" \
      "EMIT EVERY d           what changed, at most each d of wall clock\n") \
    X("insert", "into sink sinks", "a query that writes into a sink", \
      "INSERT INTO sink SELECT …\n" \
      "    sinks: kafka('topic', key = col), file('path', mode = 'append'), stdout(), null(),\n" \
      "    or a stream declared by CREATE STREAM\n") \
    X("create", "stream view drop table", "declare a stream, a table or a view", \
      "CREATE [OR REPLACE] STREAM [IF NOT EXISTS] s (\n" \
      "    host TEXT, v DOUBLE, ts BIGINT, rt AS to_timestamp(ts, 'ms'),\n" \
      "    WATERMARK FOR rt AS rt - INTERVAL '5' SECOND\n" \
      ") WITH (connector = 'kafka', topic = 't', format = 'json')\n" \
      "CREATE TABLE t (host TEXT, v DOUBLE, PRIMARY KEY (host)) WITH (…)\n" \
      "    INSERT INTO t keeps the newest row of each key: kafka, sqlite\n" \
      "CREATE VIEW v AS SELECT …    DROP STREAM | TABLE | VIEW name\n") \
    X("secret", "secrets password passwords", "passwords that nobody sees", \
      "CREATE [OR REPLACE] SECRET [IF NOT EXISTS] p (env = 'VARIABLE' | file = 'path' | value = " \
      "'…')\n" \
      "… WITH (connector = 'kafka', …, password = SECRET p)    DROP SECRET p    SHOW SECRETS\n") \
    X("sources", "source kafka file stdin generate host", "where rows come from", \
      "kafka('topic', brokers = 'h:9092', start = 'earliest', format = 'json', columns = '…')\n" \
      "file('path-or-glob', follow = true), stdin(), generate(rows = n, rate = n), " \
      "host('name'),\n" \
      "VALUES (…), (…), a declared stream, a view, a (query)\n") \
    X("set", "reset settings setting", "settings", \
      "SET name = value    RESET name    SHOW SETTINGS\n") \
    X("show", "describe", "what is declared", \
      "SHOW STREAMS | TABLES | VIEWS | SECRETS | SETTINGS | FUNCTIONS | name-of-a-setting\n" \
      "SHOW CREATE STREAM | TABLE | VIEW name    DESCRIBE name    DESCRIBE SELECT …\n") \
    X("explain", "plan", "what a query will do and remember", \
      "EXPLAIN SELECT …    EXPLAIN INSERT …    EXPLAIN (FORMAT JSON) SELECT …\n")

#endif
