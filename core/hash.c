/* Hashes of keys: a multiply-and-fold for values of 8 and 16 bytes, XXH3 for longer texts.
 *
 *   hash(value) = fold(value ^ a, b)          fold(x, y) = high ^ low half of the product x · y
 *   hash(text)  = fold(first 8 bytes ^ a, last 8 bytes ^ b ^ size)         up to 16 bytes
 *   combined    = fold(hash so far ^ a, hash(value) ^ b)
 *
 * 1. Equal SQL values hash alike: −0.0 as +0.0, every NaN as one, intervals by length.
 * 2. A short view (≤ 12 bytes) is hashed as its 16 bytes, a long one by its bytes: the same text
 *    is always on the same side. Nothing outside of a text is read. */
#include "core/hash.h"

#include "core/time.h"

#include <assert.h>
#include <math.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define HASH_SEED_A 0x9E3779B97F4A7C15u
#define HASH_SEED_B 0xD6E8FEB86659FD93u
#define HASH_NULL 0xA24BAED4963EE407u

__extension__ typedef unsigned __int128 uint128;

static bool hash_is_zero;

void
wr_hash_set_zero(bool zero)
{
    hash_is_zero = zero;
}

bool
wr_hash_is_zero(void)
{
    return hash_is_zero;
}

static inline uint64_t
hash_fold(uint64_t a, uint64_t b)
{
    uint128 product = (uint128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t
hash_word(uint64_t value)
{
    return hash_fold(value ^ HASH_SEED_A, HASH_SEED_B);
}

static inline uint64_t
hash_words(uint64_t first, uint64_t second)
{
    return hash_fold(first ^ HASH_SEED_A, second ^ HASH_SEED_B);
}

uint64_t
wr_hash_bytes(const void *data, size_t size, uint64_t seed)
{
    return hash_is_zero ? 0 : XXH3_64bits_withSeed(data, size, seed);
}

uint64_t
wr_hash_int64(int64_t value)
{
    return hash_is_zero ? 0 : hash_word((uint64_t)value);
}

static inline uint64_t
hash_double(double value)
{
    uint64_t bits = 0;
    value = value == 0 ? 0 : isnan(value) ? (double)NAN : value;
    memcpy(&bits, &value, sizeof(bits));
    return hash_word(bits);
}

/* A short view is its own 16 bytes; of 13 … 16 bytes the first and the last 8 overlap. Where to
 * read is chosen without a branch, since the lengths of texts are hard to predict. */
static inline __attribute__((always_inline)) uint64_t
hash_view(const wr_view *view)
{
    enum { WORDS_MAX = 16 };
    size_t size = view->size;
    if (__builtin_expect(size > WORDS_MAX, 0)) {
        return XXH3_64bits(view->u.data, size);
    }
    bool is_inline = size <= WR_VIEW_INLINE;
    const char *first_at = is_inline ? (const char *)view : view->u.data;
    const char *last_at = is_inline ? view->u.rest : view->u.data + size - 8;
    uint64_t first = 0, last = 0;
    memcpy(&first, first_at, sizeof(first));
    memcpy(&last, last_at, sizeof(last));
    return hash_words(first, last ^ size);
}

static inline uint64_t
hash_interval(const wr_interval *interval)
{
    uint128 us =
        (uint128)interval->months * (uint128)(30 * WR_US_PER_DAY) + (uint128)interval->micros;
    return hash_words((uint64_t)us, (uint64_t)(us >> 64));
}

/* hashes[i] = `expression` over `value`, the i-th element, an `element_type`. */
#define HASH_LOOP(element_type, expression) \
    do { \
        const element_type *values = data; \
        for (int i = 0; i < count; i++) { \
            const element_type *value = &values[i]; \
            hashes[i] = (expression); \
        } \
    } while (0)

static void
hash_elements(wr_type_id id, const void *data, int count, uint64_t *hashes)
{
    switch (id) {
    case WR_TYPE_NULL: HASH_LOOP(uint8_t, HASH_NULL ^ (*value & 0u)); break;
    case WR_TYPE_BOOLEAN: HASH_LOOP(uint8_t, hash_word(*value != 0)); break;
    case WR_TYPE_BIGINT:
    case WR_TYPE_TIMESTAMP:
    case WR_TYPE_TIME: HASH_LOOP(uint64_t, hash_word(*value)); break;
    case WR_TYPE_DATE: HASH_LOOP(uint32_t, hash_word(*value)); break;
    case WR_TYPE_DOUBLE: HASH_LOOP(double, hash_double(*value)); break;
    case WR_TYPE_DECIMAL:
        HASH_LOOP(uint128, hash_words((uint64_t)*value, (uint64_t)(*value >> 64)));
        break;
    case WR_TYPE_INTERVAL: HASH_LOOP(wr_interval, hash_interval(value)); break;
    case WR_TYPE_TEXT:
    case WR_TYPE_BYTES:
    case WR_TYPE_JSON:
    case WR_TYPE_ARRAY:
    case WR_TYPE_STRUCT: HASH_LOOP(wr_view, hash_view(value)); break;
    }
}

/* Rows whose value is NULL get the fixed hash. */
static void
hash_nulls(const uint64_t *valid, int count, uint64_t *hashes)
{
    for (int i = 0; valid && i < count; i++) {
        if (!wr_bit_get(valid, i)) {
            hashes[i] = HASH_NULL;
        }
    }
}

/* The hashes of the entries, spread to the rows. Works in pieces, since entries may be as many as
 * rows and no arena is at hand. */
static void
hash_slots(const wr_vector *vector, int row_count, uint64_t *hashes)
{
    int entry_count = vector->kind == WR_CONSTANT ? 1 : vector->dictionary_size;
    uint64_t entries[WR_BATCH_ROWS];
    if (entry_count > WR_BATCH_ROWS) {
        for (int i = 0; i < row_count; i++) {
            int slot = vector->index[i];
            const char *data = vector->data;
            hash_elements(vector->type.id, data + slot * wr_type_width(vector->type.id), 1,
                          &hashes[i]);
            hashes[i] = wr_vector_is_null(vector, i) ? HASH_NULL : hashes[i];
        }
        return;
    }
    hash_elements(vector->type.id, vector->data, entry_count, entries);
    hash_nulls(vector->valid, entry_count, entries);
    for (int i = 0; i < row_count; i++) {
        hashes[i] = entries[vector->kind == WR_CONSTANT ? 0 : vector->index[i]];
    }
}

static void
hash_vector_piece(const wr_vector *vector, int row_count, uint64_t *hashes)
{
    if (vector->kind == WR_FLAT) {
        hash_elements(vector->type.id, vector->data, row_count, hashes);
        hash_nulls(vector->valid, row_count, hashes);
    } else {
        hash_slots(vector, row_count, hashes);
    }
}

void
wr_hash_vector(const wr_vector *vector, int row_count, bool combine, uint64_t *hashes)
{
    if (hash_is_zero) {
        memset(hashes, 0, (size_t)row_count * sizeof(*hashes));
        return;
    }
    if (!combine) {
        hash_vector_piece(vector, row_count, hashes);
        return;
    }
    assert(row_count <= WR_BATCH_ROWS);
    uint64_t own[WR_BATCH_ROWS];
    hash_vector_piece(vector, row_count, own);
    for (int i = 0; i < row_count; i++) {
        hashes[i] = hash_words(hashes[i], own[i]);
    }
}
