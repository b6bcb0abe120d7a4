/* What was to be spilled while the disk is full: it waits in memory for the next commit.
 *
 *   spill ─▶ INSERT fails ─▶ held [7, 8, 9]      read 8: from here
 *   unspill ─▶ DELETE fails ─▶ doomed [3]        the store owes: no input, a checkpoint is due
 *   commit ─▶ 7, 8, 9 in, 3 out, all the rest ─▶ the store owes nothing
 *
 * So a step never fails half-way for want of room: the one who waits for room is the committing
 * thread, as ever, and the job is degraded while it does.
 *
 * 1. Held bodies have their ids already: nobody above knows where a body is.
 * 2. They are at most hold_bytes; temporary stores, which have no commits, hold nothing. */
#include "exec/state/store_base.h"

#include "core/memory.h"

static void
held_note(wr_store *store)
{
    atomic_store(&store->owes, store->held_count > 0 || store->doomed_count > 0);
}

bool
wr_store_hold(wr_store *store, const wr_segment *segments, int count)
{
    int64_t bytes = 0;
    for (int i = 0; i < count; i++) {
        bytes += (int64_t)segments[i].body.size;
    }
    if (bytes > store->hold_bytes - store->held_bytes) {
        return false;
    }
    store->held_bytes += bytes;
    for (int i = 0; i < count; i++) {
        store->held =
            wr_grow(store->held, store->held_count, &store->held_capacity, sizeof(*store->held));
        wr_segment *own = &store->held[store->held_count++];
        *own = (wr_segment){.id = segments[i].id};
        wr_buffer_append(&own->body, segments[i].body.data, segments[i].body.size);
    }
    held_note(store);
    return true;
}

const wr_buffer *
wr_store_held(const wr_store *store, int64_t id)
{
    for (int i = 0; i < store->held_count; i++) {
        if (store->held[i].id == id) {
            return &store->held[i].body;
        }
    }
    return NULL;
}

bool
wr_store_let_go(wr_store *store, int64_t id)
{
    for (int i = 0; i < store->held_count; i++) {
        wr_segment *own = &store->held[i];
        if (own->id == id) {
            store->held_bytes -= (int64_t)own->body.size;
            wr_buffer_fini(&own->body);
            *own = store->held[--store->held_count];
            held_note(store);
            return true;
        }
    }
    return false;
}

void
wr_store_doom(wr_store *store, int64_t id)
{
    store->doomed = wr_grow(store->doomed, store->doomed_count, &store->doomed_capacity,
                            sizeof(*store->doomed));
    store->doomed[store->doomed_count++] = id;
    held_note(store);
}

wr_status
wr_store_write_held(wr_store *store, wr_error *err)
{
    for (int i = 0; i < store->held_count; i++) {
        const wr_segment *own = &store->held[i];
        uint64_t sum;
        WR_TRY(wr_store_insert_body(store, own->id, (wr_text){own->body.data, own->body.size}, &sum,
                                    err));
    }
    for (int i = 0; i < store->doomed_count; i++) {
        WR_TRY(wr_store_run(store, WR_SQL_DELETE_BODY, &store->doomed[i], 1, err));
    }
    return WR_OK;
}

void
wr_store_forget_held(wr_store *store)
{
    for (int i = 0; i < store->held_count; i++) {
        wr_buffer_fini(&store->held[i].body);
    }
    wr_free(store->held);
    wr_free(store->doomed);
    store->held = NULL;
    store->doomed = NULL;
    store->held_count = store->held_capacity = store->doomed_count = store->doomed_capacity = 0;
    store->held_bytes = 0;
    held_note(store);
}

bool
wr_store_owes(const wr_store *store)
{
    return atomic_load(&store->owes);
}
