/* Short decimal numbers whose width is known: a field of CSV, a line of text.
 *
 *   -95.74    size 6      negative, mantissa 9574, fraction 2
 *
 * Idea: as decimal.h, but the end need not be found; one mask of what is no digit tells all else.
 *
 * 1. What is taken is a sign at most, digits without a zero in front, and at most one point between
 *    digits; everything else is left to others.
 * 2. Reads 17 bytes at `at`. */
#ifndef WEIR_CONNECTORS_FORMATS_DECIMAL_FIELD_H
#define WEIR_CONNECTORS_FORMATS_DECIMAL_FIELD_H

#include "connectors/formats/decimal.h"

#include <stdbool.h>

#if defined(__SSE4_1__)

/* The unsigned number that fills [at, at + size). */
static inline bool
decimal_fill(const char *at, size_t size, decimal *number)
{
    if (size - 1 >= WR_DECIMAL_WIDTH_MAX) {
        return false;
    }
    unsigned width = (unsigned)size;
    uint32_t others;
    __m128i digits = decimal_digits(at, &others);
    others &= (1u << width) - 1;
    __m128i aligned = _mm_shuffle_epi8(digits, decimal_slide(decimal_align, width));
    if (others == 0) {
        *number = (decimal){decimal_join(aligned), width, 0};
        return *at != '0' || width == 1;
    }
    unsigned point = (unsigned)__builtin_ctz(others);
    unsigned fraction = width - point - 1;
    __m128i whole = _mm_slli_si128(aligned, 1); /* what stands before the point moves over it */
    aligned = _mm_blendv_epi8(aligned, whole, decimal_slide(decimal_before_point, fraction));
    *number = (decimal){decimal_join(aligned), width, fraction};
    return at[point] == '.' && (others & (others - 1)) == 0 && point > 0 && fraction > 0 &&
           (*at != '0' || point == 1);
}

#else

static inline bool
decimal_fill(const char *at, size_t size, decimal *number)
{
    *number = decimal_read(at);
    return number->width > 0 && number->width == size && !decimal_is_padded(at, number);
}

#endif

/* The number that fills [at, at + size), with its sign apart. */
static inline bool
decimal_field(const char *at, size_t size, bool *negative, decimal *number)
{
    *negative = *at == '-';
    return decimal_fill(at + *negative, size - *negative, number);
}

#endif
