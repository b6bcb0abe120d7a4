/* Vectors of segments as bytes.
 *
 *   flags │ NULL bits, if any │ errors, if any │ values, packed
 *   values of 8 bytes and fewer: one column of numbers; of 16: two; texts: sizes, then bytes
 *
 * 1. A value that is NULL or in error is written as it lies there, texts as empty ones.
 * 2. What is read is a flat vector; its texts lie in the arena. */
#include "exec/state/segment_parts.h"

#include <assert.h>

enum { VECTOR_HAS_NULLS = 1, VECTOR_HAS_ERRORS = 2, WORD_BYTES = 8 };

#define WIDEN_LOOP(c_type) \
    do { \
        for (int i = 0; i < n; i++) { \
            numbers[i] = ((const c_type *)vector->data)[i]; \
        } \
    } while (0)

/* Word `word` of values of 16 bytes. */
static void
put_half(wr_buffer *out, const wr_vector *vector, int word, int n)
{
    uint64_t numbers[WR_BATCH_ROWS];
    numbers[0] = 0; /* of n > 0 the compiler does not know */
    for (int i = 0; i < n; i++) {
        memcpy(&numbers[i], (const char *)vector->data + i * 2 * WORD_BYTES + word * WORD_BYTES,
               WORD_BYTES);
    }
    wr_packed_write(out, numbers, n);
}

static void
put_values(wr_buffer *out, const wr_vector *vector, int n)
{
    uint64_t numbers[WR_BATCH_ROWS];
    numbers[0] = 0;
    switch (vector->type.id) {
    case WR_TYPE_NULL:
        return;
    case WR_TYPE_BOOLEAN:
        WIDEN_LOOP(uint8_t);
        break;
    case WR_TYPE_DATE:
        WIDEN_LOOP(uint32_t);
        break;
    case WR_TYPE_BIGINT:
    case WR_TYPE_TIMESTAMP:
    case WR_TYPE_TIME:
        WIDEN_LOOP(uint64_t);
        break;
    case WR_TYPE_DOUBLE:
        memcpy(numbers, vector->data, (size_t)n * sizeof(*numbers));
        break;
    case WR_TYPE_DECIMAL:
    case WR_TYPE_INTERVAL:
        put_half(out, vector, 0, n);
        put_half(out, vector, 1, n);
        return;
    case WR_TYPE_TEXT:
    case WR_TYPE_BYTES:
    case WR_TYPE_JSON:
    case WR_TYPE_ARRAY:
    case WR_TYPE_STRUCT:
        wr_packed_write_texts(out, vector->data, n);
        return;
    }
    wr_packed_write(out, numbers, n);
}

void
wr_segment_put_vector(wr_buffer *out, const wr_vector *vector, int n)
{
    assert(vector->kind == WR_FLAT && n > 0 && n <= WR_BATCH_ROWS);
    int flags = (vector->valid ? VECTOR_HAS_NULLS : 0) | (vector->errors ? VECTOR_HAS_ERRORS : 0);
    wr_buffer_char(out, (char)flags);
    if (vector->valid) {
        wr_buffer_append(out, (const char *)vector->valid, wr_bits_words(n) * WORD_BYTES);
    }
    if (vector->errors) {
        wr_buffer_append(out, (const char *)vector->errors, (size_t)n);
    }
    put_values(out, vector, n);
}

/* ── and back ───────────────────────────────────────────────────────────────────────────────── */

#define NARROW_LOOP(c_type) \
    do { \
        for (int i = 0; i < n; i++) { \
            ((c_type *)vector->data)[i] = (c_type)numbers[i]; \
        } \
    } while (0)

static bool
take_half(wr_text *from, int word, int n, wr_vector *vector)
{
    uint64_t numbers[WR_BATCH_ROWS];
    if (!wr_packed_read(from, numbers, n)) {
        return false;
    }
    for (int i = 0; i < n; i++) {
        memcpy((char *)vector->data + i * 2 * WORD_BYTES + word * WORD_BYTES, &numbers[i],
               WORD_BYTES);
    }
    return true;
}

static bool
take_values(wr_text *from, int n, wr_vector *vector, wr_arena *arena)
{
    uint64_t numbers[WR_BATCH_ROWS];
    switch (vector->type.id) {
    case WR_TYPE_NULL:
        memset(vector->data, 0, (size_t)n);
        return true;
    case WR_TYPE_BOOLEAN:
        if (!wr_packed_read(from, numbers, n)) {
            return false;
        }
        for (int i = 0; i < n; i++) {
            ((uint8_t *)vector->data)[i] = numbers[i] != 0;
        }
        return true;
    case WR_TYPE_DATE:
        if (!wr_packed_read(from, numbers, n)) {
            return false;
        }
        NARROW_LOOP(uint32_t);
        return true;
    case WR_TYPE_BIGINT:
    case WR_TYPE_TIMESTAMP:
    case WR_TYPE_TIME:
    case WR_TYPE_DOUBLE:
        return wr_packed_read(from, vector->data, n);
    case WR_TYPE_DECIMAL:
    case WR_TYPE_INTERVAL:
        return take_half(from, 0, n, vector) && take_half(from, 1, n, vector);
    case WR_TYPE_TEXT:
    case WR_TYPE_BYTES:
    case WR_TYPE_JSON:
    case WR_TYPE_ARRAY:
    case WR_TYPE_STRUCT:
        return wr_packed_read_texts(from, vector->data, n, arena);
    }
    return false;
}

static bool
errors_are_reasons(const wr_vector *vector, int n)
{
    bool ok = true;
    for (int i = 0; vector->errors && i < n; i++) {
        ok = ok && vector->errors[i] < WR_REASON_COUNT;
    }
    return ok;
}

bool
wr_segment_take_vector(wr_text *from, wr_type type, int n, wr_vector *vector, wr_arena *arena)
{
    uint8_t flags = 0;
    if (!wr_packed_take(from, &flags, sizeof(flags)) ||
        flags > (VECTOR_HAS_NULLS | VECTOR_HAS_ERRORS)) {
        return false;
    }
    wr_vector_init_flat(vector, type, n, arena);
    if (flags & VECTOR_HAS_NULLS) {
        vector->valid = wr_bits_new(arena, n);
        if (!wr_packed_take(from, vector->valid, wr_bits_words(n) * WORD_BYTES)) {
            return false;
        }
    }
    if (flags & VECTOR_HAS_ERRORS) {
        vector->errors = wr_arena_alloc(arena, (size_t)n);
        if (!wr_packed_take(from, vector->errors, (size_t)n)) {
            return false;
        }
    }
    return errors_are_reasons(vector, n) && take_values(from, n, vector, arena);
}
