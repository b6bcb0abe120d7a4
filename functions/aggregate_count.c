/* count(*), count(x) and count_if(c): a state is a number.
 *
 *   rows: 1 NULL 3      count(*) = 3      count(x) = 2
 *
 * 1. A count of nothing is 0, never NULL. */
#include "functions/aggregate.h"

static void
count_rows(const wr_aggregate_call *call)
{
    int64_t *counts = call->states;
    if (!call->groups) {
        counts[0] += call->n;
        return;
    }
    for (int i = 0; i < call->n; i++) {
        counts[call->groups[i]]++;
    }
}

static void
count_values(const wr_aggregate_call *call)
{
    const wr_vector *values = &call->args[0];
    if (!values->valid) {
        count_rows(call);
        return;
    }
    int64_t *counts = call->states;
    for (int i = 0; i < call->n; i++) {
        counts[wr_aggregate_group(call, i)] +=
            !wr_vector_is_null(values, wr_aggregate_row(call, i));
    }
}

static void
count_if_update(const wr_aggregate_call *call)
{
#define COUNT_STEP(state, value) (*(state) += (value))
    WR_AGGREGATE_LOOP(call, int64_t, uint8_t, COUNT_STEP);
#undef COUNT_STEP
}

static inline void
count_combine_one(void *into, const void *from, wr_arena *memory)
{
    (void)memory;
    *(int64_t *)into += *(const int64_t *)from;
}

WR_AGGREGATE_COMBINE(count_combine, int64_t)

static inline void
count_finalize_one(const void *state, wr_vector *out, int row, int row_count, wr_arena *arena)
{
    (void)row_count;
    (void)arena;
    ((int64_t *)out->data)[row] = *(const int64_t *)state;
}

WR_AGGREGATE_FINALIZE(count_finalize, int64_t)

static const wr_aggregate count_entries[] = {
    {.name = "count",
     .result = WR_TYPE_BIGINT,
     .state_bytes = sizeof(int64_t),
     .counts_rows = true,
     .update = count_rows,
     .combine = count_combine,
     .finalize = count_finalize,
     .signature = "count(*)",
     .meaning = "Number of rows.",
     .example = "count(*) over 1, NULL, 3",
     .example_result = "3"},
    {.name = "count",
     .result = WR_TYPE_BIGINT,
     .args = {WR_ARG_ANY},
     .state_bytes = sizeof(int64_t),
     .update = count_values,
     .combine = count_combine,
     .finalize = count_finalize,
     .signature = "count(x)",
     .meaning = "Number of values that are not NULL.",
     .example = "count(x) over 1, NULL, 3",
     .example_result = "2"},
    {.name = "count_if",
     .result = WR_TYPE_BIGINT,
     .args = {WR_TYPE_BOOLEAN},
     .state_bytes = sizeof(int64_t),
     .update = count_if_update,
     .combine = count_combine,
     .finalize = count_finalize,
     .signature = "count_if(condition)",
     .meaning = "Number of rows where the condition is true.",
     .example = "count_if(x) over true, NULL, false",
     .example_result = "1"},
};

const wr_aggregate_table wr_aggregates_count = WR_TABLE(count_entries);
