/* Reads and verifies what a store says about its job, before anybody believes any of it.
 *
 *   job row: its own checksum ─▶ ledgers ─▶ each list: rows, their checksums, count and sum
 *
 * Bodies are verified when they are read; here each that is named must be there, and those that
 * nobody names (spilled before a crash) are deleted.
 *
 * 1. All is read in one transaction: of one commit.
 * 2. What is found wrong is named: the table, the row; nothing is repaired. */
#include "exec/state/store_base.h"

#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

/* Ids of bodies that rows name. */
typedef struct body_ids {
    int64_t *ids;
    int64_t count, capacity;
} body_ids;

static void
ids_add(body_ids *ids, int64_t id)
{
    if (ids->count == ids->capacity) {
        ids->capacity = ids->capacity ? 2 * ids->capacity : 64;
        ids->ids = wr_realloc(ids->ids, (size_t)ids->capacity * sizeof(*ids->ids));
    }
    ids->ids[ids->count++] = id;
}

static int
ids_compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* Room for one more item at the end of a list in the arena. */
static void *
list_add(wr_arena *arena, void **items, int *count, size_t item_bytes)
{
    if ((*count & (*count - 1)) == 0) { /* 0, 1, 2, 4 …: full */
        void *grown = wr_arena_zalloc(arena, (size_t)(*count ? 2 * *count : 1) * item_bytes);
        if (*count) {
            memcpy(grown, *items, (size_t)*count * item_bytes);
        }
        *items = grown;
    }
    return (char *)*items + (size_t)(*count)++ * item_bytes;
}

static void
row_keep(wr_store *store, wr_store_table table, const wr_store_value *v, body_ids *bodies)
{
    wr_arena *arena = store->arena;
    wr_store_job *job = &store->job;
    void *items;
    switch (table) {
    case WR_STORE_OPERATOR:
        items = (void *)job->operators;
        *(wr_operator_state *)list_add(arena, &items, &job->operator_count,
                                       sizeof(wr_operator_state)) =
            (wr_operator_state){.operator_id = (int32_t)v[1].number,
                                .name = wr_arena_text(arena, v[2].bytes),
                                .fingerprint = wr_arena_text(arena, v[3].bytes),
                                .description = wr_arena_text(arena, v[4].bytes),
                                .meta = wr_arena_text(arena, v[5].bytes)};
        job->operators = items;
        break;
    case WR_STORE_POSITION:
        items = (void *)job->positions;
        *(wr_position *)list_add(arena, &items, &job->position_count, sizeof(wr_position)) =
            (wr_position){.operator_id = (int32_t)v[1].number,
                          .source = wr_arena_text(arena, v[2].bytes),
                          .partition = wr_arena_text(arena, v[3].bytes),
                          .next_offset = v[4].number,
                          .guard = wr_arena_text(arena, v[5].bytes),
                          .max_event_us = v[6].number,
                          .floor_us = v[7].number};
        job->positions = items;
        break;
    case WR_STORE_DESTINATION:
        items = (void *)job->destinations;
        *(wr_destination_state *)list_add(arena, &items, &job->destination_count,
                                          sizeof(wr_destination_state)) =
            (wr_destination_state){.number = (int32_t)v[0].number,
                                   .name = wr_arena_text(arena, v[1].bytes),
                                   .last_epoch = v[2].number,
                                   .position = v[3].number,
                                   .identity = wr_arena_text(arena, v[4].bytes),
                                   .delivered_epoch = v[5].number};
        job->destinations = items;
        break;
    case WR_STORE_OUTBOX:
        items = (void *)job->frames;
        *(wr_frame *)list_add(arena, &items, &job->frame_count, sizeof(wr_frame)) =
            (wr_frame){.destination = (int32_t)v[0].number,
                       .seq = v[1].number,
                       .epoch = v[2].number,
                       .position = v[3].number,
                       .row_count = v[4].number,
                       .id = v[WR_OUTBOX_BODY].number,
                       .size_bytes = v[WR_OUTBOX_BODY + 1].number};
        job->frames = items;
        ids_add(bodies, v[WR_OUTBOX_BODY].number);
        break;
    case WR_STORE_SEGMENT: ids_add(bodies, v[WR_SEGMENT_ID].number); break;
    case WR_STORE_JOB:
    case WR_STORE_DEAD_LETTER:
    case WR_STORE_TABLE_COUNT: break;
    }
}

static wr_status
list_load(wr_store *store, wr_store_table table, body_ids *bodies, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_statement(store, WR_SQL_SELECT_OPERATOR + table, &statement, err));
    wr_store_ledger found = {0};
    wr_store_value values[WR_STORE_COLUMNS_MAX];
    wr_status status;
    while ((status = wr_store_step(store, statement, err)) == WR_OK) {
        WR_TRY(wr_store_fetch(store, table, statement, values, &found, err));
        row_keep(store, table, values, bodies);
    }
    const wr_store_ledger *wanted = &store->counts.ledgers[table];
    if (status != WR_END) {
        return status;
    }
    if (found.row_count != wanted->row_count) {
        return wr_store_damaged(store, err, "table %s has %lld rows instead of %lld",
                                wr_store_tables[table].name, (long long)found.row_count,
                                (long long)wanted->row_count);
    }
    if (found.sum != wanted->sum) {
        return wr_store_damaged(store, err, "rows of table %s are of another checkpoint",
                                wr_store_tables[table].name);
    }
    return WR_OK;
}

static wr_status
job_load(wr_store *store, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_statement(store, WR_SQL_SELECT_JOB, &statement, err));
    wr_status status = wr_store_step(store, statement, err);
    if (status != WR_OK) {
        return status == WR_END ? wr_store_damaged(store, err, "table job is empty") : status;
    }
    wr_store_value v[WR_STORE_COLUMNS_MAX];
    WR_TRY(wr_store_fetch(store, WR_STORE_JOB, statement, v, NULL, err));
    wr_store_counts *counts = &store->counts;
    wr_text ledgers = v[13].bytes;
    if (ledgers.size != sizeof(counts->ledgers) || v[2].bytes.size != 36) {
        sqlite3_reset(statement);
        return wr_store_damaged(store, err, "the row of table job has another form");
    }
    memcpy(counts->ledgers, ledgers.data, sizeof(counts->ledgers));
    store->job = (wr_store_job){.name = wr_arena_text(store->arena, v[1].bytes),
                                .uuid = wr_arena_text(store->arena, v[2].bytes),
                                .sql = wr_arena_text(store->arena, v[3].bytes),
                                .stats = wr_arena_text(store->arena, v[7].bytes)};
    counts->epoch = store->job.epoch = v[4].number;
    counts->wall_us = store->job.wall_us = v[5].number;
    counts->finished = store->job.finished = v[6].number != 0;
    counts->next_body = v[8].number;
    counts->next_dead_letter = v[9].number;
    counts->dead_letters = store->job.dead_letter_count = v[10].number;
    counts->dead_letters_removed = store->job.dead_letters_removed = v[11].number;
    sqlite3_reset(statement);
    return WR_OK;
}

/* Walks the bodies that are there beside the sorted ids that are named; collects the others. */
static wr_status
bodies_compare(wr_store *store, const body_ids *named, body_ids *unnamed, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_statement(store, WR_SQL_SELECT_BODY_IDS, &statement, err));
    int64_t at = 0;
    wr_status status;
    while ((status = wr_store_step(store, statement, err)) == WR_OK) {
        int64_t id = sqlite3_column_int64(statement, 0);
        if (at < named->count && named->ids[at] == id) {
            at++;
        } else {
            ids_add(unnamed, id);
        }
    }
    if (status == WR_END && at < named->count) {
        return wr_store_damaged(store, err, "body %lld is missing", (long long)named->ids[at]);
    }
    return status == WR_END ? WR_OK : status;
}

/* They are of a run that was killed between two commits. */
static wr_status
bodies_delete(wr_store *store, const body_ids *unnamed, wr_error *err)
{
    if (unnamed->count == 0 || store->read_only) {
        return WR_OK;
    }
    WR_TRY(wr_store_run(store, WR_SQL_BEGIN, NULL, 0, err));
    for (int64_t i = 0; i < unnamed->count; i++) {
        WR_TRY(wr_store_run(store, WR_SQL_DELETE_BODY, &unnamed->ids[i], 1, err));
    }
    return wr_store_run(store, WR_SQL_COMMIT, NULL, 0, err);
}

static wr_status
lists_load(wr_store *store, body_ids *named, wr_error *err)
{
    for (int table = 0; table < WR_STORE_LIST_COUNT; table++) {
        WR_TRY(list_load(store, (wr_store_table)table, named, err));
    }
    if (named->count) {
        qsort(named->ids, (size_t)named->count, sizeof(*named->ids), ids_compare);
    }
    return WR_OK;
}

wr_status
wr_store_load(wr_store *store, wr_error *err)
{
    body_ids named = {0}, unnamed = {0};
    wr_status status = wr_store_run(store, WR_SQL_BEGIN_READ, NULL, 0, err);
    if (status == WR_OK) {
        status = wr_store_check_schema(store, err);
    }
    if (status == WR_OK) {
        status = job_load(store, err);
    }
    if (status == WR_OK) {
        status = lists_load(store, &named, err);
    }
    if (status == WR_OK) {
        status = bodies_compare(store, &named, &unnamed, err);
    }
    if (status == WR_OK && !store->read_only) {
        status = wr_store_check_structure(store, err);
    }
    if (status == WR_OK && !store->read_only) { /* a reader keeps its snapshot */
        status = wr_store_run(store, WR_SQL_COMMIT, NULL, 0, err);
    }
    if (status == WR_OK) {
        status = bodies_delete(store, &unnamed, err);
    }
    if (status != WR_OK) {
        wr_store_rollback(store);
    }
    wr_free(named.ids);
    wr_free(unnamed.ids);
    return status;
}
