/* A result's rows on disk: segments of rows (exec/state/segment.h) in a file without a name.
 *
 *   add ─▶ [ open segment ] ──1 MiB──▶ disk: 17 18 19 ──oldest──▶ take
 *
 * 1. Rows come out in the order in which they went in.
 * 2. Every batch has the same columns. */
#include "engine/result_spill.h"

#include "core/memory.h"
#include "exec/state/segment.h"

wr_result_spill *
wr_result_spill_new(void)
{
    wr_result_spill *spill = wr_alloc(sizeof *spill);
    spill->file = wr_spill_new(NULL);
    spill->arena = wr_arena_new(0);
    wr_buffer_init(&spill->open.body);
    return spill;
}

void
wr_result_spill_free(wr_result_spill *spill)
{
    if (spill) {
        wr_spill_free(spill->file);
        wr_arena_free(spill->arena);
        wr_buffer_fini(&spill->open.body);
        wr_free(spill->ids);
        wr_free(spill);
    }
}

bool
wr_result_spill_is_empty(const wr_result_spill *spill)
{
    return spill->first == spill->count && spill->open.row_count == 0;
}

/* ── in ─────────────────────────────────────────────────────────────────────────────────────── */

static wr_status
spill_write(wr_result_spill *spill, wr_error *err)
{
    spill->ids = wr_grow(spill->ids, spill->count, &spill->capacity, sizeof *spill->ids);
    wr_segment_end(&spill->open);
    WR_TRY(wr_spill_write(spill->file, &spill->open, 1, err));
    spill->ids[spill->count++] = spill->open.id;
    spill->open.row_count = 0;
    return WR_OK;
}

static void
spill_begin(wr_result_spill *spill, const wr_batch *batch)
{
    wr_type *types = WR_NEW_ARRAY(spill->arena, wr_type, batch->column_count);
    for (int i = 0; i < batch->column_count; i++) {
        types[i] = batch->columns[i].type;
    }
    wr_buffer_reset(&spill->open.body);
    spill->open.id = 0;
    wr_segment_begin_rows(&spill->open, types, batch->column_count);
}

wr_status
wr_result_spill_add(wr_result_spill *spill, const wr_batch *batch, wr_error *err)
{
    wr_arena_reset(spill->arena);
    const wr_batch *dense = wr_batch_copy(batch, spill->arena);
    if (spill->open.row_count == 0) {
        spill_begin(spill, dense);
    }
    wr_segment_add_rows(&spill->open, dense);
    return spill->open.body.size >= WR_SEGMENT_BYTES ? spill_write(spill, err) : WR_OK;
}

/* ── out ────────────────────────────────────────────────────────────────────────────────────── */

static wr_status
body_take(wr_text body, wr_arena *arena, void (*take)(void *context, const wr_batch *batch),
          void *context, wr_error *err)
{
    wr_segment_reader *reader = NULL;
    WR_TRY(wr_segment_reader_open(body, arena, &reader, err));
    for (;;) {
        wr_batch *batch = NULL;
        wr_schema schema;
        wr_status status = wr_segment_reader_next(reader, &batch, &schema, err);
        if (status != WR_OK) {
            return status == WR_END ? WR_OK : status;
        }
        take(context, batch);
    }
}

wr_status
wr_result_spill_take(wr_result_spill *spill, wr_arena *arena,
                     void (*take)(void *context, const wr_batch *batch), void *context,
                     wr_error *err)
{
    wr_buffer body;
    wr_buffer_init(&body);
    wr_status status = WR_OK;
    if (spill->first < spill->count) {
        const int64_t id = spill->ids[spill->first++];
        status = wr_spill_read(spill->file, id, &body, err);
        status = status == WR_OK ? wr_spill_remove(spill->file, &id, 1, err) : status;
    } else if (spill->open.row_count > 0) {
        wr_segment_end(&spill->open);
        wr_buffer_append(&body, spill->open.body.data, spill->open.body.size);
        spill->open.row_count = 0;
    }
    wr_text bytes = wr_arena_text(arena, (wr_text){body.data, body.size});
    wr_buffer_fini(&body);
    return status == WR_OK && bytes.size > 0 ? body_take(bytes, arena, take, context, err)
                                             : status;
}
