/* Values as JSON: the registry's casts do it, but for TEXT, which CAST would read as JSON.
 *
 *   'a"b' → "a\"b"     7 → 7     TIMESTAMP → "2026-01-01T00:00:00Z"     INTERVAL → "1 hour"
 *
 * 1. A type that has no cast to JSON becomes a string of its text. */
#include "functions/json_column.h"

static void
column_call(wr_kernel kernel, const wr_vector *values, wr_vector *out, int n, wr_arena *arena)
{
    wr_call call = {.n = n, .arg_count = 1, .args = values, .out = out, .arena = arena};
    kernel(&call);
}

/* What exec does before a kernel that is not NULL-aware. */
static wr_vector
column_like(const wr_vector *values, wr_type type, int n, wr_arena *arena)
{
    wr_vector out;
    wr_vector_init_flat(&out, type, n, arena);
    for (int i = 0; i < n && (values->valid || values->errors); i++) {
        if (wr_vector_is_null(values, i)) {
            wr_vector_set_null(&out, i, n, arena);
        }
        if (wr_vector_error(values, i) != WR_REASON_NONE) {
            wr_vector_set_error(&out, i, n, wr_vector_error(values, i), arena);
        }
    }
    return out;
}

static int
quote_row(const wr_call *call, int row, wr_buffer *out)
{
    wr_buffer_json_string(out, wr_arg_text(call, 0, row));
    return WR_ROW_OK;
}

/* As people and PostgreSQL write bytes: "\\x6162", whose backslash JSON doubles. */
static int
quote_bytes_row(const wr_call *call, int row, wr_buffer *out)
{
    wr_text bytes = wr_arg_text(call, 0, row);
    wr_buffer_text(out, WR_TEXT("\"\\\\x"));
    for (size_t i = 0; i < bytes.size; i++) {
        wr_buffer_printf(out, "%02x", (unsigned char)bytes.data[i]);
    }
    wr_buffer_char(out, '"');
    return WR_ROW_OK;
}

WR_WRITER_KERNEL(json_quote, quote_row)
WR_WRITER_KERNEL(json_quote_bytes, quote_bytes_row)

wr_vector
wr_json_column(const wr_vector *values, int n, wr_arena *arena)
{
    const wr_type json = WR_TYPE(JSON);
    wr_type_id id = values->type.id;
    bool is_constant = values->kind == WR_CONSTANT;
    n = is_constant ? 1 : n;
    wr_vector text = *values;
    bool is_quoted = id == WR_TYPE_TEXT;
    const wr_function *cast = wr_function_cast(id, json, false);
    if (!cast) {
        const wr_function *print = wr_function_cast(id, WR_TYPE(TEXT), false);
        text = column_like(values, WR_TYPE(TEXT), n, arena);
        is_quoted = true;
        column_call(print ? print->kernel : wr_function_cast(WR_TYPE_NULL, json, false)->kernel,
                    values, &text, n, arena);
    }
    wr_vector out = column_like(&text, json, n, arena);
    column_call(id == WR_TYPE_BYTES ? json_quote_bytes
                : is_quoted         ? json_quote
                                    : cast->kernel,
                &text, &out, n, arena);
    out.kind = is_constant ? WR_CONSTANT : out.kind;
    return out;
}
