/* Exact sums of doubles: a 128-bit fixed-point number, and behind it one as wide as doubles go.
 *
 *   fixed   −2^55 ……………… 2^-72         one addition; covers measurements, money, seconds
 *   wide    34 limbs of 64 bits, bit 0 is worth 2^-1074, up to 2^1101 in two's complement
 *
 *   95.74          → fixed                      1e300, 1e-30  → wide
 *   fixed overflows → its content moves to wide, it goes on from the new term
 *
 * 1. The value is fixed + wide, both exact; rounding happens in wr_exact_sum_value alone.
 * 2. NaN, +inf and −inf are counted beside the limbs and decide the value when there are any. */
#include "functions/exact_sum.h"

#include "core/packed.h"
#include "functions/aggregate.h"

#include <math.h>

enum {
    WIDE_LIMBS = 34,
    WIDE_LEAST_EXPONENT = -1074,
    FIXED_BIT = -WR_EXACT_FRACTION_BITS - WIDE_LEAST_EXPONENT, /* where fixed's bit 0 is in wide */
    DOUBLE_MANTISSA_BITS = 53,
    ADD_MANY_ROWS = 1024 /* × 2^116, the fast range's greatest term, stays below 2^127 */
};

struct wr_exact_wide {
    uint64_t limbs[WIDE_LIMBS];
    int64_t nan_count, positive_count, negative_count; /* of NaN, +inf, −inf */
};

static wr_exact_wide *
sum_wide(wr_exact_sum *sum, wr_arena *arena)
{
    if (!sum->wide) {
        sum->wide = WR_NEW(arena, wr_exact_wide);
    }
    return sum->wide;
}

static void
limbs_add_word(uint64_t *limbs, int at, uint64_t word)
{
    for (; word > 0 && at < WIDE_LIMBS; at++) {
        uint64_t before = limbs[at];
        limbs[at] = before + word;
        word = limbs[at] < before;
    }
}

static void
limbs_subtract_word(uint64_t *limbs, int at, uint64_t word)
{
    for (; word > 0 && at < WIDE_LIMBS; at++) {
        uint64_t before = limbs[at];
        limbs[at] = before - word;
        word = before < word;
    }
}

/* limbs ± magnitude × 2^bit. */
static void
limbs_add_shifted(uint64_t *limbs, wr_uint128 magnitude, int bit, bool negative)
{
    unsigned offset = (unsigned)bit % 64;
    uint64_t low = (uint64_t)magnitude;
    uint64_t high = (uint64_t)(magnitude >> 64);
    const uint64_t words[3] = {
        low << offset,
        high << offset | low >> 1 >> (63 - offset),
        high >> 1 >> (63 - offset),
    };
    for (int i = 0; i < 3; i++) {
        if (negative) {
            limbs_subtract_word(limbs, bit / 64 + i, words[i]);
        } else {
            limbs_add_word(limbs, bit / 64 + i, words[i]);
        }
    }
}

static void
limbs_add_fixed(uint64_t *limbs, wr_int128 fixed)
{
    wr_uint128 magnitude = fixed < 0 ? 0 - (wr_uint128)fixed : (wr_uint128)fixed;
    limbs_add_shifted(limbs, magnitude, FIXED_BIT, fixed < 0);
}

static void
limbs_add_limbs(uint64_t *limbs, const uint64_t *from)
{
    uint64_t carry = 0;
    for (int i = 0; i < WIDE_LIMBS; i++) {
        wr_uint128 total = (wr_uint128)limbs[i] + from[i] + carry;
        limbs[i] = (uint64_t)total;
        carry = (uint64_t)(total >> 64);
    }
}

static void
sum_add_fixed(wr_exact_sum *sum, wr_int128 term, wr_arena *arena)
{
    wr_int128 total;
    if (__builtin_add_overflow((wr_int128)sum->fixed, term, &total)) {
        wr_exact_sum_carry(sum, term, arena);
    } else {
        sum->fixed = total;
    }
}

void
wr_exact_sum_carry(wr_exact_sum *sum, wr_int128 term, wr_arena *arena)
{
    limbs_add_fixed(sum_wide(sum, arena)->limbs, sum->fixed);
    sum->fixed = term;
}

static void
sum_count_special(wr_exact_sum *sum, double value, int64_t by, wr_arena *arena)
{
    wr_exact_wide *wide = sum_wide(sum, arena);
    int64_t *count = isnan(value)  ? &wide->nan_count
                     : value > 0.0 ? &wide->positive_count
                                   : &wide->negative_count;
    *count += by;
}

/* A finite value outside the fast range: still fixed if its bits allow it, else wide. */
static void
sum_add_finite(wr_exact_sum *sum, double value, wr_arena *arena)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    int exponent = (int)(bits >> 52 & 0x7FF);
    uint64_t mantissa = bits & 0xFFFFFFFFFFFFFu;
    mantissa |= exponent > 0 ? 0x10000000000000u : 0;
    bool negative = bits >> 63;
    int shift = (exponent > 0 ? exponent : 1) - WR_EXACT_EXPONENT_LEAST;
    wr_int128 term = 0;
    if (shift >= 0 && shift <= 126 - DOUBLE_MANTISSA_BITS) {
        term = (wr_int128)mantissa << shift;
    } else if (shift < 0 && shift > -DOUBLE_MANTISSA_BITS &&
               (mantissa & ((1ull << -shift) - 1)) == 0) {
        term = (wr_int128)(mantissa >> -shift);
    } else {
        limbs_add_shifted(sum_wide(sum, arena)->limbs, mantissa, shift + FIXED_BIT, negative);
        return;
    }
    sum_add_fixed(sum, negative ? -term : term, arena);
}

void
wr_exact_sum_add_any(wr_exact_sum *sum, double value, wr_arena *arena)
{
    if (!isfinite(value)) {
        sum_count_special(sum, value, 1, arena);
    } else if (value != 0) {
        sum_add_finite(sum, value, arena);
    }
}

void
wr_exact_sum_subtract(wr_exact_sum *sum, double value, wr_arena *arena)
{
    if (isfinite(value)) {
        wr_exact_sum_add(sum, -value, arena);
    } else {
        sum_count_special(sum, value, -1, arena);
    }
}

void
wr_exact_sum_add_many(wr_exact_sum *sum, const double *values, int count, wr_arena *arena)
{
    for (int start = 0; start < count; start += ADD_MANY_ROWS) {
        int end = count - start < ADD_MANY_ROWS ? count : start + ADD_MANY_ROWS;
        wr_int128 total = 0;
        for (int i = start; i < end; i++) {
            wr_int128 term;
            if (__builtin_expect(wr_exact_decompose(values[i], &term), 1)) {
                total += term;
            } else if (values[i] != 0) {
                wr_exact_sum_add_any(sum, values[i], arena);
            }
        }
        sum_add_fixed(sum, total, arena);
    }
}

void
wr_exact_sum_combine_any(wr_exact_sum *into, const wr_exact_sum *from, wr_arena *arena)
{
    sum_add_fixed(into, from->fixed, arena);
    if (from->wide) {
        wr_exact_wide *wide = sum_wide(into, arena);
        limbs_add_limbs(wide->limbs, from->wide->limbs);
        wide->nan_count += from->wide->nan_count;
        wide->positive_count += from->wide->positive_count;
        wide->negative_count += from->wide->negative_count;
    }
}

static void
limbs_negate(uint64_t *limbs)
{
    for (int i = 0; i < WIDE_LIMBS; i++) {
        limbs[i] = ~limbs[i];
    }
    limbs_add_word(limbs, 0, 1);
}

/* `count` ≤ 64 bits of the number from bit `from` up. */
static uint64_t
limbs_bits(const uint64_t *limbs, int from, int count)
{
    int at = from / 64;
    unsigned offset = (unsigned)from % 64;
    uint64_t high = at + 1 < WIDE_LIMBS ? limbs[at + 1] : 0;
    uint64_t bits = limbs[at] >> offset | high << 1 << (63 - offset);
    return bits & (~0ull >> (64 - count));
}

static bool
limbs_any_below(const uint64_t *limbs, int bit)
{
    for (int i = 0; i < bit / 64; i++) {
        if (limbs[i] != 0) {
            return true;
        }
    }
    return bit % 64 != 0 && limbs_bits(limbs, bit / 64 * 64, bit % 64) != 0;
}

/* The magnitude in `limbs`, rounded to the nearest double, ties to even. */
static double
limbs_round(const uint64_t *limbs)
{
    int top = WIDE_LIMBS - 1;
    while (top > 0 && limbs[top] == 0) {
        top--;
    }
    if (limbs[top] == 0) {
        return 0;
    }
    int bit_count = top * 64 + 64 - __builtin_clzll(limbs[top]);
    int dropped = bit_count > DOUBLE_MANTISSA_BITS ? bit_count - DOUBLE_MANTISSA_BITS : 0;
    uint64_t mantissa = limbs_bits(limbs, dropped, DOUBLE_MANTISSA_BITS);
    if (dropped > 0 && limbs_bits(limbs, dropped - 1, 1) != 0 &&
        ((mantissa & 1) != 0 || limbs_any_below(limbs, dropped - 1))) {
        mantissa++;
    }
    return ldexp((double)mantissa, dropped + WIDE_LEAST_EXPONENT);
}

static double
wide_value(const wr_exact_wide *wide, wr_int128 fixed)
{
    if (wide->nan_count > 0 || (wide->positive_count > 0 && wide->negative_count > 0)) {
        return (double)NAN;
    }
    if (wide->positive_count > 0 || wide->negative_count > 0) {
        return wide->positive_count > 0 ? (double)INFINITY : -(double)INFINITY;
    }
    uint64_t limbs[WIDE_LIMBS];
    memcpy(limbs, wide->limbs, sizeof(limbs));
    limbs_add_fixed(limbs, fixed);
    bool negative = limbs[WIDE_LIMBS - 1] >> 63;
    if (negative) {
        limbs_negate(limbs);
    }
    double magnitude = limbs_round(limbs);
    return negative ? -magnitude : magnitude;
}

/* Rounds to nearest even, as the conversion of 62 bits does: those that are shifted out count as
 * one bit behind them. Much faster than the compiler's conversion of 128 bits. */
static double
fixed_value(wr_int128 fixed)
{
    const wr_uint128 magnitude = fixed < 0 ? 0 - (wr_uint128)fixed : (wr_uint128)fixed;
    const uint64_t high = (uint64_t)(magnitude >> 64);
    const uint64_t low = (uint64_t)magnitude;
    const unsigned shift = high ? 66 - (unsigned)__builtin_clzll(high) : low >> 62 ? 2 : 0;
    const wr_uint128 rest = magnitude & (((wr_uint128)1 << shift) - 1);
    const int64_t kept = (int64_t)((uint64_t)(magnitude >> shift) | (rest != 0));
    const uint64_t power_bits = (uint64_t)(1023 - WR_EXACT_FRACTION_BITS + (int)shift) << 52;
    double power;
    memcpy(&power, &power_bits, sizeof(power));
    return (double)(fixed < 0 ? -kept : kept) * power;
}

double
wr_exact_sum_value(const wr_exact_sum *sum)
{
    if (sum->wide) {
        return wide_value(sum->wide, sum->fixed);
    }
    return fixed_value(sum->fixed);
}

static wr_exact_sum *
call_sum(const wr_aggregate_states *call, size_t offset, int i)
{
    return (wr_exact_sum *)(void *)((char *)wr_aggregate_state(call, i) + offset);
}

/* The fixed parts as two columns; then how many have a wide one, and of which states these are. */
void
wr_exact_sums_save(const wr_aggregate_states *call, size_t offset, wr_buffer *out)
{
    wr_aggregate_save_words(call, (int)(offset / sizeof(uint64_t)), 2, out);
    uint16_t wide_count = 0;
    for (int i = 0; i < call->n; i++) {
        wide_count = (uint16_t)(wide_count + (call_sum(call, offset, i)->wide != NULL));
    }
    wr_buffer_append(out, (const char *)&wide_count, sizeof(wide_count));
    for (int i = 0; wide_count > 0 && i < call->n; i++) {
        const wr_exact_sum *sum = call_sum(call, offset, i);
        if (sum->wide) {
            uint16_t place = (uint16_t)i;
            wr_buffer_append(out, (const char *)&place, sizeof(place));
            wr_buffer_append(out, (const char *)sum->wide, sizeof(*sum->wide));
        }
    }
}

wr_status
wr_exact_sums_load(const wr_aggregate_states *call, size_t offset, wr_text *bytes, wr_error *err)
{
    WR_TRY(wr_aggregate_load_words(call, (int)(offset / sizeof(uint64_t)), 2, bytes, err));
    for (int i = 0; i < call->n; i++) {
        call_sum(call, offset, i)->wide = NULL;
    }
    uint16_t wide_count = 0;
    bool ok = wr_packed_take(bytes, &wide_count, sizeof(wide_count));
    for (int k = 0; ok && k < wide_count; k++) {
        uint16_t place = 0;
        wr_exact_wide wide;
        ok = wr_packed_take(bytes, &place, sizeof(place)) && place < call->n &&
             wr_packed_take(bytes, &wide, sizeof(wide));
        if (ok) {
            *sum_wide(call_sum(call, offset, place), call->memory) = wide;
        }
    }
    return ok ? WR_OK : wr_aggregate_damaged(err);
}

/* The low part comes from a copy of the sum without the high part; the copy's wide form, if any,
 * must not be the original's. */
wr_exact_pair
wr_exact_sum_pair(const wr_exact_sum *sum, wr_arena *arena)
{
    wr_exact_sum rest = {0};
    wr_exact_sum_combine(&rest, sum, arena);
    wr_exact_pair result = {.high = wr_exact_sum_value(sum)};
    if (isfinite(result.high)) {
        wr_exact_sum_add(&rest, -result.high, arena);
        result.low = wr_exact_sum_value(&rest);
    }
    return result;
}

void
wr_exact_counted_save(const wr_aggregate_states *call, wr_buffer *out)
{
    wr_aggregate_save_words(call, 0, 1, out);
    for (size_t at = sizeof(int64_t); at < call->state_bytes; at += sizeof(wr_exact_sum)) {
        wr_exact_sums_save(call, at, out);
    }
}

wr_status
wr_exact_counted_load(const wr_aggregate_states *call, wr_text *bytes, wr_error *err)
{
    WR_TRY(wr_aggregate_load_words(call, 0, 1, bytes, err));
    for (size_t at = sizeof(int64_t); at < call->state_bytes; at += sizeof(wr_exact_sum)) {
        WR_TRY(wr_exact_sums_load(call, at, bytes, err));
    }
    return WR_OK;
}
