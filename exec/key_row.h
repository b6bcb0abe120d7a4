/* Keys of rows in row form, so that a group's whole key lies in one place. */
#ifndef WEIR_EXEC_KEY_ROW_H
#define WEIR_EXEC_KEY_ROW_H

#include "core/vector.h"
#include "exec/key_text.h"

typedef enum wr_key_shape { WR_KEY_ONE_WORD, WR_KEY_ONE_TEXT, WR_KEY_GENERAL } wr_key_shape;

/* Bytes of the rows of these shapes: two of them never share three cache lines. */
enum { WR_KEY_ONE_WORD_BYTES = 16, WR_KEY_ONE_TEXT_BYTES = 32 };

typedef struct wr_key_column {
    wr_type type;
    int offset; /* bytes from the start of the row */
    int width;  /* 8; 16; 24: a wr_key_text */
} wr_key_column;

typedef struct wr_key_layout {
    wr_key_shape shape;
    bool is_integer; /* WR_KEY_ONE_WORD whose 8 bytes are a number */
    int column_count;
    int null_words; /* NULL bits come first: bit = 1 is NULL, and its value is zero bytes */
    int row_bytes;  /* multiple of 8 */
    wr_key_column *columns;
} wr_key_layout;

void wr_key_layout_init(wr_key_layout *layout, wr_arena *arena, const wr_type *types, int count);

bool wr_key_row_equal(const wr_key_layout *layout, const char *a, const char *b);
/* SQL order, column by column, NULLs last. */
int wr_key_row_compare(const wr_key_layout *layout, const char *a, const char *b);
/* An order-preserving start of a row's first key, for sorting: a smaller prefix means a smaller
 * row. `skip` bytes are common to the texts of all rows (wr_key_rows_common). */
uint64_t wr_key_row_prefix(const wr_key_layout *layout, const char *row, uint32_t skip);
/* Bytes that the first key's text has in common with `common` bytes of another row's. */
uint32_t wr_key_row_common(const wr_key_layout *layout, const char *row, const char *other,
                           uint32_t common);
/* The row's long texts are copied into `arena`. */
void wr_key_row_own(const wr_key_layout *layout, char *row, wr_arena *arena);
/* Writes key column `column` of rows[0, row_count) to the flat vector `out`; texts are borrowed
 * from the rows. */
void wr_key_rows_get(const wr_key_layout *layout, int column, const char *const *rows,
                     int row_count, wr_vector *out, wr_arena *arena);

static inline bool
wr_key_row_is_null(const char *row, int column)
{
    return wr_bit_get((const uint64_t *)(const void *)row, column);
}

#endif
