/* The result: batches that the pipeline has put out and the caller has not read yet.
 *
 * The pipeline lends its batches for a call only, so they are copied, dense, into an arena of the
 * result's own, which is reset when everything has been read: it holds one step's output. When that
 * is too much (a window of millions of groups closes), the rest of it waits on disk. */
#include "engine/engine.h"

#include "core/memory.h"

void
wr_engine_result_init(engine_result *result)
{
    *result = (engine_result){.arena = wr_arena_new(0), .row = -1, .limit_bytes = INT64_MAX};
}

void
wr_engine_result_fini(engine_result *result)
{
    wr_result_spill_free(result->spill);
    wr_arena_free(result->arena);
    wr_free(result->batches);
}

static void
result_keep(void *context, const wr_batch *batch)
{
    engine_result *result = context;
    result->batches = wr_grow(result->batches, result->batch_count, &result->batch_capacity,
                              sizeof(*result->batches));
    result->batches[result->batch_count++] = batch;
}

static wr_status
result_add_to_spill(engine_result *result, const wr_batch *batch, wr_error *err)
{
    if (!result->spill) {
        result->spill = wr_result_spill_new();
    }
    return wr_result_spill_add(result->spill, batch, err);
}

wr_status
wr_engine_result_add(engine_result *result, const wr_batch *batch, wr_error *err)
{
    if (batch->selected_count == 0) {
        return WR_OK;
    }
    bool is_behind = result->spill && !wr_result_spill_is_empty(result->spill);
    if (is_behind || (int64_t)wr_arena_used_bytes(result->arena) > result->limit_bytes) {
        return result_add_to_spill(result, batch, err);
    }
    result_keep(result, wr_batch_copy(batch, result->arena));
    return WR_OK;
}

bool
wr_engine_result_is_empty(const engine_result *result)
{
    return result->batch_count == 0 && result->failure.status == WR_OK &&
           (!result->spill || wr_result_spill_is_empty(result->spill));
}

/* What was read goes; what lies on disk behind it comes. */
static void
result_refill(engine_result *result)
{
    result->batch = result->batch_count = 0;
    wr_arena_reset(result->arena);
    if (result->spill && !wr_result_spill_is_empty(result->spill)) {
        wr_error_clear(&result->failure);
        result->failure.status = wr_result_spill_take(result->spill, result->arena, result_keep,
                                                      result, &result->failure);
    }
}

/* To the first row of the next batch that has any. */
static __attribute__((noinline)) bool
result_next_batch(engine_result *result)
{
    result->row = 0;
    result->batch++;
    do {
        for (; result->batch < result->batch_count; result->batch++) {
            if (result->batches[result->batch]->row_count > 0) {
                return true;
            }
        }
        result_refill(result);
    } while (result->batch_count > 0);
    result->row = -1;
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
