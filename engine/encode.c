/* Rows as bytes: runs a format's encoder over the rows that wait in a result, so that a program
 * that only passes them on does not read them value by value.
 *
 *     [row 1 │ row 2 │ row 3]  encode_rows(max 2)  →  {"a":1}\n{"a":2}\n        row 3 waits
 *
 * 1. Rows that are taken back (−U, −D) are passed over, unless a changelog is asked for. */
#include "engine/engine.h"

#include "core/memory.h"

#include <string.h>

struct weir_encoder {
    weir_query *query;
    wr_arena *arena; /* the encoder's own */
    const wr_format_ops *format;
    wr_encoder *encoder;
    wr_buffer out;
    bool changelog;
};

static wr_status
encoder_open(weir_encoder *encoder, const char *format, wr_error *err)
{
    encoder->format = wr_format_find(wr_text_from(format));
    if (!encoder->format || !encoder->format->encoder_open) {
        return wr_error_set(err, WR_ERR_MISUSE, "E0902", "no format \"%s\" that can encode",
                            format);
    }
    wr_schema schema = encoder->query->schema;
    wr_schema copy = {WR_NEW_ARRAY(encoder->arena, wr_column, schema.count + 1), schema.count};
    int first = encoder->changelog ? 1 : 0;
    if (encoder->changelog) {
        copy.columns[0] = (wr_column){.name = WR_TEXT("op"), .type = WR_TYPE(TEXT)};
        copy.count++;
    }
    for (int i = 0; i < schema.count; i++) {
        copy.columns[first + i] = schema.columns[i];
    }
    return encoder->format->encoder_open(encoder->arena, &copy, (wr_options){NULL, 0}, true,
                                         &encoder->encoder, err);
}

int
weir_encoder_new(weir_query *query, const char *format, int changelog, weir_encoder **encoder,
                 weir_error **err)
{
    if (!query || !format || !encoder || query->schema.count < 0) {
        return wr_engine_misuse(NULL, err,
                                "weir_encoder_new needs a query whose columns are known");
    }
    weir_encoder *made = wr_alloc(sizeof *made);
    made->query = query;
    made->arena = wr_arena_new(0);
    made->changelog = changelog != 0;
    wr_buffer_init(&made->out);
    wr_error error;
    wr_error_clear(&error);
    if (encoder_open(made, format, &error) != WR_OK) {
        weir_encoder_free(made);
        return wr_engine_fail(&error, err);
    }
    *encoder = made;
    return WEIR_OK;
}

/* A view of rows [first, first + count) of a dense batch: with a changelog the "op" column is put
 * before them, without one the rows that are taken back are left out. */
static wr_batch
encoder_slice(weir_encoder *encoder, const wr_batch *batch, int first, int count, wr_arena *scratch)
{
    static const char *const names[] = {"+I", "-U", "+U", "-D"};
    wr_batch slice = *batch;
    uint16_t *rows = wr_arena_alloc(scratch, sizeof *rows * (size_t)count);
    int kept = 0;
    for (int i = first; i < first + count; i++) {
        bool taken_back = batch->row_ops && (batch->row_ops[i] == WEIR_UPDATE_BEFORE ||
                                             batch->row_ops[i] == WEIR_DELETE);
        if (encoder->changelog || !taken_back) {
            rows[kept++] = (uint16_t)i;
        }
    }
    slice.selection = rows;
    slice.selected_count = kept;
    slice.column_count = encoder->query->schema.count;
    if (!encoder->changelog) {
        return slice;
    }
    wr_vector *columns = WR_NEW_ARRAY(scratch, wr_vector, slice.column_count + 1);
    wr_vector_init_flat(&columns[0], WR_TYPE(TEXT), batch->row_count, scratch);
    for (int i = 0; i < batch->row_count; i++) {
        ((wr_view *)columns[0].data)[i] =
            wr_view_from(names[batch->row_ops ? batch->row_ops[i] : WR_INSERT], 2);
    }
    memcpy(columns + 1, batch->columns, sizeof *columns * (size_t)slice.column_count);
    slice.columns = columns;
    slice.column_count++;
    return slice;
}

int
weir_encode_rows(weir_encoder *encoder, int64_t max_rows, int64_t *rows, const char **data,
                 size_t *size)
{
    if (!encoder || max_rows < 1 || !rows || !data || !size) {
        return WEIR_MISUSE;
    }
    engine_result *result = &encoder->query->result;
    const wr_batch *batch = wr_engine_result_batch(result);
    *rows = 0;
    wr_buffer_reset(&encoder->out);
    wr_arena *scratch = wr_arena_new(0);
    wr_error error;
    wr_error_clear(&error);
    wr_status status = WR_OK;
    for (; batch && max_rows > 0 && status == WR_OK; batch = result->batches[result->batch]) {
        int left = batch->row_count - result->row;
        int count = max_rows < left ? (int)max_rows : left;
        wr_batch slice = encoder_slice(encoder, batch, result->row, count, scratch);
        status = encoder->format->encode(encoder->encoder, &slice, &encoder->out, NULL, &error);
        *rows += slice.selected_count;
        max_rows -= count;
        result->row += count - 1; /* the last encoded row is the current one */
        if (max_rows == 0 || result->batch + 1 == result->batch_count) {
            break;
        }
        result->batch++;
        result->row = 0;
    }
    wr_arena_free(scratch);
    *data = encoder->out.data;
    *size = encoder->out.size;
    return status == WR_OK ? WEIR_OK : wr_engine_query_fail(encoder->query, &error, NULL);
}

void
weir_encoder_free(weir_encoder *encoder)
{
    if (!encoder) {
        return;
    }
    if (encoder->encoder) {
        encoder->format->encoder_close(encoder->encoder);
    }
    wr_buffer_fini(&encoder->out);
    wr_arena_free(encoder->arena);
    wr_free(encoder);
}
