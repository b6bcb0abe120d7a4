/* SQL's types, in one list. Add a type as one line of WR_TYPE_LIST; the compiler then shows every
 * switch to extend. */
#ifndef WEIR_CORE_TYPE_H
#define WEIR_CORE_TYPE_H

#include "core/text.h"

/* X(id, SQL name, bytes of a value in a vector) */
#define WR_TYPE_LIST(X)            \
    X(NULL, "NULL", 1)             \
    X(BOOLEAN, "BOOLEAN", 1)       \
    X(BIGINT, "BIGINT", 8)         \
    X(DOUBLE, "DOUBLE", 8)         \
    X(DECIMAL, "DECIMAL", 16)      \
    X(TEXT, "TEXT", 16)            \
    X(BYTES, "BYTES", 16)          \
    X(TIMESTAMP, "TIMESTAMP", 8)   \
    X(DATE, "DATE", 4)             \
    X(TIME, "TIME", 8)             \
    X(INTERVAL, "INTERVAL", 16)    \
    X(JSON, "JSON", 16)            \
    X(ARRAY, "ARRAY", 16)          \
    X(STRUCT, "STRUCT", 16)

typedef enum wr_type_id {
#define WR_TYPE_ENUM(id, name, width) WR_TYPE_##id,
    WR_TYPE_LIST(WR_TYPE_ENUM)
#undef WR_TYPE_ENUM
} wr_type_id;

/* A type by value. `bits` narrows BIGINT (0 or 64: BIGINT, 32: INT, 16: SMALLINT, 8: TINYINT):
 * the vector holds int64 all the same, casts and sinks check the range. */
typedef struct wr_type {
    wr_type_id id;
    uint8_t bits, precision, scale;
} wr_type;

#define WR_TYPE(name) ((wr_type){.id = WR_TYPE_##name})

/* INTERVAL: months and microseconds apart, since a month has no fixed length. */
typedef struct wr_interval {
    int64_t months, micros;
} wr_interval;

int wr_type_width(wr_type_id id);         /* bytes of one value in a flat vector */
const char *wr_type_id_name(wr_type_id id); /* "BIGINT" */
/* "DECIMAL(10,2)", "SMALLINT" … into `out` (≥ 40 bytes), NUL-terminated; returns out. */
const char *wr_type_name(wr_type type, char *out);
bool wr_type_equal(wr_type a, wr_type b);
bool wr_type_is_numeric(wr_type_id id); /* BIGINT DOUBLE DECIMAL */
bool wr_type_is_view(wr_type_id id);    /* stored as wr_view: TEXT BYTES JSON ARRAY STRUCT */
/* A type word as written in SQL, with aliases (INT, INTEGER, VARCHAR, STRING, FLOAT, REAL, BOOL,
 * TIMESTAMPTZ, "DOUBLE PRECISION", …), without case; false: no such word. */
bool wr_type_from_word(wr_text word, wr_type *type);

#endif
