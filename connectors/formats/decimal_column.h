/* A column of decimal numbers: fields of CSV, whose widths are known, and values of JSON.
 *
 *            quads                    powers          mantissa     value
 *   95.74    0000 0000 0000 9574      2               9574         9574 / 10^2
 *   -1.9     0000 0000 0000 0019      1, negative     19           19 / -10^1
 *
 * Idea: two passes without a branch on how long a number is. The first brings digits to lanes by
 * width, those before the point one further, and joins them four by four. The second makes
 * mantissas and values of two numbers at a time.
 *
 * 1. What is taken is a sign at most, digits, and at most one point between digits;
 *    WR_DECIMAL_WIDTH_MAX bytes without the sign.
 * 2. mantissa < 10^15 < 2^52: as a double it is exact, and its quotient is rounded once.
 * 3. Reads 19 bytes of each text. */
#ifndef WEIR_CONNECTORS_FORMATS_DECIMAL_COLUMN_H
#define WEIR_CONNECTORS_FORMATS_DECIMAL_COLUMN_H

#include "connectors/formats/decimal.h"

#include <stdbool.h>

#if defined(__SSE4_1__)

enum { DECIMAL_COLUMN_MAX = 320, DECIMAL_NO_FRACTION = 31, DECIMAL_NEGATIVE = 32 };

typedef struct decimal_column {
    uint64_t quads[DECIMAL_COLUMN_MAX + 1];
    uint8_t powers[DECIMAL_COLUMN_MAX + 1]; /* places in decimal_powers */
} decimal_column;

/* What a mantissa is to be divided by. */
static const double decimal_powers[64] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11, 1e12, 1e13,
    1e14, 1e15, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
    0,    0,    0,    1e0,  -1e0, -1e1, -1e2, -1e3, -1e4, -1e5, -1e6, -1e7, -1e8, -1e9,
    -1e10, -1e11, -1e12, -1e13, -1e14, -1e15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1e0};

/* Lanes from place `width` on: the byte for each; 0x90, also less one, is none. */
static const unsigned char decimal_column_align[32] = {
    0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90,
    0,    1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,   12,   13,   14,   15};
/* From place `fraction` on: −1 for the lanes before the point; none at DECIMAL_NO_FRACTION. */
static const unsigned char decimal_column_whole[48] = {
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

/* Puts a number of `width` digits, a point that has `fraction` behind it included, to place i. */
static inline __attribute__((always_inline)) void
decimal_column_put(decimal_column *column, int i, __m128i digits, uint32_t width, uint32_t fraction)
{
    const __m128i tens = _mm_set_epi8(1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10);
    const __m128i hundreds = _mm_set_epi16(1, 100, 1, 100, 1, 100, 1, 100);
    __m128i lanes = _mm_add_epi8(decimal_slide(decimal_column_align, width & 15),
                                 decimal_slide(decimal_column_whole, fraction));
    __m128i quads = _mm_shuffle_epi8(digits, lanes);
    quads = _mm_madd_epi16(_mm_maddubs_epi16(quads, tens), hundreds);
    quads = _mm_packus_epi32(quads, quads);
    _mm_storel_epi64((__m128i *)(void *)&column->quads[i], quads);
}

/* Reads the number that fills `text` into place i; is it one, and, if a `whole` one is
 * wanted, without a point? */
static inline __attribute__((always_inline)) bool
decimal_column_take(decimal_column *column, int i, wr_text text, bool whole)
{
    const char *at = text.data;
    uint32_t negative = *at == '-', width = (uint32_t)text.size - negative, others;
    __m128i digits = decimal_digits(at + negative, &others);
    uint32_t end = (uint32_t)1 << (width & 31);
    others &= end - 1;
    uint32_t point = (uint32_t)__builtin_ctz(others | end);
    uint32_t fraction = whole ? DECIMAL_NO_FRACTION : (width - point - 1) & 31;
    decimal_column_put(column, i, digits, width, fraction);
    column->powers[i] = (uint8_t)(fraction | negative * DECIMAL_NEGATIVE);
    return width - 1 < WR_DECIMAL_WIDTH_MAX &&
           (others == 0 || (!whole && at[negative + point] == '.' &&
                            (others & ((others - 1) | end >> 1 | 1)) == 0));
}

/* Reads the number that begins at `at` into place i; its bytes, or 0: there is none of JSON's that
 * is short, has no exponent, ends before `end` and is `whole` if that is wanted. */
static inline __attribute__((always_inline)) unsigned
decimal_column_find(decimal_column *column, int i, const char *at, const char *end, bool whole)
{
    uint32_t negative = *at == '-', others;
    at += negative;
    __m128i digits = decimal_digits(at, &others);
    others |= 3u << 16;
    uint32_t point = (uint32_t)__builtin_ctz(others), width = point;
    uint32_t fraction = DECIMAL_NO_FRACTION;
    if (at[point] == '.') {
        width = (uint32_t)__builtin_ctz(others & (others - 1));
        fraction = width - point - 1;
    }
    decimal_column_put(column, i, digits, width, fraction);
    column->powers[i] = (uint8_t)(fraction | negative * DECIMAL_NEGATIVE);
    bool bad = point == 0 || width > WR_DECIMAL_WIDTH_MAX || fraction == 0 ||
               (whole && width > point) || (*at == '0' && point > 1) || (at[width] | 0x20) == 'e' ||
               at + width > end;
    return bad ? 0 : negative + width;
}

/* What is done two by two has a second one. */
static inline void
decimal_column_end(decimal_column *column, int count)
{
    column->quads[count] = 0;
    column->powers[count] = 0;
}

/* The mantissas at places i and i + 1. */
static inline __m128i
decimal_column_mantissas(const decimal_column *column, int i)
{
    const __m128i myriads = _mm_set_epi16(1, 10000, 1, 10000, 1, 10000, 1, 10000);
    __m128i quads = _mm_loadu_si128((const __m128i *)(const void *)&column->quads[i]);
    __m128i eights = _mm_madd_epi16(quads, myriads);
    __m128i high = _mm_mul_epu32(eights, _mm_set1_epi64x(100000000));
    return _mm_add_epi64(high, _mm_srli_epi64(eights, 32));
}

/* All values; those whose text was no number are something. */
static inline void
decimal_column_doubles(const decimal_column *column, int count, double *values)
{
    const __m128d exponent = _mm_set1_pd(0x1p52); /* its lowest bits are a whole number's */
    for (int i = 0; i < count; i += 2) {
        __m128i bits = decimal_column_mantissas(column, i);
        __m128d wide = _mm_castsi128_pd(_mm_or_si128(bits, _mm_castpd_si128(exponent)));
        __m128d powers = _mm_set_pd(decimal_powers[column->powers[i + 1]],
                                    decimal_powers[column->powers[i]]);
        __m128d pair = _mm_div_pd(_mm_sub_pd(wide, exponent), powers);
        if (i + 1 == count) {
            _mm_store_sd(values + i, pair);
        } else {
            _mm_storeu_pd(values + i, pair);
        }
    }
}

static inline void
decimal_column_bigints(const decimal_column *column, int count, int64_t *values)
{
    for (int i = 0; i < count; i += 2) {
        __m128i mantissas = decimal_column_mantissas(column, i);
        int64_t first = column->powers[i] / DECIMAL_NEGATIVE;
        int64_t second = column->powers[i + 1] / DECIMAL_NEGATIVE;
        __m128i signs = _mm_set_epi64x(-second, -first);
        __m128i pair = _mm_sub_epi64(_mm_xor_si128(mantissas, signs), signs);
        if (i + 1 == count) {
            _mm_storel_epi64((__m128i *)(void *)(values + i), pair);
        } else {
            _mm_storeu_si128((__m128i *)(void *)(values + i), pair);
        }
    }
}

#endif

#endif
