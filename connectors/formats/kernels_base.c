/* The kernels with what every processor has that the program is built for (SSE2 or NEON).
 *
 * 1. Everything but the table is static: the same source is built again for other processors. */
#include "connectors/formats/kernels.h"

#include "connectors/formats/csv_kernels.h"
#include "connectors/formats/json_kernels.h"
#include "connectors/formats/lines_kernels.h"

static size_t
find_lines(const char *chunk, size_t at, size_t size, wr_records *records)
{
    return lines_find(chunk, at, size, records);
}

static int
read_json(wr_json_shape *shape, wr_decode_frame *frame, wr_records *records, int first, int count)
{
    return json_shape_read(shape, frame, records, first, count);
}

static void
find_csv(wr_csv_run *run, size_t size, char delimiter)
{
    csv_run_find(run, size, delimiter);
}

static int
read_csv(wr_csv_run *run, wr_decode_frame *frame, int column, int field,
         const wr_csv_dialect *dialect)
{
    return csv_run_read(run, frame, column, field, dialect);
}

const wr_kernels wr_kernels_base = {
    .name = "base",
    .lines_find = find_lines,
    .json_shape_read = read_json,
    .csv_run_find = find_csv,
    .csv_run_read = read_csv,
};
