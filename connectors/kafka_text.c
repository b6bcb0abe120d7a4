/* Headers and keys as text: a record's headers become a JSON object, a row's key columns the key.
 *
 *     key = host           web-1                       TEXT as its bytes
 *     key = (host, n)      ["web-1",7]                 several: a JSON array
 *
 * Invariants
 * 1. What is made is valid JSON: bytes that are no UTF-8 go in as base64. */
#include "connectors/formats/text_form.h"
#include "connectors/key_columns.h"
#include "connectors/kafka.h"

#include <math.h>
#include <string.h>

static void
base64_append(wr_buffer *out, wr_text bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.size; i += 3) {
        unsigned word = 0, left = bytes.size - i < 3 ? (unsigned)(bytes.size - i) : 3;
        for (unsigned k = 0; k < 3; k++) {
            word = word << 8 | (k < left ? (unsigned char)bytes.data[i + k] : 0);
        }
        for (unsigned k = 0; k < 4; k++) {
            wr_buffer_char(out, k <= left ? digits[word >> (18 - 6 * k) & 63] : '=');
        }
    }
}

void
wr_kafka_json_string(wr_buffer *out, wr_text text)
{
    if (wr_utf8_valid(text.data, text.size)) {
        wr_buffer_json_string(out, text);
        return;
    }
    wr_buffer_char(out, '"');
    base64_append(out, text);
    wr_buffer_char(out, '"');
}

const char *
wr_kafka_headers_json(const rd_kafka_message_t *message, wr_arena *arena, size_t *size)
{
    rd_kafka_headers_t *headers;
    const char *name;
    const void *value;
    size_t value_size;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return NULL;
    }
    wr_buffer out;
    wr_buffer_init(&out);
    for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &value_size) ==
                       RD_KAFKA_RESP_ERR_NO_ERROR;
         i++) {
        wr_buffer_char(&out, i == 0 ? '{' : ',');
        wr_kafka_json_string(&out, wr_text_from(name));
        wr_buffer_char(&out, ':');
        if (value) {
            wr_kafka_json_string(&out, (wr_text){value, value_size});
        } else {
            wr_buffer_text(&out, WR_TEXT("null"));
        }
    }
    wr_buffer_text(&out, out.size == 0 ? WR_TEXT("{}") : WR_TEXT("}"));
    char *text = wr_arena_bytes(arena, out.size);
    memcpy(text, out.data, out.size);
    *size = out.size;
    wr_buffer_fini(&out);
    return text;
}

/* ── keys ───────────────────────────────────────────────────────────────────────────────────── */

wr_status
wr_kafka_key_init(wr_kafka_key *key, const wr_option *option, const wr_schema *schema,
                  wr_arena *arena, wr_error *err)
{
    return wr_key_columns_find(option, schema, arena, &key->columns, &key->count, err);
}

static void
value_append(const wr_vector *vector, int row, bool as_json, wr_buffer *out)
{
    bool bare = vector->type.id == WR_TYPE_BIGINT || vector->type.id == WR_TYPE_BOOLEAN ||
                vector->type.id == WR_TYPE_JSON;
    if (vector->type.id == WR_TYPE_DOUBLE) {
        bare = isfinite(WR_VALUE(vector, double, row));
    }
    if (wr_encode_is_null(vector, row)) {
        wr_buffer_text(out, WR_TEXT("null"));
    } else if (vector->type.id == WR_TYPE_TEXT && as_json) {
        wr_kafka_json_string(out, wr_encode_text(vector, wr_vector_slot(vector, row)));
    } else if (vector->type.id == WR_TYPE_BYTES && !as_json) {
        wr_buffer_text(out, wr_encode_text(vector, wr_vector_slot(vector, row)));
    } else {
        wr_buffer_text(out, as_json && !bare ? WR_TEXT("\"") : WR_TEXT(""));
        wr_text_form_append(out, vector, wr_vector_slot(vector, row));
        wr_buffer_text(out, as_json && !bare ? WR_TEXT("\"") : WR_TEXT(""));
    }
}

bool
wr_kafka_key_append(const wr_kafka_key *key, const wr_batch *batch, int row, wr_buffer *out)
{
    if (key->count == 0) {
        return false;
    }
    if (key->count == 1) {
        const wr_vector *vector = &batch->columns[key->columns[0]];
        if (wr_encode_is_null(vector, row)) {
            return false;
        }
        value_append(vector, row, false, out);
        return true;
    }
    for (int i = 0; i < key->count; i++) {
        wr_buffer_char(out, i == 0 ? '[' : ',');
        value_append(&batch->columns[key->columns[i]], row, true, out);
    }
    wr_buffer_char(out, ']');
    return true;
}
