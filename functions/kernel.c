/* What kernels of every topic share: marking rows, storing texts, ordering values.
 *
 * 1. A row that the caller has merged to NULL or error keeps that state. */
#include "functions/kernel.h"

#include "core/int128.h"
#include "core/time.h"

#include <math.h>

void
wr_call_mark(wr_call *call, int row, int outcome)
{
    if (outcome == WR_ROW_OK || wr_call_skips(call, row)) {
        return;
    }
    if (outcome == WR_ROW_NULL) {
        wr_vector_set_null(call->out, row, call->n, call->arena);
    } else {
        wr_vector_set_error(call->out, row, call->n, (wr_reason)outcome, call->arena);
    }
}

void
wr_call_set_text(wr_call *call, int row, wr_text text)
{
    if (text.size > WR_VIEW_INLINE) {
        char *bytes = wr_arena_bytes(call->arena, text.size);
        memcpy(bytes, text.data, text.size);
        text.data = bytes;
    }
    wr_call_set_view(call, row, text);
}

void
wr_call_finish(wr_call *call, int row, int outcome, const wr_buffer *out)
{
    if (outcome == WR_ROW_OK && out->size > WR_RESULT_BYTES_MAX) {
        outcome = WR_REASON_TOO_LARGE;
    }
    wr_text result = {out->data, outcome == WR_ROW_OK ? out->size : 0};
    wr_call_set_text(call, row, result);
    wr_call_mark(call, row, outcome);
}

void
wr_call_write(wr_call *call, wr_row_writer write)
{
    wr_buffer out;
    wr_buffer_init(&out);
    for (int i = 0; i < call->n; i++) {
        wr_buffer_reset(&out);
        int outcome = wr_call_skips(call, i) ? WR_ROW_NULL : write(call, i, &out);
        wr_call_finish(call, i, outcome, &out);
    }
    wr_buffer_fini(&out);
}

void
wr_call_copy_row(wr_call *call, int row, int arg)
{
    const wr_vector *from = &call->args[arg];
    size_t width = (size_t)wr_type_width(call->out->type.id);
    memcpy(wr_vector_element(call->out, row), wr_vector_element(from, wr_vector_slot(from, row)),
           width);
    if (wr_vector_is_null(from, row)) {
        wr_vector_set_null(call->out, row, call->n, call->arena);
    }
    if (wr_vector_error(from, row) != WR_REASON_NONE) {
        wr_vector_set_error(call->out, row, call->n, wr_vector_error(from, row), call->arena);
    }
}

static int
int64_order(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int
double_order(double a, double b)
{
    bool a_is_nan = isnan(a);
    bool b_is_nan = isnan(b);
    return a_is_nan || b_is_nan ? a_is_nan - b_is_nan : (a > b) - (a < b);
}

static int
int128_order(const void *a, const void *b)
{
    wr_int128 first;
    wr_int128 second;
    memcpy(&first, a, sizeof(first));
    memcpy(&second, b, sizeof(second));
    return (first > second) - (first < second);
}

int
wr_value_compare(wr_type_id type, const void *a, const void *b)
{
    switch (type) {
    case WR_TYPE_NULL: return 0;
    case WR_TYPE_BOOLEAN: return *(const uint8_t *)a - *(const uint8_t *)b;
    case WR_TYPE_BIGINT:
    case WR_TYPE_TIMESTAMP:
    case WR_TYPE_TIME: return int64_order(*(const int64_t *)a, *(const int64_t *)b);
    case WR_TYPE_DATE: return int64_order(*(const int32_t *)a, *(const int32_t *)b);
    case WR_TYPE_DOUBLE: return double_order(*(const double *)a, *(const double *)b);
    case WR_TYPE_DECIMAL: return int128_order(a, b);
    case WR_TYPE_INTERVAL:
        return wr_interval_compare(*(const wr_interval *)a, *(const wr_interval *)b);
    case WR_TYPE_TEXT:
    case WR_TYPE_BYTES:
    case WR_TYPE_JSON:
    case WR_TYPE_ARRAY:
    case WR_TYPE_STRUCT: return wr_view_compare(a, b);
    }
    return 0;
}
