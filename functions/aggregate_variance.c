/* Variance and what is made of it: var_*, stddev_*, covar_*, corr, regr_*.
 *
 *   var_samp = (Σx² − (Σx)²/n) / (n − 1)
 *
 * Idea: Σx, Σx² (and Σy, Σy², Σxy) are exact sums; a product goes in as its rounded value and its
 * rounding error, so nothing is lost before the end. The difference Σx² − (Σx)²/n cancels, so it is
 * computed as n·Σx² − (Σx)² over pairs of doubles, which keeps about 106 bits.
 *
 * 1. The result depends on the set of rows only, not on their order.
 * 2. Rows with a NULL in any argument are passed over.
 * 3. Too few rows (none; one for the sample forms) give NULL. */
#include "functions/aggregate.h"
#include "functions/exact_sum.h"

#include <math.h>

/* Sums of the first k of these are kept: one argument keeps X and XX, two keep all. */
enum { SUM_X, SUM_XX, SUM_Y, SUM_YY, SUM_XY, SUM_COUNT, SUM_COUNT_OF_ONE = 2 };

typedef struct one_state {
    int64_t count;
    wr_exact_sum sums[SUM_COUNT_OF_ONE];
} one_state;

typedef struct two_state {
    int64_t count;
    wr_exact_sum sums[SUM_COUNT];
} two_state;

static void
add_product(wr_exact_sum *sum, double x, double y, wr_arena *memory)
{
    double product = x * y;
    wr_exact_sum_add(sum, product, memory);
    if (isfinite(product)) {
        wr_exact_sum_add(sum, fma(x, y, -product), memory);
    }
}

static void
one_update(const wr_aggregate_call *call)
{
    wr_arena *memory = call->memory;
#define ONE_STEP(state, value) \
    do { \
        (state)->count++; \
        wr_exact_sum_add(&(state)->sums[SUM_X], value, memory); \
        add_product(&(state)->sums[SUM_XX], value, value, memory); \
    } while (0)
    WR_AGGREGATE_LOOP(call, one_state, double, ONE_STEP);
#undef ONE_STEP
}

/* f(y, x), as SQL has it: y first. */
static void
two_update(const wr_aggregate_call *call)
{
    two_state *states = call->states;
    for (int i = 0; i < call->n; i++) {
        int row = wr_aggregate_row(call, i);
        if (wr_vector_is_null(&call->args[0], row) || wr_vector_is_null(&call->args[1], row)) {
            continue;
        }
        two_state *state = &states[wr_aggregate_group(call, i)];
        double y = WR_VALUE(&call->args[0], double, row);
        double x = WR_VALUE(&call->args[1], double, row);
        state->count++;
        wr_exact_sum_add(&state->sums[SUM_X], x, call->memory);
        wr_exact_sum_add(&state->sums[SUM_Y], y, call->memory);
        add_product(&state->sums[SUM_XX], x, x, call->memory);
        add_product(&state->sums[SUM_YY], y, y, call->memory);
        add_product(&state->sums[SUM_XY], x, y, call->memory);
    }
}

static void
sums_combine(wr_exact_sum *into, const wr_exact_sum *from, int count, wr_arena *memory)
{
    for (int i = 0; i < count; i++) {
        wr_exact_sum_combine(&into[i], &from[i], memory);
    }
}

static inline void
one_combine_one(void *into, const void *from, wr_arena *memory)
{
    ((one_state *)into)->count += ((const one_state *)from)->count;
    sums_combine(((one_state *)into)->sums, ((const one_state *)from)->sums, SUM_COUNT_OF_ONE,
                 memory);
}

WR_AGGREGATE_COMBINE(one_combine, one_state)

static inline void
two_combine_one(void *into, const void *from, wr_arena *memory)
{
    ((two_state *)into)->count += ((const two_state *)from)->count;
    sums_combine(((two_state *)into)->sums, ((const two_state *)from)->sums, SUM_COUNT, memory);
}

WR_AGGREGATE_COMBINE(two_combine, two_state)

/* ── n·Σab − Σa·Σb, in two doubles ──────────────────────────────────────────────────────────── */

/* Adds a.high·b.high and so on, exactly but for the product of the low parts. */
static void
add_pair_product(wr_exact_sum *total, wr_exact_pair a, wr_exact_pair b, wr_arena *arena)
{
    add_product(total, a.high, b.high, arena);
    add_product(total, a.high, b.low, arena);
    add_product(total, a.low, b.high, arena);
    add_product(total, a.low, b.low, arena);
}

/* (Σab − Σa·Σb/n): the sum of products of deviations. */
static double
deviation_products(int64_t count, const wr_exact_sum *ab, const wr_exact_sum *a,
                   const wr_exact_sum *b, wr_arena *arena)
{
    wr_exact_pair sum_a = wr_exact_sum_pair(a, arena);
    wr_exact_pair sum_b = wr_exact_sum_pair(b, arena);
    wr_exact_sum total = {0};
    add_pair_product(&total, (wr_exact_pair){.high = (double)count}, wr_exact_sum_pair(ab, arena),
                     arena);
    add_pair_product(&total, (wr_exact_pair){-sum_a.high, -sum_a.low}, sum_b, arena);
    return wr_exact_sum_value(&total) / (double)count;
}

/* divisor = count − `less`; NULL unless it is > 0. */
static void
variance_finish(const one_state *state, int less, bool root, wr_vector *out, int row, int row_count,
                wr_arena *arena)
{
    double value = 0;
    if (state->count > less) {
        value = deviation_products(state->count, &state->sums[SUM_XX], &state->sums[SUM_X],
                                   &state->sums[SUM_X], arena);
        value = value < 0 ? 0 : value / (double)(state->count - less);
    }
    ((double *)out->data)[row] = root ? sqrt(value) : value;
    if (state->count <= less) {
        wr_vector_set_null(out, row, row_count, arena);
    }
}

#define VARIANCE_FINALIZE(name, less, root) \
    static inline void name##_one(const void *state, wr_vector *out, int row, int row_count, \
                                  wr_arena *arena) \
    { \
        variance_finish(state, less, root, out, row, row_count, arena); \
    } \
    WR_AGGREGATE_FINALIZE(name, one_state)

VARIANCE_FINALIZE(var_samp_finalize, 1, false)
VARIANCE_FINALIZE(var_pop_finalize, 0, false)
VARIANCE_FINALIZE(stddev_samp_finalize, 1, true)
VARIANCE_FINALIZE(stddev_pop_finalize, 0, true)

static void
covariance_finish(const two_state *state, int less, wr_vector *out, int row, int row_count,
                  wr_arena *arena)
{
    double value = 0;
    if (state->count > less) {
        value = deviation_products(state->count, &state->sums[SUM_XY], &state->sums[SUM_X],
                                   &state->sums[SUM_Y], arena) /
                (double)(state->count - less);
    }
    ((double *)out->data)[row] = value;
    if (state->count <= less) {
        wr_vector_set_null(out, row, row_count, arena);
    }
}

static inline void
covar_samp_finalize_one(const void *state, wr_vector *out, int row, int row_count, wr_arena *arena)
{
    covariance_finish(state, 1, out, row, row_count, arena);
}

WR_AGGREGATE_FINALIZE(covar_samp_finalize, two_state)

static inline void
covar_pop_finalize_one(const void *state, wr_vector *out, int row, int row_count, wr_arena *arena)
{
    covariance_finish(state, 0, out, row, row_count, arena);
}

WR_AGGREGATE_FINALIZE(covar_pop_finalize, two_state)

static inline void
corr_finalize_one(const void *state, wr_vector *out, int row, int row_count, wr_arena *arena)
{
    const two_state *two = state;
    const wr_exact_sum *sums = two->sums;
    double x = 0;
    double y = 0;
    double xy = 0;
    if (two->count > 0) {
        x = deviation_products(two->count, &sums[SUM_XX], &sums[SUM_X], &sums[SUM_X], arena);
        y = deviation_products(two->count, &sums[SUM_YY], &sums[SUM_Y], &sums[SUM_Y], arena);
        xy = deviation_products(two->count, &sums[SUM_XY], &sums[SUM_X], &sums[SUM_Y], arena);
    }
    bool is_defined = x > 0 && y > 0;
    double square = x * y; /* one rounding less than two roots, if it does not overflow */
    double root = isnormal(square) ? sqrt(square) : sqrt(x) * sqrt(y);
    double value = is_defined ? xy / root : 0;
    value = value > 1 ? 1 : value < -1 ? -1 : value;
    ((double *)out->data)[row] = value;
    if (!is_defined) {
        wr_vector_set_null(out, row, row_count, arena);
    }
}

WR_AGGREGATE_FINALIZE(corr_finalize, two_state)

/* ── the line of best fit: y = slope · x + intercept ────────────────────────────────────────── */

typedef struct fit {
    double count, sum_x, sum_y, xx, yy, xy; /* the last three of deviations from the means */
} fit;

static fit
fit_of(const two_state *state, wr_arena *arena)
{
    const wr_exact_sum *sums = state->sums;
    int64_t n = state->count;
    fit result = {.count = (double)n,
                  .sum_x = wr_exact_sum_value(&sums[SUM_X]),
                  .sum_y = wr_exact_sum_value(&sums[SUM_Y])};
    if (n > 0) {
        result.xx = deviation_products(n, &sums[SUM_XX], &sums[SUM_X], &sums[SUM_X], arena);
        result.yy = deviation_products(n, &sums[SUM_YY], &sums[SUM_Y], &sums[SUM_Y], arena);
        result.xy = deviation_products(n, &sums[SUM_XY], &sums[SUM_X], &sums[SUM_Y], arena);
    }
    return result;
}

static double
fit_r2(const fit *f)
{
    double r2 = f->yy > 0 ? f->xy / f->xx * (f->xy / f->yy) : 1;
    return r2 > 1 ? 1 : r2;
}

/* X(name, meaning, value, is it defined, result of the example) of a fit f with rows */
#define FIT_LIST(X) \
    X(avgx, "Mean of x, of rows that have both.", f.sum_x / f.count, true, "4") \
    X(avgy, "Mean of y, of rows that have both.", f.sum_y / f.count, true, "2") \
    X(sxx, "Sum of squares of x's deviations from its mean.", f.xx, true, "8") \
    X(syy, "Sum of squares of y's deviations from its mean.", f.yy, true, "2") \
    X(sxy, "Sum of products of both deviations.", f.xy, true, "4") \
    X(slope, "Slope of the line of best fit.", f.xy / f.xx, f.xx > 0, "0.5") \
    X(intercept, "Where the line of best fit meets x = 0.", \
      (f.sum_y - f.sum_x * (f.xy / f.xx)) / f.count, f.xx > 0, "0") \
    X(r2, "Square of the correlation.", fit_r2(&f), f.xx > 0, "1")

#define FIT_FINALIZE(name, meaning, value, is_defined, shown) \
    static inline void regr_##name##_one(const void *state, wr_vector *out, int row, \
                                         int row_count, wr_arena *arena) \
    { \
        fit f = fit_of(state, arena); \
        bool defined = f.count > 0 && (is_defined); \
        ((double *)out->data)[row] = defined ? (value) : 0; \
        if (!defined) { \
            wr_vector_set_null(out, row, row_count, arena); \
        } \
    } \
    WR_AGGREGATE_FINALIZE(regr_##name, two_state)
FIT_LIST(FIT_FINALIZE)

static inline void
regr_count_one(const void *state, wr_vector *out, int row, int row_count, wr_arena *arena)
{
    (void)row_count;
    (void)arena;
    ((int64_t *)out->data)[row] = ((const two_state *)state)->count;
}

WR_AGGREGATE_FINALIZE(regr_count, two_state)

#define VARIANCE_ENTRY(name_, prefix, finalize_, signature_, meaning_, example_, result_, ...) \
    { \
        .name = name_, .result = WR_TYPE_DOUBLE, .args = {__VA_ARGS__}, \
        .state_bytes = sizeof(prefix##_state), .update = prefix##_update, \
        .combine = prefix##_combine, .finalize = finalize_, .save = wr_exact_counted_save, \
        .load = wr_exact_counted_load, .signature = signature_, .meaning = meaning_, \
        .example = example_, .example_result = result_ \
    }
#define FIT_ENTRY(name, meaning, value, is_defined, shown) \
    VARIANCE_TWO("regr_" #name, regr_##name, meaning, shown),
#define VARIANCE_ONE(name, finalize, meaning, result) \
    VARIANCE_ENTRY(name, one, finalize, name "(x)", meaning, name "(x) over 1.0, 3.0", result, \
                   WR_TYPE_DOUBLE)
#define VARIANCE_TWO(name, finalize, meaning, result) \
    VARIANCE_ENTRY(name, two, finalize, name "(y, x)", meaning, \
                   name "(y, x) over (1.0, 2.0), (3.0, 6.0)", result, WR_TYPE_DOUBLE, \
                   WR_TYPE_DOUBLE)

static const wr_aggregate variance_entries[] = {
    VARIANCE_ONE("var_samp", var_samp_finalize, "Sample variance.", "2"),
    VARIANCE_ONE("variance", var_samp_finalize, "Sample variance.", "2"),
    VARIANCE_ONE("var_pop", var_pop_finalize, "Population variance.", "1"),
    VARIANCE_ONE("stddev_samp", stddev_samp_finalize, "Sample standard deviation.",
                 "1.4142135623730951"),
    VARIANCE_ONE("stddev", stddev_samp_finalize, "Sample standard deviation.",
                 "1.4142135623730951"),
    VARIANCE_ONE("stddev_pop", stddev_pop_finalize, "Population standard deviation.", "1"),
    VARIANCE_TWO("covar_samp", covar_samp_finalize, "Sample covariance.", "4"),
    VARIANCE_TWO("covar_pop", covar_pop_finalize, "Population covariance.", "2"),
    VARIANCE_TWO("corr", corr_finalize, "Correlation.", "1"),
    FIT_LIST(FIT_ENTRY) WR_AGGREGATE(
        "regr_count", WR_TYPE_BIGINT, two_state, two, regr_count, wr_exact_counted_save,
        wr_exact_counted_load, "regr_count(y, x)", "Rows that have both.",
        "regr_count(y, x) over (1.0, 2.0), (NULL, 6.0)", "1", WR_TYPE_DOUBLE, WR_TYPE_DOUBLE),
};

const wr_aggregate_table wr_aggregates_variance = WR_TABLE(variance_entries);
