/* Numbers as text, strictly: the whole text is a number, or it is none.
 *
 * Idea: plain notation for 0.0001 ≤ |x| < 1e16, exponent notation outside.
 *   95.74 → "95.74"    1.0 → "1"    1e300 → "1e+300"    NaN → "NaN"    −inf → "-Infinity"
 *
 * 1. What is printed reads back to the same bits (NaN: to a NaN).
 * 2. No locale, no white space, no hexadecimal. */
#include "core/charconv_shim.h"
#include "core/text.h"

#include <math.h>
#include <string.h>

bool
wr_text_to_int64(wr_text text, int64_t *value)
{
    size_t at = 0;
    bool negative = false;
    if (text.size > 0 && (text.data[0] == '-' || text.data[0] == '+')) {
        negative = text.data[0] == '-';
        at = 1;
    }
    if (at == text.size) {
        return false;
    }
    int64_t sum = 0; /* negative: it has one value more */
    for (; at < text.size; at++) {
        unsigned digit = (unsigned char)text.data[at] - (unsigned)'0';
        if (digit > 9 || __builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_sub_overflow(sum, (int64_t)digit, &sum)) {
            return false;
        }
    }
    if (!negative && sum == INT64_MIN) {
        return false;
    }
    *value = negative ? sum : -sum;
    return true;
}

static bool
text_to_special(wr_text text, double *value)
{
    if (wr_text_equal_nocase(text, WR_TEXT("nan"))) {
        *value = (double)NAN;
        return true;
    }
    if (wr_text_equal_nocase(text, WR_TEXT("inf")) ||
        wr_text_equal_nocase(text, WR_TEXT("infinity"))) {
        *value = (double)INFINITY;
        return true;
    }
    return false;
}

bool
wr_text_to_double(wr_text text, double *value)
{
    bool negative = false;
    if (text.size > 0 && (text.data[0] == '-' || text.data[0] == '+')) {
        negative = text.data[0] == '-';
        text.data++;
        text.size--;
    }
    if (text.size == 0) {
        return false;
    }
    double magnitude = 0;
    bool is_number = (text.data[0] >= '0' && text.data[0] <= '9') || text.data[0] == '.';
    if (is_number ? wr_charconv_parse(text.data, text.size, &magnitude) != text.size
                  : !text_to_special(text, &magnitude)) {
        return false;
    }
    *value = negative ? -magnitude : magnitude;
    return true;
}

static size_t
put_literal(char *out, const char *literal)
{
    size_t size = strlen(literal);
    memcpy(out, literal, size);
    return size;
}

size_t
wr_double_to_text(double value, char *out)
{
    if (isnan(value)) {
        return put_literal(out, "NaN");
    }
    if (isinf(value)) {
        return put_literal(out, value > 0 ? "Infinity" : "-Infinity");
    }
    double magnitude = fabs(value);
    bool plain = magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e16);
    return wr_charconv_print(value, plain, out);
}

size_t
wr_double_format(double value, char letter, int precision, char *out)
{
    bool is_finite = value - value == 0;
    return is_finite ? wr_charconv_print_as(value, letter, precision, out, WR_DOUBLE_FORMAT_MAX)
                     : wr_double_to_text(value, out);
}

size_t
wr_int64_to_text(int64_t value, char *out)
{
    char digits[WR_INT64_TEXT_MAX];
    size_t count = 0;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[count++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    size_t size = 0;
    if (value < 0) {
        out[size++] = '-';
    }
    while (count > 0) {
        out[size++] = digits[--count];
    }
    return size;
}
