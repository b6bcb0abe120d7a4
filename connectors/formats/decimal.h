/* Short decimal numbers, as nearly all that occur are: up to 15 bytes of digits with or without a
 * point, read without a loop.
 *
 *   at  95.74,"x":…     width 5, fraction 2, mantissa 9574        value = 9574 / 10^2
 *
 * Idea (AVX2 or SSE4.1): sixteen bytes minus '0'; a mask says where the digits end; one shuffle
 * moves the last digit into the last lane; multiply-adds join 16 digits to 8 pairs, 4 quads, 2
 * eights. Elsewhere eight digits are joined inside a 64-bit word.
 *
 * 1. Digits, then nothing or a point and digits. No sign, no exponent: the caller looks at the byte
 *    behind (decimal_is_json, decimal_scaled).
 * 2. mantissa < 10^15 < 2^53, so that mantissa / 10^fraction rounds once: the nearest double.
 * 3. Reads 16 bytes at `at`.
 *
 * Where the digits stand is sometimes known before (decimal_form): one shuffle brings them to their
 * lanes, and nothing is asked. */
#ifndef WEIR_CONNECTORS_FORMATS_DECIMAL_H
#define WEIR_CONNECTORS_FORMATS_DECIMAL_H

#include "connectors/formats/json_number.h"

#if defined(__SSE4_1__)
#include <immintrin.h>
#endif

typedef struct decimal {
    uint64_t mantissa;
    unsigned width;    /* bytes; 0: not such a number */
    unsigned fraction; /* digits behind the point */
} decimal;

enum { WR_DECIMAL_WIDTH_MAX = 15 };

/* How a number is written: `whole` digits, and if `fraction` > 0 a point and that many. */
typedef struct decimal_form {
    uint8_t whole, fraction;
    uint8_t lanes[16]; /* which byte each of 16 right-aligned digits is; 0x80: there is none */
} decimal_form;

enum { WR_DECIMAL_FORM_DIGITS_MAX = 16 }; /* of those, 15 are exact as a double */

static inline decimal_form
decimal_form_of(unsigned whole, unsigned fraction)
{
    decimal_form form = {.whole = (uint8_t)whole, .fraction = (uint8_t)fraction};
    memset(form.lanes, 0x80, sizeof form.lanes);
    for (unsigned i = 0; i < whole + fraction; i++) {
        form.lanes[16 - whole - fraction + i] = (uint8_t)(i < whole ? i : i + 1);
    }
    return form;
}

#if defined(__SSE4_1__)

/* The digits of the low `width` bytes as one number, 16 at most. */
static inline uint64_t
decimal_join(__m128i digits)
{
    const __m128i tens = _mm_set_epi8(1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10);
    const __m128i hundreds = _mm_set_epi16(1, 100, 1, 100, 1, 100, 1, 100);
    const __m128i myriads = _mm_set_epi16(1, 10000, 1, 10000, 1, 10000, 1, 10000);
    __m128i quads = _mm_madd_epi16(_mm_maddubs_epi16(digits, tens), hundreds);
    __m128i eights = _mm_madd_epi16(_mm_packus_epi32(quads, quads), myriads);
    uint64_t both = (uint64_t)_mm_cvtsi128_si64(eights);
    return (both & 0xFFFFFFFFu) * 100000000u + (both >> 32);
}

/* 16 lanes from `table` + offset: sliding over 32 bytes makes every shift and every mask. */
static inline __m128i
decimal_slide(const unsigned char *table, unsigned offset)
{
    return _mm_loadu_si128((const __m128i *)(const void *)(table + offset));
}

static const unsigned char decimal_align[32] = {
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
    0,    1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,   12,   13,   14,   15};
static const unsigned char decimal_before_point[32] = {
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

/* Sixteen bytes less '0'; *others: which of them are no digits. */
static inline __m128i
decimal_digits(const char *at, uint32_t *others)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i digits = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
    __m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits);
    *others = (uint32_t)_mm_movemask_epi8(is_digit) ^ 0xFFFFu;
    return digits;
}

static inline decimal
decimal_read(const char *at)
{
    uint32_t others;
    __m128i digits = decimal_digits(at, &others);
    unsigned width = (unsigned)__builtin_ctz(others | 0x10000u);
    if (width > WR_DECIMAL_WIDTH_MAX || width == 0) {
        return (decimal){0, 0, 0};
    }
    if (at[width] != '.') {
        __m128i aligned = _mm_shuffle_epi8(digits, decimal_slide(decimal_align, width));
        return (decimal){decimal_join(aligned), width, 0};
    }
    unsigned point = width;
    others &= others - 1;
    width = (unsigned)__builtin_ctz(others | 0x10000u);
    unsigned fraction = width - point - 1;
    if (width > WR_DECIMAL_WIDTH_MAX || fraction == 0) {
        return (decimal){0, 0, 0};
    }
    __m128i aligned = _mm_shuffle_epi8(digits, decimal_slide(decimal_align, width));
    __m128i whole = _mm_slli_si128(aligned, 1); /* what stands before the point moves over it */
    aligned = _mm_blendv_epi8(aligned, whole, decimal_slide(decimal_before_point, fraction));
    return (decimal){decimal_join(aligned), width, fraction};
}

static inline uint64_t
decimal_read_known(const char *at, const decimal_form *form)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i lanes = _mm_loadu_si128((const __m128i *)(const void *)form->lanes);
    __m128i digits = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
    return decimal_join(_mm_shuffle_epi8(digits, lanes));
}

#else

static inline uint64_t
decimal_read_known(const char *at, const decimal_form *form)
{
    uint64_t sum = 0;
    const char *point = at + form->whole;
    json_digits(at, point, &sum);
    if (form->fraction > 0) {
        json_digits(point + 1, point + 1 + form->fraction, &sum);
    }
    return sum;
}

static inline decimal
decimal_read(const char *at)
{
    const char *limit = at + WR_DECIMAL_WIDTH_MAX + 1;
    uint64_t sum = 0;
    const char *behind = json_digits(at, limit, &sum);
    if (behind == at) {
        return (decimal){0, 0, 0};
    }
    const char *point = behind;
    if (behind < limit && *behind == '.') {
        behind = json_digits(point + 1, limit, &sum);
        if (behind == point + 1) {
            return (decimal){0, 0, 0};
        }
    }
    unsigned width = (unsigned)(behind - at);
    if (width > WR_DECIMAL_WIDTH_MAX) {
        return (decimal){0, 0, 0};
    }
    return (decimal){sum, width, behind > point ? (unsigned)(behind - point) - 1 : 0};
}

#endif

/* JSON's numbers have no zeros before others; *at may be no digit when the width is 0. */
static inline bool
decimal_is_padded(const char *at, const decimal *number)
{
    return *at == '0' && number->width > 1 && at[1] != '.';
}

/* Is a number that decimal_read read one of JSON's, and complete? */
static inline bool
decimal_is_json(const char *at, const decimal *number, const char *end)
{
    return number->width > 0 && !decimal_is_padded(at, number) &&
           (at[number->width] | 0x20) != 'e' && at + number->width <= end;
}

static inline double
decimal_double(const decimal *number)
{
    return (double)(int64_t)number->mantissa / wr_json_powers10[number->fraction];
}

/* A number that decimal_read read, and the exponent behind it: its value, and *width with the
 * exponent. One of both powers is 1, so one operation rounds. False: none of JSON's with an
 * exponent of one or two digits, or not exact. */
static inline bool
decimal_scaled(const char *at, const decimal *number, const char *end, double *value,
               unsigned *width)
{
    const char *here = at + number->width + 1;
    bool negative = *here == '-';
    here += negative || *here == '+';
    unsigned digits = json_digit(*here++);
    if (number->width == 0 || (at[number->width] | 0x20) != 'e' || digits > 9 ||
        decimal_is_padded(at, number)) {
        return false;
    }
    if (json_digit(*here) <= 9) {
        digits = digits * 10 + json_digit(*here++);
    }
    int exponent10 = (negative ? -(int)digits : (int)digits) - (int)number->fraction;
    int up = exponent10 > 0 ? exponent10 : 0, down = exponent10 < 0 ? -exponent10 : 0;
    if (json_digit(*here) <= 9 || up > WR_JSON_POWER_MAX || down > WR_JSON_POWER_MAX ||
        here > end) {
        return false;
    }
    *value = (double)(int64_t)number->mantissa * wr_json_powers10[up] / wr_json_powers10[down];
    *width = (unsigned)(here - at);
    return true;
}

#endif
