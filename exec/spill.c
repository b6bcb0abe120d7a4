/* Spilled segments of a query that is no job: in an SQLite file without a name.
 *
 * 1. Nothing is opened as long as everything fits into memory. */
#include "exec/spill.h"

#include "core/memory.h"

struct wr_spill {
    wr_store *store; /* NULL: nothing was spilled so far */
};

wr_spill *
wr_spill_new(void)
{
    return wr_alloc(sizeof(wr_spill));
}

void
wr_spill_free(wr_spill *spill)
{
    if (spill) {
        wr_store_close(spill->store);
        wr_free(spill);
    }
}

wr_status
wr_spill_write(wr_spill *spill, wr_segment *segment, wr_error *err)
{
    if (!spill->store) {
        const wr_store_config config = {.create = true, .temporary = true};
        WR_TRY(wr_store_open(&config, &spill->store, err));
    }
    return wr_store_spill(spill->store, segment, 1, err);
}

wr_status
wr_spill_read(wr_spill *spill, int64_t id, wr_buffer *body, wr_error *err)
{
    return wr_store_read_segment(spill->store, id, body, err);
}

wr_status
wr_spill_remove(wr_spill *spill, const int64_t *ids, int count, wr_error *err)
{
    return wr_store_unspill(spill->store, ids, count, err);
}
