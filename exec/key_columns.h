/* Keys of a batch, by column: what a group table looks rows up by. */
#ifndef WEIR_EXEC_KEY_COLUMNS_H
#define WEIR_EXEC_KEY_COLUMNS_H

#include "exec/key_row.h"

/* One key column in the form that key rows store: a flat array of 8-, 16- or 24-byte values. */
typedef struct wr_key_values {
    const void *data;
    const uint64_t *valid; /* bit = 1: not NULL; NULL: nothing is NULL. A NULL's value is any */
} wr_key_values;

typedef struct wr_key_columns {
    const wr_key_layout *layout;
    wr_key_values *values;    /* by column */
    const wr_vector *vectors; /* what they were made of */
    int row_count;
    bool is_hashed;
    uint64_t hashes[WR_BATCH_ROWS]; /* by row, once is_hashed */
} wr_key_columns;

void wr_key_columns_init(wr_key_columns *keys, const wr_key_layout *layout, wr_arena *arena);
/* The keys of rows 0 … row_count − 1, borrowed until the batch ends; `arena` is the batch's. Rows
 * that nobody asks for may hold anything. −0 becomes +0, every NaN the same NaN. */
void wr_key_columns_set(wr_key_columns *keys, const wr_vector *vectors, int row_count,
                        wr_arena *arena);
/* By row; computed when first asked for. */
const uint64_t *wr_key_columns_hashes(wr_key_columns *keys);
/* Writes the key row of `row` (layout->row_bytes); texts are borrowed. */
void wr_key_columns_write(const wr_key_columns *keys, int row, char *to);

static inline bool
wr_key_values_null(const wr_key_values *values, int row)
{
    return values->valid && !wr_bit_get(values->valid, row);
}

#endif
