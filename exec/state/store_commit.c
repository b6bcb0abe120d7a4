/* One checkpoint as one transaction.
 *
 *   BEGIN  dropped windows go · segments and bodies come, what a base replaces goes · lists are
 *          written again if they changed · delivered frames go, new ones come · dead letters ·
 *          job row with the ledgers of all this                                        COMMIT
 *
 * 1. Nothing in memory changes before COMMIT has succeeded: the counts are worked out in a copy, so
 *    that after a failure the same commit may be tried again.
 * 2. Dropped windows are those of earlier commits: a window that was dropped and came into being
 *    again has its segments in the same commit.
 * 3. Damage in dead letters does not stop a job: what cannot be removed stays, what cannot be added
 *    counts as removed. */
#include "exec/state/store_base.h"

#include "core/fault.h"

#include <string.h>

/* A transaction under way. */
typedef struct transaction {
    wr_store *store;
    const wr_commit *commit;
    wr_store_counts counts; /* as they will be */
} transaction;

wr_status
wr_store_write_job(wr_store *store, const wr_store_job *job, const wr_store_counts *counts,
                   wr_error *err)
{
    wr_store_value values[WR_STORE_COLUMNS_MAX];
    wr_text ledgers = {(const char *)counts->ledgers, sizeof(counts->ledgers)};
    wr_store_job_values(job, counts, ledgers, values);
    return wr_store_insert(store, WR_STORE_JOB, values, NULL, err);
}

/* Runs a DELETE … RETURNING body, sum of this table, and deletes the bodies. */
static wr_status
rows_delete(transaction *t, wr_store_table table, sqlite3_stmt *statement, wr_error *err)
{
    wr_status status;
    while ((status = wr_store_step(t->store, statement, err)) == WR_OK) {
        int64_t body = sqlite3_column_int64(statement, 0);
        uint64_t sum = (uint64_t)sqlite3_column_int64(statement, 1);
        wr_store_ledger_take(&t->counts.ledgers[table], sum);
        WR_TRY(wr_store_run(t->store, WR_SQL_DELETE_BODY, &body, 1, err));
        if (sqlite3_changes(t->store->db) != 1) {
            return wr_store_damaged(t->store, err, "body %lld is missing", (long long)body);
        }
    }
    return status == WR_END ? WR_OK : status;
}

/* Segments of the window with an id below `before`; of all parts if part is −1. */
static wr_status
window_delete(transaction *t, const wr_window_id *window, int64_t before, wr_error *err)
{
    if (t->counts.ledgers[WR_STORE_SEGMENT].row_count == 0) {
        return WR_OK;
    }
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_statement(t->store, WR_SQL_DELETE_SEGMENTS, &statement, err));
    sqlite3_bind_int64(statement, 1, window->operator_id);
    sqlite3_bind_int64(statement, 2, window->start_us);
    sqlite3_bind_int64(statement, 3, window->first_end_us);
    sqlite3_bind_int64(statement, 4, window->last_end_us);
    sqlite3_bind_int64(statement, 5, window->part);
    sqlite3_bind_int64(statement, 6, before);
    return rows_delete(t, WR_STORE_SEGMENT, statement, err);
}

/* A body that a row is about to name. */
typedef struct named_body {
    int64_t id, size;
    uint64_t sum;
} named_body;

/* Inserts it, or finds it where it was spilled to (id other than 0). */
static wr_status
body_name(transaction *t, int64_t id, const wr_buffer *bytes, named_body *body, wr_error *err)
{
    if (!id) {
        body->id = t->counts.next_body++;
        body->size = (int64_t)bytes->size;
        return wr_store_insert_body(t->store, body->id, (wr_text){bytes->data, bytes->size},
                                    &body->sum, err);
    }
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_statement(t->store, WR_SQL_SELECT_BODY_SIZE, &statement, err));
    sqlite3_bind_int64(statement, 1, id);
    wr_status status = wr_store_step(t->store, statement, err);
    if (status == WR_OK) {
        body->id = id;
        body->sum = (uint64_t)sqlite3_column_int64(statement, 0);
        body->size = sqlite3_column_int64(statement, 1);
        sqlite3_reset(statement);
    }
    return status == WR_END
               ? wr_store_damaged(t->store, err, "spilled body %lld is missing", (long long)id)
               : status;
}

static wr_status
segment_write(transaction *t, const wr_segment *segment, wr_error *err)
{
    named_body body = {0};
    WR_TRY(body_name(t, segment->id, &segment->body, &body, err));
    const wr_window_id *window = &segment->window;
    if (segment->is_base) {
        WR_TRY(window_delete(t, window, body.id, err));
    }
    const wr_store_value values[] = {
        {.number = window->operator_id},  {.number = window->start_us},
        {.number = window->first_end_us}, {.number = window->last_end_us},
        {.number = window->part},         {.number = body.id},
        {.number = segment->is_base},     {.number = segment->row_count},
        {.number = t->commit->epoch},     {.number = body.size},
        {.number = (int64_t)body.sum},
    };
    return wr_store_insert(t->store, WR_STORE_SEGMENT, values, &t->counts.ledgers[WR_STORE_SEGMENT],
                           err);
}

static wr_status
segments_write(transaction *t, wr_error *err)
{
    const wr_commit *commit = t->commit;
    for (int i = 0; i < commit->dropped_count; i++) {
        WR_TRY(window_delete(t, &commit->dropped[i], INT64_MAX, err));
    }
    for (int i = 0; i < commit->segment_count; i++) {
        WR_TRY(segment_write(t, &commit->segments[i], err));
    }
    return WR_OK;
}

/* Row `i` of a list that each commit gives whole. */
static void
list_row(const wr_commit *commit, wr_store_table table, int i, wr_store_value *values)
{
    if (table == WR_STORE_OPERATOR) {
        wr_store_operator_values(&commit->operators[i], i, values);
    } else if (table == WR_STORE_POSITION) {
        wr_store_position_values(&commit->positions[i], i, values);
    } else {
        wr_store_destination_values(&commit->destinations[i], values);
    }
}

/* Replaces the rows of a list, unless they are what is there. */
static wr_status
list_write(transaction *t, wr_store_table table, int count, wr_error *err)
{
    wr_store_value values[WR_STORE_COLUMNS_MAX];
    wr_store_ledger wanted = {0}, *ledger = &t->counts.ledgers[table];
    for (int i = 0; i < count; i++) {
        list_row(t->commit, table, i, values);
        wr_store_ledger_add(&wanted, wr_store_row_sum(t->store, table, values));
    }
    if (wanted.row_count == ledger->row_count && wanted.sum == ledger->sum) {
        return WR_OK;
    }
    *ledger = (wr_store_ledger){0};
    WR_TRY(wr_store_run(t->store, WR_SQL_DELETE_OPERATORS + table, NULL, 0, err));
    for (int i = 0; i < count; i++) {
        list_row(t->commit, table, i, values);
        WR_TRY(wr_store_insert(t->store, table, values, ledger, err));
    }
    return WR_OK;
}

static wr_status
frames_delete_delivered(transaction *t, wr_error *err)
{
    for (int i = 0; i < t->commit->destination_count; i++) {
        const wr_destination_state *destination = &t->commit->destinations[i];
        if (t->counts.ledgers[WR_STORE_OUTBOX].row_count == 0) {
            break;
        }
        sqlite3_stmt *statement;
        WR_TRY(wr_store_statement(t->store, WR_SQL_DELETE_FRAMES, &statement, err));
        sqlite3_bind_int64(statement, 1, destination->number);
        sqlite3_bind_int64(statement, 2, destination->delivered_epoch);
        WR_TRY(rows_delete(t, WR_STORE_OUTBOX, statement, err));
    }
    return WR_OK;
}

static wr_status
frames_write(transaction *t, wr_error *err)
{
    WR_TRY(frames_delete_delivered(t, err));
    for (int i = 0; i < t->commit->frame_count; i++) {
        const wr_frame *frame = &t->commit->frames[i];
        named_body body = {0};
        WR_TRY(body_name(t, frame->id, &frame->bytes, &body, err));
        const wr_store_value values[] = {
            {.number = frame->destination},
            {.number = frame->seq},
            {.number = frame->epoch},
            {.number = frame->position},
            {.number = frame->row_count},
            {.number = body.id},
            {.number = body.size},
            {.number = (int64_t)body.sum},
        };
        WR_TRY(wr_store_insert(t->store, WR_STORE_OUTBOX, values,
                               &t->counts.ledgers[WR_STORE_OUTBOX], err));
    }
    return WR_OK;
}

/* Passes on what stops the job: damage in dead letters does not. */
static wr_status
letters_excuse(wr_status status, wr_error *err)
{
    if (status == WR_ERR_STATE) {
        wr_error_clear(err);
        return WR_OK;
    }
    return status;
}

static wr_status
letter_write(transaction *t, const wr_dead_letter *letter, wr_error *err)
{
    const wr_store_value values[] = {
        {.number = t->counts.next_dead_letter++},
        {.number = letter->at_us},
        {.bytes = letter->source},
        {.bytes = letter->partition},
        {.number = letter->offset},
        {.number = letter->byte},
        {.bytes = letter->reason},
        {.bytes = letter->column},
        {.bytes = letter->key},
        {.bytes = letter->record},
        {.number = letter->timestamp_us},
        {.number = letter->operator_id},
        {.number = letter->replay},
    };
    t->counts.dead_letters++;
    wr_status status = wr_store_insert(t->store, WR_STORE_DEAD_LETTER, values, NULL, err);
    if (status == WR_ERR_STATE) {
        t->counts.dead_letters--;
        t->counts.dead_letters_removed++;
    }
    return letters_excuse(status, err);
}

/* Only the oldest go, so many that `dead_letters_max` are left. */
static wr_status
letters_bound(transaction *t, wr_error *err)
{
    int64_t excess = t->counts.dead_letters - t->commit->dead_letters_max;
    if (t->commit->dead_letter_count == 0 || excess <= 0) {
        return WR_OK;
    }
    wr_status status = wr_store_run(t->store, WR_SQL_DELETE_OLD_DEAD_LETTERS, &excess, 1, err);
    if (status == WR_OK) {
        t->counts.dead_letters -= excess;
        t->counts.dead_letters_removed += excess;
    }
    return letters_excuse(status, err);
}

static wr_status
letters_write(transaction *t, wr_error *err)
{
    const wr_commit *commit = t->commit;
    for (int i = 0; i < commit->replayed_count; i++) {
        wr_status status =
            wr_store_run(t->store, WR_SQL_DELETE_DEAD_LETTER, &commit->replayed[i], 1, err);
        if (status == WR_OK) {
            t->counts.dead_letters -= sqlite3_changes(t->store->db);
        }
        WR_TRY(letters_excuse(status, err));
    }
    t->counts.dead_letters_removed += commit->dead_letters_dropped;
    for (int i = 0; i < commit->dead_letter_count; i++) {
        WR_TRY(letter_write(t, &commit->dead_letters[i], err));
    }
    return letters_bound(t, err);
}

static wr_status
transaction_write(transaction *t, wr_error *err)
{
    const wr_commit *commit = t->commit;
    WR_TRY(wr_store_run(t->store, WR_SQL_BEGIN, NULL, 0, err));
    WR_TRY(wr_store_write_held(t->store, err));
    WR_TRY(segments_write(t, err));
    WR_FAULT("commit.middle");
    WR_TRY(list_write(t, WR_STORE_OPERATOR, commit->operator_count, err));
    WR_TRY(list_write(t, WR_STORE_POSITION, commit->position_count, err));
    WR_TRY(list_write(t, WR_STORE_DESTINATION, commit->destination_count, err));
    WR_TRY(frames_write(t, err));
    if (commit->deliver_inside) {
        WR_TRY(commit->deliver_inside(commit->deliver_context, commit, err));
    }
    WR_TRY(letters_write(t, err));
    wr_store_job job = t->store->job;
    job.stats = commit->stats;
    WR_TRY(wr_store_write_job(t->store, &job, &t->counts, err));
    WR_FAULT("commit.before");
    return wr_store_run(t->store, WR_SQL_COMMIT, NULL, 0, err);
}

/* What was committed is now what the store says. */
static void
transaction_keep(transaction *t)
{
    wr_store *store = t->store;
    int64_t id = store->counts.next_body;
    for (int i = 0; i < t->commit->segment_count; i++) {
        if (!t->commit->segments[i].id) {
            t->commit->segments[i].id = id++;
        }
    }
    store->counts = t->counts;
    wr_store_forget_held(store);
    store->job.epoch = t->counts.epoch;
    store->job.wall_us = t->counts.wall_us;
    store->job.finished = t->counts.finished;
    store->job.dead_letter_count = t->counts.dead_letters;
    store->job.dead_letters_removed = t->counts.dead_letters_removed;
    wr_store_record(store);
}

/* A commit into a file that is not at its place any more would succeed, and be lost. */
static wr_status
place_check(const wr_store *store, wr_error *err)
{
    int has_moved = 0;
    (void)sqlite3_file_control(store->db, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
    if (!has_moved) {
        return WR_OK;
    }
    wr_error_set(err, WR_ERR_STATE, "E0904", "%s was taken away while the job runs", store->path);
    wr_error_detail(err, "it had %lld checkpoints", (long long)store->counts.epoch);
    wr_error_hint(err, "Put %s back, or restore a savepoint into a new directory.", store->dir);
    return WR_ERR_STATE;
}

static wr_status
store_commit(wr_store *store, const wr_commit *commit, wr_error *err)
{
    if (store->read_only || commit->epoch != store->counts.epoch + 1) {
        return wr_error_set(err, WR_ERR_MISUSE, "E0903", "commit %lld does not follow %lld",
                            (long long)commit->epoch, (long long)store->counts.epoch);
    }
    WR_TRY(place_check(store, err));
    transaction t = {.store = store, .commit = commit, .counts = store->counts};
    t.counts.epoch = commit->epoch;
    t.counts.wall_us = commit->wall_us;
    t.counts.finished = commit->finished;
    wr_status status = transaction_write(&t, err);
    if (status != WR_OK) {
        wr_store_rollback(store);
        return status;
    }
    transaction_keep(&t);
    WR_FAULT("commit.after");
    return WR_OK;
}

wr_status
wr_store_commit(wr_store *store, const wr_commit *commit, wr_error *err)
{
    pthread_mutex_lock(&store->mutex);
    wr_status status = store_commit(store, commit, err);
    pthread_mutex_unlock(&store->mutex);
    return status;
}
