/* In steady state nothing is allocated: files, rows and columns that a program pushes, each with
 * windows that open and close. */
#include "core/memory.h"
#include "tests/lib/lent_batch.h"
#include "weir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 3000, KEYS = 50, WARM_ROUNDS = 40, ROUNDS = 60 };

#define AGGREGATE \
    "SELECT k, t, avg(v), count(*), min(k), max(v), sum(k) FROM %s " \
    "WINDOW TUMBLING 1 SECOND GROUP BY k, t"

typedef struct fixture {
    weir_db *db;
    weir_query *query;
    weir_stream *stream;
    int64_t next; /* number of the next row; a row a millisecond */
} fixture;

static fixture
fixture_open(const char *sql)
{
    fixture f = {0};
    assert_int_equal(weir_open(NULL, &f.db, NULL), WEIR_OK);
    assert_int_equal(weir_exec(f.db,
                               "SET lanes = 1; CREATE STREAM s (ts TIMESTAMP, k BIGINT, v DOUBLE, "
                               "t TEXT, WATERMARK FOR ts) WITH (connector = 'host')",
                               NULL),
                     WEIR_OK);
    assert_int_equal(weir_prepare(f.db, sql, -1, &f.query, NULL, NULL), WEIR_OK);
    assert_int_equal(weir_start(f.query, NULL, NULL), WEIR_OK);
    assert_int_equal(weir_stream_open(f.db, "s", &f.stream, NULL), WEIR_OK);
    return f;
}

static fixture
fixture_open_host(void)
{
    char sql[256];
    snprintf(sql, sizeof sql, AGGREGATE, "s");
    return fixture_open(sql);
}

static void
fixture_close(fixture *f)
{
    weir_stream_close(f->stream);
    weir_query_free(f->query);
    weir_close(f->db);
}

/* Steps until nothing more comes; the number of rows. */
static int
drain(fixture *f)
{
    int count = 0;
    for (int idle = 0; idle < 3;) {
        int rc = weir_step(f->query, 0);
        assert_true(rc >= 0);
        count += rc == WEIR_ROW;
        idle = rc == WEIR_ROW ? 0 : idle + 1;
    }
    return count;
}

/* ── columns ────────────────────────────────────────────────────────────────────────────────── */

static void
push_columns(fixture *f)
{
    static int64_t times[ROWS], keys[ROWS];
    static double values[ROWS];
    static int32_t offsets[ROWS + 1];
    static char texts[ROWS * 20];
    for (int i = 0; i < ROWS; i++, f->next++) {
        times[i] = f->next * 1000;
        keys[i] = f->next % KEYS;
        values[i] = (double)i / 7;
        offsets[i + 1] = offsets[i] + 20;
        snprintf(texts + offsets[i], 20, "a-longer-text-%05d", (int)keys[i]);
        texts[offsets[i + 1] - 1] = '.';
    }
    static lent_batch batch;
    lent_batch_init(&batch, ROWS);
    lent_batch_add(&batch, "ts", "tsu:", NULL, times, NULL);
    lent_batch_add(&batch, "k", "l", NULL, keys, NULL);
    lent_batch_add(&batch, "v", "g", NULL, values, NULL);
    lent_batch_add(&batch, "t", "u", NULL, offsets, texts);
    assert_int_equal(weir_append_batch(f->stream, &batch.array, &batch.schema), WEIR_OK);
}

/* ── rows ───────────────────────────────────────────────────────────────────────────────────── */

static void
push_rows(fixture *f)
{
    for (int i = 0; i < ROWS; i++, f->next++) {
        char text[32];
        int size = snprintf(text, sizeof text, "a-longer-text-%05d", (int)(f->next % KEYS));
        weir_put_timestamp(f->stream, f->next * 1000);
        weir_put_int64(f->stream, f->next % KEYS);
        weir_put_double(f->stream, (double)i / 7);
        weir_put_text(f->stream, text, size);
        assert_int_equal(weir_row_end(f->stream), WEIR_OK);
    }
}

static void
assert_steady(void (*push)(fixture *))
{
    fixture f = fixture_open_host();
    size_t allocations = 0;
    int results = 0;
    for (int round = 0; round < WARM_ROUNDS + ROUNDS; round++) {
        if (round == WARM_ROUNDS) {
            allocations = wr_alloc_count();
            results = 0;
        }
        push(&f);
        results += drain(&f);
    }
    assert_int_equal(results, ROUNDS * (ROWS / 1000) * KEYS); /* windows have turned over */
    assert_int_equal(wr_alloc_count(), allocations);
    fixture_close(&f);
}

static void
pushed_columns_allocate_nothing(void **state)
{
    (void)state;
    assert_steady(push_columns);
}

static void
pushed_rows_allocate_nothing(void **state)
{
    (void)state;
    assert_steady(push_rows);
}

/* ── files ──────────────────────────────────────────────────────────────────────────────────── */

static void
files_allocate_nothing(void **state)
{
    (void)state;
    enum { LINES = 120000, LINES_WARM = 60000, LINES_END = 110000 };
    char path[64], sql[512], from[256];
    snprintf(path, sizeof path, "/tmp/weir_steady_%d.ndjson", (int)getpid());
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < LINES; i++) {
        fprintf(file, "{\"ts\":%d,\"k\":%d,\"t\":\"a-longer-text-%05d\",\"v\":%d.25}\n", i,
                i % KEYS, i % KEYS, i % 100);
    }
    fclose(file);
    snprintf(from, sizeof from, "file('%s') WATERMARK FOR to_timestamp(ts, 'ms')", path);
    snprintf(sql, sizeof sql, AGGREGATE, from);
    fixture f = fixture_open(sql);
    size_t warm = 0, end = 0;
    int results = 0;
    for (int rc = WEIR_OK; rc != WEIR_DONE;) {
        rc = weir_step(f.query, 1000);
        assert_true(rc >= 0);
        results += rc == WEIR_ROW;
        warm = results <= LINES_WARM / 1000 * KEYS ? wr_alloc_count() : warm;
        end = results <= LINES_END / 1000 * KEYS ? wr_alloc_count() : end;
    }
    assert_int_equal(results, LINES / 1000 * KEYS);
    assert_int_equal(end, warm);
    fixture_close(&f);
    unlink(path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pushed_columns_allocate_nothing),
        cmocka_unit_test(pushed_rows_allocate_nothing),
        cmocka_unit_test(files_allocate_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
