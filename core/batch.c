/* Batches: an empty one, and the copy that outlives its micro-batch.
 *
 *   rows 0 1 2 3, selection [1 3]   copied: rows 0 1 = old 1 3, no selection
 *
 * 1. A copy is dense, flat, and owns every byte that it shows. */
#include "core/vector.h"

wr_batch *
wr_batch_new(wr_arena *arena, int column_count)
{
    wr_batch *batch = WR_NEW(arena, wr_batch);
    batch->arena = arena;
    batch->column_count = column_count;
    batch->columns = WR_NEW_ARRAY(arena, wr_vector, column_count);
    return batch;
}

static const uint16_t *
batch_selected_rows(const wr_batch *batch, wr_arena *arena)
{
    if (batch->selection) {
        return batch->selection;
    }
    uint16_t *rows = wr_arena_alloc(arena, (size_t)batch->row_count * sizeof(*rows));
    for (int i = 0; i < batch->row_count; i++) {
        rows[i] = (uint16_t)i;
    }
    return rows;
}

static wr_vector
vector_copy_rows(const wr_vector *vector, const uint16_t *rows, int count, wr_arena *arena)
{
    wr_vector copy = wr_vector_gather(vector, rows, count, arena);
    if (wr_type_is_view(vector->type.id)) {
        wr_view *views = copy.data;
        for (int i = 0; i < count; i++) {
            views[i] = wr_view_copy(arena, &views[i]);
        }
    }
    return copy;
}

static const int64_t *
instants_copy_rows(const int64_t *instants, const uint16_t *rows, int count, wr_arena *arena)
{
    if (!instants) {
        return NULL;
    }
    int64_t *copy = wr_arena_alloc(arena, (size_t)count * sizeof(*copy));
    for (int i = 0; i < count; i++) {
        copy[i] = instants[rows[i]];
    }
    return copy;
}

static const wr_origins *
origins_copy_rows(const wr_origins *origins, const uint16_t *rows, int count, wr_arena *arena)
{
    wr_origins *copy = WR_NEW(arena, wr_origins);
    wr_origin *copied = wr_arena_alloc(arena, sizeof(*copied) * (size_t)count);
    for (int i = 0; i < count; i++) {
        copied[i] = wr_origin_of(origins, rows[i]);
    }
    copy->rows = copied;
    return copy;
}

wr_batch *
wr_batch_copy(const wr_batch *batch, wr_arena *arena)
{
    int count = batch->selected_count;
    const uint16_t *rows = batch_selected_rows(batch, arena);
    wr_batch *copy = wr_batch_new(arena, batch->column_count);
    copy->row_count = copy->selected_count = count;
    for (int i = 0; i < batch->column_count; i++) {
        copy->columns[i] = vector_copy_rows(&batch->columns[i], rows, count, arena);
    }
    copy->event_time_us = instants_copy_rows(batch->event_time_us, rows, count, arena);
    copy->watermark_us = instants_copy_rows(batch->watermark_us, rows, count, arena);
    if (batch->row_ops) {
        uint8_t *row_ops = wr_arena_alloc(arena, (size_t)count);
        for (int i = 0; i < count; i++) {
            row_ops[i] = batch->row_ops[rows[i]];
        }
        copy->row_ops = row_ops;
    }
    if (batch->origins) {
        copy->origins = origins_copy_rows(batch->origins, rows, count, arena);
    }
    return copy;
}
