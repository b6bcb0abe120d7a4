/* Every keyword: X(WORD, reserved), sorted. Each is a token TK_WORD of grammar.y. Those with 0
 * stand in the grammar's %fallback or are demoted by token_stream.c; they stay usable as names. */
#ifndef WEIR_PARSER_KEYWORD_LIST_H
#define WEIR_PARSER_KEYWORD_LIST_H

#define WR_KEYWORD_LIST(X)                                                                         \
    X(ADVANCE, 0)                                                                                  \
    X(ALL, 0)                                                                                      \
    X(ALTER, 0)                                                                                    \
    X(AND, 1)                                                                                      \
    X(ARRAY, 0)                                                                                    \
    X(AS, 1)                                                                                       \
    X(ASC, 0)                                                                                      \
    X(ASSERT, 0)                                                                                   \
    X(AT, 0)                                                                                       \
    X(BEGIN, 0)                                                                                    \
    X(BETWEEN, 1)                                                                                  \
    X(BOTH, 0)                                                                                     \
    X(BY, 0)                                                                                       \
    X(CASE, 1)                                                                                     \
    X(CAST, 0)                                                                                     \
    X(CHANGES, 0)                                                                                  \
    X(CLOCK, 0)                                                                                    \
    X(CLOSE, 0)                                                                                    \
    X(COUNT, 0)                                                                                    \
    X(CREATE, 1)                                                                                   \
    X(CROSS, 1)                                                                                    \
    X(CUBE, 0)                                                                                     \
    X(CUMULATE, 0)                                                                                 \
    X(CURRENT, 0)                                                                                  \
    X(DATA, 0)                                                                                     \
    X(DEAD, 0)                                                                                     \
    X(DELAY, 0)                                                                                    \
    X(DESC, 0)                                                                                     \
    X(DESCRIBE, 0)                                                                                 \
    X(DISTINCT, 1)                                                                                 \
    X(DROP, 0)                                                                                     \
    X(ELSE, 1)                                                                                     \
    X(EMIT, 1)                                                                                     \
    X(END, 0)                                                                                      \
    X(ENFORCED, 0)                                                                                 \
    X(ERROR, 0)                                                                                    \
    X(ESCAPE, 0)                                                                                   \
    X(EVERY, 0)                                                                                    \
    X(EXISTS, 1)                                                                                   \
    X(EXPLAIN, 0)                                                                                  \
    X(FAIL, 0)                                                                                     \
    X(FALSE, 1)                                                                                    \
    X(FILL, 0)                                                                                     \
    X(FILTER, 0)                                                                                   \
    X(FINAL, 0)                                                                                    \
    X(FIRST, 0)                                                                                    \
    X(FOLLOWING, 0)                                                                                \
    X(FOR, 1)                                                                                      \
    X(FORK, 0)                                                                                     \
    X(FROM, 1)                                                                                     \
    X(FULL, 1)                                                                                     \
    X(GAP, 0)                                                                                      \
    X(GRACE, 0)                                                                                    \
    X(GROUP, 1)                                                                                    \
    X(GROUPING, 0)                                                                                 \
    X(HAVING, 1)                                                                                   \
    X(HOPPING, 0)                                                                                  \
    X(IDLE, 0)                                                                                     \
    X(IF, 0)                                                                                       \
    X(ILIKE, 1)                                                                                    \
    X(IN, 1)                                                                                       \
    X(INNER, 1)                                                                                    \
    X(INSERT, 0)                                                                                   \
    X(INTO, 0)                                                                                     \
    X(IS, 1)                                                                                       \
    X(JOB, 0)                                                                                      \
    X(JOIN, 1)                                                                                     \
    X(KEY, 0)                                                                                      \
    X(LAST, 0)                                                                                     \
    X(LATE, 0)                                                                                     \
    X(LEADING, 0)                                                                                  \
    X(LEFT, 1)                                                                                     \
    X(LETTERS, 0)                                                                                  \
    X(LIKE, 1)                                                                                     \
    X(LIMIT, 1)                                                                                    \
    X(MAX, 0)                                                                                      \
    X(METADATA, 0)                                                                                 \
    X(METRIC, 0)                                                                                   \
    X(NOT, 1)                                                                                      \
    X(NULL, 1)                                                                                     \
    X(NULLS, 0)                                                                                    \
    X(OF, 0)                                                                                       \
    X(OFFSET, 0)                                                                                   \
    X(ON, 1)                                                                                       \
    X(OR, 1)                                                                                       \
    X(ORDER, 1)                                                                                    \
    X(ORDERED, 0)                                                                                  \
    X(OUTER, 0)                                                                                    \
    X(OVER, 0)                                                                                     \
    X(PARTITION, 0)                                                                                \
    X(PAUSE, 0)                                                                                    \
    X(PERIOD, 0)                                                                                   \
    X(PRECEDING, 0)                                                                                \
    X(PREVIOUS, 0)                                                                                 \
    X(PRIMARY, 0)                                                                                  \
    X(QUALIFY, 1)                                                                                  \
    X(RANGE, 0)                                                                                    \
    X(REPLACE, 0)                                                                                  \
    X(REPLAY, 0)                                                                                   \
    X(RESET, 0)                                                                                    \
    X(RESTART, 0)                                                                                  \
    X(RESUME, 0)                                                                                   \
    X(RETENTION, 0)                                                                                \
    X(RIGHT, 1)                                                                                    \
    X(ROLLUP, 0)                                                                                   \
    X(ROW, 0)                                                                                      \
    X(ROWS, 0)                                                                                     \
    X(SAVEPOINT, 0)                                                                                \
    X(SECRET, 0)                                                                                   \
    X(SELECT, 1)                                                                                   \
    X(SESSION, 0)                                                                                  \
    X(SET, 0)                                                                                      \
    X(SETS, 0)                                                                                     \
    X(SHOW, 0)                                                                                     \
    X(SIZE, 0)                                                                                     \
    X(SLIDING, 0)                                                                                  \
    X(STALL, 0)                                                                                    \
    X(STATE, 0)                                                                                    \
    X(STEP, 0)                                                                                     \
    X(STREAM, 0)                                                                                   \
    X(SYSTEM_TIME, 0)                                                                              \
    X(TABLE, 1)                                                                                    \
    X(THEN, 1)                                                                                     \
    X(TIME, 0)                                                                                     \
    X(TIMEOUT, 0)                                                                                  \
    X(TO, 0)                                                                                       \
    X(TRAILING, 0)                                                                                 \
    X(TRUE, 1)                                                                                     \
    X(TRY_CAST, 0)                                                                                 \
    X(TUMBLING, 0)                                                                                 \
    X(UNBOUNDED, 0)                                                                                \
    X(UNION, 1)                                                                                    \
    X(UPGRADE, 0)                                                                                  \
    X(USING, 1)                                                                                    \
    X(VALUES, 1)                                                                                   \
    X(VIEW, 0)                                                                                     \
    X(WATERMARK, 1)                                                                                \
    X(WHEN, 1)                                                                                     \
    X(WHERE, 1)                                                                                    \
    X(WINDOW, 1)                                                                                   \
    X(WITH, 1)                                                                                     \
    X(WITHIN, 1)                                                                                   \
    X(ZONE, 0)

/* Units of durations, all TK_UNIT; usable as names. Canonical spelling, then what else is read. */
#define WR_UNIT_LIST(X)                                                                            \
    X("MICROSECOND", "MICROSECONDS", "US")                                                         \
    X("MILLISECOND", "MILLISECONDS", "MS")                                                         \
    X("SECOND", "SECONDS", "S")                                                                    \
    X("MINUTE", "MINUTES", "MIN")                                                                  \
    X("HOUR", "HOURS", "H")                                                                        \
    X("DAY", "DAYS", "D")                                                                          \
    X("WEEK", "WEEKS", "W")                                                                        \
    X("MONTH", "MONTHS", "MON")                                                                    \
    X("YEAR", "YEARS", "Y")

#endif
