/* Cuts batches where a poll's row limit says. */
#include "connectors/row_slice.h"

#include <assert.h>

wr_batch *
wr_row_slice(wr_batch *batch, int begin, int count, wr_arena *arena)
{
    assert(begin >= 0 && count >= 0 && begin + count <= batch->row_count && !batch->selection);
    if (begin == 0 && count == batch->row_count) {
        return batch;
    }
    uint16_t *rows = wr_arena_alloc(arena, sizeof *rows * (size_t)count);
    for (int i = 0; i < count; i++) {
        rows[i] = (uint16_t)(begin + i);
    }
    wr_batch *slice = wr_batch_new(arena, batch->column_count);
    for (int column = 0; column < batch->column_count; column++) {
        slice->columns[column] = wr_vector_gather(&batch->columns[column], rows, count, arena);
    }
    slice->row_count = count;
    slice->selected_count = count;
    return slice;
}
