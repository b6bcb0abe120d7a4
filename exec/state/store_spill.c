/* Bodies that no row names yet, and keeping the WAL small.
 *
 *   spill: INSERT INTO body           the id is all that the caller keeps
 *   commit that names it: a row in segment        crash before that: deleted at open
 *   disk full: held in memory until a commit succeeds (store_held.c)
 *
 * 1. Ids are never given twice, also not after a failure: a body is only ever what it was written
 *    as.
 * 2. tidy copies the WAL into the file when it has grown; with readers about it copies what it
 *    can. */
#include "exec/state/store_base.h"

enum { TIDY_BYTES = 4 << 20, PAGE_BYTES = 32768 };

static wr_status
bodies_write(wr_store *store, wr_segment *segments, int count, wr_error *err)
{
    WR_TRY(wr_store_run(store, WR_SQL_BEGIN, NULL, 0, err));
    for (int i = 0; i < count; i++) {
        const wr_buffer *body = &segments[i].body;
        uint64_t sum;
        WR_TRY(wr_store_insert_body(store, store->counts.next_body++,
                                    (wr_text){body->data, body->size}, &sum, err));
    }
    return wr_store_run(store, WR_SQL_COMMIT, NULL, 0, err);
}

wr_status
wr_store_spill(wr_store *store, wr_segment *segments, int count, wr_error *err)
{
    pthread_mutex_lock(&store->mutex);
    int64_t first = store->counts.next_body;
    wr_status status = bodies_write(store, segments, count, err);
    store->counts.next_body = first + count;
    for (int i = 0; i < count; i++) {
        segments[i].id = first + i;
    }
    if (status != WR_OK) {
        wr_store_rollback(store);
    }
    if (status == WR_ERR_RUNTIME && wr_store_hold(store, segments, count)) {
        wr_error_clear(err);
        status = WR_OK;
    }
    pthread_mutex_unlock(&store->mutex);
    return status;
}

static wr_status
bodies_delete(wr_store *store, const int64_t *ids, int count, wr_error *err)
{
    WR_TRY(wr_store_run(store, WR_SQL_BEGIN, NULL, 0, err));
    for (int i = 0; i < count; i++) {
        WR_TRY(wr_store_run(store, WR_SQL_DELETE_BODY, &ids[i], 1, err));
    }
    return wr_store_run(store, WR_SQL_COMMIT, NULL, 0, err);
}

wr_status
wr_store_unspill(wr_store *store, const int64_t *ids, int count, wr_error *err)
{
    pthread_mutex_lock(&store->mutex);
    wr_status status = bodies_delete(store, ids, count, err);
    if (status != WR_OK) {
        wr_store_rollback(store);
    }
    bool waits = status == WR_ERR_RUNTIME && store->hold_bytes > 0;
    for (int i = 0; i < count && (status == WR_OK || waits); i++) {
        if (!wr_store_let_go(store, ids[i]) && waits) {
            wr_store_doom(store, ids[i]);
        }
    }
    if (waits) {
        wr_error_clear(err);
        status = WR_OK;
    }
    pthread_mutex_unlock(&store->mutex);
    return status;
}

wr_status
wr_store_fold(wr_store *store, wr_error *err)
{
    int rc = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    store->wal_pages = 0;
    return rc == SQLITE_OK || rc == SQLITE_BUSY ? WR_OK : wr_store_failed(store, rc, "tidy", err);
}

wr_status
wr_store_tidy(wr_store *store, wr_error *err)
{
    pthread_mutex_lock(&store->mutex);
    bool is_due = store->wal_pages >= TIDY_BYTES / PAGE_BYTES;
    wr_status status = is_due ? wr_store_fold(store, err) : WR_OK;
    pthread_mutex_unlock(&store->mutex);
    return status;
}
