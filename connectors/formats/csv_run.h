/* Runs of plain CSV records: without quotes and with the right number of fields, so that places of
 * delimiters and newlines are all there is to know.
 *
 *   ts,host,v↵        stops  2 7 9 │ 12 18 22        field_count 3
 *   17,alpha,1.5↵            , , ↵ │  ,  ,  ↵        record 1, field 1 = bytes [13, 18) */
#ifndef WEIR_CONNECTORS_FORMATS_CSV_RUN_H
#define WEIR_CONNECTORS_FORMATS_CSV_RUN_H

#include "connectors/formats/csv_scan.h"
#include "connectors/formats/decode.h"

enum { WR_CSV_STOPS_MAX = 1024, WR_CSV_RUN_MAX = 128, WR_CSV_RUN_NULLS_MAX = 512 };

typedef struct wr_csv_null {
    int column, record;
} wr_csv_null;

typedef struct wr_csv_run {
    const char *chunk;
    size_t begin; /* of the first record, in the chunk */
    int field_count;
    int count;       /* records */
    bool high;       /* some byte is not ASCII */
    int null_count;  /* of values that are NULL; records beyond `count` have some too */
    wr_csv_null nulls[WR_CSV_RUN_NULLS_MAX];
    uint32_t stops[WR_CSV_STOPS_MAX + 1];
} wr_csv_run;

/* Finds the records from run->begin on that end before `size`; sets count (0: the first one is not
 * plain), high and stops. 64 bytes behind `size` are readable. */
typedef void wr_csv_run_find(wr_csv_run *run, size_t size, char delimiter);
/* Reads a field of all records into a column, from frame->row on; the number of leading records
 * whose value is good or NULL. */
typedef int wr_csv_run_read(wr_csv_run *run, wr_decode_frame *frame, int column, int field,
                            const wr_csv_dialect *dialect);

#endif
