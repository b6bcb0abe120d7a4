/* Keys of a batch, by column.
 *
 *   host    flat TEXT       ─▶ key texts of 24 bytes           hashes   h(host) ∘ h(rack) …
 *   rack    constant DATE   ─▶ widened to 8 bytes, flat        when a table asks for them
 *   score   flat DOUBLE     ─▶ copied, −0 as +0, one NaN
 *   place   flat BIGINT     ─▶ borrowed
 *
 * Tables compare these arrays with their key rows, word by word; a key row is only made of a row
 * whose key may be new. The bytes of a text are fetched once, here.
 *
 * 1. An array has the bytes that a key row would have: equal keys are equal bytes, except long
 *    texts (pointer differs) and intervals.
 * 2. Hashes do not depend on the form of the vectors. Those of a key of one text are made together
 *    with the array, while its bytes are at hand. */
#include "exec/key_columns.h"

#include "core/hash.h"

#include <math.h>

#define HASH_NULL 0xA24BAED4963EE407u

void
wr_key_columns_init(wr_key_columns *keys, const wr_key_layout *layout, wr_arena *arena)
{
    keys->layout = layout;
    keys->values = WR_NEW_ARRAY(arena, wr_key_values, layout->column_count);
}

static double
double_normal(double value)
{
    return value == 0 ? 0.0 : isnan(value) ? fabs((double)NAN) : value;
}

/* stored[row] = `expression` over `value`, the row's element. */
#define STORE_LOOP(element_type, stored_type, expression)                  \
    do {                                                                   \
        const element_type *data = vector->data;                           \
        stored_type *stored = to;                                          \
        for (int row = 0; row < row_count; row++) {                        \
            element_type value = data[wr_vector_slot(vector, row)];        \
            stored[row] = (expression);                                    \
        }                                                                  \
    } while (0)

static void
values_store(const wr_vector *vector, int row_count, void *to)
{
    switch (vector->type.id) {
    case WR_TYPE_NULL:
        memset(to, 0, (size_t)row_count * sizeof(uint64_t));
        break;
    case WR_TYPE_BOOLEAN:
        STORE_LOOP(uint8_t, uint64_t, value ? 1u : 0u);
        break;
    case WR_TYPE_DATE:
        STORE_LOOP(uint32_t, uint64_t, value);
        break;
    case WR_TYPE_BIGINT:
    case WR_TYPE_TIMESTAMP:
    case WR_TYPE_TIME:
        STORE_LOOP(uint64_t, uint64_t, value);
        break;
    case WR_TYPE_DOUBLE:
        STORE_LOOP(double, double, double_normal(value));
        break;
    case WR_TYPE_DECIMAL:
    case WR_TYPE_INTERVAL:
        STORE_LOOP(wr_interval, wr_interval, value); /* any 16 bytes */
        break;
    case WR_TYPE_TEXT:
    case WR_TYPE_BYTES:
    case WR_TYPE_JSON:
    case WR_TYPE_ARRAY:
    case WR_TYPE_STRUCT:
        for (int row = 0; row < row_count; row++) {
            const wr_view *views = vector->data;
            wr_key_text_init((wr_key_text *)to + row, &views[wr_vector_slot(vector, row)]);
        }
        break;
    }
}

/* Can the vector's data be compared with key rows as it is? */
static bool
vector_is_stored(const wr_vector *vector)
{
    wr_type_id id = vector->type.id;
    return vector->kind == WR_FLAT && wr_type_width(id) >= 8 && !wr_type_is_view(id) &&
           id != WR_TYPE_DOUBLE && id != WR_TYPE_NULL;
}

/* The validity of each row; NULL: nothing is NULL. */
static const uint64_t *
vector_row_bits(const wr_vector *vector, int row_count, wr_arena *arena)
{
    bool is_null_type = vector->type.id == WR_TYPE_NULL;
    if (vector->kind == WR_FLAT && !is_null_type) {
        return vector->valid;
    }
    if (!vector->valid && !is_null_type) {
        return NULL;
    }
    uint64_t *bits = wr_bits_new(arena, row_count);
    for (int row = 0; row < row_count; row++) {
        if (is_null_type || wr_vector_is_null(vector, row)) {
            wr_bit_clear(bits, row);
        }
    }
    return bits;
}

/* The only key is a text: array and hashes in one loop. */
static const wr_key_text *
keys_store_texts(wr_key_columns *keys, const wr_vector *vector, const uint64_t *valid,
                 wr_arena *arena)
{
    const int row_count = keys->row_count;
    const wr_vector flat = wr_vector_flatten(vector, row_count, arena);
    const wr_view *views = flat.data;
    wr_key_text *texts = wr_arena_alloc(arena, (size_t)row_count * sizeof(*texts));
    uint64_t *hashes = keys->hashes;
    for (int row = 0; row < row_count; row++) {
        wr_key_text_init(&texts[row], &views[row]);
        hashes[row] = wr_key_text_hash(&texts[row]);
    }
    for (int row = 0; valid && row < row_count; row++) {
        hashes[row] = wr_bit_get(valid, row) ? hashes[row] : HASH_NULL;
    }
    if (wr_hash_is_zero()) {
        memset(hashes, 0, (size_t)row_count * sizeof(*hashes));
    }
    keys->is_hashed = true;
    return texts;
}

void
wr_key_columns_set(wr_key_columns *keys, const wr_vector *vectors, int row_count, wr_arena *arena)
{
    keys->vectors = vectors;
    keys->row_count = row_count;
    keys->is_hashed = false;
    for (int i = 0; i < keys->layout->column_count; i++) {
        const wr_vector *vector = &vectors[i];
        wr_key_values *values = &keys->values[i];
        values->valid = vector_row_bits(vector, row_count, arena);
        values->data = vector->data;
        if (keys->layout->shape == WR_KEY_ONE_TEXT) {
            values->data = keys_store_texts(keys, vector, values->valid, arena);
        } else if (!vector_is_stored(vector)) {
            size_t width = (size_t)keys->layout->columns[i].width;
            void *stored = wr_arena_alloc(arena, (size_t)row_count * width);
            values_store(vector, row_count, stored);
            values->data = stored;
        }
    }
}

const uint64_t *
wr_key_columns_hashes(wr_key_columns *keys)
{
    for (int i = 0; !keys->is_hashed && i < keys->layout->column_count; i++) {
        wr_hash_vector(&keys->vectors[i], keys->row_count, i > 0, keys->hashes);
    }
    keys->is_hashed = true;
    return keys->hashes;
}

void
wr_key_columns_write(const wr_key_columns *keys, int row, char *to)
{
    const wr_key_layout *layout = keys->layout;
    memset(to, 0, (size_t)layout->row_bytes);
    for (int i = 0; i < layout->column_count; i++) {
        const wr_key_values *values = &keys->values[i];
        size_t width = (size_t)layout->columns[i].width;
        if (wr_key_values_null(values, row)) {
            wr_bit_set((uint64_t *)(void *)to, i);
        } else {
            memcpy(to + layout->columns[i].offset,
                   (const char *)values->data + (size_t)row * width, width);
        }
    }
}
