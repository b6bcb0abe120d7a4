/* Vectors and batches: the columns of ≤ 2,048 rows on their way through the operators.
 *
 *   flat         data[row]                         constant   data[0] for every row
 *   dictionary   data[index[row]]                  NULL: bit of `valid` is 0 (valid == NULL: none)
 *
 * A value that could not be computed is a third state beside NULL: `errors[row]` holds the reason
 * (wr_reason), errors == NULL when there is none. Errors flow through expressions like NULLs do,
 * and count only if they reach a result; so evaluation needs no selection and no lazy branches.
 *
 * Invariants
 * 1. valid and errors are per row for flat, one entry for constant; for dictionary both are per
 *    dictionary entry.
 * 2. data of a NULL or erroneous row is defined memory (kernels may read it), value unspecified.
 * 3. All vectors of a batch have row_count rows; selection, if any, is ascending row numbers.
 * 4. Whoever receives a batch keeps no pointer into it after it returns (vectors live in the batch
 *    arena), and changes none of its vectors. */
#ifndef WEIR_CORE_VECTOR_H
#define WEIR_CORE_VECTOR_H

#include "core/arena.h"
#include "core/type.h"
#include "core/view.h"

enum { WR_BATCH_ROWS = 2048 };

/* Why a value or a row is bad; X(id, text shown to people). */
#define WR_REASON_LIST(X)                                    \
    X(NONE, "no error")                                      \
    X(SYNTAX, "not valid for the format")                    \
    X(UTF8, "invalid UTF-8")                                 \
    X(TYPE, "value of another type")                         \
    X(RANGE, "value out of range")                           \
    X(OVERFLOW, "arithmetic overflow")                       \
    X(CAST, "cannot be cast")                                \
    X(DOMAIN, "argument outside the function's domain")      \
    X(NOT_NULL, "NULL in a NOT NULL column")                 \
    X(EVENT_TIME, "no event time")                           \
    X(TOMBSTONE, "tombstone without event time")             \
    X(TOO_LARGE, "too large")                                \
    X(TOO_DEEP, "nested too deeply")                         \
    X(COLUMNS, "wrong number of fields")                     \
    X(EMPTY, "empty message")

typedef enum wr_reason {
#define WR_REASON_ENUM(id, text) WR_REASON_##id,
    WR_REASON_LIST(WR_REASON_ENUM)
#undef WR_REASON_ENUM
    WR_REASON_COUNT
} wr_reason;

const char *wr_reason_text(wr_reason reason);

typedef enum wr_vector_kind { WR_FLAT, WR_CONSTANT, WR_DICTIONARY } wr_vector_kind;

typedef struct wr_vector {
    wr_type type;
    wr_vector_kind kind;
    int dictionary_size; /* dictionary: entries in data */
    void *data;          /* elements of wr_type_width(type.id) bytes */
    uint64_t *valid;     /* bit = 1: not NULL; NULL: nothing is NULL */
    uint8_t *errors;     /* wr_reason per row; NULL: no errors */
    uint16_t *index;     /* dictionary: entry of each row */
} wr_vector;

/* What happened to a row of a changing result. */
typedef enum wr_row_op { WR_INSERT, WR_UPDATE_BEFORE, WR_UPDATE_AFTER, WR_DELETE } wr_row_op;

/* Where a source row came from: for bad-row reports, dead letters, and ties. */
typedef struct wr_origin {
    int32_t partition; /* the source's own numbering, 0.. */
    int64_t offset;    /* Kafka offset; file: byte offset of the record; else a running number */
} wr_origin;

/* The same for all rows of a batch, with no word per row where they have one partition. */
typedef struct wr_origins {
    const wr_origin *rows; /* by row; NULL: all of `partition`, at `offset` + index[row] */
    int32_t partition;
    int64_t offset;
    const uint32_t *index; /* NULL: at `offset` + row */
} wr_origins;

static inline wr_origin
wr_origin_of(const wr_origins *origins, int row)
{
    if (origins->rows) {
        return origins->rows[row];
    }
    int64_t at = origins->index ? (int64_t)origins->index[row] : row;
    return (wr_origin){origins->partition, origins->offset + at};
}

typedef struct wr_batch {
    int row_count; /* physical rows, ≤ WR_BATCH_ROWS */
    int column_count;
    wr_vector *columns;
    const uint16_t *selection; /* NULL: all rows */
    int selected_count;        /* == row_count when selection is NULL */
    const uint8_t *row_ops;    /* wr_row_op per row; NULL: all WR_INSERT */
    /* Event time of each row and the watermark of its own partition just before it (µs, UTC);
     * NULL when the stream has no event time. */
    const int64_t *event_time_us;
    const int64_t *watermark_us;
    const wr_origins *origins; /* NULL behind operators that make new rows */
    wr_arena *arena;          /* where vectors of this batch live; ends with the micro-batch */
} wr_batch;

/* Element access, for code off the hot path (hot code uses the arrays). */
static inline int
wr_vector_slot(const wr_vector *vector, int row)
{
    return vector->kind == WR_FLAT ? row : vector->kind == WR_CONSTANT ? 0 : vector->index[row];
}

static inline bool
wr_vector_is_null(const wr_vector *vector, int row)
{
    unsigned slot = (unsigned)wr_vector_slot(vector, row);
    return vector->valid && !((vector->valid[slot >> 6] >> (slot & 63)) & 1);
}

static inline wr_reason
wr_vector_error(const wr_vector *vector, int row)
{
    return vector->errors ? (wr_reason)vector->errors[wr_vector_slot(vector, row)] : WR_REASON_NONE;
}

#define WR_VALUE(vector, ctype, row) (((ctype *)(vector)->data)[wr_vector_slot((vector), (row))])

/* Makes `vector` a flat one of `row_count` rows with uninitialised data, all valid. */
void wr_vector_init_flat(wr_vector *vector, wr_type type, int row_count, wr_arena *arena);
/* Makes it a constant; value NULL means SQL NULL; the value (wr_type_width bytes) is copied. */
void wr_vector_init_constant(wr_vector *vector, wr_type type, const void *value, wr_arena *arena);
/* Sets a row of a FLAT vector to NULL / to an error; makes the bitmap/array on first use.
 * `row_count` is the vector's. */
void wr_vector_set_null(wr_vector *vector, int row, int row_count, wr_arena *arena);
void wr_vector_set_error(wr_vector *vector, int row, int row_count, wr_reason reason,
                         wr_arena *arena);
/* A flat vector with the same rows (the same vector when it is flat already). */
wr_vector wr_vector_flatten(const wr_vector *vector, int row_count, wr_arena *arena);
/* out[i] = vector[rows[i]], flat. */
wr_vector wr_vector_gather(const wr_vector *vector, const uint16_t *rows, int count,
                           wr_arena *arena);

/* A batch without rows, its columns typed NULL pointers to be filled. */
wr_batch *wr_batch_new(wr_arena *arena, int column_count);
/* Deep copy into `arena` of the selected rows, dense, with event times and ops (for results that
 * outlive the micro-batch, and ORDER BY's buffers). */
wr_batch *wr_batch_copy(const wr_batch *batch, wr_arena *arena);

/* Bits. */
static inline size_t
wr_bits_words(int count)
{
    return ((size_t)count + 63) / 64;
}
static inline bool
wr_bit_get(const uint64_t *bits, int i)
{
    return (bits[(unsigned)i >> 6] >> ((unsigned)i & 63)) & 1;
}
static inline void
wr_bit_set(uint64_t *bits, int i)
{
    bits[(unsigned)i >> 6] |= 1ull << ((unsigned)i & 63);
}
static inline void
wr_bit_clear(uint64_t *bits, int i)
{
    bits[(unsigned)i >> 6] &= ~(1ull << ((unsigned)i & 63));
}
/* `count` bits, all 1. */
uint64_t *wr_bits_new(wr_arena *arena, int count);

#endif
