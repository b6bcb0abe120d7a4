/* A shape: what records that are alike have in common, as steps of literal bytes and a value.
 *
 *   {"ts":1700000000000,"host":"server-000989","v":95.74}
 *   └─────┘ literal     └───────┘             └─────┘     └ tail
 *          INT: column 0         TEXT: column 1      DOUBLE: column 2
 *
 * Invariants
 * 1. Literals are bytes of a record that passed the strict reader, and every value is checked by
 *    the same rules; so what fits a shape is valid and has the same keys in the same places.
 * 2. A shape has no key twice and nothing wanted inside a value (json_project's trace). */
#ifndef WEIR_CONNECTORS_FORMATS_JSON_SHAPE_H
#define WEIR_CONNECTORS_FORMATS_JSON_SHAPE_H

#include "connectors/formats/json_project.h"

enum {
    WR_JSON_LITERALS_MAX_BYTES = 4096,
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

/* Literal bytes, then a value. The opening quote of a text belongs to the literal. */
typedef struct wr_json_step {
    uint64_t words[2], masks[2]; /* the literal's first 16 bytes; 1 bits where it has some */
    const char *literal;         /* all of it */
    uint32_t literal_size;
    uint16_t depth; /* brackets open around the value */
    uint16_t seen_size;
    wr_json_step_kind kind;
    int column;
    char seen[WR_JSON_SEEN_MAX_BYTES]; /* SKIP_VALUE: the last one, which was valid */
} wr_json_step;

typedef struct wr_json_shape {
    wr_json_step steps[WR_JSON_LEAVES_MAX + 1]; /* the last one is END */
    int step_count;                             /* 0: there is no shape here */
    int *nulls; /* columns that such a record does not have, or has as null */
    int null_count;
    char literals[WR_JSON_LITERALS_MAX_BYTES];
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
/* Any number into the row; kind INT, DOUBLE or SKIP_NUMBER. */
bool wr_json_shape_number(wr_decode_frame *frame, const wr_json_step *step, int row,
                          const char **at, const char *end);
/* A value of which nothing is predicted but that it is there. */
bool wr_json_shape_value(wr_decode_frame *frame, wr_json_step *step, int row, const char **at,
                         const char *end);

/* A literal's first bytes as words, for comparing. */
void wr_json_step_set_literal(wr_json_step *step, const char *literal, size_t size);

#endif
