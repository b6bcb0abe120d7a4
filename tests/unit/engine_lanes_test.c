/* The same queries with 1 to 8 lanes and pieces of any size: the same rows in the same order, the
 * same bad rows, counts and errors. */
#include "weir.h"
#include "tests/lib/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROW_COUNT = 4000, OUTPUT_BYTES = 1 << 22 };

typedef struct output {
    char *text;
    size_t size;
} output;

/* Lines of bad rows: their order depends on how the input is cut into batches. */
static char *bad_rows[ROW_COUNT];
static size_t bad_row_count;

static char json_path[64], csv_path[64];
/* Globs of compressed files, more than are read side by side; some are empty. */
static char json_parts[64], csv_parts[64];
enum { PART_COUNT = 11 };

/* Event times run on with disorder of up to 40 s; now and then a row is bad or far too late. */
static void
row_write(FILE *json, FILE *csv, int i)
{
    long long ts = 1700000000000 + 500LL * i - (long long)(random_next() % 40000);
    unsigned host = (unsigned)(random_next() % 50);
    double v = (double)(random_next() % 1000003) / 7.0 * (i % 3 ? 1e-9 : 1e9);
    ts -= i % 97 == 0 ? 600000 : 0;
    fprintf(csv, "%lld,%.17g,\"h,%u\"\n", ts, v, host);
    if (i % 211 == 210) {
        fprintf(json, "{\"ts\":%lld,\"host\":\n", ts);
    } else if (i % 307 == 0) {
        fprintf(json, "{\"ts\":null,\"host\":\"h%u\",\"v\":1}\n", host);
    } else {
        fprintf(json, "{\"ts\":%lld,\"host\":\"a host \\u00e9 of number %u\",\"v\":%.17g}\n", ts,
                host, v);
    }
}

static FILE *
part_open(const char *kind, int part)
{
    char command[200];
    snprintf(command, sizeof command, "gzip -1 > /tmp/weir_lanes_%d_%02d.%s.gz", (int)getpid(),
             part, kind);
    return popen(command, "w");
}

static int
parts_write(void)
{
    snprintf(json_parts, sizeof json_parts, "/tmp/weir_lanes_%d_*.ndjson.gz", (int)getpid());
    snprintf(csv_parts, sizeof csv_parts, "/tmp/weir_lanes_%d_*.csv.gz", (int)getpid());
    int row = 0, failed = 0;
    for (int part = 0; part < PART_COUNT; part++) {
        FILE *json = part_open("ndjson", part), *csv = part_open("csv", part);
        fprintf(csv, "ts,v,host\n");
        for (; part % 4 != 3 && row < ROW_COUNT * (part + 1) / PART_COUNT; row++) {
            row_write(json, csv, row);
        }
        failed |= pclose(json) | pclose(csv);
    }
    return failed;
}

static int
parts_remove(void)
{
    int failed = 0;
    for (int part = 0; part < PART_COUNT; part++) {
        char path[64];
        snprintf(path, sizeof path, "/tmp/weir_lanes_%d_%02d.ndjson.gz", (int)getpid(), part);
        failed |= unlink(path);
        snprintf(path, sizeof path, "/tmp/weir_lanes_%d_%02d.csv.gz", (int)getpid(), part);
        failed |= unlink(path);
    }
    return failed;
}

static int
files_write(void **state)
{
    (void)state;
    snprintf(json_path, sizeof json_path, "/tmp/weir_lanes_%d.json", (int)getpid());
    snprintf(csv_path, sizeof csv_path, "/tmp/weir_lanes_%d.csv", (int)getpid());
    FILE *json = fopen(json_path, "w"), *csv = fopen(csv_path, "w");
    fprintf(csv, "ts,v,host\n");
    for (int i = 0; i < ROW_COUNT; i++) {
        row_write(json, csv, i);
    }
    return fclose(json) | fclose(csv) | parts_write();
}

static int
files_remove(void **state)
{
    (void)state;
    return unlink(json_path) | unlink(csv_path) | parts_remove();
}

/* ── running ────────────────────────────────────────────────────────────────────────────────── */

__attribute__((format(printf, 2, 3))) static void
output_add(output *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int size = vsnprintf(out->text + out->size, OUTPUT_BYTES - out->size, format, args);
    va_end(args);
    assert_in_range(size, 0, OUTPUT_BYTES - out->size - 1);
    out->size += (size_t)size;
}

/* tidy: allow parameters: weir_options.bad_row */
static void
on_bad_row(void *context, const char *source, const char *partition, int64_t offset, int64_t byte,
           const char *reason, const char *column, const char *record, size_t record_size)
{
    (void)source;
    output *line = context;
    line->size = 0;
    output_add(line, "bad %s %lld %lld %s %s %.*s\n", partition, (long long)offset,
               (long long)byte, reason, column, (int)record_size, record);
    assert_in_range(bad_row_count, 0, ROW_COUNT - 1);
    bad_rows[bad_row_count++] = strdup(line->text);
}

static int
lines_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* `whole`: all input was read, so that bad rows and counts must be the same, too. */
static void
rows_add(weir_query *query, bool whole, output *out)
{
    int rc = WEIR_OK;
    while ((rc = weir_step(query, -1)) == WEIR_ROW) {
        for (int i = 0; i < weir_column_count(query); i++) {
            output_add(out, "%s\t", weir_column_text(query, i, NULL));
        }
        output_add(out, "\n");
    }
    if (rc != WEIR_DONE) {
        output_add(out, "error %s\n", weir_error_message(weir_query_error(query)));
        return;
    }
    if (!whole) {
        return;
    }
    qsort(bad_rows, bad_row_count, sizeof *bad_rows, lines_compare);
    for (size_t i = 0; i < bad_row_count; i++) {
        output_add(out, "%s", bad_rows[i]);
    }
    weir_stats stats = {.size = sizeof stats};
    assert_int_equal(weir_query_stats(query, &stats), WEIR_OK);
    output_add(out, "in %llu bytes %llu out %llu late %llu bad %llu\n",
               (unsigned long long)stats.rows_in, (unsigned long long)stats.bytes_in,
               (unsigned long long)stats.rows_out, (unsigned long long)stats.rows_late,
               (unsigned long long)stats.rows_bad);
}

static void
run(const char *sql, int lanes, int piece_bytes, output *out)
{
    output line = {malloc(OUTPUT_BYTES), 0};
    weir_options options = {
        .size = sizeof options, .bad_row = on_bad_row, .bad_row_context = &line};
    weir_db *db = NULL;
    weir_query *query = NULL;
    char settings[200];
    snprintf(settings, sizeof settings, "SET lanes = %d; SET batch_bytes = %d", lanes, piece_bytes);
    assert_int_equal(weir_open(&options, &db, NULL), WEIR_OK);
    assert_int_equal(weir_exec(db, settings, NULL), WEIR_OK);
    assert_int_equal(weir_prepare(db, sql, -1, &query, NULL, NULL), WEIR_OK);
    assert_int_equal(weir_start(query, NULL, NULL), WEIR_OK);
    out->size = 0;
    rows_add(query, strstr(sql, "LIMIT") == NULL, out);
    while (bad_row_count > 0) {
        free(bad_rows[--bad_row_count]);
    }
    free(line.text);
    weir_query_free(query);
    weir_close(db);
}

/* `format` has a %s for the path. */
static void
same_everywhere(const char *format, const char *path, const char *wanted)
{
    static const int lane_counts[] = {2, 3, 4, 8};
    static const int pieces[] = {0, 300, 4000, 50000};
    char sql[1000];
    output one = {malloc(OUTPUT_BYTES), 0}, many = {malloc(OUTPUT_BYTES), 0};
    snprintf(sql, sizeof sql, format, path);
    run(sql, 1, 0, &one);
    assert_non_null(strstr(one.text, wanted));
    for (size_t i = 0; i < 4; i++) {
        for (size_t k = 0; k < 4; k++) {
            run(sql, lane_counts[i], pieces[k], &many);
            if (one.size != many.size || memcmp(one.text, many.text, one.size) != 0) {
                fail_msg("%d lanes, pieces of %d bytes: another result", lane_counts[i],
                         pieces[k]);
            }
        }
    }
    free(one.text);
    free(many.text);
}

#define FROM "FROM file('%s') WATERMARK FOR to_timestamp(ts, 'ms') DELAY 20 SECONDS "
#define AGGREGATES "host, count(*), sum(v), avg(v), min(v), max(v), stddev_pop(v) "

static void
tumbling(void **state)
{
    (void)state;
    same_everywhere("SELECT " AGGREGATES FROM "WINDOW TUMBLING 1 MINUTE GROUP BY host", json_path,
                    "late");
}

static void
hopping_with_grace(void **state)
{
    (void)state;
    same_everywhere("SELECT " AGGREGATES FROM
                    "WHERE v > 0.001 WINDOW HOPPING 5 MINUTES ADVANCE BY 20 SECONDS "
                    "GRACE PERIOD 15 SECONDS GROUP BY host HAVING count(*) > 2",
                    json_path, "late");
}

static void
without_window(void **state)
{
    (void)state;
    same_everywhere("SELECT " AGGREGATES ", count(DISTINCT ts) FROM file('%s') GROUP BY host",
                    json_path, "bad");
    same_everywhere("SELECT count(*), sum(v) FROM file('%s') WHERE v < -1", json_path, "0");
}

static void
csv_has_a_header(void **state)
{
    (void)state;
    same_everywhere("SELECT " AGGREGATES FROM "WINDOW TUMBLING 1 MINUTE GROUP BY host", csv_path,
                    "h,");
}

static void
compressed_files_side_by_side(void **state)
{
    (void)state;
    const char *sql = "SELECT " AGGREGATES FROM "WINDOW TUMBLING 1 MINUTE GROUP BY host";
    same_everywhere(sql, json_parts, "late");
    same_everywhere(sql, csv_parts, "h,");
}

static void
limit_ends(void **state)
{
    (void)state;
    same_everywhere("SELECT * FROM (SELECT window_end, " AGGREGATES FROM
                    "WINDOW TUMBLING 1 MINUTE GROUP BY host) LIMIT 60",
                    json_path, "2023");
}

static void
a_bad_row_fails(void **state)
{
    (void)state;
    same_everywhere("SELECT " AGGREGATES
                    "FROM file('%s', on_error = 'fail') GROUP BY host",
                    json_path, "error");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tumbling),       cmocka_unit_test(hopping_with_grace),
        cmocka_unit_test(without_window), cmocka_unit_test(csv_has_a_header),
        cmocka_unit_test(limit_ends),     cmocka_unit_test(a_bad_row_fails),
        cmocka_unit_test(compressed_files_side_by_side),
    };
    return cmocka_run_group_tests_name("engine_lanes", tests, files_write, files_remove);
}
