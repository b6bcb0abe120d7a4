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

/* The value as a double, correctly rounded; ±infinity when it is too large. */
double wr_json_number_double(const wr_json_number *number);
/* As an integer: false when it is none, or does not fit int64. 1.0 and 1e3 are integers. */
bool wr_json_number_int64(const wr_json_number *number, int64_t *value);

static inline unsigned
json_digit(char c)
{
    return (unsigned)(unsigned char)c - '0';
}

/* Are these eight bytes all digits? */
static inline bool
json_is_eight_digits(uint64_t word)
{
    return ((word & 0xF0F0F0F0F0F0F0F0u) |
            (((word + 0x0606060606060606u) & 0xF0F0F0F0F0F0F0F0u) >> 4)) == 0x3333333333333333u;
}

/* "12345678" (first digit in the lowest byte) → 12345678. */
static inline uint32_t
json_eight_digits(uint64_t word)
{
    word -= 0x3030303030303030u;
    word = word * 10 + (word >> 8);
    word = ((word & 0x000000FF000000FFu) * 0x000F424000000064u +
            ((word >> 16) & 0x000000FF000000FFu) * 0x0000271000000001u) >> 32;
    return (uint32_t)word;
}

static inline const char *
json_digits(const char *at, const char *end, uint64_t *sum)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    while (end - at >= 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        if (!json_is_eight_digits(word)) {
            break;
        }
        *sum = *sum * 100000000 + json_eight_digits(word);
        at += 8;
    }
#endif
    while (at < end && json_digit(*at) <= 9) {
        *sum = *sum * 10 + json_digit(*at++);
    }
    return at;
}

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

#endif
