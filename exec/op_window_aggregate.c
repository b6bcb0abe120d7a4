/* Aggregates by key and window: the heart of weir.
 *
 *   TUMBLING 5, GRACE 0          row's time  its watermark   window   what happens
 *                                    3            -           [0,5)   state updated
 *                                    7            3           [5,10)  state updated
 *                                    4            7           [0,5)   5 + 0 ≤ 7: late, counted
 *     advance(7)                                              [0,5)   emitted by key and freed
 *     pass(4.999)                                                     nothing older will be emitted
 *
 * A batch is worked on by column: each row is given to its pane, then each touched pane finds its
 * rows' group numbers and every aggregate updates its states in one loop. Rows of a batch mostly
 * share one pane: that they do is one loop without branches, and none of them is listed then.
 *
 * 1. A row is admitted by the windows with end + grace > max(its own partition's watermark, ours);
 *    a row that none admits is late. What is admitted depends on the partition's order only.
 * 2. advance emits first, then passes on min(W, first end not closed − 1 ms): results are never
 *    late downstream.
 * 3. A row whose key, filter or argument cannot be computed touches no state and is counted once;
 *    arguments count only where the filter lets the row through.
 * 4. Without a window there is one pane that closes at the end of input only. */
#include "exec/aggregate.h"

#include "core/memory.h"

#include <assert.h>

enum { ROUTE_RECENT_PANES = 4 };

/* ── opening ────────────────────────────────────────────────────────────────────────────────── */

static void
aggregate_compile(wr_window_aggregate *aggregate)
{
    const wr_plan_aggregate *plan = aggregate->plan;
    wr_arena *arena = aggregate->op.context->query_arena;
    int max = plan->key_count + plan->item_count;
    for (int i = 0; i < plan->item_count; i++) {
        max += plan->items[i].arg_count;
    }
    const wr_expr **exprs = WR_NEW_ARRAY(arena, const wr_expr *, max);
    int count = 0;
    for (int i = 0; i < plan->key_count; i++) {
        exprs[count++] = plan->keys[i];
    }
    for (int i = 0; i < plan->item_count; i++) {
        const wr_plan_aggregate_item *from = &plan->items[i];
        wr_aggregate_item *item = &aggregate->items[i];
        *item = (wr_aggregate_item){from->aggregate, -1, 0, from->arg_count};
        if (from->filter) {
            item->filter = count;
            exprs[count++] = from->filter;
        }
        item->first_arg = count;
        for (int k = 0; k < from->arg_count; k++) {
            exprs[count++] = from->args[k];
        }
    }
    aggregate->out_count = count;
    aggregate->outs = WR_NEW_ARRAY(arena, wr_vector, count);
    aggregate->program = wr_program_new(arena, exprs, count);
}

static void
aggregate_lay_out(wr_window_aggregate *aggregate)
{
    const wr_plan_aggregate *plan = aggregate->plan;
    wr_arena *arena = aggregate->op.context->query_arena;
    wr_type *types = WR_NEW_ARRAY(arena, wr_type, plan->key_count);
    aggregate->shares_keys = true;
    for (int i = 0; i < plan->key_count; i++) {
        types[i] = plan->keys[i]->type;
        aggregate->shares_keys = aggregate->shares_keys && types[i].id != WR_TYPE_INTERVAL;
    }
    wr_group_layout *layout = &aggregate->layout;
    wr_key_layout_init(&layout->keys, arena, types, plan->key_count);
    layout->aggregate_count = plan->item_count;
    layout->aggregates = WR_NEW_ARRAY(arena, const wr_aggregate *, plan->item_count);
    for (int i = 0; i < plan->item_count; i++) {
        layout->aggregates[i] = plan->items[i].aggregate;
    }
    wr_group_args *args = WR_NEW_ARRAY(arena, wr_group_args, plan->item_count);
    for (int i = 0; i < plan->item_count; i++) {
        args[i].count = plan->items[i].arg_count;
        for (int k = 0; k < args[i].count; k++) {
            args[i].types[k] = plan->items[i].args[k]->type;
        }
    }
    layout->args = args;
    layout->tracks_changes = plan->emit.kind != WR_EMIT_FINAL;
    layout->keeps_state = aggregate->op.context->keeps_state;
    aggregate->table_layout = layout;
    wr_key_columns_init(&aggregate->batch_keys, &layout->keys, arena);
}

static wr_status
aggregate_open(wr_operator *op, wr_error *err)
{
    (void)err;
    wr_window_aggregate *aggregate = (wr_window_aggregate *)op;
    const wr_plan_aggregate *plan = &op->node->u.aggregate;
    aggregate->plan = plan;
    aggregate->is_windowed = plan->window.kind != WR_WINDOW_NONE;
    aggregate->has_panes =
        plan->window.kind == WR_WINDOW_HOPPING && plan->emit.kind == WR_EMIT_FINAL;
    aggregate->pane_us =
        aggregate->has_panes ? wr_window_pane_us(&plan->window) : plan->window.size_us;
    aggregate->key_count = plan->key_count;
    aggregate->item_count = plan->item_count;
    aggregate->items = WR_NEW_ARRAY(op->context->query_arena, wr_aggregate_item, plan->item_count);
    aggregate_compile(aggregate);
    aggregate_lay_out(aggregate);
    aggregate->watermark_us = aggregate->passed_us = aggregate->closed_end_us = WR_TIME_NONE;
    aggregate->next_emit_us = aggregate->flip_us = aggregate->front_end_us = WR_TIME_NONE;
    aggregate->emit_arena = wr_arena_new(0);
    return WR_OK;
}

static void
aggregate_close(wr_operator *op)
{
    wr_window_aggregate *aggregate = (wr_window_aggregate *)op;
    wr_aggregate_free_state(aggregate);
    wr_aggregate_free_panes(aggregate);
    wr_arena_free(aggregate->emit_arena);
    aggregate->emit_arena = NULL;
    wr_free(aggregate->order);
    wr_free(aggregate->order_scratch);
    wr_free(aggregate->partials);
    aggregate->partials = NULL;
    aggregate->order = aggregate->order_scratch = NULL;
}

/* ── which rows ─────────────────────────────────────────────────────────────────────────────── */

static bool
vector_is_true(const wr_vector *vector, int row)
{
    return !wr_vector_is_null(vector, row) && WR_VALUE(vector, uint8_t, row);
}

/* Why this row cannot be aggregated, WR_REASON_NONE: it can. */
static wr_reason
aggregate_row_reason(const wr_window_aggregate *aggregate, int row)
{
    for (int i = 0; i < aggregate->key_count; i++) {
        wr_reason reason = wr_vector_error(&aggregate->outs[i], row);
        if (reason != WR_REASON_NONE) {
            return reason;
        }
    }
    for (int i = 0; i < aggregate->item_count; i++) {
        const wr_aggregate_item *item = &aggregate->items[i];
        if (item->filter >= 0) {
            const wr_vector *filter = &aggregate->outs[item->filter];
            wr_reason reason = wr_vector_error(filter, row);
            if (reason != WR_REASON_NONE) {
                return reason;
            }
            if (!vector_is_true(filter, row)) {
                continue;
            }
        }
        for (int k = 0; k < item->arg_count; k++) {
            wr_reason reason = wr_vector_error(&aggregate->outs[item->first_arg + k], row);
            if (reason != WR_REASON_NONE) {
                return reason;
            }
        }
    }
    return WR_REASON_NONE;
}

static bool
aggregate_may_have_errors(const wr_window_aggregate *aggregate)
{
    for (int i = 0; i < aggregate->out_count; i++) {
        if (aggregate->outs[i].errors) {
            return true;
        }
    }
    return false;
}

/* Rows of a batch: NULL stands for all of them. */
typedef struct row_choice {
    uint16_t *rows;
    int count;
} row_choice;

static inline int
choice_row(const row_choice *choice, int i)
{
    return choice->rows ? choice->rows[i] : i;
}

/* The selected rows that can be computed. */
static wr_status
aggregate_choose_rows(wr_window_aggregate *aggregate, const wr_batch *batch, row_choice *choice,
                      wr_error *err)
{
    *choice = (row_choice){NULL, batch->row_count};
    bool check = aggregate_may_have_errors(aggregate);
    if (!batch->selection && !check) {
        return WR_OK;
    }
    int count = 0;
    for (int i = 0; i < batch->selected_count; i++) {
        int row = batch->selection ? batch->selection[i] : i;
        wr_reason reason = check ? aggregate_row_reason(aggregate, row) : WR_REASON_NONE;
        if (reason != WR_REASON_NONE) {
            wr_bad_result bad = {.reason = reason, .where = WR_TEXT("aggregate")};
            WR_TRY(wr_operator_bad_input(&aggregate->op, batch, row, bad, err));
            continue;
        }
        aggregate->good[count++] = (uint16_t)row;
    }
    *choice = (row_choice){aggregate->good, count};
    return WR_OK;
}

/* ── which pane ─────────────────────────────────────────────────────────────────────────────── */

static void
pane_add_row(wr_window_aggregate *aggregate, wr_pane *pane, int row)
{
    if (pane->touched_in != aggregate->push_number) {
        /* Room for all rows: more panes than rows are never touched by one row order. */
        pane->touched_in = aggregate->push_number;
        pane->rows = wr_arena_alloc(aggregate->op.context->batch_arena,
                                    WR_BATCH_ROWS * sizeof(uint16_t));
        pane->row_count = 0;
        aggregate->touched[aggregate->touched_count++] = pane;
    }
    pane->rows[pane->row_count++] = (uint16_t)row;
}

static wr_status
aggregate_late_row(wr_window_aggregate *aggregate, int64_t t_us, wr_error *err)
{
    wr_exec_context *context = aggregate->op.context;
    if (aggregate->plan->late == WR_LATE_FAIL) {
        char time[WR_TIME_TEXT_MAX];
        size_t size = wr_time_print(t_us, time);
        wr_error_set(err, WR_ERR_RUNTIME, "E0803",
                     "a row of %.*s came late: its windows are closed", (int)size, time);
        wr_error_hint(err, "GRACE PERIOD or WATERMARK … DELAY waits longer for late rows.");
        return WR_ERR_RUNTIME;
    }
    if (context->on_late) {
        context->on_late(context->callback_context, 1);
    }
    return WR_OK;
}

static wr_status aggregate_update_touched(wr_window_aggregate *aggregate, const wr_batch *batch);

/* Adds the row to the panes that its event time and watermark say; *only becomes the pane if it can
 * be but one. */
static wr_status
aggregate_route_row(wr_window_aggregate *aggregate, const wr_batch *batch, int row,
                    int64_t row_watermark_us, wr_pane **only, wr_error *err)
{
    const wr_window *window = &aggregate->plan->window;
    int64_t t_us = batch->event_time_us[row];
    if (t_us > WR_EVENT_TIME_MAX || t_us < -WR_EVENT_TIME_MAX) {
        wr_bad_result bad = {.reason = WR_REASON_RANGE, .where = WR_TEXT("event time")};
        return wr_operator_bad_input(&aggregate->op, batch, row, bad, err);
    }
    int64_t closed_us = wr_time_sub_saturated(row_watermark_us, window->grace_us);
    int64_t first_us = wr_window_first_end(window, t_us > closed_us ? t_us : closed_us);
    int64_t last_us = wr_window_last_end(window, t_us);
    if (first_us > last_us) {
        return aggregate_late_row(aggregate, t_us, err);
    }
    if (aggregate->has_panes || window->kind == WR_WINDOW_TUMBLING) {
        int64_t start_us = wr_floor_to(t_us, aggregate->pane_us, window->offset_us);
        *only = wr_aggregate_pane(aggregate, start_us, first_us, last_us);
        pane_add_row(aggregate, *only, row);
        return WR_OK;
    }
    for (int64_t end_us = first_us; end_us <= last_us; end_us += window->advance_us) {
        if (aggregate->touched_count == WR_BATCH_ROWS) {
            WR_TRY(aggregate_update_touched(aggregate, batch));
        }
        pane_add_row(aggregate, wr_aggregate_pane(aggregate, end_us - window->size_us, end_us,
                                                  end_us), row);
    }
    return WR_OK;
}

/* Do all rows of the batch belong to the pane? The loop says so by sign bits: `outside` becomes
 * negative when a time lies before the start or behind the end (a difference that overflows is
 * that far out that the other one is negative). */
static bool
aggregate_pane_holds(const wr_window_aggregate *aggregate, const wr_pane *pane,
                     const wr_batch *batch)
{
    const int64_t *times_us = batch->event_time_us, *watermarks_us = batch->watermark_us;
    const uint64_t start_us = (uint64_t)pane->start_us, last_us = (uint64_t)pane->end_us - 1;
    const int64_t from_us = pane->admit_from_us, until_us = pane->admit_until_us;
    const bool is_admitted = aggregate->watermark_us >= from_us;
    if (aggregate->watermark_us >= until_us || (!is_admitted && !watermarks_us)) {
        return false;
    }
    uint64_t outside = 0;
    for (int i = 0; i < batch->row_count; i++) {
        outside |= ((uint64_t)times_us[i] - start_us) | (last_us - (uint64_t)times_us[i]);
    }
    int refused = 0;
    for (int i = 0; watermarks_us && i < batch->row_count; i++) {
        refused |= watermarks_us[i] >= until_us;
    }
    for (int i = 0; !is_admitted && i < batch->row_count; i++) {
        refused |= watermarks_us[i] < from_us;
    }
    return (int64_t)outside >= 0 && !refused;
}

static inline bool
pane_admits(const wr_pane *pane, int64_t t_us, int64_t row_watermark_us)
{
    return t_us >= pane->start_us && t_us < pane->end_us &&
           row_watermark_us >= pane->admit_from_us && row_watermark_us < pane->admit_until_us;
}

/* One of the panes touched last, if it takes the row; NULL: none does. Rows out of order go to and
 * fro between a few, and a look at these is cheaper than window arithmetic. */
static wr_pane *
aggregate_recent_pane(const wr_window_aggregate *aggregate, int64_t t_us, int64_t row_watermark_us)
{
    int last = aggregate->touched_count - 1;
    for (int i = last; i >= 0 && i > last - ROUTE_RECENT_PANES; i--) {
        if (pane_admits(aggregate->touched[i], t_us, row_watermark_us)) {
            return aggregate->touched[i];
        }
    }
    return NULL;
}

static inline int64_t
row_watermark(const wr_window_aggregate *aggregate, const wr_batch *batch, int row)
{
    const int64_t own_us = aggregate->watermark_us;
    int64_t w_us = batch->watermark_us ? batch->watermark_us[row] : own_us;
    return w_us > own_us ? w_us : own_us;
}

/* The pane takes the chosen rows from the i-th on, as long as they are its own; the first that is
 * not. */
static int
pane_take_rows(const wr_window_aggregate *aggregate, wr_pane *pane, const wr_batch *batch,
               const row_choice *choice, int i)
{
    uint16_t *rows = pane->rows;
    int count = pane->row_count;
    for (; i < choice->count; i++) {
        int row = choice_row(choice, i);
        if (!pane_admits(pane, batch->event_time_us[row], row_watermark(aggregate, batch, row))) {
            break;
        }
        rows[count++] = (uint16_t)row;
    }
    pane->row_count = count;
    return i;
}

static wr_status
aggregate_route(wr_window_aggregate *aggregate, const wr_batch *batch, const row_choice *choice,
                wr_error *err)
{
    assert(batch->event_time_us);
    const bool is_shared = aggregate->plan->window.kind == WR_WINDOW_HOPPING &&
                           !aggregate->has_panes; /* a row belongs to several */
    for (int i = 0; i < choice->count;) {
        int row = choice_row(choice, i);
        int64_t w_us = row_watermark(aggregate, batch, row);
        wr_pane *pane =
            is_shared ? NULL : aggregate_recent_pane(aggregate, batch->event_time_us[row], w_us);
        if (!pane) {
            WR_TRY(aggregate_route_row(aggregate, batch, row, w_us, &pane, err));
            if (i++ == 0 && pane && aggregate_pane_holds(aggregate, pane, batch)) {
                pane->rows = choice->rows;
                pane->row_count = choice->count;
                return WR_OK;
            }
        }
        if (pane) {
            i = pane_take_rows(aggregate, pane, batch, choice, i);
        }
    }
    return WR_OK;
}

/* ── updating states ────────────────────────────────────────────────────────────────────────── */

static int
item_filter_rows(wr_window_aggregate *aggregate, const wr_aggregate_item *item,
                 const wr_pane *pane)
{
    const wr_vector *filter = &aggregate->outs[item->filter];
    int count = 0;
    for (int i = 0; i < pane->row_count; i++) {
        int row = pane->rows ? pane->rows[i] : i;
        if (vector_is_true(filter, row)) {
            aggregate->filtered_rows[count] = (uint16_t)row;
            aggregate->filtered_groups[count++] = aggregate->groups[i];
        }
    }
    return count;
}

static void
aggregate_update_pane(wr_window_aggregate *aggregate, wr_pane *pane, const wr_batch *batch)
{
    wr_group_table *table = pane->groups;
    wr_group_table_find(table, &aggregate->batch_keys, pane->rows, pane->row_count,
                        aggregate->groups);
    wr_aggregate_save_before_change(aggregate, pane, aggregate->groups, pane->row_count);
    if (aggregate->layout.tracks_changes) {
        wr_group_table_mark_changed(table, aggregate->groups, pane->row_count);
    }
    bool is_dense = pane->row_count == batch->row_count; /* then rows are 0 … n − 1 */
    for (int i = 0; i < aggregate->item_count; i++) {
        const wr_aggregate_item *item = &aggregate->items[i];
        wr_aggregate_call call = {.states = table->states[i],
                                  .groups = aggregate->groups,
                                  .rows = is_dense ? NULL : pane->rows,
                                  .n = pane->row_count,
                                  .arg_count = item->arg_count,
                                  .args = aggregate->outs + item->first_arg,
                                  .event_time_us = batch->event_time_us,
                                  .origins = batch->origins,
                                  .memory = table->memory};
        if (item->filter >= 0) {
            call.n = item_filter_rows(aggregate, item, pane);
            call.rows = aggregate->filtered_rows;
            call.groups = aggregate->filtered_groups;
        }
        if (aggregate->key_count == 0) {
            call.groups = NULL;
        }
        if (call.n > 0) {
            item->aggregate->update(&call);
        }
    }
}

static wr_status
aggregate_update_touched(wr_window_aggregate *aggregate, const wr_batch *batch)
{
    for (int i = 0; i < aggregate->touched_count; i++) {
        aggregate_update_pane(aggregate, aggregate->touched[i], batch);
    }
    aggregate->touched_count = 0;
    aggregate->push_number++;
    return WR_OK;
}

static wr_status
aggregate_refuse_retractions(const wr_batch *batch, wr_error *err)
{
    for (int i = 0; batch->row_ops && i < batch->selected_count; i++) {
        int row = batch->selection ? batch->selection[i] : i;
        if (batch->row_ops[row] != WR_INSERT) {
            return wr_error_set(err, WR_ERR_RUNTIME, "E0501",
                                "aggregating a result that changes is not supported yet");
        }
    }
    return WR_OK;
}

static wr_status
aggregate_push(wr_operator *op, int input, const wr_batch *batch, wr_error *err)
{
    (void)input;
    wr_window_aggregate *aggregate = (wr_window_aggregate *)op;
    WR_TRY(aggregate_refuse_retractions(batch, err));
    wr_aggregate_end_loading(aggregate);
    wr_program_eval(aggregate->program, batch, op->context->now_us, op->context->batch_arena,
                    aggregate->outs);
    row_choice choice;
    WR_TRY(aggregate_choose_rows(aggregate, batch, &choice, err));
    wr_key_columns_set(&aggregate->batch_keys, aggregate->outs, batch->row_count,
                       op->context->batch_arena);
    aggregate->push_number++;
    aggregate->touched_count = 0;
    if (aggregate->is_windowed) {
        WR_TRY(aggregate_route(aggregate, batch, &choice, err));
    } else if (choice.count > 0) {
        wr_pane *pane = wr_aggregate_pane(aggregate, WR_TIME_NONE, WR_TIME_END, WR_TIME_END);
        pane->rows = choice.rows;
        pane->row_count = choice.count;
        aggregate->touched[aggregate->touched_count++] = pane;
    }
    return aggregate_update_touched(aggregate, batch);
}

/* ── time ───────────────────────────────────────────────────────────────────────────────────── */

/* End of input without a window: the one result. */
static wr_status
aggregate_emit_last(wr_window_aggregate *aggregate, wr_error *err)
{
    if (aggregate->pane_count == 0 && !aggregate->plan->global) {
        return WR_OK;
    }
    wr_pane *pane = wr_aggregate_pane(aggregate, WR_TIME_NONE, WR_TIME_END, WR_TIME_END);
    if (pane->parts) {
        WR_TRY(wr_aggregate_emit_merged(aggregate, &pane, 1, WR_TIME_END, err));
        return wr_parts_drop(&pane->parts, aggregate->op.context->spill, err);
    }
    if (pane->groups->limit == 0) {
        uint32_t group = 0;
        wr_group_table_find(pane->groups, NULL, NULL, 1, &group);
        if (aggregate->layout.tracks_changes) {
            wr_group_table_mark_changed(pane->groups, &group, 1);
        }
    }
    return aggregate->layout.tracks_changes
               ? wr_aggregate_emit_changes(aggregate, pane, WR_TIME_END, err)
               : wr_aggregate_emit_all(aggregate, pane->groups, WR_TIME_END, err);
}

static wr_status
aggregate_advance(wr_operator *op, int input, int64_t watermark_us, wr_error *err)
{
    (void)input;
    wr_window_aggregate *aggregate = (wr_window_aggregate *)op;
    if (watermark_us <= aggregate->watermark_us) {
        return WR_OK;
    }
    wr_aggregate_end_loading(aggregate);
    aggregate->watermark_us = watermark_us;
    wr_aggregate_absorb(aggregate);
    int64_t pass_us = watermark_us;
    if (aggregate->is_windowed) {
        WR_TRY(wr_aggregate_close_windows(aggregate, watermark_us, err));
        pass_us = wr_window_hold_back(&aggregate->plan->window, watermark_us);
    } else if (watermark_us == WR_TIME_END) {
        WR_TRY(aggregate_emit_last(aggregate, err));
    }
    if (pass_us <= aggregate->passed_us) {
        return WR_OK;
    }
    aggregate->passed_us = pass_us;
    return wr_operator_pass(op, pass_us, err);
}

static bool
aggregate_emission_is_due(wr_window_aggregate *aggregate)
{
    const wr_emit *emit = &aggregate->plan->emit;
    int64_t now_us = aggregate->op.context->now_us;
    switch (emit->kind) {
    case WR_EMIT_FINAL:
        return false;
    case WR_EMIT_CHANGES:
        return true;
    case WR_EMIT_EVERY:
        if (aggregate->next_emit_us == WR_TIME_NONE) {
            aggregate->next_emit_us = wr_time_add_saturated(now_us, emit->every_us);
        }
        if (now_us < aggregate->next_emit_us) {
            return false;
        }
        aggregate->next_emit_us = wr_time_add_saturated(now_us, emit->every_us);
        return true;
    }
    return false;
}

static wr_status
aggregate_flush(wr_operator *op, wr_error *err)
{
    wr_window_aggregate *aggregate = (wr_window_aggregate *)op;
    wr_aggregate_end_loading(aggregate);
    if (aggregate_emission_is_due(aggregate)) {
        for (int i = 0; i < aggregate->pane_count; i++) {
            wr_pane *pane = aggregate->panes[i];
            if (pane->groups->changed_count > 0) {
                WR_TRY(wr_aggregate_emit_changes(aggregate, pane, pane->last_end_us, err));
            }
        }
    }
    return wr_operator_pass_flush(op, err);
}

/* Adds a set of keys, which many panes may share, once. */
static void
observe_keys(wr_key_set *keys, uint64_t observe_number, wr_operator_figures *figures)
{
    if (keys && keys->observed_in != observe_number) {
        keys->observed_in = observe_number;
        figures->state_bytes += wr_key_set_bytes(keys);
    }
}

/* Adds the panes of this aggregate (`whole` itself, or a partial of it). */
static void
observe_panes(const wr_window_aggregate *aggregate, const wr_window_aggregate *whole,
              wr_operator_figures *figures)
{
    int64_t grace_us = aggregate->plan->window.grace_us, closed_end_us = whole->closed_end_us;
    observe_keys(aggregate->keys, whole->observe_number, figures);
    figures->state_bytes += aggregate->front ? wr_group_table_bytes(aggregate->front) : 0;
    for (int i = 0; i < aggregate->pane_count; i++) {
        const wr_pane *pane = aggregate->panes[i];
        figures->groups += pane->groups->present_count;
        figures->state_bytes += wr_group_table_bytes(pane->groups);
        for (const wr_part *part = pane->parts; part; part = part->next) {
            figures->groups += part->row_count;
        }
        observe_keys(pane->groups->keys, whole->observe_number, figures);
        if (!aggregate->is_windowed) {
            continue;
        }
        int64_t last_us = wr_time_add_saturated(pane->last_end_us, grace_us);
        int64_t after_us = wr_window_first_end(&aggregate->plan->window, closed_end_us);
        int64_t next_us = pane->first_end_us > after_us ? pane->first_end_us : after_us;
        next_us = wr_time_add_saturated(next_us, grace_us);
        if (last_us > figures->last_close_us) {
            figures->last_close_us = last_us;
        }
        if (figures->next_close_us == WR_TIME_NONE || next_us < figures->next_close_us) {
            figures->next_close_us = next_us;
        }
    }
}

static void
aggregate_observe(wr_operator *op, wr_operator_figures *figures)
{
    wr_window_aggregate *aggregate = (wr_window_aggregate *)op;
    int64_t grace_us = aggregate->plan->window.grace_us;
    *figures = (wr_operator_figures){.last_close_us = WR_TIME_NONE,
                                     .next_close_us = WR_TIME_NONE,
                                     .hold_us = aggregate->is_windowed ? grace_us : 0};
    aggregate->observe_number++;
    observe_panes(aggregate, aggregate, figures);
    for (int i = 0; i < aggregate->partial_count; i++) {
        observe_panes(aggregate->partials[i], aggregate, figures);
    }
}

const wr_operator_ops wr_op_window_aggregate = {.name = "window_aggregate",
                                                .state_bytes = sizeof(wr_window_aggregate),
                                                .open = aggregate_open,
                                                .push = aggregate_push,
                                                .advance = aggregate_advance,
                                                .flush = aggregate_flush,
                                                .mark = wr_aggregate_mark,
                                                .save = wr_aggregate_save_slice,
                                                .restore = wr_aggregate_restore,
                                                .load = wr_aggregate_load_segment,
                                                .observe = aggregate_observe,
                                                .shrink = wr_aggregate_shrink,
                                                .close = aggregate_close};
