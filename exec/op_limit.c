/* LIMIT n OFFSET m: passes the rows m … m + n − 1 of its input and then ends what is above it.
 *
 *   LIMIT 2 OFFSET 1:   rows a b │ c d   →   b │ c, then END
 *
 * 1. When the limit is reached the operators above see the end of input at once.
 * 2. The whole query ends only if no UNION above still waits for other inputs.
 * 3. Rows that cannot be computed do not count. */
#include "exec/operator.h"

typedef struct limit_state {
    wr_operator op;
    int64_t seen_count;
    bool reached, ends_query;
    uint16_t selection[WR_BATCH_ROWS], withheld[WR_BATCH_ROWS];
} limit_state;

static wr_status
limit_open(wr_operator *op, wr_error *err)
{
    (void)err;
    limit_state *limit = (limit_state *)op;
    limit->ends_query = true;
    for (const wr_operator *above = op->parent; above; above = above->parent) {
        limit->ends_query = limit->ends_query && above->node->input_count == 1;
    }
    return WR_OK;
}

static wr_status
limit_end(limit_state *limit, wr_error *err)
{
    limit->reached = true;
    WR_TRY(wr_operator_pass(&limit->op, WR_TIME_END, err));
    if (limit->ends_query) {
        limit->op.context->done = true;
    }
    return WR_OK;
}

/* The first row that is not passed. */
static int64_t
limit_last(const wr_operator *op)
{
    int64_t first = op->node->u.limit.offset;
    int64_t last = op->node->u.limit.limit < 0 ? INT64_MAX : op->node->u.limit.limit;
    return last > INT64_MAX - first ? INT64_MAX : first + last;
}

static wr_status
limit_push(wr_operator *op, int input, const wr_batch *batch, wr_error *err)
{
    (void)input;
    limit_state *limit = (limit_state *)op;
    if (limit->reached) {
        return WR_OK;
    }
    int64_t first = op->node->u.limit.offset, last = limit_last(op);
    wr_batch out;
    WR_TRY(wr_operator_withhold(op, batch, &out, limit->withheld, err));
    int count = 0;
    for (int i = 0; i < out.selected_count; i++, limit->seen_count++) {
        if (limit->seen_count >= first && limit->seen_count < last) {
            limit->selection[count++] = (uint16_t)(out.selection ? out.selection[i] : i);
        }
    }
    out.selection = limit->selection;
    out.selected_count = count;
    WR_TRY(wr_operator_emit(op, &out, err));
    return limit->seen_count >= last ? limit_end(limit, err) : WR_OK;
}

static wr_status
limit_advance(wr_operator *op, int input, int64_t watermark_us, wr_error *err)
{
    (void)input;
    limit_state *limit = (limit_state *)op;
    if (limit->reached) {
        return WR_OK;
    }
    if (op->node->u.limit.limit == 0 || limit->seen_count >= limit_last(op)) {
        return limit_end(limit, err); /* at once, or as the run before this one had */
    }
    return wr_operator_pass(op, watermark_us, err);
}

static void
limit_mark(wr_operator *op, wr_commit *commit, bool full, wr_buffer *meta)
{
    (void)commit;
    (void)full;
    wr_operator_put_numbers(meta, &((const limit_state *)op)->seen_count, 1);
}

static wr_status
limit_restore(wr_operator *op, wr_text meta, wr_error *err)
{
    return wr_operator_take_numbers(meta, &((limit_state *)op)->seen_count, 1, err);
}

const wr_operator_ops wr_op_limit = {.name = "limit",
                                     .state_bytes = sizeof(limit_state),
                                     .open = limit_open,
                                     .push = limit_push,
                                     .advance = limit_advance,
                                     .mark = limit_mark,
                                     .restore = limit_restore};
