/* What a row for SQLite looks like while it waits in the outbox.
 *
 *     size  op  │ 1 00000000000000005 │ 3 00000004 "eu-1" │ 0 │        all integers little endian
 *     4     1     tag, 8 bytes          tag, size, bytes    NULL
 *
 *   BOOLEAN 0 or 1    BIGINT integer    DOUBLE real    TEXT, JSON text    BYTES blob
 *   TIMESTAMP, DATE, TIME, INTERVAL as text, as everywhere (2026-01-01T00:05:00Z)
 *
 * 1. NaN is NULL: SQLite has no other way to keep it. It also keeps −0.0 as 0.0; infinities stay.
 * 2. Reading checks every size and tag: the bytes were on a disk. */
#include "connectors/sqlite_row.h"

#include "connectors/formats/text_form.h"

#include <math.h>
#include <string.h>

enum { SIZE_BYTES = 4, NUMBER_BYTES = 8 };

const char *
wr_sqlite_type_name(wr_type type)
{
    switch (type.id) {
    case WR_TYPE_BOOLEAN: return "BOOLEAN";
    case WR_TYPE_BIGINT: return "INTEGER";
    case WR_TYPE_DOUBLE: return "REAL";
    case WR_TYPE_BYTES: return "BLOB";
    case WR_TYPE_TEXT:
    case WR_TYPE_JSON:
    case WR_TYPE_TIMESTAMP:
    case WR_TYPE_DATE:
    case WR_TYPE_TIME:
    case WR_TYPE_INTERVAL:
    case WR_TYPE_DECIMAL: return "TEXT";
    case WR_TYPE_NULL:
    case WR_TYPE_ARRAY:
    case WR_TYPE_STRUCT: return "";
    }
    return "";
}

/* ── writing ────────────────────────────────────────────────────────────────────────────────── */

static void
number_write(char *out, uint64_t number, int byte_count)
{
    for (int i = 0; i < byte_count; i++) {
        out[i] = (char)(unsigned char)(number >> 8 * i);
    }
}

static void
number_append(wr_buffer *out, wr_sqlite_kind kind, int64_t number)
{
    wr_buffer_char(out, (char)kind);
    number_write(wr_buffer_reserve(out, NUMBER_BYTES), (uint64_t)number, NUMBER_BYTES);
    out->size += NUMBER_BYTES;
}

/* Room for the size of what comes; see size_close. */
static size_t
size_open(wr_buffer *out)
{
    (void)wr_buffer_reserve(out, SIZE_BYTES);
    out->size += SIZE_BYTES;
    return out->size;
}

static void
size_close(wr_buffer *out, size_t begin)
{
    number_write(out->data + begin - SIZE_BYTES, out->size - begin, SIZE_BYTES);
}

static void
real_append(wr_buffer *out, double value)
{
    int64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    if (isnan(value)) {
        wr_buffer_char(out, WR_SQLITE_NULL_CELL);
    } else {
        number_append(out, WR_SQLITE_REAL_CELL, bits);
    }
}

static void
cell_append(wr_buffer *out, const wr_vector *vector, int row)
{
    if (wr_encode_is_null(vector, row)) {
        wr_buffer_char(out, WR_SQLITE_NULL_CELL);
    } else if (vector->type.id == WR_TYPE_BIGINT) {
        number_append(out, WR_SQLITE_INTEGER_CELL, WR_VALUE(vector, int64_t, row));
    } else if (vector->type.id == WR_TYPE_BOOLEAN) {
        number_append(out, WR_SQLITE_INTEGER_CELL, WR_VALUE(vector, uint8_t, row) != 0);
    } else if (vector->type.id == WR_TYPE_DOUBLE) {
        real_append(out, WR_VALUE(vector, double, row));
    } else {
        bool is_blob = vector->type.id == WR_TYPE_BYTES;
        wr_buffer_char(out, is_blob ? WR_SQLITE_BLOB_CELL : WR_SQLITE_TEXT_CELL);
        size_t begin = size_open(out);
        if (is_blob) {
            wr_buffer_text(out, wr_encode_text(vector, wr_vector_slot(vector, row)));
        } else {
            wr_text_form_append(out, vector, wr_vector_slot(vector, row));
        }
        size_close(out, begin);
    }
}

void
wr_sqlite_row_append(wr_buffer *out, const wr_batch *batch, int row, wr_sqlite_op op)
{
    size_t begin = size_open(out);
    wr_buffer_char(out, (char)op);
    for (int c = 0; c < batch->column_count; c++) {
        cell_append(out, &batch->columns[c], row);
    }
    size_close(out, begin);
}

/* ── reading ────────────────────────────────────────────────────────────────────────────────── */

static bool
bytes_take(wr_text *from, size_t size, wr_text *taken)
{
    if (from->size < size) {
        return false;
    }
    *taken = (wr_text){from->data, size};
    *from = (wr_text){from->data + size, from->size - size};
    return true;
}

static bool
number_take(wr_text *from, int byte_count, uint64_t *number)
{
    wr_text bytes;
    *number = 0;
    if (!bytes_take(from, (size_t)byte_count, &bytes)) {
        return false;
    }
    for (int i = 0; i < byte_count; i++) {
        *number |= (uint64_t)(unsigned char)bytes.data[i] << 8 * i;
    }
    return true;
}

static bool
cell_take(wr_text *from, wr_sqlite_cell *cell)
{
    uint64_t tag, number = 0;
    bool valid = number_take(from, 1, &tag) && tag <= WR_SQLITE_BLOB_CELL;
    *cell = (wr_sqlite_cell){.kind = valid ? (wr_sqlite_kind)tag : WR_SQLITE_NULL_CELL};
    if (cell->kind == WR_SQLITE_NULL_CELL) {
        return valid;
    }
    bool is_number = tag == WR_SQLITE_INTEGER_CELL || tag == WR_SQLITE_REAL_CELL;
    valid = number_take(from, is_number ? NUMBER_BYTES : SIZE_BYTES, &number);
    cell->integer = (int64_t)number;
    return valid && (is_number || bytes_take(from, (size_t)number, &cell->bytes));
}

wr_status
wr_sqlite_row_take(wr_text *bytes, wr_sqlite_op *op, wr_sqlite_cell *cells, int count,
                   wr_error *err)
{
    uint64_t size, number = 0;
    wr_text row;
    bool valid = number_take(bytes, SIZE_BYTES, &size) && bytes_take(bytes, (size_t)size, &row) &&
                 number_take(&row, 1, &number) && number <= WR_SQLITE_DELETE;
    *op = number == WR_SQLITE_DELETE ? WR_SQLITE_DELETE : WR_SQLITE_PUT;
    for (int i = 0; i < count && valid; i++) {
        valid = cell_take(&row, &cells[i]);
    }
    if (!valid || row.size > 0) {
        return wr_error_set(err, WR_ERR_STATE, "E0904", "rows for an SQLite table are damaged");
    }
    return WR_OK;
}
