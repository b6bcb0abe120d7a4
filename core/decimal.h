/* DECIMAL(p,s): exact numbers as 128-bit unscaled integers; DECIMAL(4,2) '1.5' is 150. */
#ifndef WEIR_CORE_DECIMAL_H
#define WEIR_CORE_DECIMAL_H

#include "core/int128.h"
#include "core/type.h"

enum { WR_DECIMAL_DIGITS_MAX = 38, WR_DECIMAL_TEXT_MAX = 41 }; /* sign, "0.", 38 digits */

/* Is |value| below 10^precision? precision: 0 … 38. */
bool wr_decimal_fits(wr_int128 value, int precision);
/* The whole text as a number of `type`, decimal or exponent form: digits beyond the scale are
 * rounded, halves away from 0. False: no number, or too large for the precision. */
bool wr_text_to_decimal(wr_text text, wr_type type, wr_int128 *value);
/* With exactly `scale` ≤ 38 digits after the point: "1.50"; |value| < 10^38. Writes at most
 * WR_DECIMAL_TEXT_MAX bytes, no NUL, returns the size. */
size_t wr_decimal_to_text(wr_int128 value, int scale, char *out);
/* The same number at another scale, halves away from 0; false when it does not fit `to`. */
bool wr_decimal_rescale(wr_int128 value, int scale, wr_type to, wr_int128 *result);
/* The type of `a op b` (+ - * / %) by Flink's rules; a, b: DECIMAL with their precision set. */
wr_type wr_decimal_result(char op, wr_type a, wr_type b);

#endif
