/* Lanes: N copies of the plan's lower part, each with a decoder, operators and group tables of its
 * own, on N threads (the stepping thread is lane 0).
 *
 *   lane 0   scan ▶ filter ▶ aggregate ┐ groups of windows                 stepping thread
 *   lane 1   scan ▶ filter ▶ aggregate ┼───── that close ─────▶ aggregate ▶ project ▶ result
 *   lane 2   scan ▶ filter ▶ aggregate ┘      combined by key
 *
 * A step is a round: all lanes work on pieces, then all rest while the stepping thread tells what
 * they found, moves the watermark and emits. So nothing is shared while it changes, there is no
 * lock on the way of a row, and a query sees its callbacks on one thread only.
 *
 * A round begins with lane 0 alone, which calls the others when a full piece came: more is there.
 * So a source that keeps up wakes no thread, and a small input has none: the other lanes are made
 * when LANES_ALONE_PIECES were taken.
 *
 *   lane 0   take 0 ▶ full: call │ decode 0 │ push 0 │ take 2 │ decode 2 ···│ push 2
 *   lane 1   asleep              │ take 1 │ decode 1 │ push 1 │ take 3 │ decode 3 │ push 3
 *
 * A lane whose turn has not come takes another piece meanwhile: several, so that it need not wait
 * for one that the machine has stopped for some milliseconds, but no more than memory allows.
 *
 * 1. Between rounds everything belongs to the stepping thread; `lock` hands it over.
 * 2. Results do not depend on N: rows are judged in their partition's order (pieces.c), states are
 *    combined exactly, windows are emitted in key order.
 * 3. A lane that fails ends the round; of several failures the first one in the input is told. */
#include "exec/lanes.h"

#include "core/memory.h"
#include "exec/aggregate.h"

#include <pthread.h>
#include <signal.h>

enum {
    LANES_ROUND_US = 50000, /* windows that close wait no longer for being emitted */
    LANES_ALONE_PIECES = 8, /* 2 MiB: as much work as starting threads */
    LANE_AHEAD = 16,
    LANE_AHEAD_LEAST = 2,
    LANES_AHEAD_SHARE = 8,     /* of memory_limit: the part for pieces that are ahead, */
    LANE_PIECE_BYTES = 1 << 20 /* of which each, decoded, takes so much */
};

typedef struct lane {
    struct wr_lanes *lanes;
    pthread_t thread;
    bool has_thread;
    wr_pipeline_config config; /* the pipeline's, with an arena of our own */
    wr_exec_context context;
    wr_scan *scan;
    wr_operator **operators;
    int operator_count;
    wr_reports reports;
    int64_t late_count, bad_result_count;
    wr_reason bad_result_reason; /* of the first one */
    wr_text bad_result_where;
    int64_t round; /* the last one we took part in */
    /* a ring: first, first + 1 … hold pieces that are not pushed; empty, it begins anew, so that
     * what lies in the cache is used again */
    wr_decoded decoded[LANE_AHEAD];
    int decoded_first, decoded_count;
    wr_status status; /* of the first piece that failed here */
    wr_error error;
    int64_t failed_ticket;
    bool is_bad_row;
} lane;

struct wr_lanes {
    wr_scan *scan; /* of the pipeline: has source and watermark */
    wr_pieces *pieces;
    const wr_pipeline_config *config;
    wr_window_aggregate *aggregate;
    lane *items;
    int count, wanted_count;
    int ahead; /* pieces that a lane may hold, at most LANE_AHEAD */
    pthread_mutex_t lock;
    pthread_cond_t round_began, round_ended;
    bool called; /* all lanes take part in this round; stepping thread */
    int64_t round;
    int working; /* lanes with a thread that have not ended this round */
    bool closing;
};

/* ── what a lane's operators tell ───────────────────────────────────────────────────────────── */

static void
lane_on_late(void *context, int64_t row_count)
{
    ((lane *)context)->late_count += row_count;
}

static void
lane_on_bad_result(void *context, wr_reason reason, wr_text where)
{
    lane *own = context;
    if (own->bad_result_count++ == 0) {
        own->bad_result_reason = reason;
        own->bad_result_where = where;
    }
}

/* ── opening ────────────────────────────────────────────────────────────────────────────────── */

static void
lane_build(lane *own, const wr_plan_node *node, wr_operator *parent)
{
    wr_operator *op = NULL;
    if (node->kind == WR_PLAN_SCAN) {
        op = &own->scan->op;
        op->node = node;
        op->context = &own->context;
    } else {
        op = wr_operator_new(node, &own->context);
        own->operators[own->operator_count++] = op;
        lane_build(own, node->inputs[0], op);
    }
    op->parent = parent;
}

static wr_status
lane_open(lane *own, const wr_pipeline_config *config, wr_error *err)
{
    wr_lanes *lanes = own->lanes;
    const wr_exec_context *context = lanes->scan->op.context;
    wr_arena *arena = wr_arena_new(0);
    own->config = *config;
    own->config.query_arena = arena;
    own->config.opened = NULL;
    own->context = (wr_exec_context){.query_arena = arena,
                                     .batch_arena = wr_arena_new(256 * 1024),
                                     .clock = config->clock,
                                     .now_us = context->now_us,
                                     .on_bad_result = lane_on_bad_result,
                                     .on_late = lane_on_late,
                                     .callback_context = own,
                                     .fail_on_bad_result = context->fail_on_bad_result,
                                     .vector_rows = context->vector_rows};
    wr_reports_init(&own->reports);
    for (int i = 0; i < LANE_AHEAD; i++) {
        wr_decoded_init(&own->decoded[i]);
    }
    own->operators = WR_NEW_ARRAY(arena, wr_operator *, config->plan->node_count);
    own->scan = WR_NEW(arena, wr_scan);
    own->scan->pieces = lanes->pieces;
    own->scan->reports = &own->reports;
    lane_build(own, config->plan->lane_top, NULL);
    for (int i = 0; i < own->operator_count; i++) {
        wr_operator *op = own->operators[i];
        WR_TRY(op->ops->open ? op->ops->open(op, err) : WR_OK);
    }
    return wr_scan_open(own->scan, &own->config, err);
}

static void
lane_close(lane *own)
{
    for (int i = 0; i < own->operator_count; i++) {
        wr_operator *op = own->operators[i];
        if (op->ops->close) {
            op->ops->close(op);
        }
    }
    for (int i = 0; i < LANE_AHEAD; i++) {
        wr_decoded_fini(&own->decoded[i]);
    }
    wr_scan_close(own->scan);
    wr_reports_fini(&own->reports);
    wr_arena_free(own->context.batch_arena);
    wr_arena_free(own->context.query_arena);
}

static wr_status
lanes_add(wr_lanes *lanes, wr_error *err)
{
    lane *own = &lanes->items[lanes->count++];
    own->lanes = lanes;
    WR_TRY(lane_open(own, lanes->config, err));
    wr_aggregate_add_partial(lanes->aggregate, (wr_window_aggregate *)own->operators[0]);
    return WR_OK;
}

static int
lanes_ahead(const wr_pipeline_config *config)
{
    int64_t share = config->memory_bytes / LANES_AHEAD_SHARE / config->plan->lanes;
    int64_t ahead = config->memory_bytes > 0 ? share / LANE_PIECE_BYTES : LANE_AHEAD;
    return ahead > LANE_AHEAD         ? LANE_AHEAD
           : ahead < LANE_AHEAD_LEAST ? LANE_AHEAD_LEAST
                                      : (int)ahead;
}

wr_status
wr_lanes_open(const wr_pipeline_config *config, wr_scan *scan, wr_operator *aggregate,
              wr_lanes **out, wr_error *err)
{
    wr_lanes *lanes = wr_alloc(sizeof(*lanes));
    *out = lanes;
    lanes->scan = scan;
    lanes->config = config;
    lanes->aggregate = (wr_window_aggregate *)aggregate;
    lanes->pieces = wr_pieces_new(scan);
    lanes->wanted_count = config->plan->lanes;
    lanes->ahead = lanes_ahead(config);
    lanes->items = wr_alloc_array((size_t)lanes->wanted_count, sizeof(*lanes->items));
    pthread_mutex_init(&lanes->lock, NULL);
    pthread_cond_init(&lanes->round_began, NULL);
    pthread_cond_init(&lanes->round_ended, NULL);
    return lanes_add(lanes, err);
}

void
wr_lanes_close(wr_lanes *lanes)
{
    if (!lanes) {
        return;
    }
    pthread_mutex_lock(&lanes->lock);
    lanes->closing = true;
    pthread_cond_broadcast(&lanes->round_began);
    pthread_mutex_unlock(&lanes->lock);
    for (int i = 0; i < lanes->count; i++) {
        if (lanes->items[i].has_thread) {
            pthread_join(lanes->items[i].thread, NULL);
        }
    }
    for (int i = 0; i < lanes->count; i++) {
        lane_close(&lanes->items[i]);
    }
    wr_pieces_free(lanes->pieces);
    pthread_mutex_destroy(&lanes->lock);
    pthread_cond_destroy(&lanes->round_began);
    pthread_cond_destroy(&lanes->round_ended);
    wr_free(lanes->items);
    wr_free(lanes);
}

/* ── calling the others ─────────────────────────────────────────────────────────────────────── */

static void *lane_main(void *context);

/* Signals are for the threads of the program that we are in, not for ours. Fewer threads than
 * wanted do the same work. */
static void
lanes_start_threads(wr_lanes *lanes)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (lanes->count < lanes->wanted_count) {
        lane *own = &lanes->items[lanes->count];
        own->has_thread = lanes_add(lanes, NULL) == WR_OK &&
                          pthread_create(&own->thread, NULL, lane_main, own) == 0;
        if (!own->has_thread) {
            lanes->wanted_count = lanes->count;
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Lane 0, the stepping thread, which took this full piece: all take part in this round. */
static void
lanes_call(wr_lanes *lanes, const wr_piece *piece)
{
    if (lanes->called || piece->ticket + 1 < LANES_ALONE_PIECES) {
        return;
    }
    lanes_start_threads(lanes);
    pthread_mutex_lock(&lanes->lock);
    lanes->called = true;
    lanes->round++;
    for (int i = 0; i < lanes->count; i++) {
        lanes->working += lanes->items[i].has_thread;
    }
    pthread_cond_broadcast(&lanes->round_began);
    pthread_mutex_unlock(&lanes->lock);
}

/* ── at work ────────────────────────────────────────────────────────────────────────────────── */

static void
lane_fail(lane *own, wr_status status, const wr_decoded *decoded)
{
    own->status = status;
    own->failed_ticket = decoded->piece.ticket;
    own->is_bad_row = decoded->is_bad_row;
    wr_pieces_stop(own->lanes->pieces);
}

/* The oldest piece that we hold. After a failure it has its turn and no more. */
static void
lane_push(lane *own)
{
    wr_decoded *decoded = &own->decoded[own->decoded_first];
    own->decoded_count--;
    own->decoded_first = own->decoded_count > 0 ? (own->decoded_first + 1) % LANE_AHEAD : 0;
    if (own->status != WR_OK) {
        wr_pieces_turn(own->lanes->pieces, &decoded->piece);
        return;
    }
    wr_status status = wr_scan_push_piece(own->scan, decoded, &own->error);
    if (status != WR_OK) {
        lane_fail(own, status, decoded);
    }
}

/* Takes a piece and decodes it; false: none is left in this round. */
static bool
lane_take(lane *own)
{
    int slot = (own->decoded_first + own->decoded_count) % LANE_AHEAD;
    wr_decoded *decoded = &own->decoded[slot];
    bool took = false;
    wr_arena_reset(decoded->bytes_arena);
    decoded->is_bad_row = false;
    wr_status status = wr_pieces_take(own->lanes->pieces, decoded->bytes_arena, &decoded->piece,
                                      &took, &decoded->error);
    if (took) {
        if (own == own->lanes->items && decoded->piece.is_full) {
            lanes_call(own->lanes, &decoded->piece);
        }
        own->context.now_us = wr_clock_wall_us(own->context.clock);
        wr_scan_decode_piece(own->scan, decoded);
        own->decoded_count++;
    } else if (status != WR_OK) {
        while (own->decoded_count > 0) { /* they come first in the input */
            lane_push(own);
        }
        if (own->status == WR_OK) {
            own->error = decoded->error;
            lane_fail(own, status, decoded);
        }
    }
    return took;
}

static void
lane_work(lane *own)
{
    wr_pieces *pieces = own->lanes->pieces;
    bool may_take = true;
    while (may_take || own->decoded_count > 0) {
        bool has_room = may_take && own->decoded_count < own->lanes->ahead;
        const wr_piece *oldest = &own->decoded[own->decoded_first].piece;
        if (own->decoded_count > 0 && (!has_room || wr_pieces_is_turn(pieces, oldest))) {
            lane_push(own);
        } else {
            may_take = lane_take(own);
        }
    }
}

static void *
lane_main(void *context)
{
    lane *own = context;
    wr_lanes *lanes = own->lanes;
    pthread_mutex_lock(&lanes->lock);
    for (;;) {
        while (own->round == lanes->round && !lanes->closing) {
            pthread_cond_wait(&lanes->round_began, &lanes->lock);
        }
        if (lanes->closing) {
            break;
        }
        own->round = lanes->round;
        pthread_mutex_unlock(&lanes->lock);
        lane_work(own);
        pthread_mutex_lock(&lanes->lock);
        if (--lanes->working == 0) {
            pthread_cond_signal(&lanes->round_ended);
        }
    }
    pthread_mutex_unlock(&lanes->lock);
    return NULL;
}

/* ── a round ────────────────────────────────────────────────────────────────────────────────── */

static void
lanes_await(wr_lanes *lanes)
{
    pthread_mutex_lock(&lanes->lock);
    while (lanes->working > 0) {
        pthread_cond_wait(&lanes->round_ended, &lanes->lock);
    }
    lanes->called = false;
    pthread_mutex_unlock(&lanes->lock);
}

/* The lane whose next report comes first in the input; NULL: all are told. */
static lane *
lanes_next_report(wr_lanes *lanes)
{
    lane *first = NULL;
    for (int i = 0; i < lanes->count; i++) {
        lane *own = &lanes->items[i];
        const wr_reports *reports = &own->reports;
        if (reports->next < reports->count &&
            (!first || reports->items[reports->next].ticket <
                           first->reports.items[first->reports.next].ticket)) {
            first = own;
        }
    }
    return first;
}

/* Bad rows are rejected again, by the scan that may tell of them. */
static void
lanes_tell_reports(wr_lanes *lanes)
{
    for (lane *own = lanes_next_report(lanes); own; own = lanes_next_report(lanes)) {
        wr_scan_reject(lanes->scan, &own->reports.items[own->reports.next++].bad);
    }
    for (int i = 0; i < lanes->count; i++) {
        wr_reports_reset(&lanes->items[i].reports);
    }
}

static void
lane_tell_counts(lane *own)
{
    const wr_exec_context *context = own->lanes->scan->op.context;
    wr_scan_counters *counters = &own->lanes->scan->counters;
    counters->rows += own->scan->counters.rows;
    counters->bytes += own->scan->counters.bytes;
    counters->tombstones += own->scan->counters.tombstones;
    own->lanes->scan->watermark.future_count += own->scan->watermark.future_count;
    own->scan->watermark.future_count = 0;
    own->scan->counters = (wr_scan_counters){0};
    if (own->late_count > 0) {
        context->on_late(context->callback_context, own->late_count);
    }
    for (; own->bad_result_count > 0; own->bad_result_count--) {
        context->on_bad_result(context->callback_context, own->bad_result_reason,
                               own->bad_result_where);
    }
    own->late_count = 0;
}

static wr_status
lanes_check_failures(const wr_lanes *lanes, wr_error *err)
{
    const lane *first = NULL;
    for (int i = 0; i < lanes->count; i++) {
        const lane *own = &lanes->items[i];
        if (own->status != WR_OK && (!first || own->failed_ticket < first->failed_ticket)) {
            first = own;
        }
    }
    if (!first) {
        return WR_OK;
    }
    const wr_error *failure = first->is_bad_row ? &lanes->scan->failure : &first->error;
    if (err) {
        *err = *failure;
    }
    return failure->status;
}

wr_status
wr_lanes_round(wr_lanes *lanes, int64_t wait_us, int64_t most_bytes, bool *any, wr_error *err)
{
    wr_pieces_begin(lanes->pieces, LANES_ROUND_US, most_bytes, wait_us);
    lane_work(&lanes->items[0]);
    lanes_await(lanes);
    *any = wr_pieces_taken(lanes->pieces) > 0;
    wr_scan_refresh(lanes->scan);
    lanes_tell_reports(lanes);
    for (int i = 0; i < lanes->count; i++) {
        lane_tell_counts(&lanes->items[i]);
    }
    return lanes_check_failures(lanes, err);
}
