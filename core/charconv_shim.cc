/* std::from_chars and std::to_chars for doubles, behind C names: correctly rounded and shortest,
 * four times as fast as strtod and printf.
 *
 * 1. Nothing else is in here; the C side (core/number.c) knows signs, words and notations. */
#include "core/charconv_shim.h"

#include <charconv>
#include <cmath>
#include <cstring>

static bool
mantissa_is_zero(const char *data, size_t size)
{
    for (size_t i = 0; i < size && data[i] != 'e' && data[i] != 'E'; i++) {
        if (data[i] >= '1' && data[i] <= '9') {
            return false;
        }
    }
    return true;
}

/* Out of range: from_chars does not say on which side. The exponent's sign does when there is one;
 * without one only a long row of digits can be too large and only "0.000…" too small. */
static double
out_of_range_value(const char *data, size_t size)
{
    bool negative = size > 0 && data[0] == '-';
    const char *end = data + size;
    const char *start = data + (negative ? 1 : 0);
    const char *exponent = start;
    while (exponent < end && *exponent != 'e' && *exponent != 'E') {
        exponent++;
    }
    bool small = exponent < end ? exponent + 1 < end && exponent[1] == '-'
                                : start < end && (*start == '0' || *start == '.');
    double value =
        small || mantissa_is_zero(start, static_cast<size_t>(end - start)) ? 0.0 : HUGE_VAL;
    return negative ? -value : value;
}

extern "C" size_t
wr_charconv_parse(const char *data, size_t size, double *value)
{
    std::from_chars_result result = std::from_chars(data, data + size, *value);
    if (result.ec == std::errc::invalid_argument) {
        return 0;
    }
    size_t used = static_cast<size_t>(result.ptr - data);
    if (result.ec == std::errc::result_out_of_range) {
        *value = out_of_range_value(data, used);
    }
    return used;
}

extern "C" size_t
wr_charconv_print(double value, int plain, char *out)
{
    std::chars_format format = plain ? std::chars_format::fixed : std::chars_format::scientific;
    return static_cast<size_t>(std::to_chars(out, out + 32, value, format).ptr - out);
}

extern "C" size_t
wr_charconv_print_as(double value, char letter, int precision, char *out, size_t size)
{
    std::chars_format format = letter == 'f'   ? std::chars_format::fixed
                               : letter == 'e' ? std::chars_format::scientific
                                               : std::chars_format::general;
    std::to_chars_result result = std::to_chars(out, out + size, value, format, precision);
    return result.ec == std::errc() ? static_cast<size_t>(result.ptr - out) : 0;
}
