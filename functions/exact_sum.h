/* Sums of doubles without rounding, so that they do not depend on any order: lanes, panes, spill
 * and restarts may add in whatever order they like.
 *
 * A sum starts as zero bytes, is moved by memcpy, and owns nothing: what it needs beyond itself
 * (rarely) lies in the arena that every adding call is given; it must be the same one, or one that
 * lives as long. One thread at a time. */
#ifndef WEIR_FUNCTIONS_EXACT_SUM_H
#define WEIR_FUNCTIONS_EXACT_SUM_H

#include "core/int128.h"
#include "functions/function.h"

#include <string.h>

typedef struct wr_exact_wide wr_exact_wide;

typedef struct wr_exact_sum {
    wr_int128_unaligned fixed; /* in units of 2^-WR_EXACT_FRACTION_BITS */
    wr_exact_wide *wide;       /* what does not fit above, in the arena; NULL: nothing */
} wr_exact_sum;

enum {
    WR_EXACT_FRACTION_BITS = 72,
    /* A double of biased exponent e is mantissa × 2^(e − 1075), so its mantissa is shifted left by
     * e − WR_EXACT_EXPONENT_LEAST; by 0..62 for 2^-20 ≤ |x| < 2^43, the fast range. */
    WR_EXACT_EXPONENT_LEAST = 1075 - WR_EXACT_FRACTION_BITS
};

/* The sum += value, wherever the value lies; wr_exact_sum_add is for everybody. */
void wr_exact_sum_add_any(wr_exact_sum *sum, double value, wr_arena *arena);
/* The fixed part has overflowed: `term` goes where there is room. */
void wr_exact_sum_carry(wr_exact_sum *sum, wr_int128 term, wr_arena *arena);
/* into += from, wherever their values lie; wr_exact_sum_combine is for everybody. */
void wr_exact_sum_combine_any(wr_exact_sum *into, const wr_exact_sum *from, wr_arena *arena);

/* A value of the fast range in fixed-point units; false: it lies outside, as zero does. */
static inline __attribute__((always_inline)) bool
wr_exact_decompose(double value, wr_int128 *term)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    unsigned shift = (unsigned)(bits >> 52 & 0x7FF) - WR_EXACT_EXPONENT_LEAST;
    int64_t sign = (int64_t)bits >> 63;
    int64_t mantissa = (int64_t)((bits & 0xFFFFFFFFFFFFFu) | 0x10000000000000u);
    mantissa = (mantissa ^ sign) - sign;
    *term = (wr_int128)mantissa * (int64_t)(1ull << (shift & 63)); /* one instruction */
    return shift < 63;
}

/* sum += value; NaN and infinities are counted, so that they can be subtracted again. Inline in
 * every loop: a call for each row costs as much as the addition. */
static inline __attribute__((always_inline)) void
wr_exact_sum_add(wr_exact_sum *sum, double value, wr_arena *arena)
{
    wr_int128 term;
    wr_int128 total;
    if (__builtin_expect(!wr_exact_decompose(value, &term), 0)) {
        if (value != 0) {
            wr_exact_sum_add_any(sum, value, arena);
        }
    } else if (__builtin_expect(__builtin_add_overflow((wr_int128)sum->fixed, term, &total), 0)) {
        wr_exact_sum_carry(sum, term, arena);
    } else {
        sum->fixed = total;
    }
}

/* The same for `count` values. */
void wr_exact_sum_add_many(wr_exact_sum *sum, const double *values, int count, wr_arena *arena);
/* sum −= value, which was added before. */
void wr_exact_sum_subtract(wr_exact_sum *sum, double value, wr_arena *arena);

/* into += from; inline, since panes are combined group by group. */
static inline __attribute__((always_inline)) void
wr_exact_sum_combine(wr_exact_sum *into, const wr_exact_sum *from, wr_arena *arena)
{
    wr_int128 total;
    bool is_over = __builtin_add_overflow((wr_int128)into->fixed, (wr_int128)from->fixed, &total);
    if (__builtin_expect(is_over || from->wide, 0)) {
        wr_exact_sum_combine_any(into, from, arena);
    } else {
        into->fixed = total;
    }
}

/* The sum, rounded once, to nearest, ties to even: the bits of Python's math.fsum. Too large: ±inf.
 * inf + −inf and anything with NaN: NaN. Zero is +0. */
double wr_exact_sum_value(const wr_exact_sum *sum);

/* The same as two doubles that add up to it, the second one what rounding took from the first. */
typedef struct wr_exact_pair {
    double high, low;
} wr_exact_pair;
wr_exact_pair wr_exact_sum_pair(const wr_exact_sum *sum, wr_arena *arena);

/* save and load of aggregates whose state is a count (int64_t) and sums to its end. */
void wr_exact_counted_save(const wr_aggregate_states *call, wr_buffer *out);
wr_status wr_exact_counted_load(const wr_aggregate_states *call, wr_text *bytes, wr_error *err);

/* The sums at byte `offset` of each state, for checkpoints, and back. */
void wr_exact_sums_save(const wr_aggregate_states *call, size_t offset, wr_buffer *out);
wr_status wr_exact_sums_load(const wr_aggregate_states *call, size_t offset, wr_text *bytes,
                             wr_error *err);

#endif
