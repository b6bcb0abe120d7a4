/* Headers and keys as text: a record's headers become a JSON object, a row's key columns the key.
 *
 *     key = host           web-1                       TEXT as its bytes
 *     key = (host, n)      ["web-1",7]                 several: a JSON array
 *
 * Invariants
 * 1. What is made is valid JSON: bytes that are no UTF-8 go in as base64. */
#include "connectors/formats/text_form.h"
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

static int
column_find(const wr_schema *schema, wr_text name)
{
    for (int i = 0; i < schema->count; i++) {
        if (wr_text_equal_nocase(schema->columns[i].name, name)) {
            return i;
        }
    }
    return -1;
}

static wr_status
column_missing(const wr_option *option, const wr_schema *schema, wr_text name, wr_arena *arena,
               wr_error *err)
{
    wr_text *names = WR_NEW_ARRAY(arena, wr_text, schema->count);
    for (int i = 0; i < schema->count; i++) {
        names[i] = schema->columns[i].name;
    }
    wr_error_set(err, WR_ERR_SQL, "E0203", "key: the rows have no column \"%.*s\"",
                 WR_TEXT_ARG(name));
    int near = wr_text_nearest(name, names, schema->count);
    if (near >= 0) {
        wr_error_hint(err, "did you mean \"%.*s\"?", WR_TEXT_ARG(names[near]));
    }
    wr_error_at(err, option->position, option->length);
    return WR_ERR_SQL;
}

/* Takes one name off "a, b"; quotes around it are dropped. */
static wr_text
name_take(wr_text *list)
{
    const char *comma = memchr(list->data, ',', list->size);
    size_t size = comma ? (size_t)(comma - list->data) : list->size;
    wr_text name = wr_text_trim((wr_text){list->data, size});
    *list = comma ? (wr_text){comma + 1, list->size - size - 1} : WR_TEXT_NONE;
    if (name.size >= 2 && name.data[0] == '"' && name.data[name.size - 1] == '"') {
        name = (wr_text){name.data + 1, name.size - 2};
    }
    return name;
}

wr_status
wr_kafka_key_init(wr_kafka_key *key, const wr_option *option, const wr_schema *schema,
                  wr_arena *arena, wr_error *err)
{
    *key = (wr_kafka_key){.columns = NULL};
    if (!option) {
        return WR_OK;
    }
    wr_text list = wr_text_trim(option->value);
    if (list.size >= 2 && list.data[0] == '(' && list.data[list.size - 1] == ')') {
        list = (wr_text){list.data + 1, list.size - 2};
    }
    key->columns = WR_NEW_ARRAY(arena, int, list.size + 1);
    while (list.size > 0) {
        wr_text name = name_take(&list);
        int column = column_find(schema, name);
        if (column < 0) {
            return column_missing(option, schema, name, arena, err);
        }
        key->columns[key->count++] = column;
    }
    return WR_OK;
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
