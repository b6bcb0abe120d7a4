/* Reading what rows name: segments, frames, dead letters.
 *
 * 1. The bytes of a body must fit the checksum beside them and, if a row names the body, the row's.
 * 2. What does not fit is E0904 with its id; no part of it is handed out. */
#include "exec/state/store_base.h"

wr_status
wr_store_read_body(wr_store *store, int64_t id, uint64_t named_sum, bool is_named, wr_buffer *body,
                   wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_statement(store, WR_SQL_SELECT_BODY, &statement, err));
    sqlite3_bind_int64(statement, 1, id);
    wr_status status = wr_store_step(store, statement, err);
    if (status != WR_OK) {
        return status == WR_END
                   ? wr_store_damaged(store, err, "body %lld is missing", (long long)id)
                   : status;
    }
    uint64_t sum = (uint64_t)sqlite3_column_int64(statement, 0);
    const char *data = sqlite3_column_blob(statement, 1);
    wr_text bytes = {data ? data : "", (size_t)sqlite3_column_bytes(statement, 1)};
    bool fits = wr_store_body_sum(id, bytes) == sum && (!is_named || sum == named_sum);
    if (fits) {
        wr_buffer_text(body, bytes);
    }
    sqlite3_reset(statement);
    return fits
               ? WR_OK
               : wr_store_damaged(store, err, "body %lld does not fit its checksum", (long long)id);
}

static wr_status
segments_list(wr_store *store, int32_t operator_id, wr_arena *arena, wr_segment **segments,
              int *count, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_statement(store, WR_SQL_SELECT_OPERATOR_SEGMENTS, &statement, err));
    sqlite3_bind_int64(statement, 1, operator_id);
    wr_store_value values[WR_STORE_COLUMNS_MAX];
    int capacity = 0;
    wr_status status;
    while ((status = wr_store_step(store, statement, err)) == WR_OK) {
        WR_TRY(wr_store_fetch(store, WR_STORE_SEGMENT, statement, values, NULL, err));
        if (*count == capacity) {
            wr_segment *before = *segments;
            capacity = capacity ? 2 * capacity : 16;
            *segments = WR_NEW_ARRAY(arena, wr_segment, capacity);
            for (int i = 0; i < *count; i++) {
                (*segments)[i] = before[i];
            }
        }
        wr_store_segment_from(values, &(*segments)[(*count)++]);
    }
    return status == WR_END ? WR_OK : status;
}

wr_status
wr_store_list_segments(wr_store *store, int32_t operator_id, wr_arena *arena, wr_segment **segments,
                       int *count, wr_error *err)
{
    *segments = NULL;
    *count = 0;
    pthread_mutex_lock(&store->mutex);
    wr_status status = segments_list(store, operator_id, arena, segments, count, err);
    pthread_mutex_unlock(&store->mutex);
    return status;
}

wr_status
wr_store_read_segment(wr_store *store, int64_t id, wr_buffer *body, wr_error *err)
{
    pthread_mutex_lock(&store->mutex);
    const wr_buffer *held = wr_store_held(store, id);
    if (held) {
        wr_buffer_append(body, held->data, held->size);
    }
    wr_status status = held ? WR_OK : wr_store_read_body(store, id, 0, false, body, err);
    pthread_mutex_unlock(&store->mutex);
    return status;
}

static wr_status
frame_read(wr_store *store, int32_t destination, int64_t seq, wr_buffer *bytes, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_statement(store, WR_SQL_SELECT_FRAME, &statement, err));
    sqlite3_bind_int64(statement, 1, destination);
    sqlite3_bind_int64(statement, 2, seq);
    wr_status status = wr_store_step(store, statement, err);
    if (status != WR_OK) {
        return status == WR_END ? wr_store_damaged(store, err,
                                                   "frame %lld of destination %d is "
                                                   "missing",
                                                   (long long)seq, (int)destination)
                                : status;
    }
    wr_store_value values[WR_STORE_COLUMNS_MAX];
    WR_TRY(wr_store_fetch(store, WR_STORE_OUTBOX, statement, values, NULL, err));
    sqlite3_reset(statement);
    return wr_store_read_body(store, values[WR_OUTBOX_BODY].number,
                              (uint64_t)values[WR_OUTBOX_BODY_SUM].number, true, bytes, err);
}

wr_status
wr_store_read_frame(wr_store *store, int32_t destination, int64_t seq, wr_buffer *bytes,
                    wr_error *err)
{
    pthread_mutex_lock(&store->mutex);
    wr_status status = frame_read(store, destination, seq, bytes, err);
    pthread_mutex_unlock(&store->mutex);
    return status;
}

void
wr_store_letter_from(const wr_store_value *v, wr_arena *arena, wr_dead_letter *letter)
{
    *letter = (wr_dead_letter){.id = v[0].number,
                               .at_us = v[1].number,
                               .source = wr_arena_text(arena, v[2].bytes),
                               .partition = wr_arena_text(arena, v[3].bytes),
                               .offset = v[4].number,
                               .byte = v[5].number,
                               .reason = wr_arena_text(arena, v[6].bytes),
                               .column = wr_arena_text(arena, v[7].bytes),
                               .timestamp_us = v[10].number,
                               .operator_id = (int32_t)v[WR_LETTER_OPERATOR].number,
                               .replay = v[WR_LETTER_REPLAY].number != 0};
    if (v[8].bytes.data) {
        letter->key = wr_arena_text(arena, v[8].bytes);
    }
    if (v[9].bytes.data) {
        letter->record = wr_arena_text(arena, v[9].bytes);
    }
}

static wr_status
letters_read(wr_store *store, int64_t after, int max, wr_arena *arena, wr_dead_letter **letters,
             int *count, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_statement(store, WR_SQL_SELECT_DEAD_LETTER, &statement, err));
    sqlite3_bind_int64(statement, 1, after);
    sqlite3_bind_int64(statement, 2, max);
    wr_store_value values[WR_STORE_COLUMNS_MAX];
    wr_status status;
    *letters = WR_NEW_ARRAY(arena, wr_dead_letter, max > 0 ? max : 1);
    while ((status = wr_store_step(store, statement, err)) == WR_OK) {
        WR_TRY(wr_store_fetch(store, WR_STORE_DEAD_LETTER, statement, values, NULL, err));
        wr_store_letter_from(values, arena, &(*letters)[(*count)++]);
    }
    return status == WR_END ? WR_OK : status;
}

wr_status
wr_store_dead_letters(wr_store *store, int64_t after, int max, wr_arena *arena,
                      wr_dead_letter **letters, int *count, wr_error *err)
{
    *count = 0;
    pthread_mutex_lock(&store->mutex);
    wr_status status = letters_read(store, after, max, arena, letters, count, err);
    pthread_mutex_unlock(&store->mutex);
    return status;
}
