/* One JSON value into one column, by the column's type. There is no leniency: a string is not a
 * number (but that DECIMALs are written as strings), a number is not a time.
 *
 *   column       takes                              bad value
 *   BOOLEAN      true false                         anything else: TYPE
 *   BIGINT       12, 1.0, 1e3                       2^63: RANGE, 1.5: TYPE (misfit when learned)
 *   DOUBLE       any number                         1e400: RANGE
 *   DECIMAL      any number, and strings of one,    too many digits: RANGE
 *                by their digits
 *   TEXT         strings; numbers and booleans as   objects, arrays: TYPE
 *                they are written
 *   BYTES        base64                             otherwise CAST
 *   TIMESTAMP    ISO 8601; DATE, TIME too;          otherwise CAST
 *                INTERVAL '5 minutes', 'PT5M'
 *   JSON         the value's text
 *
 * A derived column takes everything: TEXT objects and arrays as they are written, BIGINT and DOUBLE
 * what its expression makes of the value.
 *
 * 1. null is NULL for every type.
 * 2. The value has been checked by json_scan before. */
#include "connectors/formats/json_project.h"

void
wr_json_value_number(wr_decode_frame *frame, int column, const wr_json_number *number)
{
    const wr_decode_column *spec = &frame->spec->columns[column];
    wr_text text = {number->begin, (size_t)(number->end - number->begin)};
    int64_t integer;
    if (spec->type.id == WR_TYPE_DOUBLE) {
        wr_decode_double(frame, column, wr_json_number_double(number), number->begin);
    } else if (spec->type.id == WR_TYPE_TEXT || spec->type.id == WR_TYPE_JSON) {
        wr_decode_view(frame, column, text);
    } else if (spec->type.id == WR_TYPE_DECIMAL) {
        wr_decode_decimal(frame, column, text);
    } else if (spec->type.id != WR_TYPE_BIGINT) {
        wr_decode_bad(frame, column, WR_REASON_TYPE, number->begin);
    } else if (wr_json_number_int64(number, &integer)) {
        wr_decode_int64(frame, column, integer, number->begin);
    } else {
        double wide = wr_json_number_double(number);
        bool is_wide = !(wide >= -0x1p63 && wide < 0x1p63);
        wr_decode_bad(frame, column, is_wide ? WR_REASON_RANGE : WR_REASON_TYPE, number->begin);
        frame->slots[column].misfit = spec->learned;
    }
}

static void
value_string(wr_decode_frame *frame, int column, const char *begin, const char *end)
{
    wr_json_string string = {begin + 1, (size_t)(end - begin) - 2, false};
    string.escaped = memchr(string.data, '\\', string.size) != NULL;
    wr_type_id type = frame->spec->columns[column].type.id;
    bool is_time = type == WR_TYPE_TIMESTAMP || type == WR_TYPE_DATE || type == WR_TYPE_TIME ||
                   type == WR_TYPE_INTERVAL;
    if (type != WR_TYPE_TEXT && type != WR_TYPE_BYTES && type != WR_TYPE_DECIMAL && !is_time) {
        wr_decode_bad(frame, column, WR_REASON_TYPE, begin);
        return;
    }
    wr_text text = string.escaped ? wr_json_unescape(&string, frame->arena)
                                  : (wr_text){string.data, string.size};
    if (type == WR_TYPE_TEXT) {
        wr_decode_view(frame, column, text);
    } else if (type == WR_TYPE_BYTES) {
        wr_decode_base64(frame, column, text);
    } else if (type == WR_TYPE_DECIMAL) {
        wr_decode_decimal(frame, column, text);
    } else {
        wr_decode_time(frame, column, text);
    }
    if (frame->slots[column].state == WR_SLOT_BAD) {
        frame->slots[column].at = begin; /* unescaped text lies elsewhere */
    }
}

static void
value_bool(wr_decode_frame *frame, int column, const char *begin, const char *end)
{
    wr_type_id type = frame->spec->columns[column].type.id;
    if (type == WR_TYPE_BOOLEAN) {
        wr_decode_bool(frame, column, *begin == 't');
    } else if (type == WR_TYPE_TEXT) {
        wr_decode_view(frame, column, (wr_text){begin, (size_t)(end - begin)});
    } else {
        wr_decode_bad(frame, column, WR_REASON_TYPE, begin);
    }
}

/* A plain number is itself, whatever casts the expression is made of. */
static void
value_derived(wr_decode_frame *frame, int column, wr_text json)
{
    bool is_double = frame->spec->columns[column].type.id == WR_TYPE_DOUBLE;
    const char *end = json.data + json.size;
    wr_json_number number;
    double value = 0;
    if (!wr_json_number_read(json.data, end, &number)) {
        wr_decode_derive(frame, column, json);
    } else if (is_double && wr_json_number_double_fast(&number, &value)) {
        wr_decode_double(frame, column, value, json.data);
    } else if (!is_double && number.integral && number.digit_count <= 18) {
        int64_t integer = (int64_t)number.mantissa;
        wr_decode_int64(frame, column, number.negative ? -integer : integer, json.data);
    } else {
        wr_decode_derive(frame, column, json);
    }
}

void
wr_json_value(wr_decode_frame *frame, int column, const char *begin, const char *end)
{
    const wr_decode_column *spec = &frame->spec->columns[column];
    wr_text json = {begin, (size_t)(end - begin)};
    bool is_container = *begin == '{' || *begin == '[';
    if (*begin == 'n') {
        frame->slots[column].state = WR_SLOT_MISSING;
    } else if (spec->derived && spec->type.id != WR_TYPE_TEXT) {
        value_derived(frame, column, json);
    } else if (spec->type.id == WR_TYPE_JSON || (spec->derived && is_container)) {
        wr_decode_view(frame, column, json);
    } else if (*begin == '"') {
        value_string(frame, column, begin, end);
    } else if (*begin == 't' || *begin == 'f') {
        value_bool(frame, column, begin, end);
    } else if (is_container) {
        wr_decode_bad(frame, column, WR_REASON_TYPE, begin);
    } else {
        wr_json_number number;
        (void)wr_json_number_read(begin, end, &number);
        wr_json_value_number(frame, column, &number);
    }
}
