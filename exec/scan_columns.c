/* What a scan adds to decoded columns: origins, arrival times, pseudo-columns.
 *
 *   row 2 of the batch ── source_index[2] = 17 ──▶ messages[17]: partition 3, offset 4711, key "a"
 *                                                  chunk: byte 17 behind chunk_offset
 *
 * 1. Key and header bytes are borrowed from the block, which outlives the batch. */
#include "exec/scan.h"

/* Which row of a rows block is row i of the batch? */
static int64_t
row_number(const wr_scan_rows *rows, int i)
{
    return rows->source_index ? rows->source_index[i] : rows->first_row + i;
}

static const wr_origin *
message_origins(const wr_scan_rows *rows)
{
    int row_count = rows->batch->row_count;
    wr_origin *origins = wr_arena_alloc(rows->batch->arena, sizeof(*origins) * (size_t)row_count);
    for (int i = 0; i < row_count; i++) {
        const wr_message *message = &rows->block->messages[rows->source_index[i]];
        origins[i] = (wr_origin){message->partition, message->offset};
    }
    return origins;
}

/* A lane decodes further batches before this one is pushed: then the index is copied. */
static const uint32_t *
origin_index(wr_scan *scan, const wr_scan_rows *rows)
{
    if (!scan->pieces || !rows->source_index) {
        return rows->source_index;
    }
    memcpy(scan->facts->index, rows->source_index,
           sizeof(*rows->source_index) * (size_t)rows->batch->row_count);
    return scan->facts->index;
}

void
wr_scan_set_origins(wr_scan *scan, const wr_scan_rows *rows)
{
    const wr_block *block = rows->block;
    wr_origins *origins = &scan->facts->origins;
    *origins = (wr_origins){0};
    switch (block->kind) {
    case WR_BLOCK_MESSAGES:
        origins->rows = message_origins(rows);
        break;
    case WR_BLOCK_CHUNK:
        origins->partition = block->chunk_partition;
        origins->offset = block->chunk_offset;
        origins->index = origin_index(scan, rows);
        break;
    case WR_BLOCK_ROWS:
    case WR_BLOCK_NONE:
        origins->partition = block->row_partition;
        origins->offset = block->row_offset + (rows->source_index ? 0 : rows->first_row);
        origins->index = rows->source_index;
        break;
    }
}

void
wr_scan_fill_arrival(const wr_scan *scan, const wr_scan_rows *rows, int64_t *times_us)
{
    (void)scan;
    const wr_block *block = rows->block;
    for (int i = 0; i < rows->batch->row_count; i++) {
        times_us[i] = block->arrival_us;
        if (block->kind == WR_BLOCK_MESSAGES) {
            times_us[i] = block->messages[rows->source_index[i]].timestamp_us;
        } else if (block->kind == WR_BLOCK_ROWS && block->row_arrival_us) {
            times_us[i] = block->row_arrival_us[row_number(rows, i)];
        }
    }
}

bool
wr_scan_is_tombstone(const wr_scan_rows *rows, int row)
{
    return rows->block->kind == WR_BLOCK_MESSAGES &&
           !rows->block->messages[rows->source_index[row]].data;
}

/* ── pseudo-columns ─────────────────────────────────────────────────────────────────────────── */

static void
column_init(wr_vector *column, wr_type_id id, const wr_batch *batch)
{
    wr_vector_init_flat(column, (wr_type){.id = id}, batch->row_count, batch->arena);
}

static void
column_constant_text(wr_vector *column, wr_text text, wr_arena *arena)
{
    wr_view view = wr_view_from(text.data, text.size);
    wr_vector_init_constant(column, WR_TYPE(TEXT), text.data ? &view : NULL, arena);
}

/* _key and _headers: bytes of each message, NULL where there are none. */
static void
column_message_bytes(const wr_scan *scan, const wr_scan_rows *rows, wr_pseudo pseudo,
                     wr_vector *column)
{
    const wr_batch *batch = rows->batch;
    bool is_key = pseudo == WR_PSEUDO_KEY;
    bool is_text = is_key && !scan->plan->key_is_bytes;
    column_init(column, is_text ? WR_TYPE_TEXT : is_key ? WR_TYPE_BYTES : WR_TYPE_JSON, batch);
    wr_view *views = column->data;
    for (int i = 0; i < batch->row_count; i++) {
        const wr_message *message = rows->block->kind == WR_BLOCK_MESSAGES
                                        ? &rows->block->messages[rows->source_index[i]]
                                        : NULL;
        const char *data = !message ? NULL : is_key ? message->key : message->headers;
        if (!data) {
            wr_vector_set_null(column, i, batch->row_count, batch->arena);
            continue;
        }
        views[i] = wr_view_from(data, is_key ? message->key_size : message->headers_size);
        if (is_text && !wr_utf8_valid(data, message->key_size)) {
            wr_vector_set_error(column, i, batch->row_count, WR_REASON_UTF8, batch->arena);
        }
    }
}

static void
column_numbers(const wr_scan *scan, const wr_scan_rows *rows, wr_pseudo pseudo, wr_vector *column)
{
    const wr_batch *batch = rows->batch;
    column_init(column, WR_TYPE_BIGINT, batch);
    int64_t *values = column->data;
    for (int i = 0; i < batch->row_count; i++) {
        wr_origin origin = wr_origin_of(&scan->facts->origins, i);
        values[i] = pseudo == WR_PSEUDO_PARTITION ? origin.partition
                    : pseudo == WR_PSEUDO_OFFSET  ? origin.offset
                                                  : scan->lines[i];
    }
}

static void
column_timestamps(const wr_scan *scan, const wr_scan_rows *rows, wr_vector *column)
{
    const wr_batch *batch = rows->batch;
    column_init(column, WR_TYPE_TIMESTAMP, batch);
    wr_scan_fill_arrival(scan, rows, column->data);
    for (int i = 0; i < batch->row_count; i++) {
        if (((int64_t *)column->data)[i] == WR_TIME_NONE) {
            wr_vector_set_null(column, i, batch->row_count, batch->arena);
        }
    }
}

static wr_text
scan_topic(const wr_scan *scan)
{
    const wr_options options = scan->plan->options;
    for (int i = 0; i < options.count; i++) {
        if (options.items[i].positional) {
            return options.items[i].value;
        }
    }
    return wr_options_text(options, scan->plan->source->options, "topic");
}

static wr_text
scan_file_name(wr_scan *scan, const wr_scan_rows *rows)
{
    int partition = rows->block->chunk_partition;
    if (scan->pieces) {
        return wr_pieces_partition_name(scan->pieces, partition);
    }
    int count = 0;
    const wr_partition *partitions = scan->plan->source->partitions(scan->source, &count);
    return partition < count ? partitions[partition].name : WR_TEXT_NONE;
}

void
wr_scan_fill_pseudo(wr_scan *scan, const wr_scan_rows *rows)
{
    const wr_plan_scan *plan = scan->plan;
    wr_arena *arena = rows->batch->arena;
    for (int i = 0; i < plan->pseudo_count; i++) {
        wr_vector *column = &rows->batch->columns[plan->decode_count + i];
        switch (plan->pseudo[i]) {
        case WR_PSEUDO_KEY:
        case WR_PSEUDO_HEADERS:
            column_message_bytes(scan, rows, plan->pseudo[i], column);
            break;
        case WR_PSEUDO_PARTITION:
        case WR_PSEUDO_OFFSET:
        case WR_PSEUDO_LINE:
            column_numbers(scan, rows, plan->pseudo[i], column);
            break;
        case WR_PSEUDO_TIMESTAMP:
            column_timestamps(scan, rows, column);
            break;
        case WR_PSEUDO_TOPIC:
            column_constant_text(column, scan_topic(scan), arena);
            break;
        case WR_PSEUDO_FILE:
            column_constant_text(column, scan_file_name(scan, rows), arena);
            break;
        case WR_PSEUDO_COUNT:
            break;
        }
    }
}
