/* Runs of CSV records that are as they should be: with the right number of fields, and quotes
 * around whole fields, so that places of delimiters and newlines are all there is to know.
 *
 *   ts,host,v↵        stops  -1 │ 2 7 9 │ 12 18 22      field_count 3
 *   17,alpha,1.5↵                 , , ↵ │  ,  ,  ↵      record 1, field 1 = bytes [13, 18)
 *
 * Lines of plain text are records of one field in which quotes mean nothing (a bare dialect). */
#ifndef WEIR_CONNECTORS_FORMATS_CSV_RUN_H
#define WEIR_CONNECTORS_FORMATS_CSV_RUN_H

#include "connectors/formats/csv_scan.h"
#include "connectors/formats/decode.h"

enum { WR_CSV_STOPS_MAX = 1024, WR_CSV_RUN_MAX = 256, WR_CSV_RUN_NULLS_MAX = 512 };
enum { WR_CSV_RUN_FOUND_MAX = WR_CSV_RUN_MAX + 64 /* the last block is taken whole */ };

typedef struct wr_csv_null {
    int column, record;
} wr_csv_null;

typedef struct wr_csv_run {
    const char *chunk;
    size_t begin; /* of the first record, in the chunk */
    int field_count;
    int wanted;     /* records to look for, about; 1 … WR_CSV_RUN_MAX */
    int count;      /* records found */
    bool stopped;   /* behind them stands a record that is not as it should be */
    bool high;      /* some byte is not ASCII */
    bool quoted;    /* some field is quoted */
    bool multiline; /* some quotes hold a newline */
    int null_count; /* of values that are NULL; records beyond `count` have some too */
    wr_csv_null nulls[WR_CSV_RUN_NULLS_MAX];
    uint32_t stops[1 + WR_CSV_STOPS_MAX + 2 * 64]; /* the byte before each field; its end is next */
} wr_csv_run;

/* The byte behind record `count − 1` of the run. */
static inline size_t
wr_csv_run_end(const wr_csv_run *run, int count)
{
    return (uint32_t)(run->stops[count * run->field_count] + 1);
}

/* Finds records from run->begin on that end before `size`; sets count (0: the first one is not as
 * it should be, or not whole), the flags and stops. 64 bytes behind `size` are readable. */
typedef void wr_csv_run_find(wr_csv_run *run, size_t size, const wr_csv_dialect *dialect);
/* Reads a field of all records into a column, from frame->row on; the number of leading records
 * whose value is good or NULL. */
typedef int wr_csv_run_read(wr_csv_run *run, wr_decode_frame *frame, int column, int field,
                            const wr_csv_dialect *dialect);
/* How many bytes of `data` are whole records. Stops before a record whose quotes are not around
 * whole fields: then *irregular is set, and what follows is unknown. */
typedef size_t wr_csv_whole(const char *data, size_t size, char delimiter, bool *irregular);

#endif
