/* The body of kernels_base.c, kernels_avx2.c and kernels_avx512.c: the kernels as the including
 * file is compiled, and their table KERNELS_TABLE, which calls itself KERNELS_NAME.
 *
 * 1. Everything but the table is static: the same source is built once for each processor. */
#ifndef WEIR_CONNECTORS_FORMATS_KERNELS_TABLE_H
#define WEIR_CONNECTORS_FORMATS_KERNELS_TABLE_H

#include "connectors/formats/csv_kernels.h"
#include "connectors/formats/json_kernels.h"
#include "connectors/formats/json_member_kernels.h"
#include "connectors/formats/lines_kernels.h"

static size_t
find_lines(const char *chunk, size_t at, size_t size, wr_records *records)
{
    return lines_find(chunk, at, size, records);
}

static int64_t
count_newlines(const char *data, size_t size)
{
    return newlines_count(data, size);
}

static int
read_json(wr_json_shape *shape, wr_decode_frame *frame, wr_records *records, int first, int count)
{
    return json_shape_read(shape, frame, records, first, count);
}

static int
read_json_members(wr_json_members *members, wr_decode_frame *frame, const wr_records *records,
                  int first, int count)
{
    return json_members_read(members, frame, records, first, count);
}

static void
find_csv(wr_csv_run *run, size_t size, const wr_csv_dialect *dialect)
{
    csv_run_find(run, size, dialect);
}

static size_t
whole_csv(const char *data, size_t size, char delimiter, bool *irregular)
{
    return csv_whole(data, size, delimiter, irregular);
}

static int
read_csv(wr_csv_run *run, wr_decode_frame *frame, int column, int field,
         const wr_csv_dialect *dialect)
{
    csv_column at = {run, frame, dialect, column, field};
    return csv_run_read(&at);
}

const wr_kernels KERNELS_TABLE = {
    .name = KERNELS_NAME,
    .lines_find = find_lines,
    .newlines_count = count_newlines,
    .json_shape_read = read_json,
    .json_members_read = read_json_members,
    .csv_run_find = find_csv,
    .csv_run_read = read_csv,
    .csv_whole = whole_csv,
};

#endif
