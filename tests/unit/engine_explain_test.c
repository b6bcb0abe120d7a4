/* The memory that EXPLAIN estimates beside the memory that a query takes. */
#include "weir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { GROUP_COUNT = 20000 };

static weir_query *
query_prepare(weir_db *db, const char *sql)
{
    weir_query *query = NULL;
    weir_error *error = NULL;
    if (weir_prepare(db, sql, -1, &query, NULL, &error) != WEIR_OK) {
        fail_msg("%s: %s", sql, weir_error_message(error));
    }
    return query;
}

/* The number behind "bytes": in the plan. */
static double
estimated_bytes(weir_query *query)
{
    char *json = NULL;
    assert_int_equal(weir_explain(query, 1, &json, NULL), WEIR_OK);
    const char *found = strstr(json, "\"bytes\":");
    assert_non_null(found);
    double bytes = strtod(found + 8, NULL);
    weir_free(json);
    return bytes;
}

/* Bytes of state a group, when GROUP_COUNT groups of a window are open. */
static double
measured_bytes(weir_db *db, weir_query *query)
{
    weir_stream *stream = NULL;
    weir_stats stats = {.size = sizeof stats};
    assert_int_equal(weir_start(query, NULL, NULL), WEIR_OK);
    assert_int_equal(weir_stream_open(db, "s", &stream, NULL), WEIR_OK);
    for (int64_t i = 0; i < GROUP_COUNT; i++) {
        char key[32];
        (void)snprintf(key, sizeof key, "key-%lld", (long long)i);
        weir_put_timestamp(stream, 1000000 + i);
        weir_put_text(stream, key, -1);
        weir_put_int64(stream, i);
        weir_put_double(stream, 0.5);
        while (weir_row_end(stream) == WEIR_BUSY) {
            (void)weir_step(query, 0);
        }
    }
    do {
        assert_int_equal(weir_step(query, 0), WEIR_AGAIN);
        assert_int_equal(weir_query_stats(query, &stats), WEIR_OK);
    } while (stats.rows_in < GROUP_COUNT);
    assert_int_equal(stats.groups, GROUP_COUNT);
    weir_stream_close(stream);
    return (double)stats.state_bytes / GROUP_COUNT;
}

static void
estimates_are_near_what_is_taken(void **state)
{
    (void)state;
    static const char *const queries[] = {
        "SELECT k, count(*) FROM s WINDOW TUMBLING 1 HOUR GROUP BY k",
        "SELECT k, avg(v), max(v), min(i) FROM s WINDOW TUMBLING 1 HOUR GROUP BY k",
        "SELECT i, sum(v) FROM s WINDOW TUMBLING 1 HOUR GROUP BY i",
        "SELECT k, i, sum(v), stddev(v) FROM s WINDOW TUMBLING 1 HOUR GROUP BY k, i",
    };
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++) {
        weir_db *db = NULL;
        assert_int_equal(weir_open(NULL, &db, NULL), WEIR_OK);
        assert_int_equal(weir_exec(db,
                                   "SET lanes = 1; CREATE STREAM s (ts TIMESTAMP, k TEXT, "
                                   "i BIGINT, v DOUBLE, WATERMARK FOR ts) "
                                   "WITH (connector = 'host')",
                                   NULL),
                         WEIR_OK);
        weir_query *query = query_prepare(db, queries[q]);
        double estimated = estimated_bytes(query), measured = measured_bytes(db, query);
        if (estimated < measured / 2 || estimated > measured * 2) {
            fail_msg("%s: estimated %.0f, measured %.0f bytes", queries[q], estimated, measured);
        }
        weir_query_free(query);
        weir_close(db);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(estimates_are_near_what_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
