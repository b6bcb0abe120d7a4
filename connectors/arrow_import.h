/* From Arrow's columns to ours. */
#ifndef WEIR_CONNECTORS_ARROW_IMPORT_H
#define WEIR_CONNECTORS_ARROW_IMPORT_H

#include "connectors/connector.h"
#include "core/arrow.h"

/* Checks that a struct array ("+s") has columns for `schema`, by name without case: a column that
 * is not there becomes NULLs, one that `schema` does not have is ignored. WR_ERR_MISUSE with the
 * column and its type when one does not fit. Reads no row. */
wr_status wr_arrow_check(const wr_schema *schema, const struct ArrowSchema *arrow_schema,
                         const struct ArrowArray *array, wr_error *err);

/* The columns as vectors of array->length rows, flat or dictionary, in `schema`'s order. Integers
 * of 64 bits, doubles and times of microseconds are borrowed from the array, which must outlive
 * the vectors; the rest is converted into `arena`. Texts are checked to be UTF-8, timestamps and
 * unsigned numbers to fit (WR_ERR_MISUSE). After wr_arrow_check. */
wr_status wr_arrow_import(const wr_schema *schema, const struct ArrowSchema *arrow_schema,
                          const struct ArrowArray *array, wr_arena *arena, wr_vector *columns,
                          wr_error *err);

/* Rows [first, first + count) of such a vector; nothing is copied but bits that are not aligned. */
wr_vector wr_arrow_slice(const wr_vector *column, int64_t first, int count, wr_arena *arena);

#endif
