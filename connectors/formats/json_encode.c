/* Writes rows as JSON objects, one a row.
 *
 *   {"host":"a\"b","n":3,"v":95.74,"t":"2026-01-01T00:05:00Z"}↵
 *
 * 1. NULL, NaN and infinities are null; a JSON column goes out as its own text, on one line.
 * 2. Everything up to the colon of each member is made once, when the encoder is opened. */
#include "connectors/formats/json.h"
#include "connectors/formats/json_scan.h"
#include "connectors/formats/text_form.h"

#include <math.h>

struct wr_encoder {
    int column_count;
    wr_text *openings; /* {"a": and ,"b": … */
    bool separated;
};

static void
append_control(wr_buffer *out, char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char codes[] = "\b\f\n\r\t";
    static const char letters[] = "bfnrt";
    const char *simple = memchr(codes, c, sizeof codes - 1);
    char escape[6] = {'\\', 'u', '0', '0', hex[(unsigned char)c >> 4 & 15], hex[c & 15]};
    if (c == '"' || c == '\\') {
        escape[1] = c;
    } else if (simple) {
        escape[1] = letters[simple - codes];
    }
    wr_buffer_append(out, escape, escape[1] == 'u' ? 6 : 2);
}

static void
append_string(wr_buffer *out, wr_text text)
{
    const char *at = text.data;
    const char *end = at + text.size;
    wr_buffer_char(out, '"');
    while (at < end) {
        const char *stop = at;
        while (stop < end && *stop != '"' && *stop != '\\' && (unsigned char)*stop >= 0x20) {
            stop++;
        }
        wr_buffer_append(out, at, (size_t)(stop - at));
        if (stop < end) {
            append_control(out, *stop++);
        }
        at = stop;
    }
    wr_buffer_char(out, '"');
}

/* JSON text as it is, but on one line: line ends are white space there. */
static void
append_json(wr_buffer *out, wr_text json)
{
    char *to = wr_buffer_reserve(out, json.size);
    memcpy(to, json.data, json.size);
    for (size_t i = 0; i < json.size; i++) {
        to[i] = to[i] == '\n' || to[i] == '\r' ? ' ' : to[i];
    }
    out->size += json.size;
}

static void
append_value(wr_buffer *out, const wr_vector *vector, int row)
{
    int slot = wr_vector_slot(vector, row);
    wr_type_id id = vector->type.id;
    if (wr_encode_is_null(vector, row) || id == WR_TYPE_NULL ||
        (id == WR_TYPE_DOUBLE && !isfinite(((const double *)vector->data)[slot]))) {
        wr_buffer_append(out, "null", 4);
    } else if (id == WR_TYPE_TEXT) {
        append_string(out, wr_encode_text(vector, slot));
    } else if (id == WR_TYPE_JSON) {
        append_json(out, wr_encode_text(vector, slot));
    } else if (id == WR_TYPE_BIGINT || id == WR_TYPE_DOUBLE || id == WR_TYPE_BOOLEAN) {
        wr_text_form_append(out, vector, slot);
    } else {
        wr_buffer_char(out, '"');
        wr_text_form_append(out, vector, slot);
        wr_buffer_char(out, '"');
    }
}

wr_status
wr_json_encoder_open(wr_arena *arena, const wr_schema *schema, wr_options options, bool separated,
                     wr_encoder **encoder, wr_error *err)
{
    (void)options;
    WR_TRY(wr_text_form_check(schema, "json", err));
    *encoder = WR_NEW(arena, wr_encoder);
    (*encoder)->column_count = schema->count;
    (*encoder)->openings = WR_NEW_ARRAY(arena, wr_text, schema->count + 1);
    (*encoder)->separated = separated;
    wr_buffer text;
    wr_buffer_init(&text);
    for (int i = 0; i < schema->count; i++) {
        wr_buffer_reset(&text);
        wr_buffer_char(&text, i == 0 ? '{' : ',');
        append_string(&text, schema->columns[i].name);
        wr_buffer_char(&text, ':');
        (*encoder)->openings[i] = wr_arena_text(arena, (wr_text){text.data, text.size});
    }
    wr_buffer_fini(&text);
    return WR_OK;
}

wr_status
wr_json_encode(wr_encoder *encoder, const wr_batch *batch, wr_buffer *out, size_t *end_of_row,
               wr_error *err)
{
    (void)err;
    for (int i = 0; i < batch->selected_count; i++) {
        int row = wr_encode_row(batch, i);
        for (int c = 0; c < encoder->column_count; c++) {
            wr_buffer_text(out, encoder->openings[c]);
            append_value(out, &batch->columns[c], row);
        }
        wr_buffer_text(out, encoder->column_count ? WR_TEXT("}") : WR_TEXT("{}"));
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
wr_json_encoder_close(wr_encoder *encoder)
{
    (void)encoder; /* all of it is in the arena */
}
