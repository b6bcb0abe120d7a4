/* Columns pushed by a program: avg and count of 1,000 keys in 5-minute windows, single-threaded.
 *
 *   columnar_push [rows=20000000] [batch=65536]
 *
 * Prints rows, results, seconds and millions of rows a second. Filling the batches is not timed. */
#include "bench/tool.h"
#include "tests/lib/lent_batch.h"
#include "weir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 1000, BATCH_MAX = 1 << 20 };

static int64_t times[BATCH_MAX], keys[BATCH_MAX];
static double values[BATCH_MAX];

static void
batch_fill(int64_t first, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        uint64_t mixed = (uint64_t)(first + i) * 0x9E3779B97F4A7C15u;
        times[i] = 1700000000000000 + (first + i) * 1000;
        keys[i] = (int64_t)((mixed >> 33) % KEYS);
        values[i] = (double)((mixed >> 40) % 10000) / 100;
    }
}

/* The rows that came out. */
static int64_t
batch_push(weir_stream *stream, weir_query *query, int64_t count)
{
    static lent_batch batch;
    lent_batch_init(&batch, count);
    lent_batch_add(&batch, "ts", "tsu:", NULL, times, NULL);
    lent_batch_add(&batch, "k", "l", NULL, keys, NULL);
    lent_batch_add(&batch, "v", "g", NULL, values, NULL);
    int64_t results = lent_batch_push(&batch, stream, query);
    if (results < 0) {
        tool_stop("push", lent_batch_error(results, stream, query));
    }
    return results;
}

int
main(int argc, char **argv)
{
    int64_t rows = argc > 1 ? strtoll(argv[1], NULL, 10) : 20000000;
    int64_t batch = argc > 2 ? strtoll(argv[2], NULL, 10) : 65536;
    if (rows < 1 || batch < 1 || batch > BATCH_MAX) {
        tool_stop("usage", "columnar_push [rows] [batch ≤ 1048576]");
    }
    weir_db *db = NULL;
    weir_query *query = NULL;
    weir_stream *stream = NULL;
    weir_error *err = NULL;
    if (weir_open(NULL, &db, &err) ||
        weir_exec(db,
                  "SET lanes = 1; CREATE STREAM s (ts TIMESTAMP, k BIGINT, v DOUBLE, "
                  "WATERMARK FOR ts) WITH (connector = 'host')",
                  &err) ||
        weir_prepare(db, "SELECT k, avg(v), count(*) FROM s WINDOW TUMBLING 5 MINUTES GROUP BY k",
                     -1, &query, NULL, &err) ||
        weir_start(query, NULL, &err) || weir_stream_open(db, "s", &stream, &err)) {
        tool_stop("start", weir_error_message(err));
    }
    int64_t results = 0, busy_us = 0;
    for (int64_t first = 0; first < rows; first += batch) {
        int64_t count = rows - first < batch ? rows - first : batch;
        batch_fill(first, count);
        int64_t begin_us = weir_monotonic_us();
        results += batch_push(stream, query, count);
        busy_us += weir_monotonic_us() - begin_us;
    }
    weir_stream_end(stream);
    while (weir_step(query, 1000) == WEIR_ROW) {
        results++;
    }
    printf("rows %lld results %lld seconds %.3f M_rows_per_s %.1f\n", (long long)rows,
           (long long)results, (double)busy_us / 1e6, (double)rows / (double)busy_us);
    weir_stream_close(stream);
    weir_query_free(query);
    weir_close(db);
    return 0;
}
