/* The format raw: every message or line is its bytes, in one BYTES column; nothing can be wrong.
 *
 *   FF 00 0A   →  raw = x'FF000A'
 *
 * Written, the one column's bytes are the message.
 *
 * 1. A column that is declared TEXT takes valid UTF-8 only; everything else is a bad row. */
#include "connectors/formats/decode.h"
#include "connectors/formats/formats.h"
#include "connectors/formats/text_form.h"

struct wr_decoder {
    wr_decode_spec spec;
    wr_decode_frame frame;
    int64_t line;
};

static wr_status
raw_decoder_open(wr_arena *arena, const wr_decode_spec *spec, wr_decoder **decoder, wr_error *err)
{
    for (int c = 0; c < spec->column_count; c++) {
        if (spec->columns[c].type.id != WR_TYPE_BYTES && spec->columns[c].type.id != WR_TYPE_TEXT) {
            wr_error_set(err, WR_ERR_SQL, "E0301", "format raw reads BYTES or TEXT, not %s",
                         wr_type_id_name(spec->columns[c].type.id));
            wr_error_hint(err, "use format = 'text' for numbers written as text");
            return WR_ERR_SQL;
        }
    }
    *decoder = WR_NEW(arena, wr_decoder);
    (*decoder)->spec = *spec;
    wr_decode_frame_init(&(*decoder)->frame, &(*decoder)->spec, arena);
    return WR_OK;
}

static void
raw_decoder_close(wr_decoder *decoder)
{
    (void)decoder; /* all of it is in the query arena */
}

static void
record_decode(wr_decoder *decoder, wr_text record)
{
    wr_decode_frame *frame = &decoder->frame;
    wr_decode_record(frame, record);
    for (int c = 0; c < decoder->spec.column_count; c++) {
        bool is_text = decoder->spec.columns[c].type.id == WR_TYPE_TEXT;
        if (is_text && !wr_utf8_valid(record.data, record.size)) {
            wr_decode_bad(frame, c, WR_REASON_UTF8, record.data);
        } else {
            wr_decode_view(frame, c, record);
        }
    }
    wr_decode_keep(frame);
}

static wr_status
raw_decode(wr_decoder *decoder, const wr_block *block, size_t *at, wr_decode_out *out,
           wr_error *err)
{
    (void)err;
    wr_decode_frame *frame = &decoder->frame;
    wr_decode_begin(frame, block, out);
    for (; block->kind == WR_BLOCK_MESSAGES && *at < (size_t)block->message_count &&
           !wr_decode_full(frame);
         (*at)++) {
        const wr_message *message = &block->messages[*at];
        frame->index = *at;
        if (!wr_decode_message_special(frame, message)) {
            record_decode(decoder, (wr_text){message->data, message->size});
        }
    }
    while (block->kind == WR_BLOCK_CHUNK && *at < block->chunk_bytes && !wr_decode_full(frame)) {
        wr_text line;
        size_t next = wr_decode_line(block, *at, &line);
        decoder->line = *at == 0 ? block->chunk_line : decoder->line + (decoder->line > 0);
        frame->index = *at;
        frame->line = decoder->line;
        record_decode(decoder, line);
        *at = next;
    }
    wr_decode_finish(frame);
    return WR_OK;
}

/* ── writing ────────────────────────────────────────────────────────────────────────────────── */

static wr_status
raw_encoder_open(wr_arena *arena, const wr_schema *schema, wr_options options, bool separated,
                 wr_encoder **encoder, wr_error *err)
{
    (void)arena;
    (void)options;
    (void)separated; /* bytes have no separator that they could not hold themselves */
    *encoder = NULL;
    wr_type_id id = schema->count == 1 ? schema->columns[0].type.id : WR_TYPE_NULL;
    if (id != WR_TYPE_BYTES && !wr_text_form_is_free(id)) {
        wr_error_set(err, WR_ERR_SQL, "E0301", "format raw writes one column of BYTES or TEXT");
        wr_error_detail(err, "the query has %d column%s", schema->count,
                        schema->count == 1 ? " of another type" : "s");
        return WR_ERR_SQL;
    }
    return WR_OK;
}

static wr_status
raw_encode(wr_encoder *encoder, const wr_batch *batch, wr_buffer *out, size_t *end_of_row,
           wr_error *err)
{
    (void)encoder;
    (void)err;
    const wr_vector *vector = &batch->columns[0];
    for (int i = 0; i < batch->selected_count; i++) {
        int row = wr_encode_row(batch, i);
        if (!wr_encode_is_null(vector, row)) {
            wr_buffer_text(out, wr_encode_text(vector, wr_vector_slot(vector, row)));
        }
        if (end_of_row) {
            end_of_row[i] = out->size;
        }
    }
    return WR_OK;
}

static void
raw_encoder_close(wr_encoder *encoder)
{
    (void)encoder; /* there is none */
}

static const wr_option_spec raw_options[] = {{0}};

const wr_format_ops wr_format_raw = {
    .name = "raw",
    .options = raw_options,
    .decoder_open = raw_decoder_open,
    .decode = raw_decode,
    .decoder_close = raw_decoder_close,
    .encoder_open = raw_encoder_open,
    .encode = raw_encode,
    .encoder_close = raw_encoder_close,
};
