/* sum(x).
 *
 *   BIGINT   accumulates in 128 bits; an error if the result does not fit 64
 *   DOUBLE   exact (functions/exact_sum.h), rounded once at the end
 *
 * 1. The sum of no values is NULL. */
#include "functions/aggregate.h"
#include "functions/exact_sum.h"

typedef struct sum_bigint {
    wr_int128_unaligned total;
    int64_t count;
} sum_bigint;

typedef struct sum_double {
    wr_exact_sum sum;
    int64_t count;
} sum_double;

static inline void
bigint_step(sum_bigint *state, int64_t value)
{
    state->total += value;
    state->count++;
}

static void
bigint_update(const wr_aggregate_call *call)
{
    WR_AGGREGATE_LOOP(call, sum_bigint, int64_t, bigint_step);
}

static inline void
bigint_combine_one(void *into, const void *from, wr_arena *memory)
{
    (void)memory;
    sum_bigint *sum = into;
    sum->total += ((const sum_bigint *)from)->total;
    sum->count += ((const sum_bigint *)from)->count;
}

WR_AGGREGATE_COMBINE(bigint_combine, sum_bigint)

static inline void
bigint_finalize_one(const void *state, wr_vector *out, int row, int row_count, wr_arena *arena)
{
    const sum_bigint *sum = state;
    int64_t value = (int64_t)sum->total;
    ((int64_t *)out->data)[row] = value;
    if (sum->count == 0) {
        wr_vector_set_null(out, row, row_count, arena);
    } else if (value != sum->total) {
        wr_vector_set_error(out, row, row_count, WR_REASON_OVERFLOW, arena);
    }
}

WR_AGGREGATE_FINALIZE(bigint_finalize, sum_bigint)

static void
double_update(const wr_aggregate_call *call)
{
    if (wr_aggregate_is_plain(call) && !call->rows && !call->groups) {
        sum_double *state = call->states;
        wr_exact_sum_add_many(&state->sum, call->args[0].data, call->n, call->memory);
        state->count += call->n;
        return;
    }
    wr_arena *memory = call->memory;
#define DOUBLE_STEP(state, value) \
    do { \
        wr_exact_sum_add(&(state)->sum, value, memory); \
        (state)->count++; \
    } while (0)
    WR_AGGREGATE_LOOP(call, sum_double, double, DOUBLE_STEP);
#undef DOUBLE_STEP
}

static inline void
double_combine_one(void *into, const void *from, wr_arena *memory)
{
    sum_double *sum = into;
    wr_exact_sum_combine(&sum->sum, &((const sum_double *)from)->sum, memory);
    sum->count += ((const sum_double *)from)->count;
}

WR_AGGREGATE_COMBINE(double_combine, sum_double)

static inline void
double_finalize_one(const void *state, wr_vector *out, int row, int row_count, wr_arena *arena)
{
    const sum_double *sum = state;
    ((double *)out->data)[row] = wr_exact_sum_value(&sum->sum);
    if (sum->count == 0) {
        wr_vector_set_null(out, row, row_count, arena);
    }
}

WR_AGGREGATE_FINALIZE(double_finalize, sum_double)

enum { SUM_DOUBLE_COUNT_WORD = offsetof(sum_double, count) / sizeof(uint64_t) };

static void
double_save(const wr_aggregate_states *call, wr_buffer *out)
{
    wr_aggregate_save_words(call, SUM_DOUBLE_COUNT_WORD, 1, out);
    wr_exact_sums_save(call, offsetof(sum_double, sum), out);
}

static wr_status
double_load(const wr_aggregate_states *call, wr_text *bytes, wr_error *err)
{
    WR_TRY(wr_aggregate_load_words(call, SUM_DOUBLE_COUNT_WORD, 1, bytes, err));
    return wr_exact_sums_load(call, offsetof(sum_double, sum), bytes, err);
}

/* avg: both forms are the sum's state, finalized otherwise. */

static inline void
bigint_finalize_average_one(const void *state, wr_vector *out, int row, int row_count,
                            wr_arena *arena)
{
    const sum_bigint *sum = state;
    ((double *)out->data)[row] = sum->count > 0 ? (double)sum->total / (double)sum->count : 0;
    if (sum->count == 0) {
        wr_vector_set_null(out, row, row_count, arena);
    }
}

WR_AGGREGATE_FINALIZE(bigint_finalize_average, sum_bigint)

static inline void
double_finalize_average_one(const void *state, wr_vector *out, int row, int row_count,
                            wr_arena *arena)
{
    const sum_double *sum = state;
    double count = sum->count > 0 ? (double)sum->count : 1;
    ((double *)out->data)[row] = wr_exact_sum_value(&sum->sum) / count;
    if (sum->count == 0) {
        wr_vector_set_null(out, row, row_count, arena);
    }
}

WR_AGGREGATE_FINALIZE(double_finalize_average, sum_double)

/* Sums of BIGINT are their own words. */
#define bigint_save NULL
#define bigint_load NULL

#define SUM_ENTRY(name_, argument, result_, prefix, finalize_, meaning_, example_, \
                  example_result_) \
    { \
        .name = name_, .result = result_, .args = {argument}, .state_bytes = sizeof(sum_##prefix), \
        .update = prefix##_update, .combine = prefix##_combine, .finalize = finalize_, \
        .save = prefix##_save, .load = prefix##_load, .signature = name_ "(x)", \
        .meaning = meaning_, .example = example_, .example_result = example_result_ \
    }

static const wr_aggregate sum_entries[] = {
    SUM_ENTRY("sum", WR_TYPE_BIGINT, WR_TYPE_BIGINT, bigint, bigint_finalize,
              "Sum; an error if it does not fit.", "sum(x) over 1, NULL, 3", "4"),
    SUM_ENTRY("sum", WR_TYPE_DOUBLE, WR_TYPE_DOUBLE, double, double_finalize,
              "Sum, exact and then rounded once: the order of rows does not matter.",
              "sum(x) over 0.1, 0.2, 0.3", "0.6"),
    SUM_ENTRY("avg", WR_TYPE_BIGINT, WR_TYPE_DOUBLE, bigint, bigint_finalize_average,
              "Mean, as DOUBLE.", "avg(x) over 1, NULL, 4", "2.5"),
    SUM_ENTRY("avg", WR_TYPE_DOUBLE, WR_TYPE_DOUBLE, double, double_finalize_average,
              "Mean: the exact sum, rounded, over the count.", "avg(x) over 0.5, 1.5", "1"),
};

const wr_aggregate_table wr_aggregates_sum = WR_TABLE(sum_entries);
