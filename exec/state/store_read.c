/* Reading and verifying the store.
 *
 *   manifest = checksum( job, operators, positions, destinations, segments, frames )   no bodies:
 *              of these each row has a checksum of its own, which is compared when it is read
 *
 * 1. The same statements, in the same order, make the manifest that a commit writes and the one
 *    that open compares: a row that is flipped, missing or too many shows.
 * 2. Whatever is read is checked: sizes against what is there, checksums against the bytes. */
#include "exec/state/store_parts.h"

#include "core/checksum.h"

#include <stdio.h>
#include <string.h>

/* ── the manifest ───────────────────────────────────────────────────────────────────────────── */

static const char *const manifest_sql[] = {
    "SELECT name, uuid, sql, epoch, wall_us, finished, stats, dead_letters_removed, version"
    " FROM job",
    "SELECT id, name, fingerprint, description, meta FROM operator ORDER BY id",
    "SELECT operator, partition, source, next_offset, guard, max_event_us, floor_us FROM position"
    " ORDER BY operator, partition",
    "SELECT number, name, last_epoch, position, identity, delivered_epoch FROM destination"
    " ORDER BY number",
    "SELECT id, epoch, operator, part, start_us, first_end_us, last_end_us, row_count, size, sum"
    " FROM segment WHERE epoch IS NOT NULL ORDER BY id",
    "SELECT destination, epoch, seq, position, row_count, size, sum FROM outbox"
    " ORDER BY epoch, destination, seq",
};

static uint64_t
column_sum(uint64_t sum, sqlite3_stmt *statement, int column)
{
    int type = sqlite3_column_type(statement, column);
    sum = wr_checksum_more(sum, &type, sizeof type);
    if (type == SQLITE_INTEGER) {
        int64_t value = sqlite3_column_int64(statement, column);
        return wr_checksum_more(sum, &value, sizeof value);
    }
    wr_text bytes = wr_store_column(statement, column);
    sum = wr_checksum_more(sum, &bytes.size, sizeof bytes.size);
    return wr_checksum_more(sum, bytes.data, bytes.size);
}

static wr_status
query_sum(wr_store *store, const char *sql, uint64_t *sum, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_prepare(store, sql, &statement, err));
    int rc;
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            *sum = column_sum(*sum, statement, i);
        }
    }
    wr_status status =
        rc == SQLITE_DONE ? WR_OK : wr_store_failed(store, "read the state", err);
    sqlite3_finalize(statement);
    return status;
}

wr_status
wr_store_manifest(wr_store *store, uint64_t *sum, wr_error *err)
{
    *sum = WR_STORE_VERSION;
    for (size_t i = 0; i < sizeof manifest_sql / sizeof *manifest_sql; i++) {
        WR_TRY(query_sum(store, manifest_sql[i], sum, err));
    }
    return WR_OK;
}

/* ── loading ────────────────────────────────────────────────────────────────────────────────── */

static wr_text
column_copy(wr_store *store, sqlite3_stmt *statement, int column)
{
    wr_text text = wr_arena_text(store->arena, wr_store_column(statement, column));
    return text.data ? text : WR_TEXT("");
}

static wr_status
load_job(wr_store *store, sqlite3_stmt *statement, void *items, int count)
{
    (void)items;
    (void)count;
    wr_store_job *job = &store->job;
    job->name = column_copy(store, statement, 0);
    job->uuid = column_copy(store, statement, 1);
    job->sql = column_copy(store, statement, 2);
    job->epoch = sqlite3_column_int64(statement, 3);
    job->wall_us = sqlite3_column_int64(statement, 4);
    job->finished = sqlite3_column_int64(statement, 5) != 0;
    job->stats = column_copy(store, statement, 6);
    job->dead_letters_removed = sqlite3_column_int64(statement, 7);
    return WR_OK;
}

static wr_status
load_operator(wr_store *store, sqlite3_stmt *statement, void *items, int i)
{
    ((wr_operator_state *)items)[i] =
        (wr_operator_state){.operator_id = (int32_t)sqlite3_column_int64(statement, 0),
                            .name = column_copy(store, statement, 1),
                            .fingerprint = column_copy(store, statement, 2),
                            .description = column_copy(store, statement, 3),
                            .meta = column_copy(store, statement, 4)};
    return WR_OK;
}

static wr_status
load_position(wr_store *store, sqlite3_stmt *statement, void *items, int i)
{
    ((wr_position *)items)[i] =
        (wr_position){.operator_id = (int32_t)sqlite3_column_int64(statement, 0),
                      .partition = column_copy(store, statement, 1),
                      .source = column_copy(store, statement, 2),
                      .next_offset = sqlite3_column_int64(statement, 3),
                      .guard = column_copy(store, statement, 4),
                      .max_event_us = sqlite3_column_int64(statement, 5),
                      .floor_us = sqlite3_column_int64(statement, 6)};
    return WR_OK;
}

static wr_status
load_destination(wr_store *store, sqlite3_stmt *statement, void *items, int i)
{
    ((wr_destination_state *)items)[i] =
        (wr_destination_state){.number = (int32_t)sqlite3_column_int64(statement, 0),
                               .name = column_copy(store, statement, 1),
                               .last_epoch = sqlite3_column_int64(statement, 2),
                               .position = sqlite3_column_int64(statement, 3),
                               .identity = column_copy(store, statement, 4),
                               .delivered_epoch = sqlite3_column_int64(statement, 5)};
    return WR_OK;
}

/* Only frames that nobody knows to be delivered. */
static wr_status
load_frame(wr_store *store, sqlite3_stmt *statement, void *items, int i)
{
    (void)store;
    ((wr_frame *)items)[i] =
        (wr_frame){.destination = (int32_t)sqlite3_column_int64(statement, 0),
                   .epoch = sqlite3_column_int64(statement, 1),
                   .seq = sqlite3_column_int64(statement, 2),
                   .position = sqlite3_column_int64(statement, 3),
                   .row_count = sqlite3_column_int64(statement, 4)};
    return WR_OK;
}

typedef wr_status (*load_row)(wr_store *store, sqlite3_stmt *statement, void *items, int i);

/* All rows of a query into an array in the store's arena. */
static wr_status
load_rows(wr_store *store, const char *sql, size_t item_bytes, load_row load, const void *out,
          int *count, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_prepare(store, sql, &statement, err));
    char *items = NULL;
    int capacity = 0, rc;
    *count = 0;
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
        if (*count == capacity) {
            capacity = capacity ? 2 * capacity : 16;
            char *grown = wr_arena_zalloc(store->arena, (size_t)capacity * item_bytes);
            if (*count > 0) {
                memcpy(grown, items, (size_t)*count * item_bytes);
            }
            items = grown;
        }
        (void)load(store, statement, items, (*count)++);
    }
    *(void **)(uintptr_t)out = items;
    wr_status status =
        rc == SQLITE_DONE ? WR_OK : wr_store_failed(store, "read the state", err);
    sqlite3_finalize(statement);
    return status;
}

static wr_status
manifest_check(wr_store *store, wr_error *err)
{
    uint64_t sum = 0;
    WR_TRY(wr_store_manifest(store, &sum, err));
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_prepare(store, "SELECT manifest FROM job", &statement, err));
    int rc = sqlite3_step(statement);
    bool fits = rc == SQLITE_ROW && (uint64_t)sqlite3_column_int64(statement, 0) == sum;
    wr_status status = rc != SQLITE_ROW && rc != SQLITE_DONE
                           ? wr_store_failed(store, "read the state", err)
                           : WR_OK;
    sqlite3_finalize(statement);
    WR_TRY(status);
    return fits ? WR_OK : wr_store_damaged(store, "its manifest does not fit its rows", err);
}

wr_status
wr_store_load(wr_store *store, wr_error *err)
{
    wr_store_job *job = &store->job;
    int count = 0;
    void *none = NULL;
    WR_TRY(manifest_check(store, err));
    WR_TRY(load_rows(store, manifest_sql[0], 1, load_job, &none, &count, err));
    WR_TRY(load_rows(store, manifest_sql[1], sizeof(wr_operator_state), load_operator,
                     &job->operators, &job->operator_count, err));
    WR_TRY(load_rows(store, manifest_sql[2], sizeof(wr_position), load_position, &job->positions,
                     &job->position_count, err));
    WR_TRY(load_rows(store, manifest_sql[3], sizeof(wr_destination_state), load_destination,
                     &job->destinations, &job->destination_count, err));
    WR_TRY(load_rows(store,
                     "SELECT destination, epoch, seq, outbox.position, row_count FROM outbox"
                     " JOIN destination ON number = destination WHERE epoch > delivered_epoch"
                     " ORDER BY epoch, destination, seq",
                     sizeof(wr_frame), load_frame, &job->frames, &job->frame_count, err));
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_prepare(store, "SELECT count(*) FROM dead_letter", &statement, err));
    job->dead_letter_count =
        sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    store->epoch = job->epoch;
    return WR_OK;
}

/* ── bodies ─────────────────────────────────────────────────────────────────────────────────── */

static wr_status
load_segment(wr_store *store, sqlite3_stmt *statement, void *items, int i)
{
    (void)store;
    ((wr_segment *)items)[i] = (wr_segment){
        .id = sqlite3_column_int64(statement, 0),
        .window = {.operator_id = (int32_t)sqlite3_column_int64(statement, 2),
                   .part = (int32_t)sqlite3_column_int64(statement, 3),
                   .start_us = sqlite3_column_int64(statement, 4),
                   .first_end_us = sqlite3_column_int64(statement, 5),
                   .last_end_us = sqlite3_column_int64(statement, 6)},
        .row_count = sqlite3_column_int64(statement, 7)};
    return WR_OK;
}

wr_status
wr_store_list_segments(wr_store *store, int32_t operator_id, wr_arena *arena,
                       wr_segment **segments, int *count, wr_error *err)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "SELECT id, epoch, operator, part, start_us, first_end_us, last_end_us, row_count"
             " FROM segment WHERE epoch IS NOT NULL AND operator = %d ORDER BY id",
             (int)operator_id);
    wr_arena *own = store->arena;
    store->arena = arena;
    wr_status status =
        load_rows(store, sql, sizeof(wr_segment), load_segment, segments, count, err);
    store->arena = own;
    return status;
}

/* The one row of the statement: size, sum, body. */
static wr_status
body_read(wr_store *store, sqlite3_stmt *statement, wr_buffer *out, wr_error *err)
{
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_DONE) {
        return wr_store_damaged(store, "a body is not there", err);
    }
    if (rc != SQLITE_ROW) {
        return wr_store_failed(store, "read the state", err);
    }
    wr_text body = wr_store_column(statement, 2);
    bool fits = (int64_t)body.size == sqlite3_column_int64(statement, 0) &&
                (int64_t)wr_checksum(body.data, body.size) == sqlite3_column_int64(statement, 1);
    if (!fits) {
        return wr_store_damaged(store, "the checksum of a body does not fit", err);
    }
    wr_buffer_append(out, body.data, body.size);
    return WR_OK;
}

wr_status
wr_store_read_segment(wr_store *store, int64_t id, wr_buffer *body, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_prepare(store, "SELECT size, sum, body FROM segment WHERE id = ?", &statement,
                            err));
    sqlite3_bind_int64(statement, 1, id);
    wr_status status = body_read(store, statement, body, err);
    sqlite3_finalize(statement);
    return status;
}

wr_status
wr_store_read_frame(wr_store *store, int32_t destination, int64_t seq, wr_buffer *bytes,
                    wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_prepare(store,
                            "SELECT size, sum, body FROM outbox WHERE destination = ? AND seq = ?"
                            " ORDER BY epoch DESC",
                            &statement, err));
    sqlite3_bind_int64(statement, 1, destination);
    sqlite3_bind_int64(statement, 2, seq);
    wr_status status = body_read(store, statement, bytes, err);
    sqlite3_finalize(statement);
    return status;
}

/* ── dead letters ───────────────────────────────────────────────────────────────────────────── */

static wr_status
load_letter(wr_store *store, sqlite3_stmt *statement, void *items, int i)
{
    bool has_key = sqlite3_column_type(statement, 8) != SQLITE_NULL;
    ((wr_dead_letter *)items)[i] =
        (wr_dead_letter){.id = sqlite3_column_int64(statement, 0),
                         .at_us = sqlite3_column_int64(statement, 1),
                         .source = column_copy(store, statement, 2),
                         .partition = column_copy(store, statement, 3),
                         .offset = sqlite3_column_int64(statement, 4),
                         .byte = sqlite3_column_int64(statement, 5),
                         .reason = column_copy(store, statement, 6),
                         .column = column_copy(store, statement, 7),
                         .key = has_key ? column_copy(store, statement, 8) : WR_TEXT_NONE,
                         .record = column_copy(store, statement, 9),
                         .timestamp_us = sqlite3_column_int64(statement, 10)};
    return WR_OK;
}

wr_status
wr_store_dead_letters(wr_store *store, int64_t after, int max, wr_arena *arena,
                      wr_dead_letter **letters, int *count, wr_error *err)
{
    char sql[320];
    snprintf(sql, sizeof sql,
             "SELECT id, at_us, source, partition, \"offset\", byte, reason, \"column\", key,"
             " record, timestamp_us FROM dead_letter WHERE id > %lld ORDER BY id LIMIT %d",
             (long long)after, max);
    wr_arena *own = store->arena;
    store->arena = arena;
    wr_status status =
        load_rows(store, sql, sizeof(wr_dead_letter), load_letter, letters, count, err);
    store->arena = own;
    return status;
}
