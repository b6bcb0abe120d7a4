/* The kernels alone: nanoseconds a row, as a Markdown table. CPU time, best of several rounds, one
 * thread, data that fits the second-level cache unless it says otherwise.
 *
 *   decode, encode    a format's own entry points over a block of records
 *   hash, update      over a batch of 2,048 rows
 *   parse and plan    a script from its text to what could be started
 *   group by          columns pushed through the public interface, less the same without keys: so
 *                     it holds whatever is done to find a row's group, and to keep its state
 *
 * 1. Only entry points that stand for long are used: how they work inside may change. */
#include "bench/tool.h"
#include "connectors/connector.h"
#include "connectors/formats/kernels.h"
#include "core/decimal.h"
#include "core/hash.h"
#include "core/memory.h"
#include "core/time.h"
#include "functions/function.h"
#include "tests/lib/lent_batch.h"
#include "weir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 15, RECORDS = 4096, TEXT_BYTES = 16, COLUMNS = 3 };
enum { BATCH = 65536, PUSHED = 4 << 20, PUSH_ROUNDS = 3 };

typedef void work(void *context);

/* The fastest of the rounds, in nanoseconds. */
static double
best_ns(work *run, void *context, int repeat)
{
    int64_t fastest_ns = INT64_MAX;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t begin_ns = tool_cpu_ns();
        for (int i = 0; i < repeat; i++) {
            run(context);
        }
        int64_t spent_ns = tool_cpu_ns() - begin_ns;
        fastest_ns = spent_ns < fastest_ns ? spent_ns : fastest_ns;
    }
    return (double)fastest_ns / repeat;
}

static void
row_print(const char *what, double ns)
{
    printf("| %s | %.2f |\n", what, ns);
    fflush(stdout);
}

static uint32_t
mixed(int64_t i)
{
    return (uint32_t)((uint64_t)i * 0x9E3779B97F4A7C15u >> 33);
}

/* ── decode ─────────────────────────────────────────────────────────────────────────────────── */

typedef struct decoding {
    const wr_format_ops *format;
    wr_decoder *decoder;
    wr_arena *query_arena, *batch_arena;
    wr_block block;
    wr_decode_out out;
    int row_count;
} decoding;

static void
bad_row(void *context, const wr_bad_row *bad)
{
    (void)context;
    tool_stop("decode", wr_reason_text(bad->reason));
}

static void
block_decode(void *context)
{
    decoding *own = context;
    own->row_count = 0;
    own->block.chunk_first = true;
    for (size_t at = 0; at < own->block.chunk_bytes;) {
        wr_error err = {0};
        wr_arena_reset(own->batch_arena);
        own->out.batch = wr_batch_new(own->batch_arena, COLUMNS);
        if (own->format->decode(own->decoder, &own->block, &at, &own->out, &err) != WR_OK) {
            tool_stop("decode", err.message);
        }
        own->row_count += own->out.batch->row_count;
    }
}

static char *
narrow_print(char *at, int64_t i)
{
    return at + snprintf(at, 256, "{\"ts\":%lld,\"host\":\"server-%06u\",\"v\":%u.%02u}\n",
                         1700006400000ll + (long long)i, mixed(i) % 1000, mixed(i) % 100,
                         mixed(i + 7) % 100);
}

static char *
wide_print(char *at, int64_t i)
{
    return at + snprintf(at, 256,
                         "{\"ts\":%lld,\"region\":\"eu-west-1\",\"dc\":\"dc07\","
                         "\"host\":\"server-%06u\",\"metric\":\"cpu.user\",\"unit\":\"percent\","
                         "\"seq\":%lld,\"msg\":\"all \\\"good\\\"\",\"v\":%u.%02u,"
                         "\"tags\":{\"app\":\"web\",\"env\":\"prod\"},\"ok\":true}\n",
                         1700006400000ll + (long long)i, mixed(i) % 1000, (long long)i,
                         mixed(i) % 100, mixed(i + 7) % 100);
}

static char *
csv_print(char *at, int64_t i)
{
    return at + snprintf(at, 256, "%lld,server-%06u,%u.%02u\n", 1700006400000ll + (long long)i,
                         mixed(i) % 1000, mixed(i) % 100, mixed(i + 7) % 100);
}

static void
decode_row(const char *what, const char *format, char *(*print)(char *at, int64_t i))
{
    const wr_text paths[] = {WR_TEXT("ts"), WR_TEXT("host"), WR_TEXT("v")};
    const wr_type types[] = {WR_TYPE(BIGINT), WR_TYPE(TEXT), WR_TYPE(DOUBLE)};
    wr_decode_column columns[COLUMNS] = {0};
    wr_column declared[COLUMNS] = {0};
    for (int i = 0; i < COLUMNS; i++) {
        columns[i] = (wr_decode_column){.path = &paths[i], .path_length = 1, .type = types[i]};
        declared[i] = (wr_column){.name = paths[i], .type = types[i]};
    }
    decoding own = {.format = wr_format_find(wr_text_from(format)),
                    .query_arena = wr_arena_new(0),
                    .batch_arena = wr_arena_new(0)};
    wr_decode_spec spec = {.columns = columns,
                           .column_count = COLUMNS,
                           .declared = {declared, COLUMNS},
                           .reject = bad_row};
    char *data = wr_arena_bytes(own.query_arena, RECORDS * 256), *end = data;
    if (strcmp(format, "csv") == 0) {
        end += snprintf(end, 256, "ts,host,v\n");
    }
    for (int64_t i = 0; i < RECORDS; i++) {
        end = print(end, i);
    }
    own.block = (wr_block){.kind = WR_BLOCK_CHUNK,
                           .chunk = data,
                           .chunk_bytes = (size_t)(end - data),
                           .chunk_line = 1};
    wr_error err = {0};
    if (own.format->decoder_open(own.query_arena, &spec, &own.decoder, &err) != WR_OK) {
        tool_stop(what, err.message);
    }
    block_decode(&own);
    if (own.row_count != RECORDS) {
        tool_stop(what, "not every record was read");
    }
    row_print(what, best_ns(block_decode, &own, 20) / RECORDS);
    own.format->decoder_close(own.decoder);
    wr_arena_free(own.query_arena);
    wr_arena_free(own.batch_arena);
}

static void
lines_all_find(void *context)
{
    const wr_block *block = context;
    static wr_records records;
    for (size_t at = 0; at < block->chunk_bytes;) {
        at = wr_kernels_best()->lines_find(block->chunk, at, block->chunk_bytes, &records);
    }
}

static void
lines_row(void)
{
    wr_arena *arena = wr_arena_new(0);
    char *data = wr_arena_bytes(arena, RECORDS * 256), *end = data;
    for (int64_t i = 0; i < RECORDS; i++) {
        end = narrow_print(end, i);
    }
    wr_block block = {.chunk = data, .chunk_bytes = (size_t)(end - data)};
    char what[64];
    snprintf(what, sizeof what, "find lines of 54 bytes (%s)", wr_kernels_best()->name);
    row_print(what, best_ns(lines_all_find, &block, 50) / RECORDS);
    wr_arena_free(arena);
}

/* ── a batch: hash, update, encode ──────────────────────────────────────────────────────────── */

typedef struct batch_work {
    wr_arena *arena;
    wr_batch *batch;    /* ts, host, v */
    wr_vector decimals; /* DECIMAL(10,2) */
    uint64_t hashes[WR_BATCH_ROWS];
    uint32_t groups[WR_BATCH_ROWS];
    const wr_vector *hashed;
    const wr_aggregate *aggregate;
    const wr_vector *values;       /* of the aggregate */
    const uint32_t *update_groups; /* NULL: one group */
    void *states;
    const wr_format_ops *format;
    wr_encoder *encoder;
    wr_buffer out;
} batch_work;

static void
batch_fill(batch_work *own)
{
    const wr_type types[] = {WR_TYPE(BIGINT), WR_TYPE(TEXT), WR_TYPE(DOUBLE)};
    own->batch = wr_batch_new(own->arena, COLUMNS);
    own->batch->row_count = own->batch->selected_count = WR_BATCH_ROWS;
    for (int c = 0; c < COLUMNS; c++) {
        wr_vector_init_flat(&own->batch->columns[c], types[c], WR_BATCH_ROWS, own->arena);
    }
    wr_vector_init_flat(&own->decimals, wr_decimal_type(10, 2), WR_BATCH_ROWS, own->arena);
    for (int i = 0; i < WR_BATCH_ROWS; i++) {
        ((wr_int128 *)own->decimals.data)[i] = (int)(mixed(i + 7) % 10000) - 5000;
        own->groups[i] = mixed(i) % 1000;
        char *text = wr_arena_bytes(own->arena, 32);
        int size = snprintf(text, 32, "server-%06u", own->groups[i]);
        ((int64_t *)own->batch->columns[0].data)[i] = 1700006400000 + i;
        ((wr_view *)own->batch->columns[1].data)[i] = wr_view_from(text, (size_t)size);
        ((double *)own->batch->columns[2].data)[i] = (double)(mixed(i + 7) % 10000) / 100;
    }
}

static void
batch_hash(void *context)
{
    batch_work *own = context;
    wr_hash_vector(own->hashed, WR_BATCH_ROWS, false, own->hashes);
}

static void
batch_update(void *context)
{
    batch_work *own = context;
    wr_aggregate_call call = {.states = own->states,
                              .groups = own->update_groups,
                              .n = WR_BATCH_ROWS,
                              .arg_count = own->aggregate->counts_rows ? 0 : 1,
                              .args = own->values,
                              .memory = own->arena};
    own->aggregate->update(&call);
}

static void
batch_encode(void *context)
{
    batch_work *own = context;
    wr_error err = {0};
    wr_buffer_reset(&own->out);
    if (own->format->encode(own->encoder, own->batch, &own->out, NULL, &err) != WR_OK) {
        tool_stop("encode", err.message);
    }
}

/* The entry of that name that takes these values, or only counts. */
static void
update_row(batch_work *own, const char *name, const wr_vector *values, bool grouped)
{
    int count;
    const wr_aggregate *const *found = wr_aggregate_find(wr_text_from(name), &count);
    own->values = values;
    own->update_groups = grouped ? own->groups : NULL;
    for (int i = 0; i < count; i++) {
        if (found[i]->counts_rows || found[i]->args[0] == values->type.id) {
            char what[64], type[40];
            own->aggregate = found[i];
            own->states = wr_arena_zalloc(own->arena, found[i]->state_bytes * 1000);
            snprintf(what, sizeof what, "update %s %s, %s", name,
                     found[i]->counts_rows ? "of rows" : wr_type_name(values->type, type),
                     grouped ? "1,000 groups" : "1 group");
            row_print(what, best_ns(batch_update, own, 200) / WR_BATCH_ROWS);
            return;
        }
    }
}

static void
update_rows(batch_work *own)
{
    const wr_vector *doubles = &own->batch->columns[2];
    update_row(own, "count", doubles, true);
    update_row(own, "sum", doubles, true);
    update_row(own, "avg", doubles, true);
    update_row(own, "max", doubles, true);
    update_row(own, "sum", doubles, false);
    update_row(own, "sum", &own->decimals, true);
    update_row(own, "avg", &own->decimals, true);
    update_row(own, "max", &own->decimals, true);
    update_row(own, "sum", &own->decimals, false);
}

static void
encode_row(batch_work *own, const char *what, const char *format)
{
    wr_column columns[] = {{.name = WR_TEXT("ts"), .type = WR_TYPE(BIGINT)},
                           {.name = WR_TEXT("host"), .type = WR_TYPE(TEXT)},
                           {.name = WR_TEXT("v"), .type = WR_TYPE(DOUBLE)}};
    wr_schema schema = {columns, COLUMNS};
    wr_error err = {0};
    own->format = wr_format_find(wr_text_from(format));
    if (own->format->encoder_open(own->arena, &schema, (wr_options){NULL, 0}, true, &own->encoder,
                                  &err) != WR_OK) {
        tool_stop(what, err.message);
    }
    row_print(what, best_ns(batch_encode, own, 50) / WR_BATCH_ROWS);
    own->format->encoder_close(own->encoder);
}

static void
batch_rows(void)
{
    batch_work *own = wr_alloc(sizeof *own);
    memset(own, 0, sizeof *own);
    own->arena = wr_arena_new(0);
    wr_buffer_init(&own->out);
    batch_fill(own);
    own->hashed = &own->batch->columns[0];
    row_print("hash BIGINT", best_ns(batch_hash, own, 200) / WR_BATCH_ROWS);
    own->hashed = &own->batch->columns[1];
    row_print("hash TEXT of 13 bytes", best_ns(batch_hash, own, 200) / WR_BATCH_ROWS);
    update_rows(own);
    encode_row(own, "encode as JSON lines: BIGINT, TEXT, DOUBLE", "json");
    encode_row(own, "encode as CSV: BIGINT, TEXT, DOUBLE", "csv");
    wr_buffer_fini(&own->out);
    wr_arena_free(own->arena);
    wr_free(own);
}

/* ── group by, through the public interface ─────────────────────────────────────────────────── */

static int64_t times[BATCH], numbers[BATCH];
static int32_t offsets[BATCH + 1];
static char texts[BATCH * TEXT_BYTES];

typedef struct pushing {
    double row_ns, close_ns; /* a pushed row; a group when the window closes */
    double step_allocations; /* of memory, a batch, in the second half */
} pushing;

static void
columns_fill(int64_t first, unsigned key_count)
{
    for (int64_t i = 0; i < BATCH; i++) {
        times[i] = 1700006400000000 + (first + i) * 1000;
        numbers[i] = mixed(first + i) % key_count;
        char text[TEXT_BYTES + 1];
        snprintf(text, sizeof text, "server-%09u", (unsigned)numbers[i]);
        memcpy(texts + i * TEXT_BYTES, text, TEXT_BYTES);
        offsets[i + 1] = (int32_t)(i + 1) * TEXT_BYTES;
    }
}

static void
columns_push(weir_stream *stream, weir_query *query)
{
    static lent_batch batch;
    lent_batch_init(&batch, BATCH);
    lent_batch_add(&batch, "ts", "tsu:", NULL, times, NULL);
    lent_batch_add(&batch, "k", "l", NULL, numbers, NULL);
    lent_batch_add(&batch, "t", "u", NULL, offsets, texts);
    int64_t results = lent_batch_push(&batch, stream, query);
    if (results < 0) {
        tool_stop("push", lent_batch_error(results, stream, query));
    }
}

/* One query over PUSHED rows of one window. */
static pushing
push_once(const char *sql, unsigned key_count)
{
    weir_db *db = NULL;
    weir_query *query = NULL;
    weir_stream *stream = NULL;
    weir_error *err = NULL;
    if (weir_open(NULL, &db, &err) ||
        weir_exec(db,
                  "SET lanes = 1; CREATE STREAM s (ts TIMESTAMP, k BIGINT, t TEXT, WATERMARK "
                  "FOR ts) WITH (connector = 'host')",
                  &err) ||
        weir_prepare(db, sql, -1, &query, NULL, &err) || weir_start(query, NULL, &err) ||
        weir_stream_open(db, "s", &stream, &err)) {
        tool_stop("start", weir_error_message(err));
    }
    int64_t busy_ns = 0, close_ns, rows = 0;
    size_t allocations = 0;
    for (int64_t first = 0; first < PUSHED; first += BATCH) {
        columns_fill(first, key_count);
        if (first == PUSHED / 2) {
            allocations = wr_alloc_count();
        }
        int64_t begin_ns = tool_cpu_ns();
        columns_push(stream, query);
        busy_ns += tool_cpu_ns() - begin_ns;
    }
    allocations = wr_alloc_count() - allocations;
    close_ns = tool_cpu_ns();
    weir_stream_end(stream);
    while (weir_step(query, 1000) == WEIR_ROW) {
        rows++;
    }
    close_ns = tool_cpu_ns() - close_ns;
    weir_stream_close(stream);
    weir_query_free(query);
    weir_close(db);
    return (pushing){(double)busy_ns / PUSHED, (double)close_ns / (double)(rows > 0 ? rows : 1),
                     (double)allocations / (PUSHED / BATCH / 2.0)};
}

/* The fastest of a few. */
static pushing
push_measure(const char *sql, unsigned key_count)
{
    pushing best = push_once(sql, key_count);
    for (int i = 1; i < PUSH_ROUNDS; i++) {
        pushing next = push_once(sql, key_count);
        best.row_ns = next.row_ns < best.row_ns ? next.row_ns : best.row_ns;
        best.close_ns = next.close_ns < best.close_ns ? next.close_ns : best.close_ns;
        best.step_allocations = next.step_allocations;
    }
    return best;
}

static void
group_rows(void)
{
    pushing none = push_measure("SELECT count(*) FROM s WINDOW TUMBLING 1 DAY", 1);
    row_print("push three columns, count(*) without keys", none.row_ns);
    pushing text = push_measure("SELECT t, count(*) FROM s WINDOW TUMBLING 1 DAY GROUP BY t", 1000);
    row_print("group by TEXT of 16 bytes, 1,000 groups", text.row_ns - none.row_ns);
    pushing texts_many =
        push_measure("SELECT t, count(*) FROM s WINDOW TUMBLING 1 DAY GROUP BY t", 1000000);
    row_print("group by TEXT of 16 bytes, 1,000,000 groups", texts_many.row_ns - none.row_ns);
    pushing few = push_measure("SELECT k, count(*) FROM s WINDOW TUMBLING 1 DAY GROUP BY k", 1000);
    row_print("group by BIGINT, 1,000 groups", few.row_ns - none.row_ns);
    pushing many =
        push_measure("SELECT k, count(*) FROM s WINDOW TUMBLING 1 DAY GROUP BY k", 1000000);
    row_print("group by BIGINT, 1,000,000 groups", many.row_ns - none.row_ns);
    row_print("sort and emit a group by BIGINT, 1,000,000 groups", many.close_ns);
    row_print("sort and emit a group by TEXT, 1,000,000 groups", texts_many.close_ns);
    row_print("allocations a batch of 65,536 rows, steady, 1,000 TEXT groups (no ns)",
              text.step_allocations);
}

/* ── parse and plan, through the public interface ───────────────────────────────────────────── */

static const char job_script[] =
    "CREATE OR REPLACE STREAM cpu (ts BIGINT, host TEXT, region TEXT, usage DOUBLE, tags JSON,"
    "  at AS to_timestamp(ts, 'ms'), WATERMARK FOR at DELAY 5 SECONDS)"
    "  WITH (connector = 'kafka', topic = 'cpu-usage', format = 'json');"
    "CREATE OR REPLACE STREAM alerts (host TEXT, window_end TIMESTAMP, peak DOUBLE)"
    "  WITH (connector = 'kafka', topic = 'alerts', format = 'json', key = host);"
    "CREATE OR REPLACE VIEW busy AS SELECT at, host, region, usage, tags.rack AS rack FROM cpu"
    "  WHERE usage BETWEEN 0 AND 100 AND host IS NOT NULL AND region IN ('eu', 'us', 'ap');"
    "INSERT INTO file('loads.jsonl') SELECT window_start, host, avg(usage) AS load, max(usage),"
    "  count(*) FILTER (WHERE usage > 90) AS hot, stddev(usage) FROM cpu"
    "  WINDOW HOPPING 5 MINUTES ADVANCE BY 10 SECONDS WHERE lower(region) = 'eu' GROUP BY host;"
    "INSERT INTO alerts SELECT host, window_end, max(usage) FROM cpu WINDOW TUMBLING 1 MINUTE"
    "  GROUP BY host HAVING max(usage) > 95 AND count(*) > 3;"
    "INSERT INTO file('racks.csv') SELECT region, CAST(rack AS TEXT) AS rack,"
    "  CASE WHEN avg(usage) > 80 THEN 'hot' ELSE 'cold' END AS class, median(usage) AS middle"
    "  FROM busy WINDOW TUMBLING (1 HOUR, GRACE PERIOD 1 MINUTE) GROUP BY region, rack;";

static void
query_prepare(void *context)
{
    weir_query *query = NULL;
    weir_error *err = NULL;
    if (weir_prepare(context,
                     "SELECT host, avg(usage) AS load, max(usage) FROM cpu WINDOW HOPPING "
                     "5 MINUTES ADVANCE BY 10 SECONDS WHERE usage > 0 GROUP BY host "
                     "HAVING count(*) > 3 ORDER BY load DESC LIMIT 10",
                     -1, &query, NULL, &err)) {
        tool_stop("prepare", weir_error_message(err));
    }
    weir_query_free(query);
}

static void
job_prepare(void *context)
{
    weir_query *query = NULL;
    weir_error *err = NULL;
    if (weir_prepare_job(context, job_script, -1, &query, &err)) {
        tool_stop("prepare", weir_error_message(err));
    }
    weir_query_free(query);
}

static void
plan_rows(void)
{
    enum { REPEAT = 100 };
    weir_db *db = NULL;
    weir_error *err = NULL;
    if (weir_open(NULL, &db, &err)) {
        tool_stop("open", weir_error_message(err));
    }
    row_print("parse and plan a job of 3 INSERTs and 3 declarations, ns each",
              best_ns(job_prepare, db, REPEAT));
    row_print("parse and plan a query over a declared stream, ns each",
              best_ns(query_prepare, db, REPEAT));
    weir_close(db);
}

int
main(void)
{
    printf("| kernel | ns a row |\n| --- | --- |\n");
    lines_row();
    decode_row("decode JSON, narrow, all of 3 fields", "json", narrow_print);
    decode_row("decode JSON, wide, 3 of 11 fields", "json", wide_print);
    decode_row("decode CSV, 3 columns", "csv", csv_print);
    batch_rows();
    plan_rows();
    group_rows();
    return 0;
}
