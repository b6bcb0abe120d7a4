/* Keys in row form.
 *
 *   GROUP BY host, cpu      ┌ NULL bits ┬ host (16-byte view) ┬ cpu (8) ┐
 *                           └───────────┴─────────────────────┴─────────┘
 *
 * A probe then touches one cache line per candidate, whatever the number of columns.
 *
 * 1. Equal keys are equal bytes, except long texts (pointer differs) and intervals (1 month = 30
 *    days): these are compared by value.
 * 2. The value of a NULL is zero bytes; narrow values are widened to 8 bytes with zeros. */
#include "exec/key_row.h"

#include "functions/kernel.h"

#include <math.h>

void
wr_key_layout_init(wr_key_layout *layout, wr_arena *arena, const wr_type *types, int count)
{
    layout->column_count = count;
    layout->null_words = (int)wr_bits_words(count);
    layout->columns = WR_NEW_ARRAY(arena, wr_key_column, count);
    int offset = layout->null_words * 8;
    for (int i = 0; i < count; i++) {
        layout->columns[i] = (wr_key_column){types[i], offset};
        offset += wr_type_width(types[i].id) == 16 ? 16 : 8;
    }
    layout->row_bytes = offset;
    layout->shape = WR_KEY_GENERAL;
    if (count == 1 && types[0].id != WR_TYPE_INTERVAL && types[0].id != WR_TYPE_DECIMAL) {
        layout->shape = wr_type_is_view(types[0].id) ? WR_KEY_ONE_VIEW : WR_KEY_ONE_WORD;
    }
}

static double
double_normal(double value)
{
    return value == 0 ? 0.0 : isnan(value) ? (double)NAN : value;
}

/* rows[i] at this column = `expression` over `value`, the row's element. */
#define FILL_LOOP(element_type, stored_type, expression)                               \
    do {                                                                               \
        const element_type *data = vector->data;                                       \
        for (int i = 0; i < row_count; i++) {                                          \
            element_type value = data[is_flat ? i : wr_vector_slot(vector, i)];        \
            stored_type stored = (stored_type)(expression);                            \
            memcpy(to + (size_t)i * stride, &stored, sizeof(stored));                  \
        }                                                                              \
    } while (0)

static void
column_fill(const wr_vector *vector, int row_count, size_t stride, char *to)
{
    bool is_flat = vector->kind == WR_FLAT;
    switch (vector->type.id) {
    case WR_TYPE_NULL:
        for (int i = 0; i < row_count; i++) {
            memset(to + (size_t)i * stride, 0, 8);
        }
        break;
    case WR_TYPE_BOOLEAN:
        FILL_LOOP(uint8_t, uint64_t, value != 0);
        break;
    case WR_TYPE_DATE:
        FILL_LOOP(uint32_t, uint64_t, value);
        break;
    case WR_TYPE_BIGINT:
    case WR_TYPE_TIMESTAMP:
    case WR_TYPE_TIME:
        FILL_LOOP(uint64_t, uint64_t, value);
        break;
    case WR_TYPE_DOUBLE:
        FILL_LOOP(double, double, double_normal(value));
        break;
    case WR_TYPE_DECIMAL:
    case WR_TYPE_INTERVAL:
    case WR_TYPE_TEXT:
    case WR_TYPE_BYTES:
    case WR_TYPE_JSON:
    case WR_TYPE_ARRAY:
    case WR_TYPE_STRUCT: {
        const wr_view *data = vector->data; /* any 16 bytes */
        for (int i = 0; i < row_count; i++) {
            memcpy(to + (size_t)i * stride, &data[is_flat ? i : wr_vector_slot(vector, i)], 16);
        }
        break;
    }
    }
}

static void
column_fill_nulls(const wr_key_layout *layout, int column, const wr_vector *vector, int row_count,
                  char *rows)
{
    size_t stride = (size_t)layout->row_bytes;
    size_t width = wr_type_width(vector->type.id) == 16 ? 16 : 8;
    bool is_all_null = vector->type.id == WR_TYPE_NULL;
    for (int i = 0; i < row_count; i++) {
        if (is_all_null || wr_vector_is_null(vector, i)) {
            char *row = rows + (size_t)i * stride;
            wr_bit_set((uint64_t *)(void *)row, column);
            memset(row + layout->columns[column].offset, 0, width);
        }
    }
}

void
wr_key_rows_fill(const wr_key_layout *layout, const wr_vector *keys, int row_count, char *rows)
{
    size_t stride = (size_t)layout->row_bytes;
    for (int i = 0; i < row_count; i++) {
        memset(rows + (size_t)i * stride, 0, (size_t)layout->null_words * 8);
    }
    for (int column = 0; column < layout->column_count; column++) {
        const wr_vector *vector = &keys[column];
        column_fill(vector, row_count, stride, rows + layout->columns[column].offset);
        if (vector->valid || vector->type.id == WR_TYPE_NULL) {
            column_fill_nulls(layout, column, vector, row_count, rows);
        }
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
            if (!wr_view_equal(x, y)) {
                return false;
            }
        } else if (column->type.id == WR_TYPE_INTERVAL) {
            if (wr_value_compare(WR_TYPE_INTERVAL, x, y) != 0) {
                return false;
            }
        } else if (memcmp(x, y, column->type.id == WR_TYPE_DECIMAL ? 16 : 8) != 0) {
            return false;
        }
    }
    return true;
}

int
wr_key_row_compare(const wr_key_layout *layout, const char *a, const char *b)
{
    for (int i = 0; i < layout->column_count; i++) {
        const wr_key_column *column = &layout->columns[i];
        bool a_null = wr_key_row_is_null(a, i), b_null = wr_key_row_is_null(b, i);
        int order = a_null - b_null;
        if (!a_null && !b_null) {
            order = wr_value_compare(column->type.id, a + column->offset, b + column->offset);
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
            wr_view *view = (wr_view *)(void *)(row + layout->columns[i].offset);
            *view = wr_view_copy(arena, view);
        }
    }
}

void
wr_key_row_get(const wr_key_layout *layout, int column, const char *row, wr_vector *out, int at,
               int row_count, wr_arena *arena)
{
    size_t width = (size_t)wr_type_width(out->type.id);
    memcpy((char *)out->data + (size_t)at * width, row + layout->columns[column].offset, width);
    if (wr_key_row_is_null(row, column)) {
        wr_vector_set_null(out, at, row_count, arena);
    }
}
