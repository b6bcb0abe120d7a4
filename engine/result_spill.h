/* Rows of a result that has no room in memory: on disk, first in, first out. */
#ifndef WEIR_ENGINE_RESULT_SPILL_H
#define WEIR_ENGINE_RESULT_SPILL_H

#include "exec/spill.h"

typedef struct wr_result_spill {
    wr_spill *file;   /* made with the first rows */
    wr_arena *arena;  /* of one batch on its way out */
    int64_t *ids;     /* of segments on disk, oldest first */
    int first, count, capacity; /* ids[first … count − 1] are there */
    wr_segment open;  /* being filled; row_count 0: empty */
} wr_result_spill;

wr_result_spill *wr_result_spill_new(void);
void wr_result_spill_free(wr_result_spill *spill); /* NULL is fine */
bool wr_result_spill_is_empty(const wr_result_spill *spill);
/* Behind all that is there already. */
wr_status wr_result_spill_add(wr_result_spill *spill, const wr_batch *batch, wr_error *err);
/* The oldest segment's batches, by `take`, in `arena`; it is gone from here. */
wr_status wr_result_spill_take(wr_result_spill *spill, wr_arena *arena,
                               void (*take)(void *context, const wr_batch *batch), void *context,
                               wr_error *err);

#endif
