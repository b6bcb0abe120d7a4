/* JSON numbers as values of a kind, where they stand: nearly all without a call.
 *
 *   at  -95.74e1,"x":…      sign, then decimal_read; the long way only for what that is not
 *
 * 1. Accepted is what the strict reader accepts for a column of that kind, with the same value;
 *    integers with a point or an exponent are left to it. */
#ifndef WEIR_CONNECTORS_FORMATS_JSON_NUMBERS_H
#define WEIR_CONNECTORS_FORMATS_JSON_NUMBERS_H

#include "connectors/formats/decimal.h"
#include "connectors/formats/json_shape.h"

/* Each moves *at behind the number; false: there is none, or it is for the strict reader. */
static inline bool
json_int_read(const char **at, const char *end, int64_t *value)
{
    bool negative = **at == '-';
    decimal number = decimal_read(*at + negative);
    if (number.fraction != 0 || !decimal_is_json(*at + negative, &number, end)) {
        return wr_json_long_int(at, end, value);
    }
    *value = negative ? -(int64_t)number.mantissa : (int64_t)number.mantissa;
    *at += negative + number.width;
    return true;
}

static inline bool
json_double_read(const char **at, const char *end, double *value)
{
    bool negative = **at == '-';
    decimal number = decimal_read(*at + negative);
    double magnitude;
    if (decimal_is_json(*at + negative, &number, end)) {
        magnitude = decimal_double(&number);
    } else if (!decimal_scaled(*at + negative, &number, end, &magnitude, &number.width)) {
        return wr_json_long_double(at, end, value);
    }
    *value = negative ? -magnitude : magnitude;
    *at += negative + number.width;
    return true;
}

static inline bool
json_number_skip(const char **at, const char *end)
{
    bool negative = **at == '-';
    decimal number = decimal_read(*at + negative);
    if (!decimal_is_json(*at + negative, &number, end)) {
        return wr_json_long_skip(at, end);
    }
    *at += negative + number.width;
    return true;
}

/* The same for a kind, INT, DOUBLE or SKIP_NUMBER, that is known when it is compiled: the number
 * becomes element `row` of `values`, if it is wanted. */
static inline __attribute__((always_inline)) bool
json_number_read(wr_json_step_kind kind, const char **at, const char *end, void *values, int row)
{
    if (kind == WR_JSON_SKIP_NUMBER) {
        return json_number_skip(at, end);
    }
    return kind == WR_JSON_INT ? json_int_read(at, end, (int64_t *)values + row)
                               : json_double_read(at, end, (double *)values + row);
}

#endif
