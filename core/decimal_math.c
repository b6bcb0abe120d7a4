/* DECIMAL's arithmetic, exact.
 *
 *   1.50 + 2.255      150·10 + 2255 = 3755                       at scale 3
 *   1.50 * 2.255      150 · 2255 = 338250                        at scale 2 + 3
 *   2.00 / 0.3        200 · 10^k / 3, k so that the quotient has the scale wanted
 *
 * What is too wide for 128 bits is computed in 256, as magnitude and sign; then it is divided once,
 * with rounding, to the scale of the result.
 *
 * 1. A sum, product or quotient is rounded once, halves away from 0.
 * 2. Operands of any 128 bits are fine, since rows that are NULL hold whatever. */
#include "core/decimal.h"

#include <assert.h>

typedef struct wide {
    wr_uint128 high, low;
} wide;

static wr_uint128
magnitude_of(wr_int128 value)
{
    return value < 0 ? 0 - (wr_uint128)value : (wr_uint128)value;
}

static wide
wide_product(wr_uint128 a, wr_uint128 b)
{
    const uint64_t a_low = (uint64_t)a, a_high = (uint64_t)(a >> 64);
    const uint64_t b_low = (uint64_t)b, b_high = (uint64_t)(b >> 64);
    wr_uint128 low = (wr_uint128)a_low * b_low;
    if ((a_high | b_high) == 0) {
        return (wide){0, low};
    }
    wr_uint128 left = (wr_uint128)a_high * b_low, right = (wr_uint128)a_low * b_high;
    wr_uint128 middle = (low >> 64) + (uint64_t)left + (uint64_t)right;
    wr_uint128 high = (wr_uint128)a_high * b_high + (left >> 64) + (right >> 64) + (middle >> 64);
    return (wide){high, middle << 64 | (uint64_t)low};
}

static int
wide_compare(wide a, wide b)
{
    return a.high != b.high ? (a.high > b.high) - (a.high < b.high)
                            : (a.low > b.low) - (a.low < b.low);
}

static wide
wide_add(wide a, wide b)
{
    wr_uint128 low = a.low + b.low;
    return (wide){a.high + b.high + (low < a.low), low};
}

static wide
wide_subtract(wide a, wide b)
{
    return (wide){a.high - b.high - (a.low < b.low), a.low - b.low};
}

/* a · factor; false: 2^256 or more. */
static bool
wide_times(wide a, uint64_t factor, wide *product)
{
    *product = wide_product(a.low, factor);
    wr_uint128 high = 0;
    return !__builtin_mul_overflow(a.high, (wr_uint128)factor, &high) &&
           !__builtin_add_overflow(product->high, high, &product->high);
}

/* False: the quotient has more than 128 bits. */
static bool
wide_divide(wide a, wr_uint128 divisor, wr_uint128 *quotient, wr_uint128 *rest)
{
    if (a.high >= divisor) {
        return false;
    }
    if (a.high == 0) {
        *quotient = divisor == 1 ? a.low : a.low / divisor;
        *rest = divisor == 1 ? 0 : a.low - *quotient * divisor;
        return true;
    }
    *quotient = 0; /* bit by bit: rarely needed; the rest stays below the divisor, so it fits */
    *rest = a.high;
    for (int bit = 127; bit >= 0; bit--) {
        *rest = *rest << 1 | (a.low >> bit & 1);
        *quotient <<= 1;
        if (*rest >= divisor) {
            *rest -= divisor;
            *quotient |= 1;
        }
    }
    return true;
}

/* a / divisor, cut; dividing that by more powers of ten rounds halves as dividing at once does. */
static wide
wide_cut(wide a, uint64_t divisor)
{
    wr_uint128 low = 0, rest = 0;
    wide_divide((wide){a.high % divisor, a.low}, divisor, &low, &rest);
    return (wide){a.high / divisor, low};
}

/* ±a / divisor, rounded, if it has no more digits than `to`. */
static bool
wide_round(wide a, wr_uint128 divisor, bool negative, wr_type to, wr_int128 *result)
{
    const wr_uint128 limit = wr_power_of_ten(to.precision);
    wr_uint128 quotient = 0, rest = 0;
    *result = 0;
    if (!wide_divide(a, divisor, &quotient, &rest) || quotient >= limit) {
        return false;
    }
    quotient += rest >= divisor - rest;
    *result = negative ? -(wr_int128)quotient : (wr_int128)quotient;
    return quotient < limit;
}

/* ── + * / % and comparison ─────────────────────────────────────────────────────────────────── */

static wide
magnitude_at(wr_decimal a, int scale)
{
    return wide_product(magnitude_of(a.value), wr_power_of_ten(scale - a.scale));
}

/* Where nothing is to be rounded and nothing leaves 128 bits. */
static bool
add_narrow(wr_decimal a, wr_decimal b, wr_type to, wr_int128 *result)
{
    int up_a = to.scale - a.scale, up_b = to.scale - b.scale;
    wr_int128 x = a.value, y = b.value;
    if (up_a < 0 || up_b < 0 ||
        (up_a > 0 && __builtin_mul_overflow(x, (wr_int128)wr_power_of_ten(up_a), &x)) ||
        (up_b > 0 && __builtin_mul_overflow(y, (wr_int128)wr_power_of_ten(up_b), &y))) {
        return false;
    }
    return !__builtin_add_overflow(x, y, result) && wr_decimal_fits(*result, to.precision);
}

bool
wr_decimal_add(wr_decimal a, wr_decimal b, wr_type to, wr_int128 *result)
{
    if (add_narrow(a, b, to, result)) {
        return true;
    }
    int scale = a.scale > b.scale ? a.scale : b.scale;
    assert(to.scale <= scale);
    wide x = magnitude_at(a, scale), y = magnitude_at(b, scale);
    bool negative = a.value < 0, same_sign = negative == (b.value < 0);
    bool swapped = !same_sign && wide_compare(x, y) < 0;
    wide sum = same_sign ? wide_add(x, y) : swapped ? wide_subtract(y, x) : wide_subtract(x, y);
    return wide_round(sum, wr_power_of_ten(scale - to.scale), negative != swapped, to, result);
}

bool
wr_decimal_multiply(wr_decimal a, wr_decimal b, wr_type to, wr_int128 *result)
{
    wide product = wide_product(magnitude_of(a.value), magnitude_of(b.value));
    int down = a.scale + b.scale - to.scale; /* of DECIMAL(38,38) twice: 39 */
    int last = down < WR_DECIMAL_DIGITS_MAX ? down : WR_DECIMAL_DIGITS_MAX;
    bool negative = (a.value < 0) != (b.value < 0);
    product = down > last ? wide_cut(product, (uint64_t)wr_power_of_ten(down - last)) : product;
    return wide_round(product, wr_power_of_ten(last), negative, to, result);
}

bool
wr_decimal_divide(wr_decimal a, wr_decimal b, wr_type to, wr_int128 *result)
{
    int up = to.scale - a.scale + b.scale;
    int first = up < WR_DECIMAL_DIGITS_MAX ? up : WR_DECIMAL_DIGITS_MAX;
    assert(up >= 0 && b.value != 0);
    wide dividend = wide_product(magnitude_of(a.value), wr_power_of_ten(first));
    *result = 0; /* a dividend of over 256 bits has a quotient of over 38 digits */
    return wide_times(dividend, (uint64_t)wr_power_of_ten(up - first), &dividend) &&
           wide_round(dividend, magnitude_of(b.value), (a.value < 0) != (b.value < 0), to, result);
}

wr_int128
wr_decimal_remainder(wr_decimal a, wr_decimal b)
{
    int scale = a.scale > b.scale ? a.scale : b.scale;
    wr_uint128 quotient = 0, rest = magnitude_of(a.value);
    wide divisor = magnitude_at(b, scale);
    if (divisor.high == 0) { /* else it is more than a */
        wr_uint128 low = divisor.low;
        wide_divide(wide_product(rest % low, wr_power_of_ten(scale - a.scale)), low, &quotient,
                    &rest);
    }
    return (wr_int128)(a.value < 0 ? 0 - rest : rest);
}

int
wr_decimal_compare(wr_decimal a, wr_decimal b)
{
    bool a_negative = a.value < 0, b_negative = b.value < 0;
    if (a.scale == b.scale || a_negative != b_negative) {
        return (a.value > b.value) - (a.value < b.value);
    }
    int scale = a.scale > b.scale ? a.scale : b.scale;
    int order = wide_compare(magnitude_at(a, scale), magnitude_at(b, scale));
    return a_negative ? -order : order;
}

/* ── sums ───────────────────────────────────────────────────────────────────────────────────── */

static wide
sum_magnitude(const wr_decimal_sum *sum)
{
    wide magnitude = {(wr_uint128)(wr_int128)sum->high, sum->low};
    return sum->high < 0 ? wide_subtract((wide){0, 0}, magnitude) : magnitude;
}

bool
wr_decimal_sum_value(const wr_decimal_sum *sum, wr_int128 *value)
{
    wr_type widest = {.id = WR_TYPE_DECIMAL, .precision = WR_DECIMAL_DIGITS_MAX};
    return wide_round(sum_magnitude(sum), 1, sum->high < 0, widest, value);
}

bool
wr_decimal_sum_average(const wr_decimal_sum *sum, int scale, int64_t count, wr_type to,
                       wr_int128 *result)
{
    wide dividend;
    *result = 0;
    return wide_times(sum_magnitude(sum), (uint64_t)wr_power_of_ten(to.scale - scale), &dividend) &&
           wide_round(dividend, (wr_uint128)count, sum->high < 0, to, result);
}
