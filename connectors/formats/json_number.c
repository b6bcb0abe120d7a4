/* What a JSON number is worth: as a double, correctly rounded, and as an integer.
 *
 * Idea: mantissa < 2^53 and 10^|e| with |e| ≤ 22 are both exact doubles, so one multiplication or
 * division rounds once, which is correct rounding. All else goes to the slow, exact reader.
 *
 *   95.74 → 9574 / 10^2
 *
 * 1. The result is the one that wr_text_to_double gives for the number's text. */
#include "connectors/formats/json_number.h"

#include <assert.h>

enum { EXPONENT_CLAMP = 100000, MANTISSA_DIGITS_MAX = 19 };

const double wr_json_powers10[WR_JSON_POWER_MAX + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

bool
wr_json_exponent(const char **at, const char *end, int64_t *exponent10)
{
    bool negative = false;
    if (*at < end && (**at == '-' || **at == '+')) {
        negative = **at == '-';
        (*at)++;
    }
    const char *first = *at;
    int64_t sum = 0;
    for (; *at < end && json_digit(**at) <= 9; (*at)++) {
        sum = sum < EXPONENT_CLAMP ? sum * 10 + json_digit(**at) : sum;
    }
    *exponent10 += negative ? -sum : sum;
    return *at > first;
}

double
wr_json_number_double(const wr_json_number *number)
{
    double value = 0;
    if (wr_json_number_double_fast(number, &value)) {
        return value;
    }
    wr_text text = {number->begin, (size_t)(number->end - number->begin)};
    bool is_number = wr_text_to_double(text, &value);
    assert(is_number); /* JSON's numbers are a part of those that it reads */
    (void)is_number;
    return value;
}

bool
wr_json_number_int64(const wr_json_number *number, int64_t *value)
{
    if (number->integral && number->digit_count < MANTISSA_DIGITS_MAX) {
        *value = number->negative ? -(int64_t)number->mantissa : (int64_t)number->mantissa;
        return true;
    }
    if (number->integral) {
        wr_text text = {number->begin, (size_t)(number->end - number->begin)};
        return wr_text_to_int64(text, value);
    }
    double wide = wr_json_number_double(number);
    if (!(wide >= -0x1p63 && wide < 0x1p63) || (double)(int64_t)wide != wide) {
        return false;
    }
    *value = (int64_t)wide;
    return true;
}
