/* A shape: what records that are alike have in common, as steps of a pattern and a value.
 *
 *   {"ts":1700000000000,"host":"server-000989","v":95.74}
 *   └ pattern ───────────────────────────────────┘       └ pattern
 *      ts: 13 digits    host: 13 plain bytes     DOUBLE     END
 *
 * A pattern says of each byte the least and the greatest that it may be: a literal byte is itself,
 * a digit 0 to 9, a byte of a text anything plain. Values that had the same form in all records so
 * far are a part of the pattern: their places are known without reading. Only values that vary are
 * read on the way.
 *
 * Invariants
 * 1. Literals are bytes of a record that passed the strict reader, every value is checked by the
 *    same rules, and a pattern allows no more; so what fits a shape is valid and has the same keys
 *    in the same places.
 * 2. A shape has no key twice and nothing wanted inside a value (json_project's trace).
 * 3. A value that varied once varies for good, so a shape is learnt anew once a value at most. */
#ifndef WEIR_CONNECTORS_FORMATS_JSON_SHAPE_H
#define WEIR_CONNECTORS_FORMATS_JSON_SHAPE_H

#include "connectors/formats/decimal.h"
#include "connectors/formats/json_project.h"

enum {
    WR_JSON_LITERALS_MAX_BYTES = 4096,
    WR_JSON_PATTERNS_MAX_BYTES = 8192,
    WR_JSON_PATTERN_ALIGN = 64, /* what the widest kernel compares at once */
    WR_JSON_SEEN_MAX_BYTES = 48,
    WR_RECORDS_MAX = 128 /* whose place list and bytes fit the first-level cache */
};

typedef enum wr_json_step_kind {
    WR_JSON_INT,
    WR_JSON_DOUBLE,
    WR_JSON_TEXT,
    WR_JSON_VALUE, /* wanted, of any other type */
    WR_JSON_SKIP_TEXT,
    WR_JSON_SKIP_NUMBER,
    WR_JSON_SKIP_VALUE,
    WR_JSON_END
} wr_json_step_kind;

/* A wanted value inside a pattern. */
typedef struct wr_json_field {
    wr_json_step_kind kind; /* INT, DOUBLE, TEXT */
    int column;
    uint32_t offset, size; /* in the pattern; of a number behind its sign */
    bool negative;
    decimal_form form;
} wr_json_field;

/* Bytes that a pattern describes, then a value. The opening quote of a text is in the pattern. */
typedef struct wr_json_step {
    uint32_t pattern, pattern_size; /* first of shape->low and ->high, and how many */
    int first_field, field_count;   /* wanted values inside: of shape->fields */
    uint16_t depth;                 /* brackets open around the value */
    uint16_t seen_size;
    wr_json_step_kind kind;
    int column;
    char seen[WR_JSON_SEEN_MAX_BYTES]; /* SKIP_VALUE: the last one, which was valid */
} wr_json_step;

/* What was learnt of a value: the literal bytes before it, and whether it varies. */
typedef struct wr_json_part {
    wr_json_step_kind kind;
    int column;
    uint16_t depth;
    bool varies;                    /* else it is part of a pattern: */
    uint32_t pattern, pattern_size; /* its bytes */
    uint32_t literal_size;
} wr_json_part;

typedef struct wr_json_shape {
    wr_json_step steps[WR_JSON_LEAVES_MAX + 2]; /* the last one is END; room to begin another */
    wr_json_field fields[WR_JSON_LEAVES_MAX];
    wr_json_part parts[WR_JSON_LEAVES_MAX + 1]; /* the last one is END */
    int step_count;                             /* 0: there is no shape here */
    int field_count, part_count;
    int *nulls; /* columns that such a record does not have, or has as null */
    int null_count;
    uint32_t literals_size, patterns_size;
    char literals[WR_JSON_LITERALS_MAX_BYTES]; /* of all parts */
    unsigned char low[WR_JSON_PATTERNS_MAX_BYTES], high[WR_JSON_PATTERNS_MAX_BYTES];
} wr_json_shape;

/* Records to be read together: bytes [begin, end), line end excluded; 64 bytes behind are
 * readable. `at` is how far each one has been read. */
typedef struct wr_records {
    int count;
    uint32_t index[WR_RECORDS_MAX]; /* message number, or byte in the chunk */
    const char *begin[WR_RECORDS_MAX], *end[WR_RECORDS_MAX];
    const char *at[WR_RECORDS_MAX];
} wr_records;

/* Reads records `first` … `first + count − 1` into rows from frame->row on; the number of leading
 * ones that fit the shape. Nothing of the others counts. */
typedef int wr_json_shape_read(wr_json_shape *shape, wr_decode_frame *frame, wr_records *records,
                               int first, int count);

/* ── what is not worth a kernel (json_shape.c) ───────────────────────────────────────────────── */

/* Behind an opening quote: a text with escapes or other than ASCII; arena NULL: only checked. */
bool wr_json_shape_text(const char **at, const char *end, wr_arena *arena, wr_text *text);
/* Numbers of any length; *at is moved. False: none, or one that the strict reader decides on. */
bool wr_json_long_int(const char **at, const char *end, int64_t *value);
bool wr_json_long_double(const char **at, const char *end, double *value);
bool wr_json_long_skip(const char **at, const char *end);
/* A value of which nothing is predicted but that it is there. */
bool wr_json_shape_value(wr_decode_frame *frame, wr_json_step *step, int row, const char **at,
                         const char *end);

/* ── learning (json_shape_learn.c) ──────────────────────────────────────────────────────────── */

/* How a value is read, by its first byte and the type of its column. */
wr_json_step_kind wr_json_leaf_kind(const wr_decode_spec *spec, const wr_json_leaf *leaf);
/* Is this a record of the same keys, with values that the patterns do not allow? Then the shape is
 * made to fit it too. */
bool wr_json_shape_widen(wr_json_shape *shape, const wr_decode_spec *spec,
                         const wr_json_trace *trace, wr_text record);
/* Makes the shape of a record that the strict reader has read; false: it cannot be predicted. */
bool wr_json_shape_build(wr_json_shape *shape, const wr_decode_spec *spec,
                         const wr_json_trace *trace, wr_text record);

#endif
