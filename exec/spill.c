/* Spilled segments: of a job in its store, where the next checkpoint names them; of other queries
 * in an SQLite file without a name.
 *
 * 1. Nothing is opened as long as everything fits into memory. */
#include "exec/spill.h"

#include "core/memory.h"

struct wr_spill {
    wr_store *store; /* NULL: nothing was spilled so far */
    bool is_own;
};

wr_spill *
wr_spill_new(wr_store *store)
{
    wr_spill *spill = wr_alloc(sizeof(*spill));
    spill->store = store;
    spill->is_own = !store;
    return spill;
}

void
wr_spill_free(wr_spill *spill)
{
    if (spill) {
        wr_store_close(spill->is_own ? spill->store : NULL);
        wr_free(spill);
    }
}

wr_status
wr_spill_write(wr_spill *spill, wr_segment *segments, int count, wr_error *err)
{
    if (!spill->store) {
        const wr_store_config config = {.create = true, .temporary = true};
        WR_TRY(wr_store_open(&config, &spill->store, err));
    }
    return wr_store_spill(spill->store, segments, count, err);
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
