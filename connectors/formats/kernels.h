/* The loops over bytes that have a version for each kind of processor, and the choice of one. */
#ifndef WEIR_CONNECTORS_FORMATS_KERNELS_H
#define WEIR_CONNECTORS_FORMATS_KERNELS_H

#include "connectors/formats/csv_run.h"
#include "connectors/formats/json_members.h"

/* The lines of chunk[at, size) as records, some at least, as many as stay in the cache; returns the
 * byte behind them. A \r before the line end is no part of a record. */
typedef size_t wr_lines_find(const char *chunk, size_t at, size_t size, wr_records *records);

/* Newlines among `size` bytes, behind which 64 are readable. */
typedef int64_t wr_newlines_count(const char *data, size_t size);

typedef struct wr_kernels {
    const char *name; /* "base", "avx2", "avx512" */
    wr_lines_find *lines_find;
    wr_newlines_count *newlines_count;
    wr_json_shape_read *json_shape_read;
    wr_json_members_read *json_members_read;
    wr_csv_run_find *csv_run_find;
    wr_csv_run_read *csv_run_read;
    wr_csv_whole *csv_whole;
} wr_kernels;

extern const wr_kernels wr_kernels_base; /* SSE2, NEON or neither: what all processors have */
extern const wr_kernels wr_kernels_avx2;
extern const wr_kernels wr_kernels_avx512;

/* Those that this processor can run, the best one first. Any thread. */
const wr_kernels *const *wr_kernels_usable(int *count);
const wr_kernels *wr_kernels_best(void);

#endif
