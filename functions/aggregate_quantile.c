/* Quantiles: median, percentile_cont, percentile_disc exactly; approx_quantile in little memory.
 *
 *   over 1, 2, 3, 4      percentile_cont(x, 0.5) = 2.5, between two     percentile_disc 2, a value
 *
 * Idea: the exact ones keep every value, and sort them when the result is made. The approximate one
 * counts values in buckets whose ends grow by a factor: the middle of a bucket is at most 1 % away
 * from all that lies in it. Bucket numbers are ordered as the values are, below 0 as mirrored.
 *
 * 1. approx_quantile(x, p) is within 1 % of percentile_disc(x, p), of a number below 1e-300 within
 *    1e-302; whatever the order of rows.
 * 2. An exact state takes 8 to 24 bytes a value; an approximate one at most 150,000 buckets, a
 *    hundred for each factor of e between the values.
 * 3. p is the same in every row of a group, within 0 to 1, else the group's result is an error. */
#include "functions/value_set.h"

#include "core/packed.h"

#include <math.h>
#include <stdlib.h>

/* The p of a group: none yet, one, or rows that differ (or have no valid one). */
enum { SHARE_NONE, SHARE_ONE, SHARE_BAD };

typedef struct share {
    double p;
    int64_t kind;
} share;

static void
share_join(share *into, share more)
{
    if (into->kind == SHARE_NONE) {
        *into = more;
    } else if (more.kind != SHARE_NONE && (more.kind == SHARE_BAD || more.p != into->p)) {
        *into = (share){.kind = SHARE_BAD};
    }
}

/* Argument 1 of the row; the median has none. */
static share
share_of(const wr_aggregate_call *call, int row)
{
    bool is_null = call->arg_count > 1 && wr_vector_is_null(&call->args[1], row);
    double p = call->arg_count < 2 ? 0.5 : is_null ? -1 : WR_VALUE(&call->args[1], double, row);
    return p >= 0 && p <= 1 ? (share){p, SHARE_ONE} : (share){.kind = SHARE_BAD};
}

/* A group without values is NULL, one without a valid p an error; false: neither. */
static bool
share_refuses(share wanted, int64_t count, wr_vector *out, int row, int row_count, wr_arena *arena)
{
    ((double *)out->data)[row] = 0;
    if (count == 0) {
        wr_vector_set_null(out, row, row_count, arena);
    } else if (wanted.kind != SHARE_ONE) {
        wr_vector_set_error(out, row, row_count, WR_REASON_DOMAIN, arena);
    }
    return count == 0 || wanted.kind != SHARE_ONE;
}

/* The number, from 0, of the value that at least a share p of all does not exceed. */
static int64_t
rank_of(double p, int64_t count)
{
    int64_t rank = (int64_t)ceil(p * (double)count) - 1;
    return rank < 0 ? 0 : rank >= count ? count - 1 : rank;
}

/* ── exact ──────────────────────────────────────────────────────────────────────────────────── */

typedef struct exact_state {
    double *values;
    int64_t count, capacity;
    share share;
} exact_state;

static void
exact_add(exact_state *state, const double *values, int64_t count, wr_arena *memory)
{
    if (count > state->capacity - state->count) {
        int64_t capacity = state->capacity ? state->capacity * 2 : 16;
        capacity = capacity < state->count + count ? state->count + count : capacity;
        double *grown = wr_arena_alloc(memory, (size_t)capacity * sizeof(double));
        if (state->count > 0) {
            memcpy(grown, state->values, (size_t)state->count * sizeof(double));
        }
        state->values = grown;
        state->capacity = capacity;
    }
    memcpy(state->values + state->count, values, (size_t)count * sizeof(double));
    state->count += count;
}

static void
exact_update(const wr_aggregate_call *call)
{
    exact_state *states = call->states;
    for (int i = 0; i < call->n; i++) {
        int row = wr_aggregate_row(call, i);
        if (!wr_vector_is_null(&call->args[0], row)) {
            exact_state *state = &states[wr_aggregate_group(call, i)];
            exact_add(state, &WR_VALUE(&call->args[0], double, row), 1, call->memory);
            share_join(&state->share, share_of(call, row));
        }
    }
}

static inline void
exact_combine_one(exact_state *into, const exact_state *from, wr_arena *memory)
{
    if (from->count > 0) {
        exact_add(into, from->values, from->count, memory);
        share_join(&into->share, from->share);
    }
}

WR_AGGREGATE_COMBINE(exact_combine, exact_state)

static int
double_order(const void *a, const void *b)
{
    return wr_value_compare(WR_TYPE_DOUBLE, a, b);
}

static const double *
exact_sorted(const exact_state *state, wr_arena *arena)
{
    size_t size = (size_t)state->count * sizeof(double);
    double *sorted = wr_arena_alloc(arena, size);
    memcpy(sorted, state->values, size);
    qsort(sorted, (size_t)state->count, sizeof(double), double_order);
    return sorted;
}

static inline void
cont_finalize_one(const exact_state *state, wr_vector *out, int row, int row_count, wr_arena *arena)
{
    if (share_refuses(state->share, state->count, out, row, row_count, arena)) {
        return;
    }
    const double *sorted = exact_sorted(state, arena);
    double place = state->share.p * (double)(state->count - 1);
    int64_t below = (int64_t)floor(place);
    double rest = place - (double)below;
    double low = sorted[below];
    double high = rest > 0 ? sorted[below + 1] : low;
    ((double *)out->data)[row] = rest > 0 && high > low ? low + (high - low) * rest : low;
}

static inline void
disc_finalize_one(const exact_state *state, wr_vector *out, int row, int row_count, wr_arena *arena)
{
    if (!share_refuses(state->share, state->count, out, row, row_count, arena)) {
        ((double *)out->data)[row] =
            exact_sorted(state, arena)[rank_of(state->share.p, state->count)];
    }
}

WR_AGGREGATE_FINALIZE(cont_finalize, exact_state)
WR_AGGREGATE_FINALIZE(disc_finalize, exact_state)

enum {
    EXACT_COUNT_WORD = offsetof(exact_state, count) / sizeof(uint64_t),
    EXACT_SHARE_WORD = offsetof(exact_state, share) / sizeof(uint64_t),
    SHARE_WORDS = sizeof(share) / sizeof(uint64_t)
};

static void
exact_save(const wr_aggregate_states *call, wr_buffer *out)
{
    wr_aggregate_save_words(call, EXACT_COUNT_WORD, 1, out);
    wr_aggregate_save_words(call, EXACT_SHARE_WORD, SHARE_WORDS, out);
    for (int i = 0; i < call->n; i++) {
        const exact_state *state = wr_aggregate_state(call, i);
        wr_buffer_append(out, (const char *)state->values, (size_t)state->count * sizeof(double));
    }
}

static wr_status
exact_load(const wr_aggregate_states *call, wr_text *bytes, wr_error *err)
{
    WR_TRY(wr_aggregate_load_words(call, EXACT_COUNT_WORD, 1, bytes, err));
    WR_TRY(wr_aggregate_load_words(call, EXACT_SHARE_WORD, SHARE_WORDS, bytes, err));
    bool ok = true;
    for (int i = 0; i < call->n; i++) {
        exact_state *state = wr_aggregate_state(call, i);
        uint64_t count = (uint64_t)state->count;
        ok = ok && count <= bytes->size / sizeof(double);
        state->count = state->capacity = ok ? (int64_t)count : 0;
        state->values = wr_arena_alloc(call->memory, (size_t)state->count * sizeof(double));
        ok = ok && wr_packed_take(bytes, state->values, (size_t)state->count * sizeof(double));
    }
    return ok ? WR_OK : wr_aggregate_damaged(err);
}

/* ── in buckets ─────────────────────────────────────────────────────────────────────────────── */

typedef struct sketch_state {
    wr_value_set *buckets; /* numbers as BIGINT, with counts; NULL: no value yet */
    share share;
} sketch_state;

/* Bucket i > 0 of positive numbers ends at GROWTH^(i − BUCKET_ONE); 0.99 % each way. */
#define BUCKET_GROWTH ((1 + 0.0099) / (1 - 0.0099))
enum { BUCKET_ONE = 40000, BUCKET_INFINITY = 100000, BUCKET_NAN = 100001 };

static int64_t
bucket_of(double value)
{
    double magnitude = fabs(value);
    if (isnan(value)) {
        return BUCKET_NAN;
    }
    if (magnitude == 0) {
        return 0;
    }
    int64_t bucket = isinf(value) ? BUCKET_INFINITY
                                  : (int64_t)ceil(log(magnitude) / log(BUCKET_GROWTH)) + BUCKET_ONE;
    return value < 0 ? -bucket : bucket;
}

static double
bucket_value(int64_t bucket)
{
    int64_t size = bucket < 0 ? -bucket : bucket;
    double middle =
        size == 0            ? 0
        : size == BUCKET_NAN ? (double)NAN
        : size == BUCKET_INFINITY
            ? (double)INFINITY
            : 2 / (BUCKET_GROWTH + 1) * exp((double)(size - BUCKET_ONE) * log(BUCKET_GROWTH));
    middle = isinf(middle) && size < BUCKET_INFINITY ? 1.7976931348623157e308 : middle;
    return bucket < 0 ? -middle : middle;
}

static void
sketch_update(const wr_aggregate_call *call)
{
    sketch_state *states = call->states;
    for (int i = 0; i < call->n; i++) {
        int row = wr_aggregate_row(call, i);
        if (!wr_vector_is_null(&call->args[0], row)) {
            sketch_state *state = &states[wr_aggregate_group(call, i)];
            if (!state->buckets) {
                state->buckets = wr_value_set_new(WR_TYPE(BIGINT), true, call->memory);
            }
            int64_t bucket = bucket_of(WR_VALUE(&call->args[0], double, row));
            wr_value_set_add(state->buckets, &bucket, 1, call->memory);
            share_join(&state->share, share_of(call, row));
        }
    }
}

static inline void
sketch_combine_one(sketch_state *into, const sketch_state *from, wr_arena *memory)
{
    if (from->buckets) {
        into->buckets =
            into->buckets ? into->buckets : wr_value_set_new(WR_TYPE(BIGINT), true, memory);
        wr_value_set_merge(into->buckets, from->buckets, memory);
        share_join(&into->share, from->share);
    }
}

WR_AGGREGATE_COMBINE(sketch_combine, sketch_state)

static inline void
sketch_finalize_one(const sketch_state *state, wr_vector *out, int row, int row_count,
                    wr_arena *arena)
{
    const wr_value_set *set = state->buckets;
    int64_t count = 0;
    for (int i = 0; set && i < set->count; i++) {
        count += set->times[i];
    }
    if (share_refuses(state->share, count, out, row, row_count, arena)) {
        return;
    }
    const uint32_t *numbers = wr_value_set_sorted(set, arena);
    int64_t rank = rank_of(state->share.p, count);
    int at = 0;
    for (; rank >= set->times[numbers[at]]; at++) {
        rank -= set->times[numbers[at]];
    }
    ((double *)out->data)[row] = bucket_value(((const int64_t *)set->values.data)[numbers[at]]);
}

WR_AGGREGATE_FINALIZE(sketch_finalize, sketch_state)

enum { SKETCH_SHARE_WORD = offsetof(sketch_state, share) / sizeof(uint64_t) };

static void
sketch_save(const wr_aggregate_states *call, wr_buffer *out)
{
    wr_aggregate_save_words(call, SKETCH_SHARE_WORD, SHARE_WORDS, out);
    wr_value_sets_save(call, offsetof(sketch_state, buckets), out);
}

static wr_status
sketch_load(const wr_aggregate_states *call, wr_text *bytes, wr_error *err)
{
    WR_TRY(wr_aggregate_load_words(call, SKETCH_SHARE_WORD, SHARE_WORDS, bytes, err));
    return wr_value_sets_load(call, offsetof(sketch_state, buckets), WR_TYPE(BIGINT), true, bytes,
                              err);
}

#define TD WR_TYPE_DOUBLE
#define EXACT(name, finalize, signature, meaning, example, result, ...) \
    WR_AGGREGATE(name, TD, exact_state, exact, finalize, exact_save, exact_load, signature, \
                 meaning, example, result, __VA_ARGS__)
#define EXACT_CONT(name) \
    EXACT(name, cont_finalize, name "(x, p)", \
          "What a share p of the values does not exceed, between two values if need be.", \
          name "(x, 0.5) over 1, 2, 3, 4", "2.5", TD, TD)
#define EXACT_DISC(name) \
    EXACT(name, disc_finalize, name "(x, p)", "The first value that a share p does not exceed.", \
          name "(x, 0.5) over 1, 2, 3, 4", "2", TD, TD)

static const wr_aggregate quantile_entries[] = {
    EXACT("median", cont_finalize, "median(x)", "The middle of the values, exact.",
          "median(x) over 5, 1, 2", "2", TD),
    EXACT_CONT("percentile_cont"),
    EXACT_CONT("quantile_cont"),
    EXACT_DISC("percentile_disc"),
    EXACT_DISC("quantile_disc"),
    WR_AGGREGATE("approx_quantile", TD, sketch_state, sketch, sketch_finalize, sketch_save,
                 sketch_load, "approx_quantile(x, p)",
                 "percentile_disc to within 1 % of its value, in little memory.",
                 "approx_quantile(x, 0.5) over 0, 0, 7", "0", TD, TD),
};

const wr_aggregate_table wr_aggregates_quantile = WR_TABLE(quantile_entries);
