/* The result: batches that the pipeline has put out and the caller has not read yet.
 *
 * The pipeline lends its batches for a call only, so they are copied, dense, into an arena of the
 * result's own, which is reset when everything has been read: it holds one step's output. */
#include "engine/engine.h"

#include "core/memory.h"

void
wr_engine_result_init(engine_result *result)
{
    *result = (engine_result){.arena = wr_arena_new(0), .row = -1};
}

void
wr_engine_result_fini(engine_result *result)
{
    wr_arena_free(result->arena);
    wr_free(result->batches);
}

void
wr_engine_result_add(engine_result *result, const wr_batch *batch)
{
    if (batch->selected_count == 0) {
        return;
    }
    if (result->batch_count == result->batch_capacity) {
        result->batch_capacity = result->batch_capacity ? result->batch_capacity * 2 : 16;
        result->batches =
            wr_realloc(result->batches, sizeof(*result->batches) * (size_t)result->batch_capacity);
    }
    result->batches[result->batch_count++] = wr_batch_copy(batch, result->arena);
}

/* To the first row of the next batch that has any. */
static __attribute__((noinline)) bool
result_next_batch(engine_result *result)
{
    result->row = 0;
    for (result->batch++; result->batch < result->batch_count; result->batch++) {
        if (result->batches[result->batch]->row_count > 0) {
            return true;
        }
    }
    result->batch = result->batch_count = 0;
    result->row = -1;
    wr_arena_reset(result->arena);
    return false;
}

bool
wr_engine_result_next(engine_result *result)
{
    result->row++;
    bool is_there = result->batch < result->batch_count &&
                    result->row < result->batches[result->batch]->row_count;
    return is_there || result_next_batch(result);
}

const wr_batch *
wr_engine_result_batch(const engine_result *result)
{
    return result->row >= 0 && result->batch < result->batch_count ? result->batches[result->batch]
                                                                   : NULL;
}
