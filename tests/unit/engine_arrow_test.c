/* weir_append_batch: Arrow columns in, rows and windows out; ownership; what does not fit. */
#include "tests/lib/lent_batch.h"
#include "weir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

enum { ROWS = 5000 };

typedef struct fixture {
    weir_db *db;
    weir_query *query;
    weir_stream *stream;
} fixture;

static fixture
fixture_open(const char *declaration, const char *sql)
{
    fixture f = {0};
    weir_options options = {.size = sizeof options, .manual_clock = 1};
    assert_int_equal(weir_open(&options, &f.db, NULL), WEIR_OK);
    assert_int_equal(weir_exec(f.db, declaration, NULL), WEIR_OK);
    assert_int_equal(weir_prepare(f.db, sql, -1, &f.query, NULL, NULL), WEIR_OK);
    assert_int_equal(weir_start(f.query, NULL, NULL), WEIR_OK);
    assert_int_equal(weir_stream_open(f.db, "s", &f.stream, NULL), WEIR_OK);
    return f;
}

static void
fixture_close(fixture *f)
{
    weir_stream_close(f->stream);
    weir_query_free(f->query);
    weir_close(f->db);
}

static void
numbers_are_grouped_and_released(void **state)
{
    (void)state;
    static int64_t times[ROWS], keys[ROWS];
    static double values[ROWS];
    for (int i = 0; i < ROWS; i++) {
        times[i] = (int64_t)i * 1000000;
        keys[i] = i % 3;
        values[i] = i;
    }
    fixture f = fixture_open("CREATE STREAM s (ts TIMESTAMP, k BIGINT, v DOUBLE, WATERMARK FOR ts) "
                             "WITH (connector = 'host')",
                             "SELECT k, sum(v), count(*) FROM s WINDOW TUMBLING 1 DAY GROUP BY k");
    lent_batch batch;
    lent_batch_init(&batch, ROWS);
    lent_batch_add(&batch, "V", "g", NULL, values, NULL); /* by name, in any order and case */
    lent_batch_add(&batch, "ts", "tsu:UTC", NULL, times, NULL);
    lent_batch_add(&batch, "k", "l", NULL, keys, NULL);
    assert_int_equal(weir_append_batch(f.stream, &batch.array, &batch.schema), WEIR_OK);
    assert_null(batch.array.release);
    assert_int_equal(weir_stream_end(f.stream), WEIR_OK);
    for (int k = 0; k < 3; k++) {
        double sum = 0;
        for (int i = k; i < ROWS; i += 3) {
            sum += i;
        }
        assert_int_equal(weir_step(f.query, 1000), WEIR_ROW);
        assert_int_equal(weir_column_int64(f.query, 0), k);
        assert_true(weir_column_double(f.query, 1) == sum);
        assert_int_equal(weir_column_int64(f.query, 2), (ROWS - k + 2) / 3);
    }
    assert_int_equal(weir_step(f.query, 1000), WEIR_DONE);
    fixture_close(&f);
    assert_int_equal(batch.released_count, 1);
}

static void
texts_nulls_and_offsets(void **state)
{
    (void)state;
    static const char bytes[] = "skipwebdatabase-server-17";
    static const int32_t offsets[] = {0, 4, 7, 7, 25};
    static const uint8_t valid[] = {0x0b};           /* rows 0, 1, 3 */
    static const int32_t numbers[] = {-9, 5, 0, -7}; /* row 2 is NULL */
    static const uint8_t flags[] = {0x0a};           /* 0 1 0 1 */
    fixture f = fixture_open("CREATE STREAM s (host TEXT, n BIGINT, ok BOOLEAN, gone DOUBLE) "
                             "WITH (connector = 'host')",
                             "SELECT host, n, ok, gone FROM s");
    lent_batch batch;
    lent_batch_init(&batch, 3);
    lent_batch_add(&batch, "host", "u", valid, offsets, bytes);
    lent_batch_add(&batch, "n", "i", valid, numbers, NULL);
    lent_batch_add(&batch, "ok", "b", NULL, flags, NULL);
    for (int i = 0; i < 3; i++) {
        batch.columns[i].length = 4;
    }
    batch.array.offset = 1; /* row 0 of the columns is not part of the batch */
    assert_int_equal(weir_append_batch(f.stream, &batch.array, &batch.schema), WEIR_OK);
    assert_int_equal(weir_stream_end(f.stream), WEIR_OK);
    assert_int_equal(weir_step(f.query, 1000), WEIR_ROW);
    assert_string_equal(weir_column_text(f.query, 0, NULL), "web");
    assert_int_equal(weir_column_int64(f.query, 1), 5);
    assert_int_equal(weir_column_int64(f.query, 2), 1);
    assert_true(weir_column_is_null(f.query, 3));
    assert_int_equal(weir_step(f.query, 1000), WEIR_ROW);
    assert_true(weir_column_is_null(f.query, 0));
    assert_true(weir_column_is_null(f.query, 1));
    assert_int_equal(weir_step(f.query, 1000), WEIR_ROW);
    assert_string_equal(weir_column_text(f.query, 0, NULL), "database-server-17");
    assert_int_equal(weir_column_int64(f.query, 1), -7);
    assert_int_equal(weir_step(f.query, 1000), WEIR_DONE);
    fixture_close(&f);
    assert_int_equal(batch.released_count, 1);
}

static void
dictionaries_keep_their_entries(void **state)
{
    (void)state;
    static const char bytes[] = "webdb";
    static const int32_t offsets[] = {0, 3, 5};
    static const int8_t index[] = {1, 0, 0, 1, 0};
    static const uint8_t valid[] = {0x1d}; /* row 1 is NULL */
    fixture f =
        fixture_open("CREATE STREAM s (host TEXT) WITH (connector = 'host')", "SELECT host FROM s");
    lent_batch batch;
    lent_batch_init(&batch, 5);
    lent_batch_add(&batch, "host", "c", valid, index, NULL);
    const void *entries[] = {NULL, offsets, bytes};
    struct ArrowSchema field = {.format = "u"};
    struct ArrowArray dictionary = {.length = 2, .n_buffers = 3, .buffers = entries};
    batch.fields[0].dictionary = &field;
    batch.columns[0].dictionary = &dictionary;
    assert_int_equal(weir_append_batch(f.stream, &batch.array, &batch.schema), WEIR_OK);
    static const char *const wanted[] = {"db", NULL, "web", "db", "web"};
    for (int i = 0; i < 5; i++) {
        assert_int_equal(weir_step(f.query, 1000), WEIR_ROW);
        const char *text = weir_column_text(f.query, 0, NULL);
        assert_true(wanted[i] ? text && strcmp(text, wanted[i]) == 0 : !text);
    }
    fixture_close(&f);
    assert_int_equal(batch.released_count, 1);
}

static void
decimals_come_with_their_digits(void **state)
{
    (void)state;
    static const uint64_t cents[] = {150, 0, (uint64_t)-250, UINT64_MAX, 0, 0}; /* 128 bits each */
    static const uint64_t mills[] = {1005, 0, (uint64_t)-2500, UINT64_MAX, 7000, 0};
    static const uint8_t valid[] = {0x03}; /* row 2 is NULL */
    fixture f = fixture_open("CREATE STREAM s (a DECIMAL(10,2), b DECIMAL(6,2)) "
                             "WITH (connector = 'host')",
                             "SELECT a, b FROM s");
    lent_batch batch;
    lent_batch_init(&batch, 3);
    lent_batch_add(&batch, "a", "d:10,2", valid, cents, NULL);
    lent_batch_add(&batch, "b", "d:20,3,128", NULL, mills, NULL);
    assert_int_equal(weir_append_batch(f.stream, &batch.array, &batch.schema), WEIR_OK);
    assert_int_equal(weir_step(f.query, 1000), WEIR_ROW);
    assert_int_equal(weir_column_type(f.query, 0), WEIR_DECIMAL);
    assert_string_equal(weir_column_type_name(f.query, 0), "DECIMAL(10,2)");
    assert_string_equal(weir_column_text(f.query, 0, NULL), "1.50");
    assert_true(weir_column_double(f.query, 0) == 1.5);
    assert_int_equal(weir_column_int64(f.query, 0), 0); /* no whole number */
    assert_string_equal(weir_column_text(f.query, 1, NULL), "1.01");
    assert_int_equal(weir_step(f.query, 1000), WEIR_ROW);
    assert_string_equal(weir_column_text(f.query, 0, NULL), "-2.50");
    assert_string_equal(weir_column_text(f.query, 1, NULL), "-2.50");
    assert_int_equal(weir_step(f.query, 1000), WEIR_ROW);
    assert_true(weir_column_is_null(f.query, 0));
    assert_int_equal(weir_column_int64(f.query, 1), 7);
    fixture_close(&f);
    assert_int_equal(batch.released_count, 1);
}

static void
decimals_that_do_not_fit(void **state)
{
    (void)state;
    static const uint64_t large[] = {1000000, 0};
    static const char *const formats[] = {"d:10,2,256", "d:39,2", "d:10,-2", "d:10",  "d:10,11",
                                          "d:x,2",      "d:",     "d:10,2,", "d:10,2"};
    fixture f = fixture_open("CREATE STREAM s (d DECIMAL(5,2)) WITH (connector = 'host')",
                             "SELECT d FROM s");
    lent_batch batch;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        lent_batch_init(&batch, 1);
        lent_batch_add(&batch, "d", formats[i], NULL, large, NULL);
        int status = weir_append_batch(f.stream, &batch.array, &batch.schema);
        assert_int_equal(status, WEIR_MISUSE);
        assert_non_null(batch.array.release);
    }
    assert_non_null(strstr(weir_stream_error(f.stream), "more digits than the column"));
    fixture_close(&f);
}

static void
dates_and_times(void **state)
{
    (void)state;
    static const int32_t days[] = {20484, -1};
    static const int64_t day_millis[] = {-86400000, 86400000};
    static const int32_t seconds[] = {47100, 0}, millis[] = {47100250, 86399999};
    static const int64_t nanos[] = {47100250001999, 0};
    fixture f = fixture_open("CREATE STREAM s (a DATE, b DATE, c TIME, d TIME, e TIME) "
                             "WITH (connector = 'host')",
                             "SELECT a, b, c, d, e FROM s");
    lent_batch batch;
    lent_batch_init(&batch, 2);
    lent_batch_add(&batch, "a", "tdD", NULL, days, NULL);
    lent_batch_add(&batch, "b", "tdm", NULL, day_millis, NULL);
    lent_batch_add(&batch, "c", "tts", NULL, seconds, NULL);
    lent_batch_add(&batch, "d", "ttm", NULL, millis, NULL);
    lent_batch_add(&batch, "e", "ttn", NULL, nanos, NULL);
    assert_int_equal(weir_append_batch(f.stream, &batch.array, &batch.schema), WEIR_OK);
    static const char *const wanted[2][5] = {
        {"2026-01-31", "1969-12-31", "13:05:00", "13:05:00.250", "13:05:00.250001"},
        {"1969-12-31", "1970-01-02", "00:00:00", "23:59:59.999", "00:00:00"}};
    for (int row = 0; row < 2; row++) {
        assert_int_equal(weir_step(f.query, 1000), WEIR_ROW);
        for (int column = 0; column < 5; column++) {
            assert_string_equal(weir_column_text(f.query, column, NULL), wanted[row][column]);
        }
        assert_int_equal(weir_column_int64(f.query, 0), days[row]);
    }
    fixture_close(&f);
    assert_int_equal(batch.released_count, 1);
}

static void
dates_and_times_out_of_range(void **state)
{
    (void)state;
    static const int64_t odd_millis[] = {86400001}, day_micros[] = {86400000000};
    static const int32_t day_count[] = {INT32_MAX}, before[] = {-1};
    static const struct {
        const char *column, *format;
        const void *values;
    } bad[] = {{"a", "tdD", day_count},
               {"a", "tdm", odd_millis},
               {"t", "ttu", day_micros},
               {"t", "tts", before},
               {"t", "tsu:", day_micros}};
    fixture f = fixture_open("CREATE STREAM s (a DATE, t TIME) WITH (connector = 'host')",
                             "SELECT a, t FROM s");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        lent_batch batch;
        lent_batch_init(&batch, 1);
        lent_batch_add(&batch, bad[i].column, bad[i].format, NULL, bad[i].values, NULL);
        assert_int_equal(weir_append_batch(f.stream, &batch.array, &batch.schema), WEIR_MISUSE);
        assert_non_null(batch.array.release);
    }
    fixture_close(&f);
}

static void
what_does_not_fit_stays_the_callers(void **state)
{
    (void)state;
    static const char bytes[] = "\xff\xfe";
    static const int32_t offsets[] = {0, 2};
    static const int64_t seconds[] = {INT64_MAX};
    fixture f = fixture_open("CREATE STREAM s (host TEXT, ts TIMESTAMP) WITH (connector = 'host')",
                             "SELECT host FROM s");
    lent_batch batch;
    lent_batch_init(&batch, 1);
    lent_batch_add(&batch, "host", "g", NULL, seconds, NULL);
    assert_int_equal(weir_append_batch(f.stream, &batch.array, &batch.schema), WEIR_MISUSE);
    assert_non_null(strstr(weir_stream_error(f.stream), "\"g\", wanted is TEXT"));
    assert_non_null(batch.array.release);
    lent_batch_init(&batch, 1);
    lent_batch_add(&batch, "host", "u", NULL, offsets, bytes);
    assert_int_equal(weir_append_batch(f.stream, &batch.array, &batch.schema), WEIR_MISUSE);
    assert_non_null(strstr(weir_stream_error(f.stream), "not UTF-8"));
    lent_batch_init(&batch, 1);
    lent_batch_add(&batch, "ts", "tss:", NULL, seconds, NULL);
    assert_int_equal(weir_append_batch(f.stream, &batch.array, &batch.schema), WEIR_MISUSE);
    assert_non_null(strstr(weir_stream_error(f.stream), "out of range"));
    assert_int_equal(weir_append_batch(f.stream, NULL, &batch.schema), WEIR_MISUSE);
    batch.schema.format = "l";
    assert_int_equal(weir_append_batch(f.stream, &batch.array, &batch.schema), WEIR_MISUSE);
    assert_int_equal(batch.released_count, 0);
    fixture_close(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_grouped_and_released),
        cmocka_unit_test(texts_nulls_and_offsets),
        cmocka_unit_test(dictionaries_keep_their_entries),
        cmocka_unit_test(decimals_come_with_their_digits),
        cmocka_unit_test(decimals_that_do_not_fit),
        cmocka_unit_test(dates_and_times),
        cmocka_unit_test(dates_and_times_out_of_range),
        cmocka_unit_test(what_does_not_fit_stays_the_callers),
    };
    return cmocka_run_group_tests_name("engine_arrow", tests, NULL, NULL);
}
