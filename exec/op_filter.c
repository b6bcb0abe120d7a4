/* WHERE and HAVING: keeps the rows whose predicate is true.
 *
 *   selection [0 1 2 3], predicate [t f NULL t]   →   selection [0 3]       nothing is copied
 *
 * 1. NULL is not true.
 * 2. A predicate that cannot be computed withholds its row, which is counted.
 * 3. Of an update of which one half remains: −U alone is −D, +U alone is +I. The halves of an
 *    update lie behind each other in a batch. */
#include "exec/operator.h"
#include "exec/program.h"

#include <string.h>

typedef struct filter_state {
    wr_operator op;
    wr_program *program;
    uint16_t selection[WR_BATCH_ROWS];
} filter_state;

static wr_status
filter_open(wr_operator *op, wr_error *err)
{
    (void)err;
    filter_state *filter = (filter_state *)op;
    filter->program = wr_program_new(op->context->query_arena, &op->node->u.filter.predicate, 1);
    return WR_OK;
}

/* The fast case: a flat predicate without NULLs and errors. */
static int
filter_select_flat(const wr_batch *batch, const uint8_t *is_true, uint16_t *selection)
{
    int count = 0;
    for (int i = 0; i < batch->selected_count; i++) {
        int row = batch->selection ? batch->selection[i] : i;
        selection[count] = (uint16_t)row;
        count += is_true[row] != 0;
    }
    return count;
}

static wr_status
filter_select(filter_state *filter, const wr_batch *batch, const wr_vector *predicate,
              int *selected_count, wr_error *err)
{
    int count = 0;
    for (int i = 0; i < batch->selected_count; i++) {
        int row = batch->selection ? batch->selection[i] : i;
        wr_reason reason = wr_vector_error(predicate, row);
        if (reason != WR_REASON_NONE) {
            wr_bad_result bad = {.reason = reason, .where = WR_TEXT("condition")};
            WR_TRY(wr_operator_bad_input(&filter->op, batch, row, bad, err));
        } else if (!wr_vector_is_null(predicate, row) && WR_VALUE(predicate, uint8_t, row)) {
            filter->selection[count++] = (uint16_t)row;
        }
    }
    *selected_count = count;
    return WR_OK;
}

/* The operations of what is left of updates. */
static const uint8_t *
filter_mend_ops(const wr_batch *out, wr_arena *arena)
{
    uint8_t *ops = wr_arena_alloc(arena, (size_t)out->row_count);
    memcpy(ops, out->row_ops, (size_t)out->row_count);
    for (int i = 0; i < out->selected_count; i++) {
        int row = out->selection[i];
        if (ops[row] == WR_UPDATE_BEFORE) {
            bool has_after = i + 1 < out->selected_count && out->selection[i + 1] == row + 1;
            ops[row] = has_after ? WR_UPDATE_BEFORE : WR_DELETE;
        } else if (ops[row] == WR_UPDATE_AFTER) {
            bool has_before = i > 0 && out->selection[i - 1] == row - 1;
            ops[row] = has_before ? WR_UPDATE_AFTER : WR_INSERT;
        }
    }
    return ops;
}

static wr_status
filter_push(wr_operator *op, int input, const wr_batch *batch, wr_error *err)
{
    (void)input;
    filter_state *filter = (filter_state *)op;
    wr_vector predicate;
    wr_program_eval(filter->program, batch, op->context->now_us, op->context->batch_arena,
                    &predicate);
    wr_batch out = *batch;
    if (predicate.kind == WR_FLAT && !predicate.valid && !predicate.errors) {
        out.selected_count = filter_select_flat(batch, predicate.data, filter->selection);
    } else {
        WR_TRY(filter_select(filter, batch, &predicate, &out.selected_count, err));
    }
    out.selection = filter->selection;
    if (batch->row_ops && out.selected_count < batch->selected_count) {
        out.row_ops = filter_mend_ops(&out, op->context->batch_arena);
    }
    return wr_operator_emit(op, &out, err);
}

static wr_status
filter_advance(wr_operator *op, int input, int64_t watermark_us, wr_error *err)
{
    (void)input;
    return wr_operator_pass(op, watermark_us, err);
}

const wr_operator_ops wr_op_filter = {.name = "filter",
                                      .state_bytes = sizeof(filter_state),
                                      .open = filter_open,
                                      .push = filter_push,
                                      .advance = filter_advance};
