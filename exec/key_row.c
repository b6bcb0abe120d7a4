/* Keys in row form.
 *
 *   GROUP BY host, cpu      ┌ NULL bits ┬ host (24-byte text) ┬ cpu (8) ┐
 *                           └───────────┴─────────────────────┴─────────┘
 *
 * A probe then touches one cache line per candidate, or two: neither the number of columns nor
 * texts of up to 20 bytes (key_text.h) make it more.
 *
 * 1. Equal keys are equal bytes, except long texts (pointer differs) and intervals (1 month = 30
 *    days): these are compared by value.
 * 2. Sorting starts with 8 bytes of the first key behind what all keys begin with ("server-").
 * 3. The value of a NULL is zero bytes; narrow values are widened to 8 bytes with zeros. */
#include "exec/key_row.h"

#include "functions/kernel.h"

static int
column_width(wr_type_id type)
{
    return wr_type_is_view(type) ? (int)sizeof(wr_key_text) : wr_type_width(type) == 16 ? 16 : 8;
}

void
wr_key_layout_init(wr_key_layout *layout, wr_arena *arena, const wr_type *types, int count)
{
    layout->column_count = count;
    layout->null_words = (int)wr_bits_words(count);
    layout->columns = WR_NEW_ARRAY(arena, wr_key_column, count);
    int offset = layout->null_words * 8;
    for (int i = 0; i < count; i++) {
        layout->columns[i] = (wr_key_column){types[i], offset, column_width(types[i].id)};
        offset += layout->columns[i].width;
    }
    layout->row_bytes = offset;
    layout->shape = WR_KEY_GENERAL;
    if (count == 1 && types[0].id != WR_TYPE_INTERVAL && types[0].id != WR_TYPE_DECIMAL) {
        layout->shape = wr_type_is_view(types[0].id) ? WR_KEY_ONE_TEXT : WR_KEY_ONE_WORD;
        layout->is_integer = layout->shape == WR_KEY_ONE_WORD && types[0].id != WR_TYPE_DOUBLE;
    }
}

bool
wr_key_row_equal(const wr_key_layout *layout, const char *a, const char *b)
{
    if (memcmp(a, b, (size_t)layout->null_words * 8) != 0) {
        return false;
    }
    for (int i = 0; i < layout->column_count; i++) {
        const wr_key_column *column = &layout->columns[i];
        const void *x = a + column->offset, *y = b + column->offset;
        if (wr_type_is_view(column->type.id)) {
            if (!wr_key_text_equal(x, y)) {
                return false;
            }
        } else if (column->type.id == WR_TYPE_INTERVAL) {
            if (wr_value_compare(WR_TYPE_INTERVAL, x, y) != 0) {
                return false;
            }
        } else if (memcmp(x, y, (size_t)column->width) != 0) {
            return false;
        }
    }
    return true;
}

static int
column_compare(const wr_key_column *column, const void *a, const void *b)
{
    if (wr_type_is_view(column->type.id)) {
        wr_view x = wr_key_text_view(a), y = wr_key_text_view(b);
        return wr_value_compare(column->type.id, &x, &y);
    }
    return wr_value_compare(column->type.id, a, b);
}

int
wr_key_row_compare(const wr_key_layout *layout, const char *a, const char *b)
{
    for (int i = 0; i < layout->column_count; i++) {
        const wr_key_column *column = &layout->columns[i];
        bool a_null = wr_key_row_is_null(a, i), b_null = wr_key_row_is_null(b, i);
        int order = a_null - b_null;
        if (!a_null && !b_null) {
            order = column_compare(column, a + column->offset, b + column->offset);
        }
        if (order != 0) {
            return order;
        }
    }
    return 0;
}

void
wr_key_row_own(const wr_key_layout *layout, char *row, wr_arena *arena)
{
    for (int i = 0; i < layout->column_count; i++) {
        if (wr_type_is_view(layout->columns[i].type.id)) {
            wr_key_text *text = (wr_key_text *)(void *)(row + layout->columns[i].offset);
            if (text->size > WR_KEY_TEXT_INLINE) {
                text->u.data = wr_arena_bytes_copy(arena, text->u.data, text->size);
            }
        }
    }
}

/* Texts, values of 16, 8, or fewer bytes (the latter were widened by zeros). */
void
wr_key_rows_get(const wr_key_layout *layout, int column, const char *const *rows, int row_count,
                wr_vector *out, wr_arena *arena)
{
    size_t width = (size_t)wr_type_width(out->type.id);
    int offset = layout->columns[column].offset;
    bool is_text = layout->columns[column].width == sizeof(wr_key_text);
    char *to = out->data;
    for (int i = 0; i < row_count; i++) {
        if (is_text) {
            ((wr_view *)out->data)[i] = wr_key_text_view((const void *)(rows[i] + offset));
        } else if (width == 16) {
            memcpy(to + (size_t)i * 16, rows[i] + offset, 16);
        } else if (width == 8) {
            memcpy(to + (size_t)i * 8, rows[i] + offset, 8);
        } else {
            memcpy(to + (size_t)i * width, rows[i] + offset, width);
        }
        if (wr_key_row_is_null(rows[i], column)) {
            wr_vector_set_null(out, i, row_count, arena);
        }
    }
}

/* ── prefixes ───────────────────────────────────────────────────────────────────────────────── */

uint32_t
wr_key_row_common(const wr_key_layout *layout, const char *row, const char *other, uint32_t common)
{
    if (layout->column_count == 0 || !wr_type_is_view(layout->columns[0].type.id)) {
        return 0;
    }
    if (wr_key_row_is_null(row, 0)) {
        return common;
    }
    wr_view a = wr_key_text_view((const void *)(row + layout->columns[0].offset));
    wr_view b = wr_key_text_view((const void *)(other + layout->columns[0].offset));
    const char *x = wr_view_data(&a), *y = wr_view_data(&b);
    common = a.size < common ? a.size : common;
    common = b.size < common ? b.size : common;
    uint32_t same = 0;
    while (same < common && x[same] == y[same]) {
        same++;
    }
    return same;
}

/* The first 8 bytes behind `skip` as a number, the first byte the most significant. */
static uint64_t
text_prefix(const wr_key_text *text, uint32_t skip)
{
    if (text->size <= WR_KEY_TEXT_INLINE && skip <= WR_KEY_TEXT_INLINE - 8) {
        return __builtin_bswap64(wr_view_word(text->start + skip)); /* zeros behind its end */
    }
    wr_view view = wr_key_text_view(text);
    const unsigned char *bytes = (const unsigned char *)wr_view_data(&view);
    uint64_t prefix = 0;
    for (uint32_t i = 0; i < 8; i++) {
        prefix = prefix << 8 | (skip + i < text->size ? bytes[skip + i] : 0);
    }
    return prefix;
}

uint64_t
wr_key_row_prefix(const wr_key_layout *layout, const char *row, uint32_t skip)
{
    const uint64_t sign = 1ull << 63;
    if (layout->column_count == 0) {
        return 0;
    }
    if (wr_key_row_is_null(row, 0)) {
        return UINT64_MAX;
    }
    const void *value = row + layout->columns[0].offset;
    uint64_t bits = 0;
    memcpy(&bits, value, sizeof(bits));
    switch (layout->columns[0].type.id) {
    case WR_TYPE_NULL:
    case WR_TYPE_DECIMAL:
    case WR_TYPE_INTERVAL:
        return 0;
    case WR_TYPE_BOOLEAN:
        return bits;
    case WR_TYPE_DATE:
        return (uint64_t)(int64_t)(int32_t)(uint32_t)bits ^ sign;
    case WR_TYPE_BIGINT:
    case WR_TYPE_TIMESTAMP:
    case WR_TYPE_TIME:
        return bits ^ sign;
    case WR_TYPE_DOUBLE:
        return bits & sign ? ~bits : bits | sign;
    case WR_TYPE_TEXT:
    case WR_TYPE_BYTES:
    case WR_TYPE_JSON:
    case WR_TYPE_ARRAY:
    case WR_TYPE_STRUCT:
        return text_prefix(value, skip);
    }
    return 0;
}
