/* Gives the rows that the planner has computed: VALUES (…),(…) and SELECT without FROM.
 *
 * Invariants
 * 1. The rows belong to the plan; a poll lends them, or copies of a part when the limit is smaller
 *    than a batch.
 * 2. All rows are lane 0's.
 * 3. A job that goes on gives those behind its position: none, when it has had them all. */
#include "connectors/registry.h"
#include "connectors/row_slice.h"
#include "core/memory.h"
#include "core/time.h"

static const wr_option_spec values_options[] = {{.name = NULL}};

struct wr_source {
    wr_batch *const *batches;
    int batch_count, batch; /* batch and row: the next one to give */
    int row;
    const wr_clock *clock;
    wr_partition partition;
};

static void
values_skip(wr_source *source, int64_t count)
{
    while (source->batch < source->batch_count && count > 0) {
        int64_t left = source->batches[source->batch]->row_count - source->row;
        int64_t step = count < left ? count : left;
        source->row += (int)step;
        source->partition.next_offset += step;
        count -= step;
        if (step == left) {
            source->batch++;
            source->row = 0;
        }
    }
}

static wr_status
values_open(const wr_source_config *config, wr_source **out, wr_error *err)
{
    (void)err;
    wr_source *source = wr_alloc(sizeof *source);
    *out = source;
    source->batches = config->values;
    source->batch_count = config->lane == 0 ? config->values_count : 0;
    source->clock = config->clock;
    source->partition = (wr_partition){.name = WR_TEXT("values"), .end_offset = -1, .opened = true};
    if (config->is_resumed && config->resume_count > 0) {
        values_skip(source, config->resume[0].next_offset);
    }
    return WR_OK;
}

static wr_status
values_poll(wr_source *source, const wr_poll_limits *limits, wr_arena *arena, wr_block *block,
            wr_error *err)
{
    (void)err;
    *block = (wr_block){.manual_watermark_us = WR_TIME_NONE};
    int room = limits->rows > 0 ? limits->rows : 1;
    block->row_offset = source->partition.next_offset;
    block->arrival_us = wr_clock_wall_us(source->clock);
    block->batches = WR_NEW_ARRAY(arena, wr_batch *, source->batch_count - source->batch);
    while (source->batch < source->batch_count && room > 0) {
        wr_batch *batch = source->batches[source->batch];
        int left = batch->row_count - source->row;
        int count = left < room ? left : room;
        if (count > 0) {
            block->batches[block->batch_count++] = wr_row_slice(batch, source->row, count, arena);
            block->kind = WR_BLOCK_ROWS;
        }
        room -= count;
        source->row += count;
        source->partition.next_offset += count;
        if (source->row == batch->row_count) {
            source->batch++;
            source->row = 0;
        }
    }
    source->partition.finished = block->kind == WR_BLOCK_NONE;
    source->partition.at_end = source->partition.finished;
    return source->partition.finished ? WR_END : WR_OK;
}

static const wr_partition *
values_partitions(wr_source *source, int *count)
{
    *count = 1;
    return &source->partition;
}

static void
values_wake(wr_source *source)
{
    (void)source; /* never waits */
}

static void
values_close(wr_source *source)
{
    wr_free(source);
}

const wr_source_ops wr_values_source = {
    .name = "values",
    .options = values_options,
    .pseudo_mask = 1u << WR_PSEUDO_TIMESTAMP | 1u << WR_PSEUDO_OFFSET,
    .open = values_open,
    .poll = values_poll,
    .partitions = values_partitions,
    .resumes = true,
    .wake = values_wake,
    .close = values_close,
};
