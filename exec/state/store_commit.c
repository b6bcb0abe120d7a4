/* A commit: one transaction.
 *
 *   BEGIN ─ windows gone ─ segments ─ operators, positions, destinations ─ frames ─ dead letters
 *         ─ job ─ manifest ─ COMMIT (the WAL is synced: FULL)
 *
 * 1. Whatever fails, all is rolled back, and the same commit may come again.
 * 2. Small rows are written anew, all of them: there are few, and no row can be left behind. */
#include "exec/state/store_parts.h"

#include "core/checksum.h"
#include "core/fault.h"

#include <stdio.h>

/* Prepares, lets `bind` fill the parameters of row i, runs; for i in 0 … count − 1. */
typedef void (*bind_row)(sqlite3_stmt *statement, const wr_commit *commit, int i);

static wr_status
rows_write(wr_store *store, const char *sql, const wr_commit *commit, int count, bind_row bind,
           wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    if (count == 0) {
        return WR_OK;
    }
    WR_TRY(wr_store_prepare(store, sql, &statement, err));
    wr_status status = WR_OK;
    for (int i = 0; i < count && status == WR_OK; i++) {
        bind(statement, commit, i);
        status = wr_store_run(store, statement, err);
    }
    sqlite3_finalize(statement);
    return status;
}

/* ── state ──────────────────────────────────────────────────────────────────────────────────── */

static void
bind_window(sqlite3_stmt *statement, const wr_window_id *window)
{
    sqlite3_bind_int64(statement, 1, window->operator_id);
    sqlite3_bind_int64(statement, 2, window->part);
    sqlite3_bind_int64(statement, 3, window->start_us);
    sqlite3_bind_int64(statement, 4, window->first_end_us);
}

static void
bind_dropped(sqlite3_stmt *statement, const wr_commit *commit, int i)
{
    bind_window(statement, &commit->dropped[i]);
}

/* Of the window's earlier segments: what a base replaces. */
static wr_status
segment_replace(wr_store *store, const wr_segment *segment, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_prepare(store,
                            "DELETE FROM segment WHERE operator = ?1 AND part = ?2 AND"
                            " start_us = ?3 AND first_end_us = ?4 AND id <> ?5",
                            &statement, err));
    bind_window(statement, &segment->window);
    sqlite3_bind_int64(statement, 5, segment->id);
    wr_status status = wr_store_run(store, statement, err);
    sqlite3_finalize(statement);
    return status;
}

/* A spilled segment, which lies there already, gets the commit's epoch. */
static wr_status
segment_name(wr_store *store, const wr_segment *segment, int64_t epoch, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_prepare(store, "UPDATE segment SET epoch = ? WHERE id = ?", &statement, err));
    sqlite3_bind_int64(statement, 1, epoch);
    sqlite3_bind_int64(statement, 2, segment->id);
    wr_status status = wr_store_run(store, statement, err);
    sqlite3_finalize(statement);
    return status;
}

/* epoch 0: spilled, of no commit yet. */
static wr_status
segment_insert(wr_store *store, sqlite3_stmt *statement, wr_segment *segment, int64_t epoch,
               wr_error *err)
{
    const wr_buffer *body = &segment->body;
    bind_window(statement, &segment->window);
    sqlite3_bind_int64(statement, 5, segment->window.last_end_us);
    sqlite3_bind_int64(statement, 6, segment->row_count);
    sqlite3_bind_int64(statement, 7, (int64_t)body->size);
    sqlite3_bind_int64(statement, 8, (int64_t)wr_checksum(body->data, body->size));
    wr_store_bind_blob(statement, 9, body->data, body->size);
    if (epoch > 0) {
        sqlite3_bind_int64(statement, 10, epoch);
    } else {
        sqlite3_bind_null(statement, 10);
    }
    WR_TRY(wr_store_run(store, statement, err));
    segment->id = sqlite3_last_insert_rowid(store->db);
    return WR_OK;
}

static const char segment_insert_sql[] =
    "INSERT INTO segment(operator, part, start_us, first_end_us, last_end_us, row_count, size, sum,"
    " body, epoch) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

static wr_status
segments_write(wr_store *store, const wr_commit *commit, wr_error *err)
{
    sqlite3_stmt *insert = NULL;
    WR_TRY(wr_store_prepare(store, segment_insert_sql, &insert, err));
    wr_status status = WR_OK;
    for (int i = 0; i < commit->segment_count && status == WR_OK; i++) {
        wr_segment *segment = &commit->segments[i];
        bool is_there = segment->id > 0 && segment->body.size == 0;
        status = segment->is_base ? segment_replace(store, segment, err) : WR_OK;
        if (status == WR_OK) {
            status = is_there ? segment_name(store, segment, commit->epoch, err)
                              : segment_insert(store, insert, segment, commit->epoch, err);
        }
    }
    sqlite3_finalize(insert);
    return status;
}

static void
bind_operator(sqlite3_stmt *statement, const wr_commit *commit, int i)
{
    const wr_operator_state *from = &commit->operators[i];
    sqlite3_bind_int64(statement, 1, from->operator_id);
    wr_store_bind_text(statement, 2, from->name);
    wr_store_bind_text(statement, 3, from->fingerprint);
    wr_store_bind_text(statement, 4, from->description);
    wr_store_bind_blob(statement, 5, from->meta.data, from->meta.size);
}

static void
bind_position(sqlite3_stmt *statement, const wr_commit *commit, int i)
{
    const wr_position *from = &commit->positions[i];
    sqlite3_bind_int64(statement, 1, from->operator_id);
    wr_store_bind_text(statement, 2, from->partition);
    wr_store_bind_text(statement, 3, from->source);
    sqlite3_bind_int64(statement, 4, from->next_offset);
    wr_store_bind_blob(statement, 5, from->guard.data, from->guard.size);
    sqlite3_bind_int64(statement, 6, from->max_event_us);
    sqlite3_bind_int64(statement, 7, from->floor_us);
}

/* ── outbox ─────────────────────────────────────────────────────────────────────────────────── */

static void
bind_destination(sqlite3_stmt *statement, const wr_commit *commit, int i)
{
    const wr_destination_state *from = &commit->destinations[i];
    sqlite3_bind_int64(statement, 1, from->number);
    wr_store_bind_text(statement, 2, from->name);
    sqlite3_bind_int64(statement, 3, from->last_epoch);
    sqlite3_bind_int64(statement, 4, from->position);
    wr_store_bind_blob(statement, 5, from->identity.data, from->identity.size);
    sqlite3_bind_int64(statement, 6, from->delivered_epoch);
}

static void
bind_delivered(sqlite3_stmt *statement, const wr_commit *commit, int i)
{
    sqlite3_bind_int64(statement, 1, commit->destinations[i].number);
    sqlite3_bind_int64(statement, 2, commit->destinations[i].delivered_epoch);
}

static void
bind_frame(sqlite3_stmt *statement, const wr_commit *commit, int i)
{
    const wr_frame *from = &commit->frames[i];
    sqlite3_bind_int64(statement, 1, from->destination);
    sqlite3_bind_int64(statement, 2, from->epoch);
    sqlite3_bind_int64(statement, 3, from->seq);
    sqlite3_bind_int64(statement, 4, from->position);
    sqlite3_bind_int64(statement, 5, from->row_count);
    sqlite3_bind_int64(statement, 6, (int64_t)from->bytes.size);
    sqlite3_bind_int64(statement, 7, (int64_t)wr_checksum(from->bytes.data, from->bytes.size));
    wr_store_bind_blob(statement, 8, from->bytes.data, from->bytes.size);
}

/* ── dead letters ───────────────────────────────────────────────────────────────────────────── */

static void
bind_letter(sqlite3_stmt *statement, const wr_commit *commit, int i)
{
    const wr_dead_letter *from = &commit->dead_letters[i];
    sqlite3_bind_int64(statement, 1, from->at_us);
    wr_store_bind_text(statement, 2, from->source);
    wr_store_bind_text(statement, 3, from->partition);
    sqlite3_bind_int64(statement, 4, from->offset);
    sqlite3_bind_int64(statement, 5, from->byte);
    wr_store_bind_text(statement, 6, from->reason);
    wr_store_bind_text(statement, 7, from->column);
    if (from->key.data) {
        wr_store_bind_blob(statement, 8, from->key.data, from->key.size);
    } else {
        sqlite3_bind_null(statement, 8);
    }
    wr_store_bind_blob(statement, 9, from->record.data, from->record.size);
    sqlite3_bind_int64(statement, 10, from->timestamp_us);
    sqlite3_bind_int64(statement, 11, (int64_t)wr_checksum(from->record.data, from->record.size));
}

static void
bind_replayed(sqlite3_stmt *statement, const wr_commit *commit, int i)
{
    sqlite3_bind_int64(statement, 1, commit->replayed[i]);
}

/* Older ones than the bound allows go, and are counted. */
static wr_status
letters_bound(wr_store *store, const wr_commit *commit, wr_error *err)
{
    char sql[256];
    if (commit->dead_letter_count == 0) {
        return WR_OK;
    }
    snprintf(sql, sizeof sql,
             "DELETE FROM dead_letter WHERE id <= (SELECT id FROM dead_letter ORDER BY id DESC"
             " LIMIT 1 OFFSET %lld)",
             (long long)commit->dead_letters_max);
    WR_TRY(wr_store_exec(store, sql, err));
    snprintf(sql, sizeof sql,
             "UPDATE job SET dead_letters_removed = dead_letters_removed + %d",
             sqlite3_changes(store->db));
    return wr_store_exec(store, sql, err);
}

/* ── the transaction ────────────────────────────────────────────────────────────────────────── */

static wr_status
job_write(wr_store *store, const wr_commit *commit, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_prepare(store,
                            "UPDATE job SET epoch = ?, wall_us = ?, finished = ?, stats = ?,"
                            " sql = coalesce(nullif(?, ''), sql), version = ?",
                            &statement, err));
    sqlite3_bind_int64(statement, 1, commit->epoch);
    sqlite3_bind_int64(statement, 2, commit->wall_us);
    sqlite3_bind_int64(statement, 3, commit->finished);
    wr_store_bind_text(statement, 4, commit->stats.size > 0 ? commit->stats : WR_TEXT("{}"));
    wr_store_bind_text(statement, 5, store->sql);
    wr_store_bind_text(statement, 6, WR_TEXT(WEIR_VERSION));
    wr_status status = wr_store_run(store, statement, err);
    sqlite3_finalize(statement);
    uint64_t sum = 0;
    WR_TRY(status);
    WR_TRY(wr_store_manifest(store, &sum, err));
    char sql[80];
    snprintf(sql, sizeof sql, "UPDATE job SET manifest = %lld", (long long)sum);
    return wr_store_exec(store, sql, err);
}

static wr_status
commit_write(wr_store *store, const wr_commit *commit, wr_error *err)
{
    WR_TRY(rows_write(store,
                      "DELETE FROM segment WHERE operator = ?1 AND (part = ?2 OR ?2 < 0) AND"
                      " start_us = ?3 AND first_end_us = ?4",
                      commit, commit->dropped_count, bind_dropped, err));
    WR_TRY(segments_write(store, commit, err));
    WR_FAULT("commit.middle");
    WR_TRY(wr_store_exec(store, "DELETE FROM operator; DELETE FROM position;", err));
    WR_TRY(rows_write(store, "INSERT INTO operator VALUES(?, ?, ?, ?, ?)", commit,
                      commit->operator_count, bind_operator, err));
    WR_TRY(rows_write(store,
                      "INSERT INTO position(operator, partition, source, next_offset, guard,"
                      " max_event_us, floor_us) VALUES(?, ?, ?, ?, ?, ?, ?)",
                      commit, commit->position_count, bind_position, err));
    WR_TRY(rows_write(store, "INSERT OR REPLACE INTO destination VALUES(?, ?, ?, ?, ?, ?)", commit,
                      commit->destination_count, bind_destination, err));
    WR_TRY(rows_write(store, "DELETE FROM outbox WHERE destination = ? AND epoch <= ?", commit,
                      commit->destination_count, bind_delivered, err));
    WR_TRY(rows_write(store,
                      "INSERT INTO outbox(destination, epoch, seq, position, row_count, size, sum,"
                      " body) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
                      commit, commit->frame_count, bind_frame, err));
    WR_TRY(rows_write(store,
                      "INSERT INTO dead_letter(at_us, source, partition, \"offset\", byte, reason,"
                      " \"column\", key, record, timestamp_us, sum)"
                      " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                      commit, commit->dead_letter_count, bind_letter, err));
    WR_TRY(rows_write(store, "DELETE FROM dead_letter WHERE id = ?", commit,
                      commit->replayed_count, bind_replayed, err));
    WR_TRY(letters_bound(store, commit, err));
    return job_write(store, commit, err);
}

static wr_status
transaction_end(wr_store *store, wr_status status, wr_error *err)
{
    if (status == WR_OK) {
        status = wr_store_exec(store, "COMMIT", err);
    }
    if (status != WR_OK && !sqlite3_get_autocommit(store->db)) {
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    }
    return status;
}

static int
store_on_wal(void *context, sqlite3 *db, const char *name, int pages)
{
    (void)db;
    (void)name;
    ((wr_store *)context)->pages = pages;
    return SQLITE_OK;
}

wr_status
wr_store_commit(wr_store *store, const wr_commit *commit, wr_error *err)
{
    sqlite3_wal_hook(store->db, store_on_wal, store);
    WR_TRY(wr_store_exec(store, "BEGIN IMMEDIATE", err));
    wr_status status = transaction_end(store, commit_write(store, commit, err), err);
    if (status == WR_OK) {
        store->epoch = commit->epoch;
        store->job.dead_letter_count += commit->dead_letter_count - commit->replayed_count;
    }
    return status;
}

/* ── spilling ───────────────────────────────────────────────────────────────────────────────── */

wr_status
wr_store_spill(wr_store *store, wr_segment *segments, int count, wr_error *err)
{
    sqlite3_stmt *insert = NULL;
    WR_TRY(wr_store_exec(store, "BEGIN IMMEDIATE", err));
    wr_status status = wr_store_prepare(store, segment_insert_sql, &insert, err);
    for (int i = 0; i < count && status == WR_OK; i++) {
        status = segment_insert(store, insert, &segments[i], 0, err);
    }
    sqlite3_finalize(insert);
    return transaction_end(store, status, err);
}

wr_status
wr_store_unspill(wr_store *store, const int64_t *ids, int count, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_exec(store, "BEGIN IMMEDIATE", err));
    wr_status status =
        wr_store_prepare(store, "DELETE FROM segment WHERE id = ? AND epoch IS NULL", &statement,
                         err);
    for (int i = 0; i < count && status == WR_OK; i++) {
        sqlite3_bind_int64(statement, 1, ids[i]);
        status = wr_store_run(store, statement, err);
    }
    sqlite3_finalize(statement);
    return transaction_end(store, status, err);
}
