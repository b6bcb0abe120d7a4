/* Vectors off the hot path: making, marking, flattening, gathering.
 *
 *   dictionary  data: [a b]  index: [0 1 1 0]      gather of rows [3 1]: flat [a b]
 *
 * 1. NULL and erroneous rows of view types hold an empty view, so that kernels may read them.
 * 2. Results share nothing with a vector that they were made from, but the bytes of long views. */
#include "core/vector.h"

#include <assert.h>

const char *
wr_reason_text(wr_reason reason)
{
    static const char *const texts[] = {
#define REASON_TEXT(id, text) text,
        WR_REASON_LIST(REASON_TEXT)
#undef REASON_TEXT
    };
    return reason >= 0 && reason < WR_REASON_COUNT ? texts[reason] : "?";
}

uint64_t *
wr_bits_new(wr_arena *arena, int count)
{
    size_t words = wr_bits_words(count);
    uint64_t *bits = wr_arena_alloc(arena, words * sizeof(*bits));
    memset(bits, 0xFF, words * sizeof(*bits));
    return bits;
}

void
wr_vector_init_flat(wr_vector *vector, wr_type type, int row_count, wr_arena *arena)
{
    size_t size_bytes = (size_t)row_count * (size_t)wr_type_width(type.id);
    *vector = (wr_vector){.type = type, .kind = WR_FLAT};
    vector->data = wr_arena_alloc(arena, size_bytes);
    if (wr_type_is_view(type.id)) {
        memset(vector->data, 0, size_bytes);
    }
}

void
wr_vector_init_constant(wr_vector *vector, wr_type type, const void *value, wr_arena *arena)
{
    size_t width = (size_t)wr_type_width(type.id);
    *vector = (wr_vector){.type = type, .kind = WR_CONSTANT};
    vector->data = wr_arena_zalloc(arena, width);
    if (value) {
        memcpy(vector->data, value, width);
    } else {
        vector->valid = WR_NEW(arena, uint64_t);
    }
}

static void
vector_clear_value(wr_vector *vector, int row)
{
    if (wr_type_is_view(vector->type.id)) {
        ((wr_view *)vector->data)[row] = (wr_view){0};
    }
}

void
wr_vector_set_null(wr_vector *vector, int row, int row_count, wr_arena *arena)
{
    assert(vector->kind == WR_FLAT && row < row_count);
    if (!vector->valid) {
        vector->valid = wr_bits_new(arena, row_count);
    }
    wr_bit_clear(vector->valid, row);
    vector_clear_value(vector, row);
}

void
wr_vector_set_error(wr_vector *vector, int row, int row_count, wr_reason reason, wr_arena *arena)
{
    assert(vector->kind == WR_FLAT && row < row_count);
    if (!vector->errors) {
        vector->errors = WR_NEW_ARRAY(arena, uint8_t, row_count);
    }
    vector->errors[row] = (uint8_t)reason;
    vector_clear_value(vector, row);
}

/* to[i] = from[slots[i]], elements of a constant width: one copy of this loop for each width. */
#define GATHER_LOOP(element_type) \
    do { \
        const element_type *source = from; \
        element_type *target = to; \
        for (int i = 0; i < count; i++) { \
            target[i] = source[slots[i]]; \
        } \
    } while (0)

static void
elements_gather(const void *from, int width, const uint16_t *slots, int count, void *to)
{
    switch (width) {
    case 1: GATHER_LOOP(uint8_t); break;
    case 4: GATHER_LOOP(uint32_t); break;
    case 8: GATHER_LOOP(uint64_t); break;
    case 16: GATHER_LOOP(wr_view); break;
    }
}

/* The flat vector whose row i is entry slots[i] of `vector`'s data. */
static wr_vector
vector_take_slots(const wr_vector *vector, const uint16_t *slots, int count, wr_arena *arena)
{
    wr_vector out = {.type = vector->type, .kind = WR_FLAT};
    int width = wr_type_width(vector->type.id);
    out.data = wr_arena_alloc(arena, (size_t)count * (size_t)width);
    elements_gather(vector->data, width, slots, count, out.data);
    if (vector->valid) {
        out.valid = wr_bits_new(arena, count);
        for (int i = 0; i < count; i++) {
            if (!wr_bit_get(vector->valid, slots[i])) {
                wr_bit_clear(out.valid, i);
            }
        }
    }
    if (vector->errors) {
        out.errors = wr_arena_alloc(arena, (size_t)count);
        elements_gather(vector->errors, 1, slots, count, out.errors);
    }
    return out;
}

wr_vector
wr_vector_gather(const wr_vector *vector, const uint16_t *rows, int count, wr_arena *arena)
{
    if (vector->kind == WR_FLAT) {
        return vector_take_slots(vector, rows, count, arena);
    }
    uint16_t *slots = wr_arena_alloc(arena, (size_t)count * sizeof(*slots));
    for (int i = 0; i < count; i++) {
        slots[i] = vector->kind == WR_CONSTANT ? 0 : vector->index[rows[i]];
    }
    return vector_take_slots(vector, slots, count, arena);
}

wr_vector
wr_vector_flatten(const wr_vector *vector, int row_count, wr_arena *arena)
{
    switch (vector->kind) {
    case WR_FLAT: return *vector;
    case WR_CONSTANT:
        return vector_take_slots(vector, WR_NEW_ARRAY(arena, uint16_t, row_count), row_count,
                                 arena);
    case WR_DICTIONARY: return vector_take_slots(vector, vector->index, row_count, arena);
    }
    return *vector;
}
