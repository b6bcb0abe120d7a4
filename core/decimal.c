/* DECIMAL as text, at other scales, and the types of its arithmetic.
 *
 *   '12.345' as DECIMAL(6,2): digits 12345, point after 2, so 2 + 2 digits stay and 5 rounds → 1235
 *   a DECIMAL(10,2), b DECIMAL(5,1):   a + b DECIMAL(11,2)   a * b DECIMAL(16,3)
 *
 * 1. No result has more digits than its precision: what does not fit is told, never wrapped.
 * 2. Halves round away from 0.
 * 3. A type over 38 digits gives up scale for integer digits, down to 6 digits of scale. */
#include "core/decimal.h"

wr_uint128
wr_power_of_ten(int exponent)
{
    static const uint64_t powers[] = {
        1u,
        10u,
        100u,
        1000u,
        10000u,
        100000u,
        1000000u,
        10000000u,
        100000000u,
        1000000000u,
        10000000000u,
        100000000000u,
        1000000000000u,
        10000000000000u,
        100000000000000u,
        1000000000000000u,
        10000000000000000u,
        100000000000000000u,
        1000000000000000000u,
        10000000000000000000u,
    };
    return exponent < 20 ? powers[exponent] : (wr_uint128)powers[19] * powers[exponent - 19];
}

static wr_uint128
magnitude_of(wr_int128 value)
{
    return value < 0 ? 0 - (wr_uint128)value : (wr_uint128)value;
}

static wr_int128
with_sign(wr_uint128 magnitude, bool negative)
{
    return negative ? -(wr_int128)magnitude : (wr_int128)magnitude;
}

bool
wr_decimal_fits(wr_int128 value, int precision)
{
    return magnitude_of(value) < wr_power_of_ten(precision);
}

/* ── text → number ──────────────────────────────────────────────────────────────────────────── */

/* [+-]?digits[.digits][e[+-]?digits], taken apart */
typedef struct number_form {
    wr_text digits; /* with the point in it, if any */
    int64_t point;  /* digits before the point, the exponent applied */
    bool negative;
} number_form;

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The exponent of "e-12" at `at`, the end of `text`; far ones are cut to what no text outweighs. */
static bool
exponent_read(wr_text text, size_t at, int64_t *exponent)
{
    const int64_t far = INT64_MAX / 4;
    bool negative = at + 1 < text.size && text.data[at + 1] == '-';
    at += at + 1 < text.size && (negative || text.data[at + 1] == '+') ? 2 : 1;
    if (at >= text.size) {
        return false;
    }
    int64_t sum = 0;
    for (; at < text.size; at++) {
        if (!is_digit(text.data[at])) {
            return false;
        }
        sum = sum > far / 10 - 1 ? far : sum * 10 + (text.data[at] - '0');
    }
    *exponent = negative ? -sum : sum;
    return true;
}

static bool
number_take_apart(wr_text text, number_form *form)
{
    size_t start = text.size > 0 && (text.data[0] == '-' || text.data[0] == '+') ? 1 : 0;
    size_t at = start;
    size_t digit_count = 0;
    size_t point = SIZE_MAX;
    for (; at < text.size && (is_digit(text.data[at]) || text.data[at] == '.'); at++) {
        if (text.data[at] != '.') {
            digit_count++;
        } else if (point != SIZE_MAX) {
            return false;
        } else {
            point = digit_count;
        }
    }
    int64_t exponent = 0;
    if (digit_count == 0 || (at < text.size && ((text.data[at] | 0x20) != 'e' ||
                                                !exponent_read(text, at, &exponent)))) {
        return false;
    }
    form->digits = (wr_text){text.data + start, at - start};
    form->point = (int64_t)(point == SIZE_MAX ? digit_count : point) + exponent;
    form->negative = start == 1 && text.data[0] == '-';
    return true;
}

/* magnitude · 10 + digit; false at `limit`, the least number that has no more room. */
static bool
digit_append(wr_uint128 *magnitude, unsigned digit, wr_uint128 limit)
{
    if (*magnitude >= limit) {
        return false;
    }
    *magnitude = *magnitude * 10 + digit;
    return true;
}

bool
wr_text_to_decimal(wr_text text, wr_type type, wr_int128 *value)
{
    number_form form;
    if (!number_take_apart(text, &form)) {
        return false;
    }
    const wr_uint128 limit = wr_power_of_ten(WR_DECIMAL_DIGITS_MAX - 1);
    wr_uint128 magnitude = 0;
    int64_t left = form.point + type.scale; /* digits that stay; 0: the next one rounds */
    for (size_t i = 0; i < form.digits.size && left >= 0; i++) {
        if (form.digits.data[i] == '.') {
            continue;
        }
        unsigned digit = (unsigned)(form.digits.data[i] - '0');
        if (left == 0) {
            magnitude += digit >= 5;
        } else if (!digit_append(&magnitude, digit, limit)) {
            return false;
        }
        left--;
    }
    for (; left > 0 && magnitude > 0; left--) {
        if (!digit_append(&magnitude, 0, limit)) {
            return false;
        }
    }
    *value = with_sign(magnitude, form.negative);
    return wr_decimal_fits(*value, type.precision);
}

bool
wr_decimal_type_of_text(wr_text text, wr_type *type)
{
    number_form form;
    if (!number_take_apart(text, &form)) {
        return false;
    }
    int64_t digit_count = 0, zero_count = 0; /* zero_count: in front of the first other digit */
    for (size_t i = 0; i < form.digits.size; i++) {
        bool is_digit_here = form.digits.data[i] != '.';
        zero_count += is_digit_here && form.digits.data[i] == '0' && zero_count == digit_count;
        digit_count += is_digit_here;
    }
    bool is_zero = zero_count == digit_count;
    int64_t whole = is_zero || form.point < zero_count ? 0 : form.point - zero_count;
    int64_t scale = form.point < digit_count ? digit_count - form.point : 0;
    if (whole > WR_DECIMAL_DIGITS_MAX || scale > WR_DECIMAL_DIGITS_MAX - whole) {
        return false;
    }
    *type = wr_decimal_type(whole + scale > 0 ? (int)(whole + scale) : 1, (int)scale);
    return true;
}

bool
wr_decimal_from_double(double value, wr_type to, wr_int128 *result)
{
    char text[WR_DOUBLE_TEXT_MAX];
    *result = 0;
    return wr_text_to_decimal((wr_text){text, wr_double_to_text(value, text)}, to, result);
}

/* ── number → text ──────────────────────────────────────────────────────────────────────────── */

/* Takes the last digit off; most numbers have 64 bits, whose division is fast. */
static unsigned
take_last_digit(wr_uint128 *number)
{
    uint64_t low = (uint64_t)*number;
    unsigned digit = (unsigned)(*number >> 64 ? *number % 10 : low % 10);
    *number = *number >> 64 ? *number / 10 : low / 10;
    return digit;
}

size_t
wr_decimal_to_text(wr_int128 value, int scale, char *out)
{
    char reversed[WR_DECIMAL_TEXT_MAX];
    size_t count = 0;
    wr_uint128 rest = magnitude_of(value);
    for (int place = 0; place <= scale || rest > 0; place++) {
        if (place == scale && scale > 0) {
            reversed[count++] = '.';
        }
        reversed[count++] = (char)('0' + take_last_digit(&rest));
    }
    size_t size = 0;
    if (value < 0) {
        out[size++] = '-';
    }
    while (count > 0) {
        out[size++] = reversed[--count];
    }
    return size;
}

double
wr_decimal_to_double(wr_decimal a)
{
    enum { EXACT_POWER = 22 }; /* 10^22 and integers up to 2^53 are doubles: one operation rounds */
    if (a.scale <= EXACT_POWER && magnitude_of(a.value) <= 1ull << 53) {
        return (double)(int64_t)a.value / (double)wr_power_of_ten(a.scale);
    }
    char text[WR_DECIMAL_TEXT_MAX];
    double value = 0;
    wr_text_to_double((wr_text){text, wr_decimal_to_text(a.value, a.scale, text)}, &value);
    return value;
}

/* ── scales and types ───────────────────────────────────────────────────────────────────────── */

bool
wr_decimal_rescale(wr_int128 value, int scale, wr_type to, wr_int128 *result)
{
    *result = 0;
    wr_uint128 magnitude = magnitude_of(value);
    wr_uint128 factor = wr_power_of_ten(to.scale > scale ? to.scale - scale : scale - to.scale);
    if (to.scale < scale) {
        wr_uint128 rest = magnitude % factor;
        magnitude = magnitude / factor + (rest >= factor - rest);
    } else if (__builtin_mul_overflow(magnitude, factor, &magnitude)) {
        return false;
    }
    if (magnitude >= wr_power_of_ten(to.precision)) {
        return false;
    }
    *result = with_sign(magnitude, value < 0);
    return true;
}

wr_type
wr_decimal_type(int precision, int scale)
{
    enum { SCALE_KEPT = 6 };
    if (precision > WR_DECIMAL_DIGITS_MAX) {
        int kept = scale < SCALE_KEPT ? scale : SCALE_KEPT;
        int room = WR_DECIMAL_DIGITS_MAX - (precision - scale);
        scale = room > kept ? room : kept;
        precision = WR_DECIMAL_DIGITS_MAX;
    }
    return (wr_type){
        .id = WR_TYPE_DECIMAL, .precision = (uint8_t)precision, .scale = (uint8_t)scale};
}

wr_type
wr_decimal_type_of_bits(uint8_t bits)
{
    return wr_decimal_type(bits == 8 ? 3 : bits == 16 ? 5 : bits == 32 ? 10 : 19, 0);
}

wr_type
wr_decimal_common(wr_type a, wr_type b)
{
    int whole_a = a.precision - a.scale, whole_b = b.precision - b.scale;
    int scale = a.scale > b.scale ? a.scale : b.scale;
    return wr_decimal_type((whole_a > whole_b ? whole_a : whole_b) + scale, scale);
}

wr_type
wr_decimal_result(char op, wr_type a, wr_type b)
{
    int whole_a = a.precision - a.scale;
    int whole_b = b.precision - b.scale;
    int scale = a.scale > b.scale ? a.scale : b.scale;
    if (op == '*') {
        return wr_decimal_type(a.precision + b.precision + 1, a.scale + b.scale);
    }
    if (op == '/') {
        int wanted = a.scale + b.precision + 1;
        int quotient_scale = wanted > 6 ? wanted : 6;
        return wr_decimal_type(whole_a + b.scale + quotient_scale, quotient_scale);
    }
    if (op == '%') {
        return wr_decimal_type((whole_a < whole_b ? whole_a : whole_b) + scale, scale);
    }
    return wr_decimal_type((whole_a > whole_b ? whole_a : whole_b) + scale + 1, scale);
}
