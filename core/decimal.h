/* DECIMAL(p,s): exact numbers as 128-bit unscaled integers; DECIMAL(4,2) '1.5' is 150. */
#ifndef WEIR_CORE_DECIMAL_H
#define WEIR_CORE_DECIMAL_H

#include "core/int128.h"
#include "core/type.h"

enum { WR_DECIMAL_DIGITS_MAX = 38, WR_DECIMAL_TEXT_MAX = 41 }; /* sign, "0.", 38 digits */

/* value / 10^scale, 0 ≤ scale ≤ 38. */
typedef struct wr_decimal {
    wr_int128 value;
    int scale;
} wr_decimal;

/* ── texts and other numbers ────────────────────────────────────────────────────────────────── */

/* Is |value| below 10^precision? precision: 0 … 38. */
bool wr_decimal_fits(wr_int128 value, int precision);
/* The whole text as a number of `type`, decimal or exponent form: digits beyond the scale are
 * rounded, halves away from 0. False: no number, or too large for the precision. */
bool wr_text_to_decimal(wr_text text, wr_type type, wr_int128 *value);
/* The smallest type that holds the text's number with all digits written: "1.50" DECIMAL(3,2).
 * False: no number, or one of more than 38 digits. */
bool wr_decimal_type_of_text(wr_text text, wr_type *type);
/* With exactly `scale` ≤ 38 digits after the point: "1.50"; |value| < 10^38. Writes at most
 * WR_DECIMAL_TEXT_MAX bytes, no NUL, returns the size. */
size_t wr_decimal_to_text(wr_int128 value, int scale, char *out);
/* The nearest double. */
double wr_decimal_to_double(wr_decimal a);
/* Of the digits that people see: 0.1 is 0.1. False: no finite number, or too large for `to`. */
bool wr_decimal_from_double(double value, wr_type to, wr_int128 *result);
/* The same number at another scale, halves away from 0; false when it does not fit `to`. */
bool wr_decimal_rescale(wr_int128 value, int scale, wr_type to, wr_int128 *result);

/* ── types ──────────────────────────────────────────────────────────────────────────────────── */

/* DECIMAL(precision, scale); beyond 38 digits it gives up scale for whole digits, down to 6. */
wr_type wr_decimal_type(int precision, int scale);
/* What BIGINT, INT, SMALLINT or TINYINT (`bits`, as in wr_type) becomes: (19,0) … (3,0). */
wr_type wr_decimal_type_of_bits(uint8_t bits);
/* Room for the digits of both. */
wr_type wr_decimal_common(wr_type a, wr_type b);
/* The type of `a op b` (+ - * / %) by Flink's rules; a, b: DECIMAL with their precision set. */
wr_type wr_decimal_result(char op, wr_type a, wr_type b);

/* ── arithmetic ─────────────────────────────────────────────────────────────────────────────── */

/* Computed exactly, rounded once at the scale of `to`, halves away from 0; false: too large for
 * `to`. */

bool wr_decimal_add(wr_decimal a, wr_decimal b, wr_type to, wr_int128 *result);
bool wr_decimal_multiply(wr_decimal a, wr_decimal b, wr_type to, wr_int128 *result);
/* b ≠ 0; to.scale ≥ a.scale − b.scale, as in wr_decimal_result. */
bool wr_decimal_divide(wr_decimal a, wr_decimal b, wr_type to, wr_int128 *result);
/* b ≠ 0; with a's sign, at the larger scale of both. */
wr_int128 wr_decimal_remainder(wr_decimal a, wr_decimal b);
int wr_decimal_compare(wr_decimal a, wr_decimal b); /* <0, 0, >0 */
/* 10^exponent, 0 … 38. */
wr_uint128 wr_power_of_ten(int exponent);

/* ── sums of any number of values, in 192 bits ──────────────────────────────────────────────── */

typedef struct wr_decimal_sum {
    wr_uint128_unaligned low;
    int64_t high;
} wr_decimal_sum;

static inline void
wr_decimal_sum_add(wr_decimal_sum *sum, wr_int128 value)
{
    wr_uint128 low = sum->low + (wr_uint128)value;
    sum->high += (int64_t)(low < (wr_uint128)value) + (int64_t)(value >> 127);
    sum->low = low;
}

static inline void
wr_decimal_sum_combine(wr_decimal_sum *sum, const wr_decimal_sum *more)
{
    wr_uint128 low = sum->low + more->low;
    sum->high += more->high + (int64_t)(low < more->low);
    sum->low = low;
}

/* False: more than 38 digits. */
bool wr_decimal_sum_value(const wr_decimal_sum *sum, wr_int128 *value);
/* sum / count at the scale of `to`, which is at most 19 more than the values'; count > 0. */
bool wr_decimal_sum_average(const wr_decimal_sum *sum, int scale, int64_t count, wr_type to,
                            wr_int128 *result);

#endif
