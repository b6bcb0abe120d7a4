/* bool_and(x), bool_or(x): a state counts the trues and the falses.
 *
 * 1. NULLs are passed over; of no values the result is NULL. */
#include "functions/aggregate.h"

typedef struct bool_state {
    int64_t true_count, false_count;
} bool_state;

static inline void
bool_step(bool_state *state, uint8_t value)
{
    state->true_count += value != 0;
    state->false_count += value == 0;
}

static void
bool_update(const wr_aggregate_call *call)
{
    WR_AGGREGATE_LOOP(call, bool_state, uint8_t, bool_step);
}

static inline void
bool_combine_one(void *into, const void *from, wr_arena *memory)
{
    (void)memory;
    bool_state *state = into;
    state->true_count += ((const bool_state *)from)->true_count;
    state->false_count += ((const bool_state *)from)->false_count;
}

WR_AGGREGATE_COMBINE(bool_combine, bool_state)

static void
bool_finish(const bool_state *state, bool value, wr_vector *out, int row, int row_count,
            wr_arena *arena)
{
    ((uint8_t *)out->data)[row] = value;
    if (state->true_count + state->false_count == 0) {
        wr_vector_set_null(out, row, row_count, arena);
    }
}

static inline void
and_finalize_one(const void *state, wr_vector *out, int row, int row_count, wr_arena *arena)
{
    bool_finish(state, ((const bool_state *)state)->false_count == 0, out, row, row_count, arena);
}

WR_AGGREGATE_FINALIZE(and_finalize, bool_state)

static inline void
or_finalize_one(const void *state, wr_vector *out, int row, int row_count, wr_arena *arena)
{
    bool_finish(state, ((const bool_state *)state)->true_count > 0, out, row, row_count, arena);
}

WR_AGGREGATE_FINALIZE(or_finalize, bool_state)

#define BOOL_ENTRY(name_, finalize_, meaning_, result_) \
    { \
        .name = name_, .result = WR_TYPE_BOOLEAN, .args = {WR_TYPE_BOOLEAN}, \
        .state_bytes = sizeof(bool_state), .update = bool_update, .combine = bool_combine, \
        .finalize = finalize_, .signature = name_ "(x)", \
        .meaning = meaning_, .example = name_ "(x) over true, false", .example_result = result_ \
    }

static const wr_aggregate bool_entries[] = {
    BOOL_ENTRY("bool_and", and_finalize, "Are all values true?", "false"),
    BOOL_ENTRY("every", and_finalize, "Are all values true?", "false"),
    BOOL_ENTRY("bool_or", or_finalize, "Is any value true?", "true"),
};

const wr_aggregate_table wr_aggregates_bool = WR_TABLE(bool_entries);
