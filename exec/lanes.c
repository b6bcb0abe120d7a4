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
 * 1. Between rounds everything belongs to the stepping thread; `lock` hands it over.
 * 2. Results do not depend on N: rows are judged in their partition's order (pieces.c), states are
 *    combined exactly, windows are emitted in key order.
 * 3. A lane that fails ends the round; of several failures the first one in the input is told. */
#include "exec/lanes.h"

#include "core/memory.h"
#include "exec/aggregate.h"

#include <pthread.h>
#include <signal.h>

enum { LANES_ROUND_PIECES = 16 /* per lane */ };

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
    wr_status status;
    wr_error error;
    int64_t failed_ticket;
} lane;

struct wr_lanes {
    wr_scan *scan; /* of the pipeline: has source and watermark */
    wr_pieces *pieces;
    lane *items;
    int count;
    pthread_mutex_t lock;
    pthread_cond_t round_began, round_ended;
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

/* ── at work ────────────────────────────────────────────────────────────────────────────────── */

static void
lane_work(lane *own)
{
    wr_pieces *pieces = own->lanes->pieces;
    wr_piece piece = {.ticket = 0};
    bool took = false;
    do {
        wr_arena_reset(own->scan->poll_arena);
        own->status = wr_pieces_take(pieces, own->scan->poll_arena, &piece, &took, &own->error);
        if (own->status == WR_OK && took) {
            own->reports.ticket = piece.ticket;
            own->context.now_us = wr_clock_wall_us(own->context.clock);
            own->status = wr_scan_push_piece(own->scan, &piece, &own->error);
        }
    } while (own->status == WR_OK && took);
    if (own->status != WR_OK) {
        own->failed_ticket = piece.ticket;
        wr_pieces_stop(pieces);
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

/* Signals are for the threads of the program that we are in, not for ours. */
static wr_status
lanes_start_threads(wr_lanes *lanes, wr_error *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = 0;
    for (int i = 1; i < lanes->count && failed == 0; i++) {
        lane *own = &lanes->items[i];
        failed = pthread_create(&own->thread, NULL, lane_main, own);
        own->has_thread = failed == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0) {
        wr_error_set(err, WR_ERR_RUNTIME, "E0901", "cannot start %d threads", lanes->count - 1);
        wr_error_hint(err, "SET lanes = 1 needs none.");
        return WR_ERR_RUNTIME;
    }
    return WR_OK;
}

wr_status
wr_lanes_open(const wr_pipeline_config *config, wr_scan *scan, wr_operator *aggregate,
              wr_lanes **out, wr_error *err)
{
    wr_lanes *lanes = wr_alloc(sizeof(*lanes));
    *out = lanes;
    lanes->scan = scan;
    lanes->pieces = wr_pieces_new(scan);
    lanes->items = wr_alloc_array((size_t)config->plan->lanes, sizeof(*lanes->items));
    pthread_mutex_init(&lanes->lock, NULL);
    pthread_cond_init(&lanes->round_began, NULL);
    pthread_cond_init(&lanes->round_ended, NULL);
    while (lanes->count < config->plan->lanes) {
        lane *own = &lanes->items[lanes->count++];
        own->lanes = lanes;
        WR_TRY(lane_open(own, config, err));
        wr_aggregate_add_partial((wr_window_aggregate *)aggregate,
                                 (wr_window_aggregate *)own->operators[0]);
    }
    return lanes_start_threads(lanes, err);
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
    wr_scan_close(own->scan);
    wr_reports_fini(&own->reports);
    wr_arena_free(own->context.batch_arena);
    wr_arena_free(own->context.query_arena);
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

/* ── a round ────────────────────────────────────────────────────────────────────────────────── */

static void
lanes_work(wr_lanes *lanes)
{
    pthread_mutex_lock(&lanes->lock);
    lanes->round++;
    lanes->working = lanes->count - 1;
    pthread_cond_broadcast(&lanes->round_began);
    pthread_mutex_unlock(&lanes->lock);
    lane_work(&lanes->items[0]);
    pthread_mutex_lock(&lanes->lock);
    while (lanes->working > 0) {
        pthread_cond_wait(&lanes->round_ended, &lanes->lock);
    }
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
    counters->tombstones += own->scan->counters.tombstones;
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
    bool is_bad_row = first->scan->failure.status != WR_OK;
    const wr_error *failure = is_bad_row ? &lanes->scan->failure : &first->error;
    if (err) {
        *err = *failure;
    }
    return failure->status;
}

wr_status
wr_lanes_round(wr_lanes *lanes, int64_t wait_us, bool *any, wr_error *err)
{
    wr_pieces_begin(lanes->pieces, LANES_ROUND_PIECES * lanes->count, wait_us);
    lanes_work(lanes);
    *any = wr_pieces_taken(lanes->pieces) > 0;
    wr_scan_refresh(lanes->scan);
    lanes_tell_reports(lanes);
    for (int i = 0; i < lanes->count; i++) {
        lane_tell_counts(&lanes->items[i]);
    }
    return lanes_check_failures(lanes, err);
}
