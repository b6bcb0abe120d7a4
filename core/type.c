/* SQL's types: names, widths and the words that people write for them.
 *
 *   INT, INTEGER, INT4 → BIGINT of 32 bits     DOUBLE PRECISION, REAL → DOUBLE     STRING → TEXT
 *
 * 1. Everything about a type id comes from WR_TYPE_LIST. */
#include "core/type.h"

#include <stdio.h>

int
wr_type_width(wr_type_id id)
{
    switch (id) {
#define TYPE_WIDTH(name, sql, width) \
    case WR_TYPE_##name: return width;
        WR_TYPE_LIST(TYPE_WIDTH)
#undef TYPE_WIDTH
    }
    return 0;
}

const char *
wr_type_id_name(wr_type_id id)
{
    switch (id) {
#define TYPE_NAME(name, sql, width) \
    case WR_TYPE_##name: return sql;
        WR_TYPE_LIST(TYPE_NAME)
#undef TYPE_NAME
    }
    return "?";
}

static const char *
type_integer_name(uint8_t bits)
{
    return bits == 32 ? "INT" : bits == 16 ? "SMALLINT" : bits == 8 ? "TINYINT" : "BIGINT";
}

const char *
wr_type_name(wr_type type, char *out)
{
    enum { NAME_BYTES = 40 };
    if (type.id == WR_TYPE_DECIMAL && type.precision > 0) {
        snprintf(out, NAME_BYTES, "DECIMAL(%d,%d)", type.precision, type.scale);
    } else if (type.id == WR_TYPE_BIGINT) {
        snprintf(out, NAME_BYTES, "%s", type_integer_name(type.bits));
    } else {
        snprintf(out, NAME_BYTES, "%s", wr_type_id_name(type.id));
    }
    return out;
}

static int
type_bits(wr_type type)
{
    return type.id != WR_TYPE_BIGINT ? 0 : type.bits == 0 ? 64 : type.bits;
}

bool
wr_type_equal(wr_type a, wr_type b)
{
    return a.id == b.id && type_bits(a) == type_bits(b) &&
           (a.id != WR_TYPE_DECIMAL || (a.precision == b.precision && a.scale == b.scale));
}

bool
wr_type_is_numeric(wr_type_id id)
{
    return id == WR_TYPE_BIGINT || id == WR_TYPE_DOUBLE || id == WR_TYPE_DECIMAL;
}

bool
wr_type_is_view(wr_type_id id)
{
    return id == WR_TYPE_TEXT || id == WR_TYPE_BYTES || id == WR_TYPE_JSON || id == WR_TYPE_ARRAY ||
           id == WR_TYPE_STRUCT;
}

static const struct type_word {
    const char *word;
    wr_type type;
} type_words[] = {
    {"BOOLEAN", {.id = WR_TYPE_BOOLEAN}},
    {"BOOL", {.id = WR_TYPE_BOOLEAN}},
    {"BIGINT", {.id = WR_TYPE_BIGINT}},
    {"INT8", {.id = WR_TYPE_BIGINT}},
    {"LONG", {.id = WR_TYPE_BIGINT}},
    {"INT", {.id = WR_TYPE_BIGINT, .bits = 32}},
    {"INTEGER", {.id = WR_TYPE_BIGINT, .bits = 32}},
    {"INT4", {.id = WR_TYPE_BIGINT, .bits = 32}},
    {"SMALLINT", {.id = WR_TYPE_BIGINT, .bits = 16}},
    {"INT2", {.id = WR_TYPE_BIGINT, .bits = 16}},
    {"TINYINT", {.id = WR_TYPE_BIGINT, .bits = 8}},
    {"DOUBLE", {.id = WR_TYPE_DOUBLE}},
    {"DOUBLE PRECISION", {.id = WR_TYPE_DOUBLE}},
    {"FLOAT", {.id = WR_TYPE_DOUBLE}},
    {"FLOAT4", {.id = WR_TYPE_DOUBLE}},
    {"FLOAT8", {.id = WR_TYPE_DOUBLE}},
    {"REAL", {.id = WR_TYPE_DOUBLE}},
    {"DECIMAL", {.id = WR_TYPE_DECIMAL, .precision = 38}},
    {"NUMERIC", {.id = WR_TYPE_DECIMAL, .precision = 38}},
    {"TEXT", {.id = WR_TYPE_TEXT}},
    {"STRING", {.id = WR_TYPE_TEXT}},
    {"VARCHAR", {.id = WR_TYPE_TEXT}},
    {"CHAR", {.id = WR_TYPE_TEXT}},
    {"CHARACTER VARYING", {.id = WR_TYPE_TEXT}},
    {"BYTES", {.id = WR_TYPE_BYTES}},
    {"BYTEA", {.id = WR_TYPE_BYTES}},
    {"BLOB", {.id = WR_TYPE_BYTES}},
    {"VARBINARY", {.id = WR_TYPE_BYTES}},
    {"TIMESTAMP", {.id = WR_TYPE_TIMESTAMP}},
    {"TIMESTAMPTZ", {.id = WR_TYPE_TIMESTAMP}},
    {"TIMESTAMP_LTZ", {.id = WR_TYPE_TIMESTAMP}},
    {"DATETIME", {.id = WR_TYPE_TIMESTAMP}},
    {"DATE", {.id = WR_TYPE_DATE}},
    {"TIME", {.id = WR_TYPE_TIME}},
    {"INTERVAL", {.id = WR_TYPE_INTERVAL}},
    {"JSON", {.id = WR_TYPE_JSON}},
    {"JSONB", {.id = WR_TYPE_JSON}},
    {"ARRAY", {.id = WR_TYPE_ARRAY}},
    {"STRUCT", {.id = WR_TYPE_STRUCT}},
    {"ROW", {.id = WR_TYPE_STRUCT}},
};

bool
wr_type_from_word(wr_text word, wr_type *type)
{
    for (size_t i = 0; i < sizeof(type_words) / sizeof(type_words[0]); i++) {
        if (wr_text_equal_nocase(word, wr_text_from(type_words[i].word))) {
            *type = type_words[i].type;
            return true;
        }
    }
    return false;
}
