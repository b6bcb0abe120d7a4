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

/* `size` > 12 bytes: of 13 to 24 the first twelve and the last twelve, which overlap. */
static inline void
view_bytes_copy(char *to, const char *from, size_t size)
{
    if (size <= 2 * WR_VIEW_INLINE) {
        char first[WR_VIEW_INLINE], last[WR_VIEW_INLINE];
        memcpy(first, from, sizeof(first));
        memcpy(last, from + size - sizeof(last), sizeof(last));
        memcpy(to, first, sizeof(first));
        memcpy(to + size - sizeof(last), last, sizeof(last));
    } else {
        memcpy(to, from, size);
    }
}

/* Long texts become our own: their bytes lie one behind the other in one block. */
static void
views_own_bytes(wr_view *views, int count, wr_arena *arena)
{
    size_t size_bytes = 0;
    for (int i = 0; i < count; i++) {
        size_bytes += views[i].size > WR_VIEW_INLINE ? views[i].size : 0;
    }
    char *at = wr_arena_bytes(arena, size_bytes);
    for (int i = 0; i < count; i++) {
        const size_t size = views[i].size;
        if (size > WR_VIEW_INLINE) {
            view_bytes_copy(at, views[i].u.data, size);
            views[i].u.data = at;
            at += size;
        }
    }
}

static wr_vector
vector_copy_rows(const wr_vector *vector, const uint16_t *rows, int count, wr_arena *arena)
{
    wr_vector copy = wr_vector_gather(vector, rows, count, arena);
    if (wr_type_is_view(vector->type.id)) {
        views_own_bytes(copy.data, count, arena);
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
