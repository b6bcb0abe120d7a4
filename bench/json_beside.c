/* weir's JSON decoder beside simdjson's On-Demand, in turn, over the same records in memory:
 *
 *   json_beside SHAPE FILE [rounds=15]     FILE: from bench/generate, of that shape
 *
 * A line a round: nanoseconds of CPU time a record of weir, of simdjson. weir decodes the chunk
 * into batches, cutting it into records and checking all of each; simdjson reads the wanted fields
 * into arrays and does not look at the values between them. Texts lose their escapes in both.
 *
 * 1. Before anything is timed, both have read the same values. */
#include "bench/simdjson_read_shim.h"
#include "bench/tool.h"
#include "connectors/connector.h"
#include "core/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 3, PATH_NAMES = 4, CHUNK_BYTES_MAX = 4 << 20, RECORDS_MAX = 1 << 16, PASSES = 20 };

typedef struct beside {
    const char *chunk;
    size_t chunk_bytes;
    bool is_nested;
    int record_count;
    wr_text paths[COLUMNS][PATH_NAMES];
    wr_decode_column columns[COLUMNS];
    wr_column declared[COLUMNS];
    wr_arena *arena, *batch_arena;
    const wr_format_ops *format;
    wr_decoder *decoder;
    wr_decode_out out;
    simdjson_reader *reader;
    reading_columns read; /* what simdjson read last */
} beside;

/* ── weir ───────────────────────────────────────────────────────────────────────────────────── */

static void
bad_row(void *context, const wr_bad_row *bad)
{
    (void)context;
    tool_stop("weir", wr_reason_text(bad->reason));
}

/* The values of a batch are those that simdjson read from row `first` on. */
static void
batch_compare(const beside *own, int first)
{
    const wr_batch *batch = own->out.batch;
    const int64_t *ts = batch->columns[0].data;
    const wr_view *host = batch->columns[1].data;
    const double *v = batch->columns[2].data;
    for (int i = 0; i < batch->row_count; i++) {
        wr_text ours = wr_view_text(&host[i]);
        reading_text theirs = own->read.host[first + i];
        if (ts[i] != own->read.ts[first + i] || memcmp(&v[i], &own->read.v[first + i], 8) != 0 ||
            ours.size != theirs.size || memcmp(ours.data, theirs.data, ours.size) != 0) {
            tool_stop("a record", "weir and simdjson read different values");
        }
    }
}

static int
weir_read(beside *own, bool compares)
{
    wr_block block = {.kind = WR_BLOCK_CHUNK, .chunk = own->chunk, .chunk_line = 1,
                      .chunk_bytes = own->chunk_bytes, .chunk_first = true};
    int row_count = 0;
    for (size_t at = 0; at < block.chunk_bytes;) {
        wr_error err = {0};
        wr_arena_reset(own->batch_arena);
        own->out.batch = wr_batch_new(own->batch_arena, COLUMNS);
        if (own->format->decode(own->decoder, &block, &at, &own->out, &err) != WR_OK) {
            tool_stop("weir", err.message);
        }
        if (compares) {
            batch_compare(own, row_count);
        }
        row_count += own->out.batch->row_count;
    }
    return row_count;
}

static void
column_set(beside *own, int number, wr_type type, const char *const *names)
{
    wr_decode_column *column = &own->columns[number];
    *column = (wr_decode_column){.path = own->paths[number], .type = type};
    for (; names[column->path_length]; column->path_length++) {
        const char *name = names[column->path_length];
        own->paths[number][column->path_length] = wr_text_from(name);
        column->path_indexes |= (uint64_t)(name[0] == '1') << column->path_length;
    }
    own->declared[number] = (wr_column){.name = own->paths[number][0], .type = type};
}

static void
weir_open(beside *own)
{
    bool is_nested = own->is_nested;
    column_set(own, 0, WR_TYPE(BIGINT),
               is_nested ? (const char *[]){"at", "ts", NULL} : (const char *[]){"ts", NULL});
    column_set(own, 1, WR_TYPE(TEXT),
               is_nested ? (const char *[]){"a", "host", NULL} : (const char *[]){"host", NULL});
    column_set(own, 2, WR_TYPE(DOUBLE),
               is_nested ? (const char *[]){"a", "b", "1", "c", NULL}
                         : (const char *[]){"v", NULL});
    own->arena = wr_arena_new(0);
    own->batch_arena = wr_arena_new(0);
    own->format = wr_format_find(WR_TEXT("json"));
    wr_decode_spec spec = {.columns = own->columns,
                           .column_count = COLUMNS,
                           .declared = {own->declared, COLUMNS},
                           .reject = bad_row};
    wr_error err = {0};
    if (own->format->decoder_open(own->arena, &spec, &own->decoder, &err) != WR_OK) {
        tool_stop("weir", err.message);
    }
}

/* ── both ───────────────────────────────────────────────────────────────────────────────────── */

static int
simdjson_read_all(beside *own)
{
    return simdjson_read(own->reader, own->chunk, own->chunk_bytes, own->is_nested, &own->read);
}

static void
chunk_load(beside *own, const char *path)
{
    static char bytes[CHUNK_BYTES_MAX + 64], texts[CHUNK_BYTES_MAX + 64];
    static int64_t ts[RECORDS_MAX];
    static reading_text host[RECORDS_MAX];
    static double v[RECORDS_MAX];
    FILE *file = fopen(path, "rb");
    if (!file) {
        tool_stop(path, "cannot be opened");
    }
    own->chunk = bytes;
    own->chunk_bytes = fread(bytes, 1, CHUNK_BYTES_MAX, file);
    fclose(file);
    for (size_t i = 0; i < own->chunk_bytes; i++) {
        own->record_count += bytes[i] == '\n';
    }
    if (own->record_count == 0 || own->record_count > RECORDS_MAX ||
        bytes[own->chunk_bytes - 1] != '\n') {
        tool_stop(path, "holds no record, too many, or half of one");
    }
    own->read = (reading_columns){ts, host, v, texts};
}

static void
round_print(beside *own)
{
    int64_t begin_ns = tool_cpu_ns();
    for (int i = 0; i < PASSES; i++) {
        (void)weir_read(own, false);
    }
    int64_t middle_ns = tool_cpu_ns();
    for (int i = 0; i < PASSES; i++) {
        (void)simdjson_read_all(own);
    }
    double records = (double)own->record_count * PASSES;
    printf("%.3f %.3f\n", (double)(middle_ns - begin_ns) / records,
           (double)(tool_cpu_ns() - middle_ns) / records);
}

int
main(int argc, char **argv)
{
    if (argc < 3) {
        tool_stop("use", "json_beside SHAPE FILE [rounds]");
    }
    beside *own = wr_alloc(sizeof *own);
    own->is_nested = strcmp(argv[1], "nested") == 0;
    chunk_load(own, argv[2]);
    weir_open(own);
    own->reader = simdjson_reader_open(own->chunk_bytes);
    if (!own->reader || simdjson_read_all(own) != own->record_count ||
        weir_read(own, true) != own->record_count) {
        tool_stop(argv[2], "not every record was read");
    }
    long rounds = argc > 3 ? strtol(argv[3], NULL, 10) : 15;
    for (long i = 0; i < rounds; i++) {
        round_print(own);
    }
    simdjson_reader_close(own->reader);
    own->format->decoder_close(own->decoder);
    wr_arena_free(own->arena);
    wr_arena_free(own->batch_arena);
    wr_free(own);
    return 0;
}
