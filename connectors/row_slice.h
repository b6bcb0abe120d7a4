/* A part of a batch's rows. */
#ifndef WEIR_CONNECTORS_ROW_SLICE_H
#define WEIR_CONNECTORS_ROW_SLICE_H

#include "core/vector.h"

/* Rows [begin, begin + count) of a batch without selection, dense, columns only; the whole batch
 * is given as it is. Text bytes are borrowed from `batch`. */
wr_batch *wr_row_slice(wr_batch *batch, int begin, int count, wr_arena *arena);

#endif
