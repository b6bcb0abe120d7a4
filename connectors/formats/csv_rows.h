/* Rows out of runs of records that are as they should be; whatever is not is left to the caller,
 * who reads that one record by itself. For CSV and for lines of text. */
#ifndef WEIR_CONNECTORS_FORMATS_CSV_ROWS_H
#define WEIR_CONNECTORS_FORMATS_CSV_ROWS_H

#include "connectors/formats/csv_run.h"
#include "connectors/formats/decode.h"

/* What the fields of a record are. */
typedef struct wr_csv_fields {
    int count;
    int *of; /* [columns]: the field of each column; -1: not there */
} wr_csv_fields;

typedef struct wr_csv_rows wr_csv_rows;

/* Query lifetime; frame and dialect are borrowed. */
wr_csv_rows *wr_csv_rows_new(wr_arena *arena, wr_decode_frame *frame,
                             const wr_csv_dialect *dialect);

/* Makes rows of the block's chunk from byte `at` on. Returns the byte of the first record that it
 * did not take (because there is no room, or it is unusual); moves *line (0: not counted) on. */
size_t wr_csv_rows_chunk(wr_csv_rows *rows, const wr_csv_fields *fields, size_t at, int64_t *line);

/* The same for messages from number `at` on; returns the number of the first one not taken. A
 * single message is not taken. */
size_t wr_csv_rows_messages(wr_csv_rows *rows, const wr_csv_fields *fields, size_t at);

#endif
