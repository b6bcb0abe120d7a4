/* Arrow's columns as vectors: borrowed where the layout is the same, else converted once.
 *
 *   Arrow "l" int64      ─ borrowed ─▶  BIGINT flat        [ 7 8 9 ]
 *   Arrow "i" int32      ─ widened ──▶  BIGINT flat
 *   Arrow "u" UTF-8      ─ views ────▶  TEXT flat          12 bytes or less inline
 *   Arrow dictionary "u" ─ index ────▶  TEXT dictionary    [ web db ] 0 1 1 0; NULL rows: entry 2
 *   Arrow "d:10,2"       ─ checked ──▶  DECIMAL(10,2)      every number has at most 10 digits
 *   Arrow validity bits  ─ copied ───▶  words that begin with the first row
 *
 * Invariants
 * 1. Nothing of the array is written to.
 * 2. What an Arrow type converts to is in one table; only those pairs are accepted. */
#include "connectors/arrow_import.h"

#include "core/decimal.h"
#include "core/memory.h"
#include "core/time.h"

#include <string.h>

typedef enum arrow_form {
    ARROW_BITS, /* boolean, one bit a value */
    ARROW_INT8,
    ARROW_UINT8,
    ARROW_INT16,
    ARROW_UINT16,
    ARROW_INT32,
    ARROW_UINT32,
    ARROW_INT64,
    ARROW_UINT64,
    ARROW_FLOAT,
    ARROW_DOUBLE,
    ARROW_TEXT,       /* 32-bit offsets */
    ARROW_LARGE_TEXT, /* 64-bit offsets */
    ARROW_SECONDS,
    ARROW_MILLIS,
    ARROW_MICROS,
    ARROW_NANOS,
    ARROW_DAYS,       /* 32 bits */
    ARROW_DAY_MILLIS, /* of a DATE, whole days */
    ARROW_SECONDS_32, /* of a TIME */
    ARROW_MILLIS_32,
    ARROW_DECIMAL /* 128 bits */
} arrow_form;

typedef struct arrow_pair {
    const char *format; /* a prefix when it ends in ':' */
    arrow_form form;
    wr_type_id type; /* that it becomes */
} arrow_pair;

static const arrow_pair arrow_pairs[] = {
    {"b", ARROW_BITS, WR_TYPE_BOOLEAN},        {"c", ARROW_INT8, WR_TYPE_BIGINT},
    {"C", ARROW_UINT8, WR_TYPE_BIGINT},        {"s", ARROW_INT16, WR_TYPE_BIGINT},
    {"S", ARROW_UINT16, WR_TYPE_BIGINT},       {"i", ARROW_INT32, WR_TYPE_BIGINT},
    {"I", ARROW_UINT32, WR_TYPE_BIGINT},       {"l", ARROW_INT64, WR_TYPE_BIGINT},
    {"L", ARROW_UINT64, WR_TYPE_BIGINT},       {"f", ARROW_FLOAT, WR_TYPE_DOUBLE},
    {"g", ARROW_DOUBLE, WR_TYPE_DOUBLE},       {"c", ARROW_INT8, WR_TYPE_DOUBLE},
    {"s", ARROW_INT16, WR_TYPE_DOUBLE},        {"i", ARROW_INT32, WR_TYPE_DOUBLE},
    {"l", ARROW_INT64, WR_TYPE_DOUBLE},        {"u", ARROW_TEXT, WR_TYPE_TEXT},
    {"U", ARROW_LARGE_TEXT, WR_TYPE_TEXT},     {"u", ARROW_TEXT, WR_TYPE_JSON},
    {"U", ARROW_LARGE_TEXT, WR_TYPE_JSON},     {"z", ARROW_TEXT, WR_TYPE_BYTES},
    {"Z", ARROW_LARGE_TEXT, WR_TYPE_BYTES},    {"tss:", ARROW_SECONDS, WR_TYPE_TIMESTAMP},
    {"tsm:", ARROW_MILLIS, WR_TYPE_TIMESTAMP}, {"tsu:", ARROW_MICROS, WR_TYPE_TIMESTAMP},
    {"tsn:", ARROW_NANOS, WR_TYPE_TIMESTAMP},  {"d:", ARROW_DECIMAL, WR_TYPE_DECIMAL},
    {"tdD", ARROW_DAYS, WR_TYPE_DATE},         {"tdm", ARROW_DAY_MILLIS, WR_TYPE_DATE},
    {"tts", ARROW_SECONDS_32, WR_TYPE_TIME},   {"ttm", ARROW_MILLIS_32, WR_TYPE_TIME},
    {"ttu", ARROW_MICROS, WR_TYPE_TIME},       {"ttn", ARROW_NANOS, WR_TYPE_TIME},
};

enum { ARROW_DICTIONARY_MAX = 65535 }; /* entries that a uint16 index reaches, and one for NULL */

/* ── which column, which form ───────────────────────────────────────────────────────────────── */

static const arrow_pair *
arrow_pair_find(const char *format, wr_type_id type)
{
    for (size_t i = 0; i < sizeof arrow_pairs / sizeof arrow_pairs[0]; i++) {
        const arrow_pair *pair = &arrow_pairs[i];
        size_t size = strlen(pair->format);
        bool is_prefix = pair->format[size - 1] == ':';
        bool matches = is_prefix ? strncmp(format, pair->format, size) == 0
                                 : strcmp(format, pair->format) == 0;
        if (pair->type == type && matches) {
            return pair;
        }
    }
    return NULL;
}

static int64_t
arrow_column_find(const struct ArrowSchema *arrow_schema, wr_text name)
{
    for (int64_t i = 0; i < arrow_schema->n_children; i++) {
        if (wr_text_equal_nocase(wr_text_from(arrow_schema->children[i]->name), name)) {
            return i;
        }
    }
    return -1;
}

/* "d:10,2" or "d:10,2,128"; false: other digits than a DECIMAL has, or another width. */
static bool
arrow_decimal_type(const char *format, wr_type *type)
{
    int64_t numbers[3] = {0, 0, 128};
    wr_text rest = wr_text_from(format + strlen("d:"));
    for (int i = 0; i < 3 && rest.data; i++) {
        const char *comma = memchr(rest.data, ',', rest.size);
        size_t size = comma ? (size_t)(comma - rest.data) : rest.size;
        if (!wr_text_to_int64((wr_text){rest.data, size}, &numbers[i])) {
            return false;
        }
        rest = comma ? (wr_text){comma + 1, rest.size - size - 1} : WR_TEXT_NONE;
    }
    bool good = numbers[0] >= 1 && numbers[0] <= WR_DECIMAL_DIGITS_MAX && numbers[1] >= 0 &&
                numbers[1] <= numbers[0] && numbers[2] == 128 && !rest.data;
    *type = good ? wr_decimal_type((int)numbers[0], (int)numbers[1]) : *type;
    return good;
}

/* Buffers that a form needs: validity first, then values, or offsets and bytes. */
static int64_t
arrow_buffer_count(arrow_form form)
{
    return form == ARROW_TEXT || form == ARROW_LARGE_TEXT ? 3 : 2;
}

static wr_status
arrow_misuse(wr_error *err, const char *what, wr_text column)
{
    return wr_error_set(err, WR_ERR_MISUSE, "E0902", "Arrow column \"%.*s\" %s",
                        WR_TEXT_ARG(column), what);
}

static wr_status
arrow_column_check(const wr_column *column, const struct ArrowSchema *arrow_schema,
                   const struct ArrowArray *array, int64_t length, wr_error *err)
{
    const struct ArrowSchema *values =
        arrow_schema->dictionary ? arrow_schema->dictionary : arrow_schema;
    const struct ArrowArray *data = arrow_schema->dictionary ? array->dictionary : array;
    const arrow_pair *pair = arrow_pair_find(values->format, column->type.id);
    if (!pair) {
        wr_status status = wr_error_set(
            err, WR_ERR_MISUSE, "E0902", "Arrow column \"%.*s\" has format \"%s\", wanted is %s",
            WR_TEXT_ARG(column->name), values->format, wr_type_id_name(column->type.id));
        return status;
    }
    wr_type digits;
    if (pair->form == ARROW_DECIMAL && !arrow_decimal_type(values->format, &digits)) {
        return arrow_misuse(err, "is a decimal of more than 38 digits, or not of 128 bits",
                            column->name);
    }
    if (arrow_schema->dictionary && !arrow_pair_find(arrow_schema->format, WR_TYPE_BIGINT)) {
        return arrow_misuse(err, "has a dictionary without integer indices", column->name);
    }
    if (!data || data->n_buffers < arrow_buffer_count(pair->form) || array->n_buffers < 2 ||
        array->length < length || array->offset < 0 || data->offset < 0) {
        return arrow_misuse(err, "has not the buffers of its format", column->name);
    }
    return WR_OK;
}

wr_status
wr_arrow_check(const wr_schema *schema, const struct ArrowSchema *arrow_schema,
               const struct ArrowArray *array, wr_error *err)
{
    bool is_struct = arrow_schema->format && strcmp(arrow_schema->format, "+s") == 0;
    if (!is_struct || arrow_schema->n_children != array->n_children || array->length < 0 ||
        array->offset < 0) {
        return wr_error_set(err, WR_ERR_MISUSE, "E0902",
                            "an Arrow batch is a struct array (\"+s\") with a child a column");
    }
    if (array->null_count > 0) {
        return wr_error_set(err, WR_ERR_MISUSE, "E0902", "an Arrow batch has no NULL rows");
    }
    for (int i = 0; i < schema->count; i++) {
        int64_t child = arrow_column_find(arrow_schema, schema->columns[i].name);
        if (child >= 0) {
            WR_TRY(arrow_column_check(&schema->columns[i], arrow_schema->children[child],
                                      array->children[child], array->offset + array->length, err));
        }
    }
    return WR_OK;
}

/* ── values ─────────────────────────────────────────────────────────────────────────────────── */

/* What is converted: rows [offset, offset + length) of `array`'s buffers. */
typedef struct arrow_rows {
    const struct ArrowArray *array;
    int64_t offset, length;
    wr_arena *arena;
    wr_text name; /* of the column, for messages */
} arrow_rows;

/* Bits [first, first + count) as words of their own. */
static uint64_t *
bits_copy(const uint8_t *bits, int64_t first, int64_t count, wr_arena *arena)
{
    size_t words = (size_t)(count + 63) / 64;
    uint64_t *copy = wr_arena_zalloc(arena, (words ? words : 1) * sizeof *copy);
    if (first % 8 == 0) {
        memcpy(copy, bits + first / 8, (size_t)(count + 7) / 8);
        return copy;
    }
    for (int64_t i = 0; i < count; i++) {
        uint64_t bit = (bits[(first + i) / 8] >> ((first + i) % 8)) & 1;
        copy[i / 64] |= bit << (i % 64);
    }
    return copy;
}

static uint64_t *
rows_valid(const arrow_rows *rows)
{
    const uint8_t *bits = rows->array->buffers[0];
    if (!bits || rows->array->null_count == 0 || rows->length == 0) {
        return NULL;
    }
    return bits_copy(bits, rows->offset, rows->length, rows->arena);
}

/* out[i] = (out_type)in[i] × factor, all of them in range. */
#define ARROW_CONVERT(in_type, out_type) \
    do { \
        const in_type *in = (const in_type *)values + rows->offset; \
        out_type *out = wr_arena_alloc(rows->arena, bytes); \
        for (int64_t i = 0; i < rows->length; i++) { \
            out[i] = (out_type)in[i]; \
        } \
        return out; \
    } while (0)

static void *
convert_to_bigint(const arrow_rows *rows, arrow_form form)
{
    const void *values = rows->array->buffers[1];
    size_t bytes = (size_t)rows->length * sizeof(int64_t);
    switch ((int)form) {
    case ARROW_INT8: ARROW_CONVERT(int8_t, int64_t);
    case ARROW_UINT8: ARROW_CONVERT(uint8_t, int64_t);
    case ARROW_INT16: ARROW_CONVERT(int16_t, int64_t);
    case ARROW_UINT16: ARROW_CONVERT(uint16_t, int64_t);
    case ARROW_INT32: ARROW_CONVERT(int32_t, int64_t);
    case ARROW_UINT32: ARROW_CONVERT(uint32_t, int64_t);
    }
    return (int64_t *)(uintptr_t)values + rows->offset; /* INT64, and UINT64 that fit */
}

static void *
convert_to_double(const arrow_rows *rows, arrow_form form)
{
    const void *values = rows->array->buffers[1];
    size_t bytes = (size_t)rows->length * sizeof(double);
    switch ((int)form) {
    case ARROW_FLOAT: ARROW_CONVERT(float, double);
    case ARROW_INT8: ARROW_CONVERT(int8_t, double);
    case ARROW_INT16: ARROW_CONVERT(int16_t, double);
    case ARROW_INT32: ARROW_CONVERT(int32_t, double);
    case ARROW_INT64: ARROW_CONVERT(int64_t, double);
    }
    return (double *)(uintptr_t)values + rows->offset;
}

static bool
row_valid(const uint64_t *valid, int64_t row)
{
    return !valid || ((valid[row / 64] >> (row % 64)) & 1);
}

static wr_status
check_unsigned(const arrow_rows *rows, const uint64_t *valid, wr_error *err)
{
    const uint64_t *in = (const uint64_t *)rows->array->buffers[1] + rows->offset;
    for (int64_t i = 0; i < rows->length; i++) {
        if (in[i] > INT64_MAX && row_valid(valid, i)) {
            return arrow_misuse(err, "has a number beyond BIGINT", rows->name);
        }
    }
    return WR_OK;
}

/* Seconds, milliseconds → microseconds by `factor`; nanoseconds are cut (rounded down). */
static wr_status
convert_time(const arrow_rows *rows, arrow_form form, const uint64_t *valid, int64_t **out,
             wr_error *err)
{
    const int64_t *in = (const int64_t *)rows->array->buffers[1] + rows->offset;
    int64_t factor = form == ARROW_SECONDS ? WR_US_PER_S : WR_US_PER_MS;
    if (form == ARROW_MICROS) {
        *out = (int64_t *)(uintptr_t)in;
        return WR_OK;
    }
    *out = wr_arena_alloc(rows->arena, (size_t)rows->length * sizeof **out);
    for (int64_t i = 0; i < rows->length; i++) {
        if (form == ARROW_NANOS) {
            (*out)[i] = in[i] / 1000 - (in[i] % 1000 < 0);
        } else if (__builtin_mul_overflow(in[i], factor, &(*out)[i]) && row_valid(valid, i)) {
            return arrow_misuse(err, "has a time out of range", rows->name);
        }
    }
    return WR_OK;
}

/* Days, or milliseconds of whole days. */
static wr_status
convert_date(const arrow_rows *rows, arrow_form form, const uint64_t *valid, int32_t **out,
             wr_error *err)
{
    const int32_t *days = (const int32_t *)rows->array->buffers[1] + rows->offset;
    const int64_t *millis = (const int64_t *)rows->array->buffers[1] + rows->offset;
    const int64_t day_ms = WR_US_PER_DAY / WR_US_PER_MS;
    *out = wr_arena_alloc(rows->arena, (size_t)rows->length * sizeof **out);
    for (int64_t i = 0; i < rows->length; i++) {
        int64_t day = form == ARROW_DAYS ? days[i] : millis[i] / day_ms;
        bool is_date = day >= -WR_DATE_DAYS_MAX && day <= WR_DATE_DAYS_MAX &&
                       (form == ARROW_DAYS || millis[i] % day_ms == 0);
        (*out)[i] = is_date ? (int32_t)day : 0;
        if (!is_date && row_valid(valid, i)) {
            return arrow_misuse(err, "has a date out of range", rows->name);
        }
    }
    return WR_OK;
}

/* Since midnight, less than a day; nanoseconds are cut. */
static wr_status
convert_daytime(const arrow_rows *rows, arrow_form form, const uint64_t *valid, int64_t **out,
                wr_error *err)
{
    const int32_t *small = (const int32_t *)rows->array->buffers[1] + rows->offset;
    const int64_t *large = (const int64_t *)rows->array->buffers[1] + rows->offset;
    *out = wr_arena_alloc(rows->arena, (size_t)rows->length * sizeof **out);
    for (int64_t i = 0; i < rows->length; i++) {
        int64_t us = form == ARROW_SECONDS_32  ? small[i] * WR_US_PER_S
                     : form == ARROW_MILLIS_32 ? small[i] * WR_US_PER_MS
                     : form == ARROW_NANOS     ? large[i] / 1000 - (large[i] % 1000 < 0)
                                               : large[i];
        bool is_daytime = us >= 0 && us < WR_US_PER_DAY;
        (*out)[i] = is_daytime ? us : 0;
        if (!is_daytime && row_valid(valid, i)) {
            return arrow_misuse(err, "has a time outside of a day", rows->name);
        }
    }
    return WR_OK;
}

static wr_status
convert_text(const arrow_rows *rows, arrow_form form, wr_type_id type, const uint64_t *valid,
             wr_view **out, wr_error *err)
{
    const int32_t *small = (const int32_t *)rows->array->buffers[1] + rows->offset;
    const int64_t *large = (const int64_t *)rows->array->buffers[1] + rows->offset;
    const char *bytes = rows->array->buffers[2];
    wr_view *views = wr_arena_alloc(rows->arena, (size_t)rows->length * sizeof *views);
    for (int64_t i = 0; i < rows->length; i++) {
        int64_t begin = form == ARROW_TEXT ? small[i] : large[i];
        int64_t end = form == ARROW_TEXT ? small[i + 1] : large[i + 1];
        if (!row_valid(valid, i)) {
            begin = end = 0;
        }
        if (begin < 0 || end < begin || end - begin > UINT32_MAX) {
            return arrow_misuse(err, "has offsets that go back", rows->name);
        }
        const char *data = end > begin ? bytes + begin : "";
        if (type != WR_TYPE_BYTES && !wr_utf8_valid(data, (size_t)(end - begin))) {
            return arrow_misuse(err, "has a text that is not UTF-8", rows->name);
        }
        views[i] = wr_view_from(data, (size_t)(end - begin));
    }
    *out = views;
    return WR_OK;
}

static void *
convert_bits(const arrow_rows *rows)
{
    const uint8_t *bits = rows->array->buffers[1];
    uint8_t *out = wr_arena_alloc(rows->arena, (size_t)rows->length);
    for (int64_t i = 0; i < rows->length; i++) {
        int64_t at = rows->offset + i;
        out[i] = (bits[at / 8] >> (at % 8)) & 1;
    }
    return out;
}

/* Every value copied, brought to the column's scale, and checked for its precision. */
static wr_status
convert_decimal(const arrow_rows *rows, const char *format, wr_type to, const uint64_t *valid,
                wr_int128 **out, wr_error *err)
{
    const char *in = (const char *)rows->array->buffers[1] + (size_t)rows->offset * sizeof **out;
    wr_type from = to;
    (void)arrow_decimal_type(format, &from); /* checked before */
    *out = wr_arena_alloc(rows->arena, (size_t)rows->length * sizeof **out);
    memcpy(*out, in, (size_t)rows->length * sizeof **out); /* Arrow aligns to 8 bytes only */
    for (int64_t i = 0; i < rows->length; i++) {
        if (!wr_decimal_rescale((*out)[i], from.scale, to, &(*out)[i]) && row_valid(valid, i)) {
            return arrow_misuse(err, "has a number with more digits than the column", rows->name);
        }
    }
    return WR_OK;
}

static wr_status
import_plain(const arrow_rows *rows, const char *format, wr_type type, wr_vector *out,
             wr_error *err)
{
    const arrow_pair *pair = arrow_pair_find(format, type.id);
    *out = (wr_vector){.type = type, .kind = WR_FLAT, .valid = rows_valid(rows)};
    if (rows->length == 0) {
        out->data = wr_arena_zalloc(rows->arena, 64);
        return WR_OK;
    }
    if (!rows->array->buffers[1]) {
        return arrow_misuse(err, "has no values", rows->name);
    }
    if (pair->form == ARROW_BITS) {
        out->data = convert_bits(rows);
    } else if (pair->form == ARROW_DECIMAL) {
        return convert_decimal(rows, format, type, out->valid, (wr_int128 **)&out->data, err);
    } else if (type.id == WR_TYPE_DATE) {
        return convert_date(rows, pair->form, out->valid, (int32_t **)&out->data, err);
    } else if (type.id == WR_TYPE_TIME) {
        return convert_daytime(rows, pair->form, out->valid, (int64_t **)&out->data, err);
    } else if (type.id == WR_TYPE_TIMESTAMP) {
        return convert_time(rows, pair->form, out->valid, (int64_t **)&out->data, err);
    } else if (type.id == WR_TYPE_DOUBLE) {
        out->data = convert_to_double(rows, pair->form);
    } else if (type.id == WR_TYPE_BIGINT) {
        out->data = convert_to_bigint(rows, pair->form);
        return pair->form == ARROW_UINT64 ? check_unsigned(rows, out->valid, err) : WR_OK;
    } else {
        return convert_text(rows, pair->form, type.id, out->valid, (wr_view **)&out->data, err);
    }
    return WR_OK;
}

/* ── dictionaries ───────────────────────────────────────────────────────────────────────────── */

/* The dictionary's values, and behind them one NULL for rows that are NULL themselves. */
static void
dictionary_append_null(wr_vector *values, int64_t count, wr_arena *arena)
{
    size_t width = (size_t)wr_type_width(values->type.id);
    char *data = wr_arena_zalloc(arena, ((size_t)count + 1) * width);
    memcpy(data, values->data, (size_t)count * width);
    uint64_t *valid = wr_bits_new(arena, (int)count + 1);
    for (int i = 0; i < (int)count; i++) {
        if (values->valid && !wr_bit_get(values->valid, i)) {
            wr_bit_clear(valid, i);
        }
    }
    wr_bit_clear(valid, (int)count);
    values->data = data;
    values->valid = valid;
    values->dictionary_size = (int)count + 1;
}

static wr_status
import_dictionary(const arrow_rows *rows, const struct ArrowSchema *arrow_schema, wr_type type,
                  wr_vector *out, wr_error *err)
{
    const struct ArrowArray *dictionary = rows->array->dictionary;
    arrow_rows entries = {.array = dictionary,
                          .offset = dictionary->offset,
                          .length = dictionary->length,
                          .arena = rows->arena,
                          .name = rows->name};
    wr_vector index;
    if (dictionary->length > ARROW_DICTIONARY_MAX) {
        return arrow_misuse(err, "has a dictionary of more than 65,535 entries", rows->name);
    }
    WR_TRY(import_plain(&entries, arrow_schema->dictionary->format, type, out, err));
    WR_TRY(import_plain(rows, arrow_schema->format, WR_TYPE(BIGINT), &index, err));
    out->kind = WR_DICTIONARY;
    out->dictionary_size = (int)dictionary->length;
    if (index.valid || dictionary->length == 0) {
        dictionary_append_null(out, dictionary->length, rows->arena);
    }
    out->index = wr_arena_alloc(rows->arena, (size_t)rows->length * sizeof *out->index);
    const int64_t *numbers = index.data;
    for (int64_t i = 0; i < rows->length; i++) {
        bool valid = row_valid(index.valid, i);
        if (valid && (numbers[i] < 0 || numbers[i] >= dictionary->length)) {
            return arrow_misuse(err, "has an index outside its dictionary", rows->name);
        }
        out->index[i] = (uint16_t)(valid ? numbers[i] : dictionary->length);
    }
    return WR_OK;
}

wr_status
wr_arrow_import(const wr_schema *schema, const struct ArrowSchema *arrow_schema,
                const struct ArrowArray *array, wr_arena *arena, wr_vector *columns, wr_error *err)
{
    for (int i = 0; i < schema->count; i++) {
        const wr_column *column = &schema->columns[i];
        int64_t child = arrow_column_find(arrow_schema, column->name);
        if (child < 0) {
            wr_vector_init_constant(&columns[i], column->type, NULL, arena);
            continue;
        }
        const struct ArrowSchema *form = arrow_schema->children[child];
        arrow_rows rows = {.array = array->children[child],
                           .offset = array->offset + array->children[child]->offset,
                           .length = array->length,
                           .arena = arena,
                           .name = column->name};
        WR_TRY(form->dictionary
                   ? import_dictionary(&rows, form, column->type, &columns[i], err)
                   : import_plain(&rows, form->format, column->type, &columns[i], err));
    }
    return WR_OK;
}

wr_vector
wr_arrow_slice(const wr_vector *column, int64_t first, int count, wr_arena *arena)
{
    wr_vector slice = *column;
    switch (column->kind) {
    case WR_CONSTANT: break;
    case WR_DICTIONARY: slice.index = column->index + first; break;
    case WR_FLAT:
        slice.data = (char *)column->data + (size_t)first * (size_t)wr_type_width(column->type.id);
        if (column->valid && first % 64 == 0) {
            slice.valid = column->valid + first / 64;
        } else if (column->valid) {
            slice.valid = bits_copy((const uint8_t *)column->valid, first, count, arena);
        }
        break;
    }
    return slice;
}
