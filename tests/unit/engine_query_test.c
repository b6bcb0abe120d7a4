/* The public API from a program's side: host streams in, rows out, wrong use answered. */
#include "weir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define DECLARE_CPU \
    "CREATE STREAM cpu (host TEXT, v DOUBLE, ts TIMESTAMP, WATERMARK FOR ts) " \
    "WITH (connector = 'host')"

static int64_t const minute_us = 60000000;

static weir_db *
database_open(void)
{
    weir_db *db = NULL;
    weir_error *err = NULL;
    weir_options options = {.size = sizeof options, .manual_clock = 1};
    assert_int_equal(weir_open(&options, &db, &err), WEIR_OK);
    assert_null(err);
    return db;
}

static weir_query *
query_open(weir_db *db, const char *sql)
{
    weir_query *query = NULL;
    weir_error *err = NULL;
    int rc = weir_prepare(db, sql, -1, &query, NULL, &err);
    if (err) {
        print_error("%s: %s\n", weir_error_code(err), weir_error_message(err));
    }
    assert_int_equal(rc, WEIR_OK);
    assert_non_null(query);
    return query;
}

static void
query_start(weir_query *query)
{
    weir_error *err = NULL;
    int rc = weir_start(query, NULL, &err);
    if (err) {
        print_error("%s: %s\n", weir_error_code(err), weir_error_message(err));
    }
    assert_int_equal(rc, WEIR_OK);
}

static void
stream_put(weir_stream *stream, const char *host, double v, int64_t ts_us)
{
    assert_int_equal(weir_put_text(stream, host, -1), WEIR_OK);
    assert_int_equal(weir_put_double(stream, v), WEIR_OK);
    assert_int_equal(weir_put_timestamp(stream, ts_us), WEIR_OK);
    assert_int_equal(weir_row_end(stream), WEIR_OK);
}

static weir_stream *
stream_open(weir_db *db)
{
    weir_stream *stream = NULL;
    assert_int_equal(weir_stream_open(db, "cpu", &stream, NULL), WEIR_OK);
    return stream;
}

static void
window_average_of_a_host_stream(void **state)
{
    (void)state;
    weir_db *db = database_open();
    assert_int_equal(weir_exec(db, DECLARE_CPU, NULL), WEIR_OK);
    weir_query *query = query_open(
        db,
        "SELECT host, avg(v) AS a, count(*) AS n FROM cpu WINDOW TUMBLING 5 MINUTES GROUP BY host");
    assert_int_equal(weir_column_count(query), 3);
    assert_string_equal(weir_column_name(query, 1), "a");
    assert_int_equal(weir_column_type(query, 1), WEIR_DOUBLE);
    query_start(query);
    weir_stream *stream = stream_open(db);
    stream_put(stream, "web", 1, minute_us);
    stream_put(stream, "web", 2, 2 * minute_us);
    stream_put(stream, "db", 7, 4 * minute_us);
    assert_int_equal(weir_step(query, 0), WEIR_AGAIN);
    stream_put(stream, "web", 5, 5 * minute_us); /* watermark 5:00 closes [0:00, 5:00) */
    assert_int_equal(weir_step(query, 1000), WEIR_ROW);
    assert_string_equal(weir_column_text(query, 0, NULL), "db");
    assert_true(weir_column_double(query, 1) == 7);
    int64_t start_us = -1, end_us = -1;
    assert_int_equal(weir_row_window(query, &start_us, &end_us), 1);
    assert_int_equal(start_us, 0);
    assert_int_equal(end_us, 5 * minute_us);
    assert_int_equal(weir_row_time(query), 5 * minute_us - 1000);
    assert_int_equal(weir_step(query, 1000), WEIR_ROW);
    assert_string_equal(weir_column_text(query, 0, NULL), "web");
    assert_string_equal(weir_column_text(query, 1, NULL), "1.5");
    assert_int_equal(weir_column_int64(query, 2), 2);
    assert_int_equal(weir_step(query, 0), WEIR_AGAIN);
    assert_int_equal(weir_stream_end(stream), WEIR_OK);
    assert_int_equal(weir_step(query, 1000), WEIR_ROW);
    assert_int_equal(weir_step(query, 1000), WEIR_DONE);
    assert_int_equal(weir_step(query, 1000), WEIR_DONE);
    weir_stream_close(stream);
    weir_query_free(query);
    weir_close(db);
}

static void
parameters_are_bound_by_number_and_name(void **state)
{
    (void)state;
    weir_db *db = database_open();
    weir_query *query = query_open(db, "SELECT :a + ?2 AS sum, :a AS again");
    int a = weir_parameter_index(query, ":a");
    assert_int_equal(a, 1);
    assert_int_equal(weir_parameter_count(query), 2);
    assert_int_equal(weir_bind_int64(query, a, 40), WEIR_OK);
    assert_int_equal(weir_bind_int64(query, 2, 2), WEIR_OK);
    assert_int_equal(weir_bind_int64(query, 3, 2), WEIR_MISUSE);
    query_start(query);
    assert_int_equal(weir_step(query, 1000), WEIR_ROW);
    assert_int_equal(weir_column_int64(query, 0), 42);
    assert_int_equal(weir_column_int64(query, 1), 40);
    assert_int_equal(weir_bind_int64(query, 1, 1), WEIR_MISUSE);
    assert_int_equal(weir_step(query, 1000), WEIR_DONE);
    weir_query_free(query);
    weir_close(db);
}

static void
errors_have_code_position_and_hint(void **state)
{
    (void)state;
    weir_db *db = database_open();
    weir_query *query = NULL;
    weir_error *err = NULL;
    assert_int_equal(weir_exec(db, DECLARE_CPU, NULL), WEIR_OK);
    assert_int_equal(weir_prepare(db, "SELECT hots FROM cpu", -1, &query, NULL, &err), WEIR_SQL);
    assert_null(query);
    assert_string_equal(weir_error_code(err), "E0203");
    assert_int_equal(weir_error_position(err), 7);
    assert_int_equal(weir_error_length(err), 4);
    assert_non_null(strstr(weir_error_hint(err), "host"));
    weir_error_free(err);
    weir_close(db);
}

static void
statements_follow_each_other(void **state)
{
    (void)state;
    weir_db *db = database_open();
    const char *sql = "SELECT 1; /* between */ SELECT 2 ;; -- end", *tail = NULL;
    weir_query *query = NULL;
    assert_int_equal(weir_prepare(db, sql, -1, &query, &tail, NULL), WEIR_OK);
    weir_query_free(query);
    assert_int_equal(weir_prepare(db, tail, -1, &query, &tail, NULL), WEIR_OK);
    assert_non_null(query);
    weir_query_free(query);
    assert_int_equal(weir_prepare(db, tail, -1, &query, &tail, NULL), WEIR_OK);
    assert_null(query);
    weir_close(db);
}

static void
wrong_use_is_answered(void **state)
{
    (void)state;
    weir_db *db = database_open();
    weir_query *query = query_open(db, "SELECT 1 AS one");
    assert_int_equal(weir_step(query, 0), WEIR_MISUSE);
    query_start(query);
    assert_int_equal(weir_start(query, NULL, NULL), WEIR_MISUSE);
    assert_int_equal(weir_column_is_null(query, 0), 1); /* no row yet */
    assert_int_equal(weir_step(query, 0), WEIR_ROW);
    assert_null(weir_column_name(query, 1));
    assert_null(weir_column_text(query, -1, NULL));
    assert_int_equal(weir_column_int64(query, 0), 1);
    weir_query_free(query);
    weir_error *err = NULL;
    assert_int_equal(weir_exec(db, "SELECT 1", &err), WEIR_MISUSE);
    assert_string_equal("E0902", weir_error_code(err));
    weir_error_free(err);
    assert_int_equal(weir_prepare(NULL, "SELECT 1", -1, &query, NULL, NULL), WEIR_MISUSE);
    assert_int_equal(weir_open(NULL, NULL, NULL), WEIR_MISUSE);
    weir_close(db);
}

static void
interrupt_and_stop(void **state)
{
    (void)state;
    weir_db *db = database_open();
    assert_int_equal(weir_exec(db, DECLARE_CPU, NULL), WEIR_OK);
    weir_query *query = query_open(db, "SELECT sum(v) AS s FROM cpu WINDOW TUMBLING 5 MINUTES");
    query_start(query);
    weir_stream *stream = stream_open(db);
    stream_put(stream, "web", 1, 0);
    stream_put(stream, "web", 2, 1);
    assert_int_equal(weir_step(query, 0), WEIR_AGAIN);
    weir_interrupt(query);
    assert_int_equal(weir_step(query, -1), WEIR_INTERRUPT);
    assert_int_equal(weir_stop(query, 1), WEIR_OK);
    assert_int_equal(weir_step(query, 1000), WEIR_ROW);
    assert_true(weir_column_double(query, 0) == 3);
    assert_int_equal(weir_step(query, 1000), WEIR_DONE);
    weir_stream_close(stream);
    weir_query_free(query);
    weir_close(db);
}

static void
rows_as_json_lines(void **state)
{
    (void)state;
    weir_db *db = database_open();
    weir_query *query = query_open(
        db, "SELECT column1 AS a, column2 AS b FROM (VALUES (1, 'x'), (2, NULL), (3, '\"'))");
    query_start(query);
    assert_int_equal(weir_step(query, 1000), WEIR_ROW);
    weir_encoder *encoder = NULL;
    assert_int_equal(weir_encoder_new(query, "json", 0, &encoder, NULL), WEIR_OK);
    const char *data = NULL;
    size_t size = 0;
    int64_t rows = 0;
    assert_int_equal(weir_encode_rows(encoder, 2, &rows, &data, &size), WEIR_OK);
    assert_int_equal(rows, 2);
    static const char two[] = "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":null}\n";
    assert_int_equal(size, sizeof two - 1);
    assert_memory_equal(data, two, size);
    assert_int_equal(weir_step(query, 1000), WEIR_ROW);
    assert_int_equal(weir_encode_rows(encoder, 100, &rows, &data, &size), WEIR_OK);
    assert_int_equal(rows, 1);
    assert_memory_equal(data, "{\"a\":3,\"b\":\"\\\"\"}\n", size);
    assert_int_equal(weir_step(query, 1000), WEIR_DONE);
    weir_encoder_free(encoder);
    weir_query_free(query);
    weir_close(db);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(window_average_of_a_host_stream),
        cmocka_unit_test(parameters_are_bound_by_number_and_name),
        cmocka_unit_test(errors_have_code_position_and_hint),
        cmocka_unit_test(statements_follow_each_other),
        cmocka_unit_test(wrong_use_is_answered),
        cmocka_unit_test(interrupt_and_stop),
        cmocka_unit_test(rows_as_json_lines),
    };
    return cmocka_run_group_tests_name("engine_query", tests, NULL, NULL);
}
