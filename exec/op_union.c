/* UNION ALL: the rows of all inputs as they come, and the time of the slowest.
 *
 *   input 0 at 10, input 1 at 7   →   7        input 1 ends   →   10        all end   →   END
 *
 * 1. The watermark passed on is the least of the inputs'; each row keeps its own partition's
 *    watermark, but not more than that was passed on would be late above: lateness above is judged
 *    by the greater of the two, and ours is never the greater one while an input lags. */
#include "exec/operator.h"

typedef struct union_state {
    wr_operator op;
    int64_t *watermarks_us; /* by input */
    int64_t passed_us;
} union_state;

static wr_status
union_open(wr_operator *op, wr_error *err)
{
    (void)err;
    union_state *all = (union_state *)op;
    int count = op->node->input_count;
    all->watermarks_us = WR_NEW_ARRAY(op->context->query_arena, int64_t, count);
    for (int i = 0; i < count; i++) {
        all->watermarks_us[i] = WR_TIME_NONE;
    }
    all->passed_us = WR_TIME_NONE;
    return WR_OK;
}

static wr_status
union_push(wr_operator *op, int input, const wr_batch *batch, wr_error *err)
{
    (void)input;
    return wr_operator_emit(op, batch, err);
}

static wr_status
union_advance(wr_operator *op, int input, int64_t watermark_us, wr_error *err)
{
    union_state *all = (union_state *)op;
    if (watermark_us > all->watermarks_us[input]) {
        all->watermarks_us[input] = watermark_us;
    }
    int64_t least_us = WR_TIME_END;
    for (int i = 0; i < op->node->input_count; i++) {
        least_us = all->watermarks_us[i] < least_us ? all->watermarks_us[i] : least_us;
    }
    if (least_us <= all->passed_us) {
        return WR_OK;
    }
    all->passed_us = least_us;
    return wr_operator_pass(op, least_us, err);
}

/* The numbers: passed, then by input. */
static void
union_mark(wr_operator *op, wr_commit *commit, bool full, wr_buffer *meta)
{
    (void)commit;
    (void)full;
    const union_state *all = (const union_state *)op;
    wr_operator_put_numbers(meta, &all->passed_us, 1);
    wr_operator_put_numbers(meta, all->watermarks_us, op->node->input_count);
}

static wr_status
union_restore(wr_operator *op, wr_text meta, wr_error *err)
{
    union_state *all = (union_state *)op;
    int count = op->node->input_count;
    int64_t *numbers = WR_NEW_ARRAY(op->context->query_arena, int64_t, count + 1);
    WR_TRY(wr_operator_take_numbers(meta, numbers, count + 1, err));
    all->passed_us = numbers[0];
    all->watermarks_us = numbers + 1;
    return WR_OK;
}

const wr_operator_ops wr_op_union = {.name = "union",
                                     .state_bytes = sizeof(union_state),
                                     .open = union_open,
                                     .push = union_push,
                                     .advance = union_advance,
                                     .mark = union_mark,
                                     .restore = union_restore};
