/* What all operators share: finding a plan kind's vtable, handing rows and time to the parent, and
 * withholding results that could not be computed.
 *
 *   scan ─emit▶ filter ─emit▶ aggregate ─emit▶ result        the parent is called at once, on the
 *        ─pass▶        ─pass▶           ─pass▶               same stack: nothing is queued
 *
 * 1. Empty batches are never passed.
 * 2. A bad result is counted once per row, whatever the number of its bad columns. */
#include "exec/operator.h"

#include "exec/op_list.h"

const wr_operator_ops *
wr_operator_ops_of(wr_plan_kind kind)
{
    switch (kind) {
    case WR_PLAN_SCAN:
        return NULL;
#define OPERATOR_CASE(plan_kind, name) \
    case WR_PLAN_##plan_kind:          \
        return &wr_op_##name;
        WR_OP_LIST(OPERATOR_CASE)
#undef OPERATOR_CASE
    }
    return NULL;
}

wr_operator *
wr_operator_new(const wr_plan_node *node, wr_exec_context *context)
{
    const wr_operator_ops *ops = wr_operator_ops_of(node->kind);
    wr_operator *op = wr_arena_zalloc(context->query_arena, ops->state_bytes);
    op->ops = ops;
    op->node = node;
    op->context = context;
    return op;
}

wr_status
wr_operator_push(wr_operator *op, int input, const wr_batch *batch, wr_error *err)
{
    if (batch->selected_count == 0) {
        return WR_OK;
    }
    op->rows_in += (uint64_t)batch->selected_count;
    return op->ops->push(op, input, batch, err);
}

wr_status
wr_operator_advance(wr_operator *op, int input, int64_t watermark_us, wr_error *err)
{
    return op->ops->advance(op, input, watermark_us, err);
}

wr_status
wr_operator_flush(wr_operator *op, wr_error *err)
{
    return op->ops->flush ? op->ops->flush(op, err) : wr_operator_pass_flush(op, err);
}

wr_status
wr_operator_emit(wr_operator *op, const wr_batch *batch, wr_error *err)
{
    if (batch->selected_count == 0) {
        return WR_OK;
    }
    op->rows_out += (uint64_t)batch->selected_count;
    return op->parent ? wr_operator_push(op->parent, op->parent_input, batch, err) : WR_OK;
}

wr_status
wr_operator_pass(wr_operator *op, int64_t watermark_us, wr_error *err)
{
    return op->parent ? wr_operator_advance(op->parent, op->parent_input, watermark_us, err)
                      : WR_OK;
}

wr_status
wr_operator_pass_flush(wr_operator *op, wr_error *err)
{
    return op->parent ? wr_operator_flush(op->parent, err) : WR_OK;
}

void
wr_operator_put_numbers(wr_buffer *meta, const int64_t *numbers, int count)
{
    wr_buffer_append(meta, (const char *)numbers, (size_t)count * sizeof(*numbers));
}

wr_status
wr_operator_take_numbers(wr_text meta, int64_t *numbers, int count, wr_error *err)
{
    if (meta.size != (size_t)count * sizeof(*numbers)) {
        return wr_error_set(err, WR_ERR_STATE, "E0904",
                            "the state of an operator has %zu bytes, not %zu", meta.size,
                            (size_t)count * sizeof(*numbers));
    }
    memcpy(numbers, meta.data, meta.size);
    return WR_OK;
}

wr_status
wr_operator_bad_result(wr_operator *op, const wr_bad_result *bad, wr_error *err)
{
    wr_exec_context *context = op->context;
    if (context->fail_on_bad_result) {
        wr_error_set(err, WR_ERR_RUNTIME, "E0801", "a row cannot be computed: %s in \"%.*s\"",
                     wr_reason_text(bad->reason), WR_TEXT_ARG(bad->where));
        wr_error_hint(err, "on_error = 'skip' leaves such rows out and counts them.");
        return WR_ERR_RUNTIME;
    }
    if (context->on_bad_result) {
        context->on_bad_result(context->callback_context, bad->reason, bad->where);
    }
    if (context->on_dead_result) {
        context->on_dead_result(context->callback_context, op, bad);
    }
    return WR_OK;
}

wr_status
wr_operator_bad_input(wr_operator *op, const wr_batch *batch, int row, wr_bad_result bad,
                      wr_error *err)
{
    bad.batch = batch;
    bad.row = row;
    bad.schema = &op->node->inputs[0]->schema;
    return wr_operator_bad_result(op, &bad, err);
}

/* The first column of `row` that is in error, -1: none. */
static int
batch_bad_column(const wr_batch *batch, int row)
{
    for (int i = 0; i < batch->column_count; i++) {
        if (batch->columns[i].errors && wr_vector_error(&batch->columns[i], row)) {
            return i;
        }
    }
    return -1;
}

static bool
batch_may_have_errors(const wr_batch *batch)
{
    for (int i = 0; i < batch->column_count; i++) {
        if (batch->columns[i].errors) {
            return true;
        }
    }
    return false;
}

wr_status
wr_operator_withhold(wr_operator *op, const wr_batch *batch, wr_batch *out, uint16_t *selection,
                     wr_error *err)
{
    *out = *batch;
    if (!batch_may_have_errors(batch)) {
        return WR_OK;
    }
    const wr_schema *schema = &op->node->schema;
    int count = 0;
    for (int i = 0; i < batch->selected_count; i++) {
        int row = batch->selection ? batch->selection[i] : i;
        int bad = batch_bad_column(batch, row);
        if (bad < 0) {
            selection[count++] = (uint16_t)row;
            continue;
        }
        wr_text where = bad < schema->count ? schema->columns[bad].name : WR_TEXT("expression");
        wr_bad_result result = {.reason = wr_vector_error(&batch->columns[bad], row),
                                .where = where,
                                .batch = batch,
                                .row = row,
                                .schema = schema};
        WR_TRY(wr_operator_bad_result(op, &result, err));
    }
    out->selection = selection;
    out->selected_count = count;
    return WR_OK;
}
