/* What is inside quotes, 64 bytes at once. To be included once by each kernels_*.c.
 *
 *   text     a , " b , c " , d ↵
 *   quotes       1       1                 inside = parity of the quotes up to here
 *   inside       1 1 1 1                   delimiters and newlines in it are content
 *
 * 1. Parity tells the truth while every opening quote stands behind a stop or a closing quote (""
 *    is one that closes and one that opens), and every closing one before a stop, a quote or a
 *    line end. The first byte that breaks this is told; nothing behind it is known. */
#ifndef WEIR_CONNECTORS_FORMATS_CSV_QUOTES_H
#define WEIR_CONNECTORS_FORMATS_CSV_QUOTES_H

#include "connectors/formats/byte_masks.h"

#include <stdbool.h>

/* Before the first block: {.may_open = 1}. */
typedef struct quote_state {
    uint64_t inside;   /* all ones: the block before ended within quotes */
    uint64_t closed;   /* 1: it ended with a closing quote */
    uint64_t may_open; /* 1: a quote at the start of the next block is in its place */
} quote_state;

static inline uint64_t
parity_of_bits_before(uint64_t bits)
{
    for (int shift = 1; shift < 64; shift *= 2) {
        bits ^= bits << shift;
    }
    return bits;
}

/* Are the bytes at `at` a line end, \r before \n? */
static inline bool
is_cr_newline(const char *at, const char *end)
{
    return end - at >= 2 && at[0] == '\r' && at[1] == '\n';
}

/* Takes what is inside quotes away from masks->stops and ->newlines, where it is told in *content
 * (newlines inside). The mask of the bytes before the first that breaks the rules: all ones, or it
 * has to be the last block. The text is at [at, end). */
static inline uint64_t
quotes_apply(quote_state *state, field_masks *masks, const char *at, const char *end,
             uint64_t *content)
{
    uint64_t inside = parity_of_bits_before(masks->quotes) ^ state->inside;
    uint64_t opening = masks->quotes & inside, closing = masks->quotes & ~inside;
    *content = masks->newlines & inside;
    masks->stops &= ~inside;
    masks->newlines &= ~inside;
    uint64_t wrong = opening & ~((masks->stops | closing) << 1 | state->may_open);
    uint64_t behind = (closing << 1 | state->closed) & ~(masks->stops | opening);
    for (; behind; behind &= behind - 1) {
        int i = __builtin_ctzll(behind);
        wrong |= is_cr_newline(at + i, end) ? 0 : (uint64_t)1 << i;
    }
    state->inside = (uint64_t)0 - (inside >> 63);
    state->closed = closing >> 63;
    state->may_open = (masks->stops | closing) >> 63;
    return wrong ? (wrong & -wrong) - 1 : UINT64_MAX;
}

#endif
