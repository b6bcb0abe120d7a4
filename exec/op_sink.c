/* INSERT INTO: hands rows to a connector's sink.
 *
 *   push ─▶ write    flush ─▶ flush (visible at the end of a micro-batch)    finish ─▶ delivered
 *   push ─▶ frame ─▶ outbox ─▶ checkpoint ─▶ deliver                         exactly once
 *
 * 1. A row with a value that could not be computed is withheld and counted.
 * 2. finish comes once, when the query has ended or was stopped; close also without it.
 * 3. Exactly once is for jobs, and for sinks that can; the others write, at least once: a
 *    checkpoint waits until what they wrote is delivered. */
#include "exec/operator.h"
#include "exec/state/outbox.h"

typedef struct sink_state {
    wr_operator op;
    const wr_sink_ops *ops;
    wr_sink *sink;
    bool is_finished;
    int32_t destination; /* of the outbox; −1: written to directly */
    uint16_t selection[WR_BATCH_ROWS];
} sink_state;

static wr_status
sink_open(wr_operator *op, wr_error *err)
{
    sink_state *state = (sink_state *)op;
    const wr_plan_node *node = op->node;
    state->ops = node->u.sink.sink;
    wr_sink_config config = {.options = node->u.sink.options,
                             .arena = op->context->query_arena,
                             .clock = op->context->clock,
                             .schema = node->schema,
                             .format = node->u.sink.format,
                             .brokers = node->u.sink.brokers,
                             .connect_timeout_ms = op->context->connect_timeout_ms,
                             .changelog = node->changes,
                             .job_name = op->context->job_name,
                             .is_resumed = op->context->goes_on};
    config.exactly_once = op->context->outbox && state->ops->deliver;
    config.state = config.exactly_once ? wr_outbox_state(op->context->outbox) : NULL;
    state->destination = -1;
    WR_TRY(config.exactly_once ? wr_outbox_knows(op->context->outbox, state->ops, &config,
                                                 &config.is_resumed, err)
                               : WR_OK);
    WR_TRY(state->ops->open(&config, &state->sink, err));
    return config.exactly_once ? wr_outbox_add_sink(op->context->outbox, state->ops, &config,
                                                    state->sink, &state->destination, err)
                               : WR_OK;
}

static wr_status
sink_frame(sink_state *state, const wr_batch *batch, wr_error *err)
{
    wr_outbox *outbox = state->op.context->outbox;
    wr_buffer *bytes = wr_outbox_buffer(outbox, state->destination);
    WR_TRY(state->ops->frame(state->sink, batch, bytes, err));
    return wr_outbox_added(outbox, state->destination, batch->selected_count, err);
}

static wr_status
sink_push(wr_operator *op, int input, const wr_batch *batch, wr_error *err)
{
    (void)input;
    sink_state *state = (sink_state *)op;
    wr_batch out;
    WR_TRY(wr_operator_withhold(op, batch, &out, state->selection, err));
    if (out.selected_count == 0) {
        return WR_OK;
    }
    op->rows_out += (uint64_t)out.selected_count;
    return state->destination < 0 ? state->ops->write(state->sink, &out, err)
                                  : sink_frame(state, &out, err);
}

static wr_status
sink_advance(wr_operator *op, int input, int64_t watermark_us, wr_error *err)
{
    (void)op;
    (void)input;
    (void)watermark_us;
    (void)err;
    return WR_OK;
}

static wr_status
sink_flush(wr_operator *op, wr_error *err)
{
    sink_state *state = (sink_state *)op;
    bool writes = state->destination < 0 && state->ops->flush;
    return writes ? state->ops->flush(state->sink, err) : WR_OK;
}

static wr_status
sink_settle(wr_operator *op, wr_error *err)
{
    sink_state *state = (sink_state *)op;
    bool writes = state->destination < 0 && state->ops->finish;
    return writes ? state->ops->finish(state->sink, err) : WR_OK;
}

static wr_status
sink_finish(wr_operator *op, wr_error *err)
{
    sink_state *state = (sink_state *)op;
    if (state->is_finished) {
        return WR_OK;
    }
    state->is_finished = true;
    return sink_settle(op, err);
}

static void
sink_close(wr_operator *op)
{
    sink_state *state = (sink_state *)op;
    if (state->sink) {
        state->ops->close(state->sink);
        state->sink = NULL;
    }
}

const wr_operator_ops wr_op_sink = {.name = "sink",
                                    .state_bytes = sizeof(sink_state),
                                    .open = sink_open,
                                    .push = sink_push,
                                    .advance = sink_advance,
                                    .flush = sink_flush,
                                    .settle = sink_settle,
                                    .finish = sink_finish,
                                    .close = sink_close};
