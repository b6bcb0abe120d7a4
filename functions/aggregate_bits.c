/* bit_and, bit_or, bit_xor of whole numbers.
 *
 *   bit_and over 12, 10:   not (not 12 or not 10) = 8
 *
 * Idea: AND is kept as the OR of the complements, so that a state of zero bytes is neutral for all
 * three.
 *
 * 1. Without a value the result is NULL. */
#include "functions/aggregate.h"

typedef struct bits_state {
    int64_t bits, count;
} bits_state;

#define AND_STEP(state, value) ((state)->bits |= ~(value), (state)->count++)
#define OR_STEP(state, value) ((state)->bits |= (value), (state)->count++)
#define XOR_STEP(state, value) ((state)->bits ^= (value), (state)->count++)

#define BITS_FUNCTIONS(name, step, sign) \
    static void name##_update(const wr_aggregate_call *call) \
    { \
        WR_AGGREGATE_LOOP(call, bits_state, int64_t, step); \
    } \
    static inline void name##_combine_one(bits_state *into, const bits_state *from, \
                                          wr_arena *memory) \
    { \
        (void)memory; \
        into->bits = into->bits sign from->bits; \
        into->count += from->count; \
    } \
    WR_AGGREGATE_COMBINE(name##_combine, bits_state)
BITS_FUNCTIONS(bit_and, AND_STEP, |)
BITS_FUNCTIONS(bit_or, OR_STEP, |)
BITS_FUNCTIONS(bit_xor, XOR_STEP, ^)

static void
bits_write(const bits_state *state, bool is_and, wr_vector *out, int row, int row_count,
           wr_arena *arena)
{
    ((int64_t *)out->data)[row] = is_and ? ~state->bits : state->bits;
    if (state->count == 0) {
        wr_vector_set_null(out, row, row_count, arena);
    }
}

static inline void
and_finalize_one(const bits_state *state, wr_vector *out, int row, int row_count, wr_arena *arena)
{
    bits_write(state, true, out, row, row_count, arena);
}

static inline void
bits_finalize_one(const bits_state *state, wr_vector *out, int row, int row_count, wr_arena *arena)
{
    bits_write(state, false, out, row, row_count, arena);
}

WR_AGGREGATE_FINALIZE(and_finalize, bits_state)
WR_AGGREGATE_FINALIZE(bits_finalize, bits_state)

#define BITS_ENTRY(name, finalize, meaning, result) \
    WR_AGGREGATE(#name, WR_TYPE_BIGINT, bits_state, name, finalize, NULL, NULL, #name "(x)", \
                 meaning, #name "(x) over 12, 10", result, WR_TYPE_BIGINT)

static const wr_aggregate bits_entries[] = {
    BITS_ENTRY(bit_and, and_finalize, "Bits that are set in every value.", "8"),
    BITS_ENTRY(bit_or, bits_finalize, "Bits that are set in any value.", "14"),
    BITS_ENTRY(bit_xor, bits_finalize, "Bits that are set in an odd number of values.", "6"),
};

const wr_aggregate_table wr_aggregates_bits = WR_TABLE(bits_entries);
