/* WINDOW without aggregates: each row once per window that contains and still admits it.
 *
 *   HOPPING 10 / 5, row at 7   →   the row with [0,10), the row with [5,15)
 *
 * 1. Rows keep their order; a row's windows come in order of their ends.
 * 2. Lateness as in the window aggregate: a window admits a row iff end + grace > the greater of
 *    the row's own watermark and ours; a row that none admits is late.
 * 3. Event time of the output is window_time; watermarks are held back by what grace may still
 *    admit. */
#include "exec/operator.h"
#include "exec/window.h"

#include <assert.h>

enum { ASSIGN_WINDOW_COLUMNS = 3 };

typedef struct assign_state {
    wr_operator op;
    wr_arena *arena; /* of the batch being emitted */
    int64_t watermark_us, passed_us;
    int row_count; /* of the batch being built */
    uint16_t rows[WR_BATCH_ROWS];
    int64_t ends_us[WR_BATCH_ROWS];
    int64_t watermarks_us[WR_BATCH_ROWS];
} assign_state;

static wr_status
assign_open(wr_operator *op, wr_error *err)
{
    (void)err;
    assign_state *assign = (assign_state *)op;
    assign->watermark_us = assign->passed_us = WR_TIME_NONE;
    assign->arena = wr_arena_new(0);
    return WR_OK;
}

static const void *
assign_gather_ops(const assign_state *assign, const wr_batch *batch, wr_arena *arena)
{
    if (!batch->row_ops) {
        return NULL;
    }
    uint8_t *row_ops = wr_arena_alloc(arena, (size_t)assign->row_count);
    for (int i = 0; i < assign->row_count; i++) {
        row_ops[i] = batch->row_ops[assign->rows[i]];
    }
    return row_ops;
}

static wr_status
assign_emit(assign_state *assign, const wr_batch *batch, wr_error *err)
{
    wr_arena *arena = assign->arena;
    const wr_window *window = &assign->op.node->u.window;
    int count = assign->row_count;
    if (count == 0) {
        return WR_OK;
    }
    wr_arena_reset(arena);
    wr_batch *out = wr_batch_new(arena, batch->column_count + ASSIGN_WINDOW_COLUMNS);
    out->row_count = out->selected_count = count;
    for (int i = 0; i < batch->column_count; i++) {
        out->columns[i] = wr_vector_gather(&batch->columns[i], assign->rows, count, arena);
    }
    int64_t *bounds[ASSIGN_WINDOW_COLUMNS];
    for (int i = 0; i < ASSIGN_WINDOW_COLUMNS; i++) {
        wr_vector *column = &out->columns[batch->column_count + i];
        wr_vector_init_flat(column, WR_TYPE(TIMESTAMP), count, arena);
        bounds[i] = column->data;
    }
    for (int i = 0; i < count; i++) {
        bounds[0][i] = assign->ends_us[i] - window->size_us;
        bounds[1][i] = assign->ends_us[i];
        bounds[2][i] = assign->ends_us[i] - WR_WINDOW_TIME_BACK_US;
    }
    out->event_time_us = bounds[2];
    out->watermark_us = assign->watermarks_us;
    out->row_ops = assign_gather_ops(assign, batch, arena);
    assign->row_count = 0;
    return wr_operator_emit(&assign->op, out, err);
}

static wr_status
assign_row(assign_state *assign, const wr_batch *batch, int row, wr_error *err)
{
    wr_exec_context *context = assign->op.context;
    const wr_window *window = &assign->op.node->u.window;
    int64_t t_us = batch->event_time_us[row];
    if (t_us > WR_EVENT_TIME_MAX || t_us < -WR_EVENT_TIME_MAX) {
        wr_bad_result bad = {.reason = WR_REASON_RANGE, .where = WR_TEXT("event time")};
        return wr_operator_bad_input(&assign->op, batch, row, bad, err);
    }
    int64_t w_us = batch->watermark_us ? batch->watermark_us[row] : assign->watermark_us;
    w_us = w_us > assign->watermark_us ? w_us : assign->watermark_us;
    int64_t closed_us = wr_time_sub_saturated(w_us, window->grace_us);
    int64_t first_us = wr_window_first_end(window, t_us > closed_us ? t_us : closed_us);
    int64_t last_us = wr_window_last_end(window, t_us);
    if (first_us > last_us && context->on_late) {
        context->on_late(context->callback_context, 1);
    }
    for (int64_t end_us = first_us; end_us <= last_us; end_us += window->advance_us) {
        int at = assign->row_count++;
        assign->rows[at] = (uint16_t)row;
        assign->ends_us[at] = end_us;
        assign->watermarks_us[at] = wr_window_hold_back(window, w_us);
        if (assign->row_count == context->vector_rows) {
            WR_TRY(assign_emit(assign, batch, err));
        }
    }
    return WR_OK;
}

static wr_status
assign_push(wr_operator *op, int input, const wr_batch *batch, wr_error *err)
{
    (void)input;
    assign_state *assign = (assign_state *)op;
    assert(batch->event_time_us);
    for (int i = 0; i < batch->selected_count; i++) {
        int row = batch->selection ? batch->selection[i] : i;
        WR_TRY(assign_row(assign, batch, row, err));
    }
    return assign_emit(assign, batch, err);
}

static wr_status
assign_advance(wr_operator *op, int input, int64_t watermark_us, wr_error *err)
{
    (void)input;
    assign_state *assign = (assign_state *)op;
    if (watermark_us > assign->watermark_us) {
        assign->watermark_us = watermark_us;
    }
    int64_t pass_us = wr_window_hold_back(&op->node->u.window, watermark_us);
    if (pass_us <= assign->passed_us) {
        return WR_OK;
    }
    assign->passed_us = pass_us;
    return wr_operator_pass(op, pass_us, err);
}

static void
assign_mark(wr_operator *op, wr_commit *commit, bool full, wr_buffer *meta)
{
    (void)commit;
    (void)full;
    const assign_state *assign = (const assign_state *)op;
    const int64_t numbers[] = {assign->watermark_us, assign->passed_us};
    wr_operator_put_numbers(meta, numbers, 2);
}

static wr_status
assign_restore(wr_operator *op, wr_text meta, wr_error *err)
{
    assign_state *assign = (assign_state *)op;
    int64_t numbers[2];
    WR_TRY(wr_operator_take_numbers(meta, numbers, 2, err));
    assign->watermark_us = numbers[0];
    assign->passed_us = numbers[1];
    return WR_OK;
}

static void
assign_observe(wr_operator *op, wr_operator_figures *figures)
{
    *figures = (wr_operator_figures){.last_close_us = WR_TIME_NONE,
                                     .next_close_us = WR_TIME_NONE,
                                     .hold_us = op->node->u.window.grace_us};
}

static void
assign_close(wr_operator *op)
{
    assign_state *assign = (assign_state *)op;
    wr_arena_free(assign->arena);
    assign->arena = NULL;
}

const wr_operator_ops wr_op_window_assign = {.name = "window_assign",
                                             .state_bytes = sizeof(assign_state),
                                             .open = assign_open,
                                             .push = assign_push,
                                             .advance = assign_advance,
                                             .mark = assign_mark,
                                             .restore = assign_restore,
                                             .observe = assign_observe,
                                             .close = assign_close};
