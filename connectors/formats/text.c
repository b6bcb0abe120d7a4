/* The format text: every message or line is one value, in one column.
 *
 *   12.5        v DOUBLE 12.5    (white space around numbers does not matter)
 *   hello       v TEXT 'hello'
 *
 * Written, the columns of a row stand side by side with tabs between them; NULL is empty.
 *
 * Idea: a line is a record of CSV with one field in which quotes mean nothing, so lines and
 * messages become rows by runs (csv_rows.c); what those leave is read here.
 *
 * 1. A line that is not valid UTF-8 is a bad row, whatever the column's type.
 * 2. A blank line or message is empty text, and where a number or time is wanted, no value: bad as
 *    a message, passed over as a line. */
#include "connectors/formats/csv_rows.h"
#include "connectors/formats/formats.h"
#include "connectors/formats/text_form.h"

struct wr_decoder {
    wr_decode_spec spec;
    wr_decode_frame frame;
    wr_csv_rows *rows;
    wr_csv_fields fields; /* every column is field 0 */
    int64_t line;
};

static const wr_csv_dialect bare_lines = {.delimiter = '\n', .bare = true};

static wr_status
text_decoder_open(wr_arena *arena, const wr_decode_spec *spec, wr_decoder **decoder, wr_error *err)
{
    (void)err;
    *decoder = WR_NEW(arena, wr_decoder);
    (*decoder)->spec = *spec;
    wr_decode_frame_init(&(*decoder)->frame, &(*decoder)->spec, arena);
    (*decoder)->rows = wr_csv_rows_new(arena, &(*decoder)->frame, &bare_lines);
    (*decoder)->fields.count = 1;
    (*decoder)->fields.of = WR_NEW_ARRAY(arena, int, spec->column_count + 1);
    return WR_OK;
}

static void
text_decoder_close(wr_decoder *decoder)
{
    (void)decoder; /* all of it is in the query arena */
}

static void
record_decode(wr_decoder *decoder, wr_text record)
{
    wr_decode_frame *frame = &decoder->frame;
    wr_decode_record(frame, record);
    size_t valid = wr_utf8_valid_prefix(record.data, record.size);
    if (valid != record.size) {
        wr_decode_reject(frame, WR_REASON_UTF8, record.data + valid);
        return;
    }
    for (int c = 0; c < decoder->spec.column_count; c++) {
        wr_decode_text(frame, c, record);
    }
    wr_decode_keep(frame);
}

/* Does a line of nothing but white space say nothing? Not where texts are read. */
static bool
line_is_blank(const wr_decoder *decoder, wr_text line)
{
    bool takes_text = decoder->spec.column_count == 0;
    for (int c = 0; c < decoder->spec.column_count; c++) {
        takes_text |= wr_text_form_is_free(decoder->spec.columns[c].type.id);
    }
    return !takes_text && wr_text_trim(line).size == 0;
}

static void
messages_decode(wr_decoder *decoder, const wr_block *block, size_t *at)
{
    for (;; (*at)++) {
        *at = wr_csv_rows_messages(decoder->rows, &decoder->fields, *at);
        if (*at == (size_t)block->message_count || wr_decode_full(&decoder->frame)) {
            return;
        }
        const wr_message *message = &block->messages[*at];
        decoder->frame.index = *at;
        if (!wr_decode_message_special(&decoder->frame, message)) {
            record_decode(decoder, (wr_text){message->data, message->size});
        }
    }
}

static void
chunk_decode(wr_decoder *decoder, const wr_block *block, size_t *at)
{
    if (*at == 0) {
        *at = wr_decode_chunk_start(block);
        decoder->line = block->chunk_line;
    }
    for (;;) {
        *at = wr_csv_rows_chunk(decoder->rows, &decoder->fields, *at, &decoder->line);
        if (*at == block->chunk_bytes || wr_decode_full(&decoder->frame)) {
            return;
        }
        wr_text line;
        size_t next = wr_decode_line(block, *at, &line);
        decoder->frame.index = *at;
        decoder->frame.line = decoder->line;
        if (!line_is_blank(decoder, line)) {
            record_decode(decoder, line);
        }
        decoder->line += decoder->line > 0;
        *at = next;
    }
}

static wr_status
text_decode(wr_decoder *decoder, const wr_block *block, size_t *at, wr_decode_out *out,
            wr_error *err)
{
    (void)err;
    wr_decode_begin(&decoder->frame, block, out);
    if (block->kind == WR_BLOCK_MESSAGES) {
        messages_decode(decoder, block, at);
    } else if (block->kind == WR_BLOCK_CHUNK) {
        chunk_decode(decoder, block, at);
    }
    wr_decode_finish(&decoder->frame);
    return WR_OK;
}

/* ── writing ────────────────────────────────────────────────────────────────────────────────── */

struct wr_encoder {
    int column_count;
    bool separated;
};

static wr_status
text_encoder_open(wr_arena *arena, const wr_schema *schema, wr_options options, bool separated,
                  wr_encoder **encoder, wr_error *err)
{
    (void)options;
    WR_TRY(wr_text_form_check(schema, "text", err));
    *encoder = WR_NEW(arena, wr_encoder);
    **encoder = (wr_encoder){schema->count, separated};
    return WR_OK;
}

static wr_status
text_encode(wr_encoder *encoder, const wr_batch *batch, wr_buffer *out, size_t *end_of_row,
            wr_error *err)
{
    (void)err;
    for (int i = 0; i < batch->selected_count; i++) {
        int row = wr_encode_row(batch, i);
        for (int c = 0; c < encoder->column_count; c++) {
            const wr_vector *vector = &batch->columns[c];
            if (c > 0) {
                wr_buffer_char(out, '\t');
            }
            if (!wr_encode_is_null(vector, row)) {
                wr_text_form_append(out, vector, wr_vector_slot(vector, row));
            }
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

static void
text_encoder_close(wr_encoder *encoder)
{
    (void)encoder; /* all of it is in the arena */
}

static const wr_option_spec text_options[] = {{0}};

const wr_format_ops wr_format_text = {
    .name = "text",
    .extensions = "txt|log|text",
    .options = text_options,
    .decoder_open = text_decoder_open,
    .decode = text_decode,
    .decoder_close = text_decoder_close,
    .encoder_open = text_encoder_open,
    .encode = text_encode,
    .encoder_close = text_encoder_close,
};
