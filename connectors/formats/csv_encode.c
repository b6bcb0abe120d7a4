/* Writes rows as CSV.
 *
 *   host,v              the header, before the first row, where rows are separated by lines
 *   "a,b",95.74         quotes only where they are needed
 *   "",                 empty text, NULL
 *
 * 1. What is written reads back to the same values under the same options: text that could be taken
 *    for NULL is quoted. */
#include "connectors/formats/csv.h"

#include "connectors/formats/csv_scan.h"
#include "connectors/formats/text_form.h"

#include <string.h>

struct wr_encoder {
    wr_schema schema;
    wr_csv_dialect dialect;
    bool separated, header_due;
};

static bool
needs_quotes(const wr_encoder *encoder, wr_text text)
{
    if (text.size == 0 || wr_text_equal(text, encoder->dialect.null_text)) {
        return true;
    }
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '"' || c == encoder->dialect.delimiter || c == '\n' || c == '\r') {
            return true;
        }
    }
    return false;
}

static void
append_field(wr_encoder *encoder, wr_buffer *out, wr_text text)
{
    if (!needs_quotes(encoder, text)) {
        wr_buffer_text(out, text);
        return;
    }
    wr_buffer_char(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"') {
            wr_buffer_char(out, '"');
        }
        wr_buffer_char(out, text.data[i]);
    }
    wr_buffer_char(out, '"');
}

static void
append_header(wr_encoder *encoder, wr_buffer *out)
{
    for (int c = 0; c < encoder->schema.count; c++) {
        if (c > 0) {
            wr_buffer_char(out, encoder->dialect.delimiter);
        }
        append_field(encoder, out, encoder->schema.columns[c].name);
    }
    wr_buffer_char(out, '\n');
    encoder->header_due = false;
}

static void
append_value(wr_encoder *encoder, wr_buffer *out, const wr_vector *vector, int row)
{
    if (wr_encode_is_null(vector, row)) {
        wr_buffer_text(out, encoder->dialect.null_text);
        return;
    }
    int slot = wr_vector_slot(vector, row);
    if (wr_text_form_is_free(vector->type.id)) {
        append_field(encoder, out, wr_encode_text(vector, slot));
        return;
    }
    size_t begin = out->size;
    wr_text_form_append(out, vector, slot);
    wr_text form = {out->data + begin, out->size - begin};
    if (needs_quotes(encoder, form)) { /* empty bytes, or a delimiter such as '.'; never a quote */
        (void)wr_buffer_reserve(out, 2);
        memmove(out->data + begin + 1, out->data + begin, form.size);
        out->data[begin] = '"';
        out->data[begin + 1 + form.size] = '"';
        out->size += 2;
    }
}

wr_status
wr_csv_encoder_open(wr_arena *arena, const wr_schema *schema, wr_options options, bool separated,
                    wr_encoder **encoder, wr_error *err)
{
    WR_TRY(wr_text_form_check(schema, "csv", err));
    *encoder = WR_NEW(arena, wr_encoder);
    (*encoder)->schema = *schema;
    (*encoder)->separated = separated;
    WR_TRY(wr_csv_dialect_read(options, &(*encoder)->dialect, err));
    (*encoder)->header_due = separated && (*encoder)->dialect.header;
    return WR_OK;
}

wr_status
wr_csv_encode(wr_encoder *encoder, const wr_batch *batch, wr_buffer *out, size_t *end_of_row,
              wr_error *err)
{
    (void)err;
    if (encoder->header_due && batch->selected_count > 0) {
        append_header(encoder, out);
    }
    for (int i = 0; i < batch->selected_count; i++) {
        int row = wr_encode_row(batch, i);
        for (int c = 0; c < encoder->schema.count; c++) {
            if (c > 0) {
                wr_buffer_char(out, encoder->dialect.delimiter);
            }
            append_value(encoder, out, &batch->columns[c], row);
        }
        if (encoder->separated) {
            wr_buffer_char(out, '\n');
        }
        if (end_of_row) {
            end_of_row[i] = out->size;
        }
    }
    return WR_OK;
}

void
wr_csv_encoder_close(wr_encoder *encoder)
{
    (void)encoder; /* all of it is in the arena */
}
