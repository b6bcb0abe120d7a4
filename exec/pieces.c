/* Pieces: how lanes share a source. They are polled one after another, decoded side by side, and
 * judged in order, so that a row is late or not whatever the number of lanes.
 *
 *   lane 0   poll 0 │ decode 0 ──▶ turn 0 │ push 0          │ poll 2 │ decode 2 ─▶ turn 2 …
 *   lane 1          │ poll 1 │ decode 1 ·····▶ turn 1 │ push 1       │ poll 3 │ …
 *
 * A turn is short: of each partition in the piece, the greatest event time of all pieces before is
 * taken, and the piece's own is added. What waits for whom: piece 1 for the decoding of piece 0,
 * not for its push. Where a source can say which bytes come next without reading them, a poll only
 * does that, and the lane reads.
 *
 * 1. Tickets are given in the order of polls; turns come in the order of tickets.
 * 2. Whoever took a ticket takes its turn, whatever fails: nobody waits for ever. Pieces before it
 *    are in the hands of lanes that are decoding or taking their turn.
 * 3. The source is called under take_lock (but for fill), watermarks move under turn_lock; both are
 *    free between rounds, when the stepping thread has source and watermarks for itself. Who needs
 *    both takes take_lock first.
 * 4. Partitions are known to the watermark before a piece that has rows of them is given out. */
#include "exec/pieces.h"

#include "core/memory.h"
#include "exec/scan.h"

#include <pthread.h>

enum {
    PIECE_BYTES = 256 * 1024, /* it and its batches stay in a core's cache */
    PIECE_ROWS = 65536
};

struct wr_pieces {
    wr_scan *owner;
    pthread_mutex_t take_lock;
    const wr_block *sampled; /* not taken yet */
    int sampled_count;
    bool is_open; /* this round gives more */
    int64_t round_us, until_us, wait_us;
    int64_t left_bytes;                /* of input, in this round */
    int64_t next_ticket, first_ticket; /* of the round */
    wr_arena *header_arena;
    const wr_block **headers; /* by partition of chunks; NULL: it has none */
    int header_count;
    pthread_mutex_t turn_lock;
    pthread_cond_t turn_ended;
    int64_t turn; /* the ticket whose turn it is */
    int64_t lines; /* of the chunks that had their turn, in the file at work */
};

wr_pieces *
wr_pieces_new(wr_scan *owner)
{
    wr_pieces *pieces = wr_alloc(sizeof(*pieces));
    pieces->owner = owner;
    pieces->header_arena = wr_arena_new(4096);
    pthread_mutex_init(&pieces->take_lock, NULL);
    pthread_mutex_init(&pieces->turn_lock, NULL);
    pthread_cond_init(&pieces->turn_ended, NULL);
    return pieces;
}

void
wr_pieces_free(wr_pieces *pieces)
{
    if (pieces) {
        pthread_mutex_destroy(&pieces->take_lock);
        pthread_mutex_destroy(&pieces->turn_lock);
        pthread_cond_destroy(&pieces->turn_ended);
        wr_arena_free(pieces->header_arena);
        wr_free(pieces->headers);
        wr_free(pieces);
    }
}

void
wr_pieces_begin(wr_pieces *pieces, int64_t round_us, int64_t most_bytes, int64_t wait_us)
{
    pthread_mutex_lock(&pieces->take_lock);
    pieces->is_open = true;
    pieces->round_us = round_us;
    pieces->left_bytes = most_bytes;
    pieces->first_ticket = pieces->next_ticket;
    pieces->wait_us = wait_us;
    if (pieces->sampled_count == 0) {
        pieces->sampled = wr_scan_take_sampled(pieces->owner, &pieces->sampled_count);
    }
    pthread_mutex_unlock(&pieces->take_lock);
    wr_scan_refresh(pieces->owner);
}

int64_t
wr_pieces_taken(const wr_pieces *pieces)
{
    return pieces->next_ticket - pieces->first_ticket;
}

/* ── taking ─────────────────────────────────────────────────────────────────────────────────── */

static bool
block_is_full(const wr_block *block, const wr_poll_limits *limits)
{
    switch (block->kind) {
    case WR_BLOCK_CHUNK: /* rows bound it when it was asked for few */
        return !block->chunk || limits->rows < PIECE_ROWS ||
               (int64_t)block->chunk_bytes >= limits->bytes / 2;
    case WR_BLOCK_MESSAGES:
        return block->message_count >= limits->rows / 2 ||
               wr_block_bytes(block) >= limits->bytes / 2;
    case WR_BLOCK_NONE:
    case WR_BLOCK_ROWS:
        break;
    }
    return false;
}

/* A poll may have found new partitions. */
static void
pieces_refresh(wr_pieces *pieces)
{
    if (!pieces->owner->plan->until_end) {
        pthread_mutex_lock(&pieces->turn_lock);
        wr_scan_refresh(pieces->owner);
        pthread_mutex_unlock(&pieces->turn_lock);
    }
}

static wr_status
pieces_poll(wr_pieces *pieces, wr_arena *arena, wr_piece *piece, wr_error *err)
{
    const wr_scan *owner = pieces->owner;
    const wr_pipeline_config *config = owner->config;
    bool is_first = pieces->next_ticket == pieces->first_ticket;
    wr_poll_limits limits = {.rows = config->batch_rows ? config->batch_rows : PIECE_ROWS,
                             .bytes = config->batch_bytes ? config->batch_bytes : PIECE_BYTES,
                             .wait_us = is_first ? pieces->wait_us : 0,
                             .gather_us = config->batch_interval_us,
                             .may_reserve = !(owner->plan->pseudo_mask & 1u << WR_PSEUDO_LINE)};
    WR_TRY(wr_scan_poll(pieces->owner, &limits, arena, &piece->block, err));
    pieces_refresh(pieces);
    piece->is_full = block_is_full(&piece->block, &limits);
    return WR_OK;
}

/* Bytes of the first record. */
static size_t
header_bytes(const wr_plan_scan *plan, const wr_block *block)
{
    size_t end = 0;
    while (end < block->chunk_bytes) {
        const char *newline = memchr(block->chunk + end, '\n', block->chunk_bytes - end);
        end = newline ? (size_t)(newline - block->chunk) + 1 : block->chunk_bytes;
        if (!plan->format->cut || plan->format->cut(block->chunk, end, plan->options) == end) {
            return end;
        }
    }
    return block->chunk_bytes;
}

static void
pieces_header_room(wr_pieces *pieces, int partition)
{
    int count = pieces->header_count;
    if (partition >= count) {
        size_t new_count = 2 * (size_t)partition + 8;
        pieces->headers = wr_realloc(pieces->headers, new_count * sizeof(*pieces->headers));
        memset(pieces->headers + count, 0, (new_count - (size_t)count) * sizeof(*pieces->headers));
        pieces->header_count = (int)new_count;
    }
}

/* A block that starts a partition may bring a header, which all its pieces need. */
static void
pieces_keep_header(wr_pieces *pieces, const wr_block *block)
{
    const wr_plan_scan *plan = pieces->owner->plan;
    if (block->chunk_first && plan->format->has_header &&
        plan->format->has_header(plan->options)) {
        pieces_header_room(pieces, block->chunk_partition);
        wr_block *header = WR_NEW(pieces->header_arena, wr_block);
        *header = *block;
        header->chunk_bytes = header_bytes(plan, block);
        char *bytes = wr_arena_bytes(pieces->header_arena, header->chunk_bytes);
        memcpy(bytes, block->chunk, header->chunk_bytes);
        header->chunk = bytes;
        pieces->headers[block->chunk_partition] = header;
    }
}

static const wr_block *
pieces_header(const wr_pieces *pieces, const wr_block *block)
{
    bool has_any = block->kind == WR_BLOCK_CHUNK && block->chunk_partition < pieces->header_count;
    return has_any ? pieces->headers[block->chunk_partition] : NULL;
}

/* take_lock is held. */
static wr_status
pieces_take_next(wr_pieces *pieces, wr_arena *arena, wr_piece *piece, wr_error *err)
{
    if (pieces->sampled_count > 0) {
        piece->block = *pieces->sampled++;
        pieces->sampled_count--;
        return WR_OK;
    }
    return pieces->owner->ended ? WR_OK : pieces_poll(pieces, arena, piece, err);
}

/* A piece was taken: its place in the input, and the end of the round. */
static void
pieces_give(wr_pieces *pieces, wr_piece *piece)
{
    const wr_scan *owner = pieces->owner;
    int64_t now_us = wr_clock_monotonic_us(NULL);
    if (pieces->next_ticket == pieces->first_ticket) {
        pieces->until_us = now_us + pieces->round_us;
    }
    pieces_keep_header(pieces, &piece->block);
    piece->header = pieces_header(pieces, &piece->block);
    piece->limit_us = wr_watermark_limit(&owner->watermark.config,
                                         wr_clock_wall_us(owner->config->clock));
    pieces->next_ticket++;
    pieces->left_bytes -= wr_block_bytes(&piece->block);
    pieces->is_open = now_us < pieces->until_us && pieces->left_bytes > 0;
}

wr_status
wr_pieces_take(wr_pieces *pieces, wr_arena *arena, wr_piece *piece, bool *took, wr_error *err)
{
    *took = false;
    *piece = (wr_piece){.block.kind = WR_BLOCK_NONE};
    pthread_mutex_lock(&pieces->take_lock);
    piece->ticket = pieces->next_ticket;
    wr_status status = WR_OK;
    if (pieces->is_open) {
        status = pieces_take_next(pieces, arena, piece, err);
        *took = status == WR_OK && piece->block.kind != WR_BLOCK_NONE;
        pieces->is_open = *took;
        if (*took) {
            pieces_give(pieces, piece);
        }
    }
    pthread_mutex_unlock(&pieces->take_lock);
    return status;
}

wr_status
wr_pieces_fill(wr_pieces *pieces, wr_piece *piece, wr_arena *arena, wr_error *err)
{
    const wr_scan *owner = pieces->owner;
    wr_block *block = &piece->block;
    return block->kind == WR_BLOCK_CHUNK && !block->chunk
               ? owner->plan->source->fill(owner->source, arena, block, err)
               : WR_OK;
}

void
wr_pieces_stop(wr_pieces *pieces)
{
    pthread_mutex_lock(&pieces->take_lock);
    pieces->is_open = false;
    pthread_mutex_unlock(&pieces->take_lock);
}

wr_text
wr_pieces_partition_name(wr_pieces *pieces, int partition)
{
    const wr_scan *owner = pieces->owner;
    pthread_mutex_lock(&pieces->take_lock);
    int count = 0;
    const wr_partition *partitions = owner->plan->source->partitions(owner->source, &count);
    wr_text name = partition < count ? partitions[partition].name : WR_TEXT_NONE;
    pthread_mutex_unlock(&pieces->take_lock);
    return name;
}

/* ── turns ──────────────────────────────────────────────────────────────────────────────────── */

bool
wr_pieces_is_turn(wr_pieces *pieces, const wr_piece *piece)
{
    pthread_mutex_lock(&pieces->turn_lock);
    bool is_turn = pieces->turn == piece->ticket;
    pthread_mutex_unlock(&pieces->turn_lock);
    return is_turn;
}

static void
pieces_move(wr_pieces *pieces, wr_piece *piece, int64_t now_us)
{
    wr_watermark *watermark = &pieces->owner->watermark;
    const wr_block *block = &piece->block;
    if (block->kind != WR_BLOCK_CHUNK) {
        for (int i = 0; i < piece->span_count; i++) {
            if (piece->spans[i].has_rows) {
                wr_watermark_move(watermark, i, &piece->spans[i], now_us);
            }
        }
        return;
    }
    for (int i = 0; i < piece->span_count; i++) {
        wr_watermark_move(watermark, block->chunk_partition, &piece->spans[i], now_us);
    }
    /* Lines of a chunk that was read out of order count from its own start. */
    piece->lines_before = block->chunk_line > 0 ? 0 : pieces->lines;
    pieces->lines = (block->chunk_line > 0 ? block->chunk_line - 1 : pieces->lines) +
                    block->chunk_newlines;
}

void
wr_pieces_turn(wr_pieces *pieces, wr_piece *piece)
{
    int64_t now_us = wr_clock_monotonic_us(pieces->owner->config->clock);
    pthread_mutex_lock(&pieces->turn_lock);
    while (pieces->turn != piece->ticket) {
        pthread_cond_wait(&pieces->turn_ended, &pieces->turn_lock);
    }
    pieces_move(pieces, piece, now_us);
    pieces->turn++;
    pthread_cond_broadcast(&pieces->turn_ended);
    pthread_mutex_unlock(&pieces->turn_lock);
}
