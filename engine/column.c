/* Reading the current row: values by column, as the type that the caller wants.
 *
 *     a column of        int64   double   text       is_null
 *     DOUBLE 95.74       95      95.74    "95.74"    no
 *     TEXT '12'          12      12       "12"       no
 *     DECIMAL 95.74       0      95.74    "95.74"    no
 *     any NULL           0       0        NULL       yes
 *
 * 1. A text is made when it is asked for, in a buffer per column: the texts of a row live side by
 *    side until the next step.
 * 2. What does not convert is 0, as a column that is not there; nothing here fails. */
#include "engine/engine.h"

#include "core/decimal.h"
#include "core/memory.h"
#include "core/time.h"

void
wr_engine_query_columns(weir_query *query, wr_schema schema, int gutter_columns)
{
    wr_engine_query_columns_fini(query);
    query->schema = schema;
    query->gutter_columns = gutter_columns;
    int count = schema.count > 0 ? schema.count : 0;
    query->column_names = WR_NEW_ARRAY(query->arena, const char *, count);
    query->column_type_names = WR_NEW_ARRAY(query->arena, const char *, count);
    query->texts = WR_NEW_ARRAY(query->arena, wr_buffer, count);
    for (int i = 0; i < count; i++) {
        char type_name[64];
        wr_text name = schema.columns[i].name;
        wr_text type = wr_text_from(wr_type_name(schema.columns[i].type, type_name));
        query->column_names[i] = wr_arena_strndup(query->arena, name.data, name.size);
        query->column_type_names[i] = wr_arena_strndup(query->arena, type.data, type.size);
        wr_buffer_init(&query->texts[i]);
    }
}

void
wr_engine_query_columns_fini(weir_query *query)
{
    for (int i = 0; i < query->schema.count; i++) {
        wr_buffer_fini(&query->texts[i]);
    }
    query->schema.count = -1;
}

static bool
column_exists(const weir_query *query, int column)
{
    return query && column >= 0 && column < query->schema.count;
}

static wr_decimal
decimal_at(const wr_vector *vector, int row)
{
    return (wr_decimal){WR_VALUE(vector, const wr_int128, row), vector->type.scale};
}

/* A DECIMAL that is a whole number of int64; else 0. */
static int64_t
decimal_int64(wr_decimal decimal)
{
    wr_decimal whole = {0, 0};
    bool fits =
        wr_decimal_rescale(decimal.value, decimal.scale, wr_decimal_type(19, 0), &whole.value);
    bool is_same = fits && wr_decimal_compare(decimal, whole) == 0;
    return is_same && whole.value == (int64_t)whole.value ? (int64_t)whole.value : 0;
}

/* The vector of a column and the current row in it; NULL: no such column, or no row. */
static const wr_vector *
column_vector(const weir_query *query, int column)
{
    const wr_batch *batch =
        column_exists(query, column) ? wr_engine_result_batch(&query->result) : NULL;
    return batch ? &batch->columns[column] : NULL;
}

int
weir_column_count(const weir_query *query)
{
    return query ? query->schema.count : 0;
}

const char *
weir_column_name(const weir_query *query, int column)
{
    return column_exists(query, column) ? query->column_names[column] : NULL;
}

int
weir_column_type(const weir_query *query, int column)
{
    return column_exists(query, column) ? (int)query->schema.columns[column].type.id : WEIR_NULL;
}

const char *
weir_column_type_name(const weir_query *query, int column)
{
    return column_exists(query, column) ? query->column_type_names[column] : "NULL";
}

int
weir_column_is_null(const weir_query *query, int column)
{
    const wr_vector *vector = column_vector(query, column);
    return !vector || vector->type.id == WR_TYPE_NULL ||
           wr_vector_is_null(vector, query->result.row);
}

int64_t
weir_column_int64(const weir_query *query, int column)
{
    if (weir_column_is_null(query, column)) {
        return 0;
    }
    const wr_vector *vector = column_vector(query, column);
    int row = query->result.row;
    int64_t value = 0;
    double number;
    switch (vector->type.id) {
    case WR_TYPE_BOOLEAN: return WR_VALUE(vector, const uint8_t, row);
    case WR_TYPE_BIGINT:
    case WR_TYPE_TIMESTAMP:
    case WR_TYPE_TIME: return WR_VALUE(vector, const int64_t, row);
    case WR_TYPE_DATE: return WR_VALUE(vector, const int32_t, row);
    case WR_TYPE_DOUBLE:
        number = WR_VALUE(vector, const double, row);
        return number >= -0x1p63 && number < 0x1p63 ? (int64_t)number : 0;
    case WR_TYPE_DECIMAL: return decimal_int64(decimal_at(vector, row));
    case WR_TYPE_TEXT:
    case WR_TYPE_JSON:
        (void)wr_text_to_int64(wr_view_text(&WR_VALUE(vector, const wr_view, row)), &value);
        return value;
    case WR_TYPE_NULL:
    case WR_TYPE_BYTES:
    case WR_TYPE_INTERVAL:
    case WR_TYPE_ARRAY:
    case WR_TYPE_STRUCT: return 0;
    }
    return 0;
}

double
weir_column_double(const weir_query *query, int column)
{
    if (weir_column_is_null(query, column)) {
        return 0;
    }
    const wr_vector *vector = column_vector(query, column);
    double value = 0;
    if (vector->type.id == WR_TYPE_DOUBLE) {
        return WR_VALUE(vector, const double, query->result.row);
    }
    if (vector->type.id == WR_TYPE_DECIMAL) {
        return wr_decimal_to_double(decimal_at(vector, query->result.row));
    }
    if (vector->type.id == WR_TYPE_TEXT || vector->type.id == WR_TYPE_JSON) {
        wr_text text = wr_view_text(&WR_VALUE(vector, const wr_view, query->result.row));
        return wr_text_to_double(text, &value) ? value : 0;
    }
    return (double)weir_column_int64(query, column);
}

static void
column_print_bytes(wr_text bytes, wr_buffer *out)
{
    static const char digits[] = "0123456789abcdef";
    wr_buffer_text(out, WR_TEXT("\\x"));
    char *at = wr_buffer_reserve(out, bytes.size * 2);
    for (size_t i = 0; i < bytes.size; i++) {
        unsigned char byte = (unsigned char)bytes.data[i];
        at[2 * i] = digits[byte >> 4];
        at[2 * i + 1] = digits[byte & 15];
    }
    out->size += bytes.size * 2;
}

/* The text of a value in its SQL form, appended. */
static void
column_print(const wr_vector *vector, int row, wr_buffer *out)
{
    char *at = wr_buffer_reserve(out, 128);
    switch (vector->type.id) {
    case WR_TYPE_BOOLEAN:
        wr_buffer_text(out,
                       WR_VALUE(vector, const uint8_t, row) ? WR_TEXT("true") : WR_TEXT("false"));
        return;
    case WR_TYPE_BIGINT:
        out->size += wr_int64_to_text(WR_VALUE(vector, const int64_t, row), at);
        return;
    case WR_TYPE_DATE: out->size += wr_date_print(WR_VALUE(vector, const int32_t, row), at); return;
    case WR_TYPE_TIME:
        out->size += wr_daytime_print(WR_VALUE(vector, const int64_t, row), at);
        return;
    case WR_TYPE_DOUBLE:
        out->size += wr_double_to_text(WR_VALUE(vector, const double, row), at);
        return;
    case WR_TYPE_DECIMAL:
        out->size +=
            wr_decimal_to_text(WR_VALUE(vector, const wr_int128, row), vector->type.scale, at);
        return;
    case WR_TYPE_TIMESTAMP:
        out->size += wr_time_print(WR_VALUE(vector, const int64_t, row), at);
        return;
    case WR_TYPE_INTERVAL:
        out->size += wr_interval_print(WR_VALUE(vector, const wr_interval, row), at);
        return;
    case WR_TYPE_BYTES:
        column_print_bytes(wr_view_text(&WR_VALUE(vector, const wr_view, row)), out);
        return;
    case WR_TYPE_TEXT:
    case WR_TYPE_JSON:
    case WR_TYPE_ARRAY:
    case WR_TYPE_STRUCT:
        wr_buffer_text(out, wr_view_text(&WR_VALUE(vector, const wr_view, row)));
        return;
    case WR_TYPE_NULL: return;
    }
}

const char *
weir_column_text(weir_query *query, int column, size_t *size)
{
    if (size) {
        *size = 0;
    }
    if (weir_column_is_null(query, column)) {
        return NULL;
    }
    /* One buffer a column, so that the texts of a row live side by side until the next step. */
    wr_buffer *text = &query->texts[column];
    wr_buffer_reset(text);
    column_print(column_vector(query, column), query->result.row, text);
    if (size) {
        *size = text->size;
    }
    return wr_buffer_cstr(text);
}

int
weir_row_op(const weir_query *query)
{
    const wr_batch *batch = query ? wr_engine_result_batch(&query->result) : NULL;
    return batch && batch->row_ops ? batch->row_ops[query->result.row] : WEIR_INSERT;
}

int64_t
weir_row_time(const weir_query *query)
{
    const wr_batch *batch = query ? wr_engine_result_batch(&query->result) : NULL;
    return batch && batch->event_time_us ? batch->event_time_us[query->result.row] : INT64_MIN;
}

int
weir_row_window(const weir_query *query, int64_t *start_us, int64_t *end_us)
{
    const wr_batch *batch = query ? wr_engine_result_batch(&query->result) : NULL;
    if (!batch || query->gutter_columns < 2) {
        return 0;
    }
    const wr_vector *gutter = &batch->columns[query->schema.count];
    *start_us = WR_VALUE(&gutter[0], const int64_t, query->result.row);
    *end_us = WR_VALUE(&gutter[1], const int64_t, query->result.row);
    return 1;
}
