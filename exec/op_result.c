/* The root of a SELECT: hands rows to the caller of the query.
 *
 * 1. A row with a value that could not be computed is withheld and counted. */
#include "exec/operator.h"

typedef struct result_state {
    wr_operator op;
    uint16_t selection[WR_BATCH_ROWS];
} result_state;

static wr_status
result_open(wr_operator *op, wr_error *err)
{
    (void)op;
    (void)err;
    return WR_OK;
}

static wr_status
result_push(wr_operator *op, int input, const wr_batch *batch, wr_error *err)
{
    (void)input;
    wr_exec_context *context = op->context;
    wr_batch out;
    WR_TRY(wr_operator_withhold(op, batch, &out, ((result_state *)op)->selection, err));
    if (out.selected_count == 0 || !context->on_rows) {
        return WR_OK;
    }
    op->rows_out += (uint64_t)out.selected_count;
    return context->on_rows(context->callback_context, &out, err);
}

static wr_status
result_advance(wr_operator *op, int input, int64_t watermark_us, wr_error *err)
{
    (void)op;
    (void)input;
    (void)watermark_us;
    (void)err;
    return WR_OK;
}

const wr_operator_ops wr_op_result = {.name = "result",
                                      .state_bytes = sizeof(result_state),
                                      .open = result_open,
                                      .push = result_push,
                                      .advance = result_advance};
