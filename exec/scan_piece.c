/* A lane's scan: a piece is decoded as a whole, since its rows can be judged only when all rows
 * before it are known; then it goes up batch by batch.
 *
 *   chunk ─decode▶ batch ▶ batch ▶ batch     own maximum 17
 *                                            turn: 12 before us, 17 behind us
 *         judge from 12 ▶ push ▶ judge ▶ push ▶ judge ▶ push
 *
 * 1. Batches and what is known of their rows live in the piece's arena until the piece is pushed;
 *    what operators make lives in the batch arena, which is reset before each push.
 * 2. Line numbers count from the start of the file only after the turn: no batch has them then, but
 *    bad rows are told with them. */
#include "exec/scan.h"

#include "core/memory.h"

#include <assert.h>

struct wr_piece_batch {
    wr_piece_batch *next;
    wr_batch *batch;
};

void
wr_decoded_init(wr_decoded *decoded)
{
    *decoded = (wr_decoded){.bytes_arena = wr_arena_new(0), .arena = wr_arena_new(1 << 20)};
}

void
wr_decoded_fini(wr_decoded *decoded)
{
    wr_arena_free(decoded->bytes_arena);
    wr_arena_free(decoded->arena);
    *decoded = (wr_decoded){0};
}

/* ── decoding ───────────────────────────────────────────────────────────────────────────────── */

static wr_watermark_rows
batch_watermark_rows(const wr_piece *piece, const wr_batch *batch)
{
    return (wr_watermark_rows){
        .event_time_us = batch->event_time_us,
        .origins = piece->block.kind == WR_BLOCK_MESSAGES ? batch->origins->rows : NULL,
        .rows = batch->selection,
        .count = batch->selected_count};
}

/* Spans of the batch's rows: all, or that of the one partition they have. */
static wr_watermark_span *
batch_spans(const wr_piece *piece, const wr_batch *batch)
{
    bool is_one = piece->block.kind == WR_BLOCK_MESSAGES && !batch->origins->rows;
    return piece->spans + (is_one ? batch->origins->partition : 0);
}

static void
piece_make_spans(wr_piece *piece, wr_arena *arena)
{
    const wr_block *block = &piece->block;
    piece->span_count = 1;
    for (int i = 0; block->kind == WR_BLOCK_MESSAGES && i < block->message_count; i++) {
        if (block->messages[i].partition >= piece->span_count) {
            piece->span_count = block->messages[i].partition + 1;
        }
    }
    piece->spans = WR_NEW_ARRAY(arena, wr_watermark_span, piece->span_count);
    for (int i = 0; i < piece->span_count; i++) {
        piece->spans[i].max_event_us = WR_TIME_NONE;
    }
}

/* A lane that did not get the piece with the header reads it now; it gives no rows. */
static wr_status
piece_read_header(wr_scan *scan, const wr_decoded *decoded, wr_error *err)
{
    const wr_piece *piece = &decoded->piece;
    if (piece->header == scan->header || piece->block.chunk_first) {
        scan->header = piece->header;
        return WR_OK;
    }
    scan->header = piece->header;
    size_t at = 0;
    scan->out.batch = wr_batch_new(decoded->arena, scan->plan->decode_count);
    return scan->plan->format->decode(scan->decoder, scan->header, &at, &scan->out, err);
}

/* decoded->batches: those with rows, in order; spans: their greatest event times. */
static wr_status
piece_decode(wr_scan *scan, const wr_block *block, wr_decoded *decoded, wr_error *err)
{
    const wr_plan_scan *plan = scan->plan;
    wr_arena *arena = decoded->arena;
    wr_piece_batch **batches = &decoded->batches;
    size_t end = block->kind == WR_BLOCK_CHUNK ? block->chunk_bytes : (size_t)block->message_count;
    for (size_t at = 0; at < end;) {
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
            *batches = WR_NEW(arena, wr_piece_batch);
            (*batches)->batch = batch;
            batches = &(*batches)->next;
        }
        if (batch->selected_count > 0 && batch->event_time_us) {
            wr_watermark_rows times = batch_watermark_rows(&decoded->piece, batch);
            wr_watermark_survey(&times, decoded->piece.limit_us,
                                batch_spans(&decoded->piece, batch));
        }
    }
    return WR_OK;
}

static wr_status
piece_read_and_decode(wr_scan *scan, wr_decoded *decoded, wr_error *err)
{
    wr_piece *piece = &decoded->piece;
    size_t known_bytes = piece->block.chunk_bytes;
    WR_TRY(wr_pieces_fill(scan->pieces, piece, decoded->bytes_arena, err));
    scan->counters.bytes += piece->block.chunk_bytes - known_bytes; /* those were counted */
    WR_TRY(piece_read_header(scan, decoded, err));
    wr_block block = piece->block;
    if (block.kind == WR_BLOCK_CHUNK && block.chunk_line == 0) {
        block.chunk_line = 1; /* from the start of the piece, for the time being */
    }
    return piece_decode(scan, &block, decoded, err);
}

void
wr_scan_decode_piece(wr_scan *scan, wr_decoded *decoded)
{
    assert(decoded->piece.block.kind != WR_BLOCK_ROWS);
    wr_arena_reset(decoded->arena);
    decoded->batches = NULL;
    decoded->now_us = scan->op.context->now_us;
    scan->reports->ticket = decoded->piece.ticket;
    piece_make_spans(&decoded->piece, decoded->arena);
    decoded->status = piece_read_and_decode(scan, decoded, &decoded->error);
    decoded->is_bad_row = scan->failure.status != WR_OK;
}

/* ── pushing ────────────────────────────────────────────────────────────────────────────────── */

static void
piece_judge(wr_scan *scan, wr_piece *piece, wr_batch *batch)
{
    wr_watermark_rows rows = batch_watermark_rows(piece, batch);
    scan->watermark.future_count +=
        wr_watermark_judge(&scan->watermark.config, &rows, piece->limit_us,
                           batch_spans(piece, batch), scan->watermarks);
    batch->watermark_us = scan->watermarks;
}

wr_status
wr_scan_push_piece(wr_scan *scan, wr_decoded *decoded, wr_error *err)
{
    wr_pieces_turn(scan->pieces, &decoded->piece);
    wr_reports_number(scan->reports, decoded->piece.ticket, decoded->piece.lines_before);
    if (decoded->status != WR_OK) {
        if (err) {
            *err = decoded->error;
        }
        return decoded->status;
    }
    scan->facts = &scan->own_facts;
    scan->op.context->now_us = decoded->now_us;
    for (const wr_piece_batch *at = decoded->batches; at; at = at->next) {
        wr_arena_reset(scan->op.context->batch_arena);
        if (at->batch->event_time_us) {
            piece_judge(scan, &decoded->piece, at->batch);
        }
        WR_TRY(wr_scan_emit(scan, at->batch, err));
    }
    return WR_OK;
}
