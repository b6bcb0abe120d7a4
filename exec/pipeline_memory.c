/* memory_limit: state beyond it is spilled.
 *
 *   limit 256 MB    state 100 … 150 … 192 │ over three quarters: shrink to 96 │ 96 … 120 …
 *
 * 1. A step that cannot have filled what is free does not look. */
#include "exec/pipeline_parts.h"

enum {
    PIPELINE_GROUP_BYTES = 256,   /* of a new group, without its texts */
    PIPELINE_ROOM_BYTES = 8 << 20 /* what a round of lanes may add at least */
};

/* What the rows so far could take, all of them being new groups. */
static int64_t
pipeline_input_bytes(const wr_pipeline *pipeline)
{
    int64_t bytes = 0;
    for (int i = 0; i < pipeline->scan_count; i++) {
        const wr_scan_counters *counters = &pipeline->scans[i]->counters;
        bytes += (int64_t)(counters->bytes + counters->rows * PIPELINE_GROUP_BYTES);
    }
    return bytes;
}

int64_t
wr_pipeline_input_room(const wr_pipeline *pipeline)
{
    if (pipeline->context.memory_bytes <= 0) {
        return INT64_MAX;
    }
    uint64_t raw_bytes = 1;
    for (int i = 0; i < pipeline->scan_count; i++) {
        raw_bytes += pipeline->scans[i]->counters.bytes;
    }
    int64_t taken_bytes = pipeline_input_bytes(pipeline) + 1;
    int64_t room_bytes = pipeline->measure_at - taken_bytes;
    room_bytes = room_bytes > PIPELINE_ROOM_BYTES ? room_bytes : PIPELINE_ROOM_BYTES;
    return (int64_t)((double)room_bytes * ((double)raw_bytes / (double)taken_bytes)) + 1;
}

static int64_t
pipeline_state_bytes(const wr_pipeline *pipeline)
{
    int64_t bytes = 0;
    for (int i = 0; i < pipeline->operator_count; i++) {
        wr_operator *op = pipeline->operators[i];
        wr_operator_figures figures = {0};
        if (op->ops->observe) {
            op->ops->observe(op, &figures);
        }
        bytes += figures.state_bytes;
    }
    return bytes;
}

/* Three quarters, since to sort what is spilled takes memory, too. */
int64_t
wr_memory_room(int64_t limit_bytes)
{
    return limit_bytes > 0 ? limit_bytes - limit_bytes / 4 : limit_bytes;
}

/* Over the room that there is, operators spill until half of it is free. To measure is a walk over
 * all windows, so it waits until enough came to fill what is free. */
wr_status
wr_pipeline_limit_memory(wr_pipeline *pipeline, wr_error *err)
{
    int64_t limit_bytes = pipeline->context.memory_bytes;
    int64_t input_bytes = limit_bytes != 0 ? pipeline_input_bytes(pipeline) : 0;
    if (limit_bytes == 0 || input_bytes < pipeline->measure_at) {
        return WR_OK;
    }
    int64_t wanted_bytes = limit_bytes > 0 ? limit_bytes / 2 : 0;
    int64_t state_bytes = pipeline_state_bytes(pipeline);
    if (state_bytes > limit_bytes) {
        for (int i = 0; i < pipeline->operator_count; i++) {
            wr_operator *op = pipeline->operators[i];
            WR_TRY(op->ops->shrink ? op->ops->shrink(op, wanted_bytes, err) : WR_OK);
        }
        state_bytes = pipeline_state_bytes(pipeline);
    }
    int64_t free_bytes = limit_bytes - state_bytes;
    int64_t least_bytes = limit_bytes > 0 ? limit_bytes / 16 : input_bytes; /* twice as much */
    pipeline->measure_at = input_bytes + (free_bytes > least_bytes ? free_bytes : least_bytes);
    return WR_OK;
}
