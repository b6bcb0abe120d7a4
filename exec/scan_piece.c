/* A lane's scan: a piece is decoded as a whole, since its rows can be judged only when all rows
 * before it are known; then it goes up batch by batch.
 *
 *   chunk ─decode▶ batch ▶ batch ▶ batch     own maximum 17
 *                                            turn: 12 before us, 17 behind us
 *         judge from 12 ▶ push ▶ judge ▶ push ▶ judge ▶ push
 *
 * 1. Batches and what is known of their rows live in the piece arena until the piece is pushed;
 *    what operators make lives in the batch arena, which is reset before each push. */
#include "exec/scan.h"

#include "core/memory.h"

#include <assert.h>

typedef struct piece_batch {
    struct piece_batch *next;
    wr_batch *batch;
} piece_batch;

static int64_t
batch_max_event_us(const wr_batch *batch)
{
    int64_t max_us = WR_TIME_NONE;
    const int64_t *times_us = batch->event_time_us;
    int count = times_us ? batch->selected_count : 0;
    for (int i = 0; !batch->selection && i < count; i++) {
        max_us = times_us[i] > max_us ? times_us[i] : max_us;
    }
    for (int i = 0; batch->selection && i < count; i++) {
        int64_t t_us = times_us[batch->selection[i]];
        max_us = t_us > max_us ? t_us : max_us;
    }
    return max_us;
}

/* A lane that did not get the piece with the header reads it now; it gives no rows. */
static wr_status
piece_read_header(wr_scan *scan, const wr_piece *piece, wr_error *err)
{
    if (piece->header == scan->header || piece->block.chunk_first) {
        scan->header = piece->header;
        return WR_OK;
    }
    scan->header = piece->header;
    size_t at = 0;
    scan->out.batch = wr_batch_new(scan->piece_arena, scan->plan->decode_count);
    return scan->plan->format->decode(scan->decoder, scan->header, &at, &scan->out, err);
}

/* *batches: those with rows, in order; *max_us: their greatest event time. */
static wr_status
piece_decode(wr_scan *scan, const wr_block *block, piece_batch **batches, int64_t *max_us,
             wr_error *err)
{
    const wr_plan_scan *plan = scan->plan;
    wr_arena *arena = scan->piece_arena;
    for (size_t at = 0; at < block->chunk_bytes;) {
        wr_batch *batch = wr_batch_new(arena, plan->decode_count + plan->pseudo_count);
        batch->column_count = plan->decode_count;
        scan->out.batch = batch;
        scan->facts = wr_arena_alloc(arena, sizeof(*scan->facts));
        WR_TRY(plan->format->decode(scan->decoder, block, &at, &scan->out, err));
        batch->column_count = plan->decode_count + plan->pseudo_count;
        wr_scan_rows rows = {.block = block, .source_index = scan->out.source_index,
                             .batch = batch};
        WR_TRY(wr_scan_complete(scan, &rows, err));
        if (batch->selected_count > 0) {
            *batches = WR_NEW(arena, piece_batch);
            (*batches)->batch = batch;
            batches = &(*batches)->next;
            int64_t own_us = batch_max_event_us(batch);
            *max_us = own_us > *max_us ? own_us : *max_us;
        }
    }
    return WR_OK;
}

wr_status
wr_scan_push_piece(wr_scan *scan, const wr_piece *piece, wr_error *err)
{
    assert(piece->block.kind == WR_BLOCK_CHUNK);
    piece_batch *batches = NULL;
    int64_t max_us = WR_TIME_NONE;
    wr_arena_reset(scan->piece_arena);
    wr_status status = piece_read_header(scan, piece, err);
    if (status == WR_OK) {
        status = piece_decode(scan, &piece->block, &batches, &max_us, err);
    }
    int64_t before_us = wr_pieces_turn(scan->pieces, piece, max_us);
    scan->facts = &scan->own_facts;
    for (; status == WR_OK && batches; batches = batches->next) {
        wr_batch *batch = batches->batch;
        wr_arena_reset(scan->op.context->batch_arena);
        if (batch->event_time_us) {
            wr_watermark_rows rows = {.event_time_us = batch->event_time_us,
                                      .rows = batch->selection,
                                      .count = batch->selected_count};
            before_us = wr_watermark_judge(&scan->watermark.config, &rows, before_us,
                                           scan->watermarks);
            batch->watermark_us = scan->watermarks;
        }
        status = wr_scan_emit(scan, batch, err);
    }
    return status;
}
