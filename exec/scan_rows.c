/* Rows that come as vectors (host, generate, VALUES): no decoder has looked at their declaration.
 *
 *   a SMALLINT NOT NULL    rows 1, NULL, 70000, 2     → 1, 2; two bad rows: NOT NULL, out of range
 *
 * 1. on_error = 'null' makes an out of range value NULL and keeps its row, as decoders do.
 * 2. A batch without bad values is passed on as it is. */
#include "exec/scan.h"

static bool
value_is_out_of_range(const wr_vector *vector, int row)
{
    int bits = vector->type.bits;
    if (vector->type.id != WR_TYPE_BIGINT || bits == 0 || bits >= 64) {
        return false;
    }
    int64_t bound = 1ll << (bits - 1), value = WR_VALUE(vector, int64_t, row);
    return value < -bound || value >= bound;
}

/* What is wrong with this value, WR_REASON_NONE: nothing. */
static wr_reason
value_reason(const wr_decode_column *column, const wr_vector *vector, int row)
{
    if (wr_vector_is_null(vector, row)) {
        return column->not_null ? WR_REASON_NOT_NULL : WR_REASON_NONE;
    }
    wr_vector typed = *vector;
    typed.type = column->type;
    return value_is_out_of_range(&typed, row) ? WR_REASON_RANGE : WR_REASON_NONE;
}

static bool
column_needs_check(const wr_decode_column *column)
{
    return column->not_null || (column->type.id == WR_TYPE_BIGINT && column->type.bits % 64 != 0);
}

static void
reject_value(wr_scan *scan, const wr_scan_rows *rows, int row, int column, wr_reason reason)
{
    const wr_decode_column *bad_column = &scan->plan->decode[column];
    const wr_block *block = rows->block;
    wr_bad_row bad = {.reason = reason,
                      .byte = -1,
                      .column = bad_column->path[bad_column->path_length - 1],
                      .origin = {block->row_partition, block->row_offset + rows->first_row + row}};
    wr_scan_reject(scan, &bad);
}

/* Is the row good, or can on_error = 'null' forgive what is wrong with it? */
static bool
row_is_good(wr_scan *scan, const wr_scan_rows *rows, int row, wr_vector *columns)
{
    for (int i = 0; i < scan->plan->decode_count; i++) {
        wr_reason reason = column_needs_check(&scan->plan->decode[i])
                               ? value_reason(&scan->plan->decode[i], &columns[i], row)
                               : WR_REASON_NONE;
        if (reason == WR_REASON_NONE) {
            continue;
        }
        if (reason != WR_REASON_RANGE || scan->plan->on_error != WR_ON_ERROR_NULL) {
            reject_value(scan, rows, row, i, reason);
            return false;
        }
    }
    return true;
}

static bool
rows_need_check(const wr_plan_scan *plan)
{
    for (int i = 0; i < plan->decode_count; i++) {
        if (column_needs_check(&plan->decode[i])) {
            return true;
        }
    }
    return false;
}

/* out[i] = vector[good[i]]; out of range values, which were forgiven, are NULL. */
static wr_vector
column_take_good(const wr_decode_column *column, const wr_vector *vector, const uint16_t *good,
                 int count, wr_arena *arena)
{
    wr_vector out = wr_vector_gather(vector, good, count, arena);
    for (int i = 0; column_needs_check(column) && i < count; i++) {
        if (value_reason(column, &out, i) == WR_REASON_RANGE) {
            wr_vector_set_null(&out, i, count, arena);
        }
    }
    return out;
}

void
wr_scan_check_rows(wr_scan *scan, wr_scan_rows *rows)
{
    wr_batch *batch = rows->batch;
    if (!rows_need_check(scan->plan)) {
        return;
    }
    uint16_t *good = WR_NEW_ARRAY(batch->arena, uint16_t, batch->row_count);
    int count = 0;
    for (int row = 0; row < batch->row_count; row++) {
        if (row_is_good(scan, rows, row, batch->columns)) {
            scan->out.source_index[count] = (uint32_t)(rows->first_row + row);
            good[count++] = (uint16_t)row;
        }
    }
    for (int i = 0; i < scan->plan->decode_count; i++) {
        batch->columns[i] = column_take_good(&scan->plan->decode[i], &batch->columns[i], good,
                                             count, batch->arena);
    }
    batch->row_count = count;
    rows->source_index = scan->out.source_index;
}
