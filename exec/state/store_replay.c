/* Dead letters that are to be read again: marked by a statement while the job rests, read by the
 * job when it starts, removed by the commit that covers what became of them.
 *
 *   REPLAY …   id 7: replay 0 → 1, new checksum      start   page 7, 9, 12 │ page 15 …
 *
 * 1. Marks are one transaction of their own; the job's row, its epoch and the ledgers stay.
 * 2. Damage in dead letters does not stop a job: what cannot be read stays where it is. */
#include "exec/state/store_base.h"

#include <string.h>

enum { REPLAY_PAGE_BYTES = 1 << 20, REPLAY_PADDING = 64 };

/* ── marking ────────────────────────────────────────────────────────────────────────────────── */

static wr_status
replay_mark(wr_store *store, int64_t id, int *marked, int *left, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    wr_store_value values[WR_STORE_COLUMNS_MAX];
    WR_TRY(wr_store_statement(store, WR_SQL_SELECT_ONE_DEAD_LETTER, &statement, err));
    sqlite3_bind_int64(statement, 1, id);
    wr_status status = wr_store_step(store, statement, err);
    if (status != WR_OK) {
        return status == WR_END ? WR_OK : status;
    }
    WR_TRY(wr_store_fetch(store, WR_STORE_DEAD_LETTER, statement, values, NULL, err));
    bool can_be_read = values[WR_LETTER_OPERATOR].number > 0;
    values[WR_LETTER_REPLAY].number = 1;
    int64_t sum = (int64_t)wr_store_row_sum(store, WR_STORE_DEAD_LETTER, values);
    sqlite3_reset(statement);
    *marked += can_be_read;
    *left += !can_be_read;
    const int64_t numbers[] = {id, sum};
    return can_be_read ? wr_store_run(store, WR_SQL_UPDATE_REPLAY, numbers, 2, err) : WR_OK;
}

static wr_status
replay_mark_all(wr_store *store, const int64_t *ids, int count, int *marked, int *left,
                wr_error *err)
{
    WR_TRY(wr_store_run(store, WR_SQL_BEGIN, NULL, 0, err));
    for (int i = 0; i < count; i++) {
        WR_TRY(replay_mark(store, ids[i], marked, left, err));
    }
    return wr_store_run(store, WR_SQL_COMMIT, NULL, 0, err);
}

wr_status
wr_store_mark_replay(wr_store *store, const int64_t *ids, int count, int *marked, int *left,
                     wr_error *err)
{
    *marked = *left = 0;
    pthread_mutex_lock(&store->mutex);
    wr_status status = replay_mark_all(store, ids, count, marked, left, err);
    if (status != WR_OK) {
        wr_store_rollback(store);
    }
    pthread_mutex_unlock(&store->mutex);
    return status;
}

/* ── reading ────────────────────────────────────────────────────────────────────────────────── */

/* Decoders read beyond the end of a record. */
static wr_text
text_padded(wr_text text, wr_arena *arena)
{
    char *copy = wr_arena_alloc(arena, text.size + REPLAY_PADDING);
    if (text.size > 0) {
        memcpy(copy, text.data, text.size);
    }
    memset(copy + text.size, 0, REPLAY_PADDING);
    return (wr_text){copy, text.size};
}

static wr_status
replay_read(wr_store *store, wr_replay *replay, wr_arena *arena, wr_dead_letter *letters,
            int *count, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    wr_store_value values[WR_STORE_COLUMNS_MAX];
    size_t bytes = 0;
    WR_TRY(wr_store_statement(store, WR_SQL_SELECT_REPLAY, &statement, err));
    sqlite3_bind_int64(statement, 1, replay->operator_id);
    sqlite3_bind_int64(statement, 2, replay->after);
    while (*count < WR_REPLAY_PAGE && bytes < REPLAY_PAGE_BYTES) {
        wr_status status = wr_store_step(store, statement, err);
        if (status != WR_OK) {
            replay->ended = true;
            return status == WR_END ? WR_OK : status;
        }
        replay->after = sqlite3_column_int64(statement, 0);
        WR_TRY(wr_store_fetch(store, WR_STORE_DEAD_LETTER, statement, values, NULL, err));
        wr_dead_letter *letter = &letters[(*count)++];
        wr_store_letter_from(values, arena, letter);
        letter->record = text_padded(letter->record, arena);
        bytes += letter->record.size + letter->key.size;
    }
    sqlite3_reset(statement);
    return WR_OK;
}

wr_status
wr_store_read_replay(wr_store *store, wr_replay *replay, wr_arena *arena, wr_dead_letter *letters,
                     int *count, wr_error *err)
{
    *count = 0;
    pthread_mutex_lock(&store->mutex);
    wr_status status = replay_read(store, replay, arena, letters, count, err);
    pthread_mutex_unlock(&store->mutex);
    if (status == WR_ERR_STATE) {
        wr_error_clear(err);
        return WR_OK;
    }
    return status;
}
