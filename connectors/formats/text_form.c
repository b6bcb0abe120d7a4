/* Values as text: what JSON, CSV and text output have in common.
 *
 *   TRUE → true    95.74 → 95.74    TIMESTAMP → 2026-01-01T00:05:00Z    BYTES → base64
 *   DECIMAL → 95.740, all digits of its scale
 *   DATE → 2026-01-01    TIME → 00:05:00.250    INTERVAL → 1 hour 30 minutes
 *
 * 1. What is written for a DOUBLE reads back to the same bits. */
#include "connectors/formats/text_form.h"

#include "core/decimal.h"

bool
wr_text_form_is_free(wr_type_id id)
{
    return id == WR_TYPE_TEXT || id == WR_TYPE_JSON;
}

wr_status
wr_text_form_check(const wr_schema *schema, const char *format, wr_error *err)
{
    for (int i = 0; i < schema->count; i++) {
        wr_type_id id = schema->columns[i].type.id;
        if (id == WR_TYPE_ARRAY || id == WR_TYPE_STRUCT) {
            return wr_error_set(err, WR_ERR_SQL, "E0501",
                                "format %s cannot write column \"%.*s\" of type %s: "
                                "not supported yet",
                                format, WR_TEXT_ARG(schema->columns[i].name),
                                wr_type_id_name(id));
        }
    }
    return WR_OK;
}

static void
append_base64(wr_buffer *out, wr_text bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *to = wr_buffer_reserve(out, bytes.size / 3 * 4 + 4);
    size_t size = 0;
    for (size_t i = 0; i < bytes.size; i += 3) {
        size_t left = bytes.size - i;
        uint32_t sum = (uint32_t)(unsigned char)bytes.data[i] << 16;
        sum |= left > 1 ? (uint32_t)(unsigned char)bytes.data[i + 1] << 8 : 0;
        sum |= left > 2 ? (uint32_t)(unsigned char)bytes.data[i + 2] : 0;
        to[size++] = digits[sum >> 18];
        to[size++] = digits[sum >> 12 & 63];
        to[size++] = left > 1 ? digits[sum >> 6 & 63] : '=';
        to[size++] = left > 2 ? digits[sum & 63] : '=';
    }
    out->size += size;
}

void
wr_text_form_append(wr_buffer *out, const wr_vector *vector, int slot)
{
    const void *data = vector->data;
    switch (vector->type.id) {
    case WR_TYPE_BOOLEAN:
        wr_buffer_text(out, ((const uint8_t *)data)[slot] ? WR_TEXT("true") : WR_TEXT("false"));
        return;
    case WR_TYPE_BIGINT:
        out->size += wr_int64_to_text(((const int64_t *)data)[slot],
                                      wr_buffer_reserve(out, WR_INT64_TEXT_MAX));
        return;
    case WR_TYPE_DOUBLE:
        out->size += wr_double_to_text(((const double *)data)[slot],
                                       wr_buffer_reserve(out, WR_DOUBLE_TEXT_MAX));
        return;
    case WR_TYPE_DECIMAL:
        out->size += wr_decimal_to_text(((const wr_int128 *)data)[slot], vector->type.scale,
                                        wr_buffer_reserve(out, WR_DECIMAL_TEXT_MAX));
        return;
    case WR_TYPE_TIMESTAMP:
        out->size += wr_time_print(((const int64_t *)data)[slot],
                                   wr_buffer_reserve(out, WR_TIME_TEXT_MAX));
        return;
    case WR_TYPE_INTERVAL:
        out->size += wr_interval_print(((const wr_interval *)data)[slot],
                                       wr_buffer_reserve(out, WR_INTERVAL_TEXT_MAX));
        return;
    case WR_TYPE_BYTES:
        append_base64(out, wr_encode_text(vector, slot));
        return;
    case WR_TYPE_DATE:
        out->size +=
            wr_date_print(((const int32_t *)data)[slot], wr_buffer_reserve(out, WR_DATE_TEXT_MAX));
        return;
    case WR_TYPE_TIME:
        out->size += wr_daytime_print(((const int64_t *)data)[slot],
                                      wr_buffer_reserve(out, WR_DAYTIME_TEXT_MAX));
        return;
    case WR_TYPE_TEXT:
    case WR_TYPE_JSON:
        wr_buffer_text(out, wr_encode_text(vector, slot));
        return;
    case WR_TYPE_NULL:
    case WR_TYPE_ARRAY:
    case WR_TYPE_STRUCT:
        return;
    }
}
