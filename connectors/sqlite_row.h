/* Rows on their way into an SQLite table, as bytes. */
#ifndef WEIR_CONNECTORS_SQLITE_ROW_H
#define WEIR_CONNECTORS_SQLITE_ROW_H

#include "connectors/connector.h"

typedef enum wr_sqlite_op { WR_SQLITE_PUT, WR_SQLITE_DELETE } wr_sqlite_op;

typedef enum wr_sqlite_kind {
    WR_SQLITE_NULL_CELL,
    WR_SQLITE_INTEGER_CELL,
    WR_SQLITE_REAL_CELL,
    WR_SQLITE_TEXT_CELL,
    WR_SQLITE_BLOB_CELL
} wr_sqlite_kind;

typedef struct wr_sqlite_cell {
    wr_sqlite_kind kind;
    int64_t integer; /* also a real's bits */
    wr_text bytes;   /* borrowed */
} wr_sqlite_cell;

/* The type that a column of ours is declared with. */
const char *wr_sqlite_type_name(wr_type type);

void wr_sqlite_row_append(wr_buffer *out, const wr_batch *batch, int row, wr_sqlite_op op);
/* Takes a row off *bytes, into `count` cells. WR_ERR_STATE E0904: it is none. */
wr_status wr_sqlite_row_take(wr_text *bytes, wr_sqlite_op *op, wr_sqlite_cell *cells, int count,
                             wr_error *err);

#endif
