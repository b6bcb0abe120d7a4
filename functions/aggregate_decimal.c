/* sum(x) and avg(x) of DECIMAL.
 *
 *   sum   of DECIMAL(p,s): DECIMAL(38,s), exact; an error if the result has more than 38 digits
 *   avg   DECIMAL(38, max(6,s)): the exact sum over the count, rounded once
 *
 * 1. Sums are kept in 192 bits: no number of rows overflows on the way, so their order is free. */
#include "functions/aggregate.h"

#include "core/decimal.h"

/* The scale is that of the values: the mean, which may have another, is told only its own. */
typedef struct sum_decimal {
    wr_decimal_sum sum;
    int64_t count, scale;
} sum_decimal;

static void
sum_update_one_group(const wr_aggregate_call *call)
{
    const wr_int128 *values = call->args[0].data;
    sum_decimal *state = call->states;
    wr_decimal_sum sum = state->sum;
    for (int i = 0; i < call->n; i++) {
        wr_decimal_sum_add(&sum, values[i]);
    }
    state->sum = sum;
    state->count += call->n;
    state->scale = call->args[0].type.scale;
}

static void
sum_update(const wr_aggregate_call *call)
{
    if (wr_aggregate_is_plain(call) && !call->rows && !call->groups) {
        sum_update_one_group(call);
        return;
    }
    const int64_t scale = call->args[0].type.scale;
#define SUM_STEP(state, value) \
    do { \
        wr_decimal_sum_add(&(state)->sum, value); \
        (state)->count++; \
        (state)->scale = scale; \
    } while (0)
    WR_AGGREGATE_LOOP(call, sum_decimal, wr_int128, SUM_STEP);
#undef SUM_STEP
}

static inline void
sum_combine_one(void *into, const void *from, wr_arena *memory)
{
    (void)memory;
    sum_decimal *state = into;
    const sum_decimal *more = from;
    if (more->count > 0) {
        wr_decimal_sum_combine(&state->sum, &more->sum);
        state->count += more->count;
        state->scale = more->scale;
    }
}

WR_AGGREGATE_COMBINE(sum_combine, sum_decimal)

static void
result_set(wr_vector *out, int row, int row_count, int64_t count, bool fits, wr_arena *arena)
{
    if (count == 0) {
        wr_vector_set_null(out, row, row_count, arena);
    } else if (!fits) {
        wr_vector_set_error(out, row, row_count, WR_REASON_OVERFLOW, arena);
    }
}

static inline void
sum_finalize_one(const void *state, wr_vector *out, int row, int row_count, wr_arena *arena)
{
    const sum_decimal *own = state;
    bool fits = wr_decimal_sum_value(&own->sum, &((wr_int128 *)out->data)[row]);
    result_set(out, row, row_count, own->count, fits, arena);
}

static inline void
average_finalize_one(const void *state, wr_vector *out, int row, int row_count, wr_arena *arena)
{
    const sum_decimal *own = state;
    wr_int128 *mean = &((wr_int128 *)out->data)[row];
    bool fits = wr_decimal_sum_average(&own->sum, (int)own->scale, own->count > 0 ? own->count : 1,
                                       out->type, mean);
    result_set(out, row, row_count, own->count, fits, arena);
}

WR_AGGREGATE_FINALIZE(sum_finalize, sum_decimal)
WR_AGGREGATE_FINALIZE(average_finalize, sum_decimal)

/* The state's words; a scale that no DECIMAL has is damage. */
static wr_status
sum_load(const wr_aggregate_states *call, wr_text *bytes, wr_error *err)
{
    const int words = sizeof(sum_decimal) / sizeof(uint64_t);
    WR_TRY(wr_aggregate_load_words(call, 0, words, bytes, err));
    for (int i = 0; i < call->n; i++) {
        const sum_decimal *state = wr_aggregate_state(call, i);
        bool is_empty = state->count == 0 && state->scale == 0;
        if (state->count < 0 || (!is_empty && state->scale != call->args[0].scale)) {
            return wr_aggregate_damaged(err);
        }
    }
    return WR_OK;
}

static wr_type
sum_type(const wr_type *args)
{
    return wr_decimal_type(WR_DECIMAL_DIGITS_MAX, args[0].scale);
}

static wr_type
average_type(const wr_type *args)
{
    enum { MEAN_SCALE = 6 };
    return wr_decimal_type(WR_DECIMAL_DIGITS_MAX,
                           args[0].scale > MEAN_SCALE ? args[0].scale : MEAN_SCALE);
}

#define SUM_ENTRY(name_, finalize_, type_, meaning_, shown_) \
    { \
        .name = name_, .result = WR_TYPE_DECIMAL, .args = {WR_TYPE_DECIMAL}, \
        .state_bytes = sizeof(sum_decimal), .update = sum_update, .combine = sum_combine, \
        .finalize = finalize_, .load = sum_load, .result_type = type_, .signature = name_ "(x)", \
        .meaning = meaning_, .example = name_ "(x) over DECIMAL '1.50', DECIMAL '2.25'", \
        .example_result = shown_ \
    }

static const wr_aggregate decimal_entries[] = {
    SUM_ENTRY("sum", sum_finalize, sum_type, "Exact sum, DECIMAL(38, s) of DECIMAL(p, s).", "3.75"),
    SUM_ENTRY("avg", average_finalize, average_type,
              "Mean, DECIMAL(38, 6) or with the scale of x if that is more.", "1.875000"),
};

const wr_aggregate_table wr_aggregates_decimal = WR_TABLE(decimal_entries);
