/* JSON numbers, read where they stand: grammar and value in one pass, eight digits at a step.
 *
 *   -12.5e3   →  negative, digits 125, exponent10 = 3 − 1, not an integer by form
 *
 * 1. What is accepted is exactly RFC 8259's `number`; the byte behind it is not looked at.
 * 2. Reads at most 8 bytes past the number, never past `end` + 8 (64 readable bytes follow).
 * 3. `mantissa` is exact while digit_count ≤ 19; beyond, only the text tells the value. */
#ifndef WEIR_CONNECTORS_FORMATS_JSON_NUMBER_H
#define WEIR_CONNECTORS_FORMATS_JSON_NUMBER_H

#include "core/text.h"

#include <string.h>

typedef struct wr_json_number {
    const char *begin, *end;
    uint64_t mantissa;   /* all digits as one integer, when digit_count ≤ 19 */
    int64_t exponent10;  /* value = ±mantissa × 10^exponent10 */
    uint32_t digit_count; /* a single leading 0 not counted */
    bool negative;
    bool integral; /* no fraction and no exponent written */
} wr_json_number;

/* 10^0 … 10^22, all exact. */
enum { WR_JSON_POWER_MAX = 22 };
extern const double wr_json_powers10[WR_JSON_POWER_MAX + 1];

/* The value as a double, correctly rounded; ±infinity when it is too large. */
double wr_json_number_double(const wr_json_number *number);
/* As an integer: false when it is none, or does not fit int64. 1.0 and 1e3 are integers. */
bool wr_json_number_int64(const wr_json_number *number, int64_t *value);

static inline unsigned
json_digit(char c)
{
    return (unsigned)(unsigned char)c - '0';
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* Digits 0..9 in eight bytes, the first in the lowest one → their number. */
static inline uint64_t
json_eight_digits(uint64_t digits)
{
    digits = digits * 10 + (digits >> 8);
    return ((digits & 0x000000FF000000FFu) * 0x000F424000000064u +
            ((digits >> 16) & 0x000000FF000000FFu) * 0x0000271000000001u) >> 32;
}

/* Digits at `at` appended to *sum, up to eight at a step: the bytes behind the last digit are
 * shifted out, so that no branch depends on how many there are. */
static inline const char *
json_digits(const char *at, const char *end, uint64_t *sum)
{
    static const uint64_t powers[9] = {1,      10,      100,      1000,     10000,
                                       100000, 1000000, 10000000, 100000000};
    for (;;) {
        uint64_t word;
        memcpy(&word, at, 8);
        word ^= 0x3030303030303030u;
        uint64_t others = (((word & 0x7F7F7F7F7F7F7F7Fu) + 0x7676767676767676u) | word) &
                          0x8080808080808080u;
        unsigned count = others ? (unsigned)__builtin_ctzll(others) >> 3 : 8;
        if ((size_t)(end - at) < count) {
            count = (unsigned)(end - at);
        }
        if (count == 0) {
            return at;
        }
        *sum = *sum * powers[count] + json_eight_digits(word << (64 - 8 * count));
        at += count;
        if (count < 8) {
            return at;
        }
    }
}
#else
static inline const char *
json_digits(const char *at, const char *end, uint64_t *sum)
{
    while (at < end && json_digit(*at) <= 9) {
        *sum = *sum * 10 + json_digit(*at++);
    }
    return at;
}
#endif

/* [eE][+-]digits at `at` (which is behind the e); false: no digits. Clamps at ±100,000. */
bool wr_json_exponent(const char **at, const char *end, int64_t *exponent10);

/* Reads the number at [at, end). On success number->end is behind it; false: no JSON number, and
 * number->end is the first byte that does not fit. */
static inline bool
wr_json_number_read(const char *at, const char *end, wr_json_number *number)
{
    *number = (wr_json_number){.begin = at, .end = at, .integral = true};
    if (at < end && *at == '-') {
        number->negative = true;
        at++;
    }
    const char *first = at;
    uint64_t sum = 0;
    at = json_digits(at, end, &sum);
    number->end = at;
    if (at == first || (*first == '0' && at - first > 1)) {
        return false;
    }
    number->digit_count = (uint32_t)(at - first) - (*first == '0');
    if (at < end && *at == '.') {
        const char *fraction = at + 1;
        at = json_digits(fraction, end, &sum);
        number->end = at;
        if (at == fraction) {
            return false;
        }
        number->exponent10 = fraction - at;
        number->digit_count += (uint32_t)(at - fraction);
        number->integral = false;
    }
    number->mantissa = sum;
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        number->integral = false;
        bool good = wr_json_exponent(&at, end, &number->exponent10);
        number->end = at;
        return good;
    }
    return true;
}

/* The same for nearly all numbers that occur, without a call: mantissa and power are exact, so one
 * operation rounds once. False: ask wr_json_number_double. */
static inline bool
wr_json_number_double_fast(const wr_json_number *number, double *value)
{
    if (number->digit_count > 19 || number->mantissa > (1ull << 53) ||
        number->exponent10 < -WR_JSON_POWER_MAX || number->exponent10 > WR_JSON_POWER_MAX) {
        return false;
    }
    double magnitude = (double)(int64_t)number->mantissa;
    magnitude = number->exponent10 < 0 ? magnitude / wr_json_powers10[-number->exponent10]
                                       : magnitude * wr_json_powers10[number->exponent10];
    *value = number->negative ? -magnitude : magnitude;
    return true;
}

#endif
