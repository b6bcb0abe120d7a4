/* Savepoint, restore and fork: a store read row by row, verified, and written as another one.
 *
 *   savepoint   DIR/weir.db (a snapshot; the job goes on) ──copy──▶ FILE.new ──rename──▶ FILE
 *   restore     FILE ──copy──▶ DIR/weir.db.new ──rename──▶ DIR/weir.db
 *   fork        the same, with another name and uuid, and nothing delivered yet
 *
 * 1. Every row and body that is copied fits its checksum: a savepoint is never damaged silently,
 *    and restoring a damaged one makes nothing.
 * 2. The copy is a store of its own, complete and closed before it gets its name.
 * 3. Tables of users go along, as of the same moment; a fork has written nothing, and gets none.
 * 4. Bodies that nobody names are left out, and so is free space.
 * 5. Declarations go along, into a fork, too. */
#include "exec/state/store_base.h"

#include <string.h>
#include <unistd.h>

/* A copy under way. */
typedef struct copy {
    wr_store *from, *to;
    bool forks;
    wr_buffer body;
} copy;

static wr_status
copy_body(copy *c, int64_t id, uint64_t sum, wr_error *err)
{
    uint64_t written;
    wr_buffer_reset(&c->body);
    WR_TRY(wr_store_read_body(c->from, id, sum, true, &c->body, err));
    return wr_store_insert_body(c->to, id, (wr_text){c->body.data, c->body.size}, &written, err);
}

/* One row as it is in the copy, and the body that it names. */
static wr_status
copy_row(copy *c, wr_store_table table, wr_store_value *values, wr_error *err)
{
    if (table == WR_STORE_OUTBOX) {
        WR_TRY(copy_body(c, values[WR_OUTBOX_BODY].number,
                         (uint64_t)values[WR_OUTBOX_BODY_SUM].number, err));
    } else if (table == WR_STORE_SEGMENT) {
        WR_TRY(copy_body(c, values[WR_SEGMENT_ID].number,
                         (uint64_t)values[WR_SEGMENT_BODY_SUM].number, err));
    } else if (table == WR_STORE_DESTINATION && c->forks) {
        wr_destination_state fresh = {.number = (int32_t)values[0].number, .name = values[1].bytes};
        wr_store_destination_values(&fresh, values);
    }
    c->to->counts.dead_letters += table == WR_STORE_DEAD_LETTER;
    wr_store_ledger *ledger = table < WR_STORE_LIST_COUNT ? &c->to->counts.ledgers[table] : NULL;
    return wr_store_insert(c->to, table, values, ledger, err);
}

static wr_status
copy_table(copy *c, wr_store_table table, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_statement(c->from, WR_SQL_SELECT_OPERATOR + table, &statement, err));
    if (table == WR_STORE_DEAD_LETTER) {
        sqlite3_bind_int64(statement, 1, 0);
        sqlite3_bind_int64(statement, 2, INT64_MAX);
    }
    wr_store_value values[WR_STORE_COLUMNS_MAX];
    wr_status status;
    while ((status = wr_store_step(c->from, statement, err)) == WR_OK) {
        WR_TRY(wr_store_fetch(c->from, table, statement, values, NULL, err));
        WR_TRY(copy_row(c, table, values, err));
    }
    return status == WR_END ? WR_OK : status;
}

/* Dead letters that are damaged are left behind, and counted. */
static wr_status
copy_letters(copy *c, wr_error *err)
{
    wr_store_counts *counts = &c->to->counts;
    int64_t expected = counts->dead_letters;
    counts->dead_letters = 0;
    wr_status status = copy_table(c, WR_STORE_DEAD_LETTER, err);
    if (counts->dead_letters < expected) {
        counts->dead_letters_removed += expected - counts->dead_letters;
    }
    if (status == WR_ERR_STATE) {
        wr_error_clear(err);
        return WR_OK;
    }
    return status;
}

/* ── tables of users ────────────────────────────────────────────────────────────────────────── */

static wr_status
prepare(wr_store *store, const char *sql, sqlite3_stmt **statement, wr_error *err)
{
    int rc = sqlite3_prepare_v2(store->db, sql, -1, statement, NULL);
    return rc == SQLITE_OK ? WR_OK : wr_store_failed(store, rc, "copy", err);
}

static wr_status
copy_users_rows(copy *c, sqlite3_stmt *from, sqlite3_stmt *to, wr_error *err)
{
    wr_status status;
    while ((status = wr_store_step(c->from, from, err)) == WR_OK) {
        for (int i = 0; i < sqlite3_column_count(from); i++) {
            sqlite3_bind_value(to, i + 1, sqlite3_column_value(from, i));
        }
        wr_status written = wr_store_step(c->to, to, err);
        WR_TRY(written == WR_END ? WR_OK : written);
    }
    return status == WR_END ? WR_OK : status;
}

static wr_status
copy_users_table(copy *c, const char *name, wr_error *err)
{
    sqlite3_stmt *from = NULL, *to = NULL;
    char *select = sqlite3_mprintf("SELECT * FROM \"%w\"", name);
    wr_status status = prepare(c->from, select, &from, err);
    wr_buffer sql;
    wr_buffer_init(&sql);
    for (int i = 0; i < sqlite3_column_count(from); i++) {
        wr_buffer_text(&sql, i > 0 ? WR_TEXT(", ?") : WR_TEXT("?"));
    }
    char *insert = sqlite3_mprintf("INSERT INTO \"%w\" VALUES (%s)", name, wr_buffer_cstr(&sql));
    status = status == WR_OK ? prepare(c->to, insert, &to, err) : status;
    status = status == WR_OK ? copy_users_rows(c, from, to, err) : status;
    sqlite3_finalize(from);
    sqlite3_finalize(to);
    sqlite3_free(select);
    sqlite3_free(insert);
    wr_buffer_fini(&sql);
    return status;
}

/* Tables with their rows, then indexes, as they stand in the schema. */
static wr_status
copy_users(copy *c, wr_error *err)
{
    sqlite3_stmt *schema = NULL;
    wr_status status = prepare(c->from,
                               "SELECT sql, type = 'table', tbl_name FROM sqlite_schema "
                               "WHERE sql IS NOT NULL ORDER BY type = 'index', rowid",
                               &schema, err);
    while (status == WR_OK && (status = wr_store_step(c->from, schema, err)) == WR_OK) {
        const char *name = (const char *)sqlite3_column_text(schema, 2);
        if (!wr_store_is_reserved(name)) {
            status = wr_store_exec(c->to, (const char *)sqlite3_column_text(schema, 0), err);
            bool has_rows = sqlite3_column_int(schema, 1);
            status = status == WR_OK && has_rows ? copy_users_table(c, name, err) : status;
        }
    }
    sqlite3_finalize(schema);
    return status == WR_END ? WR_OK : status;
}

/* ── the whole ──────────────────────────────────────────────────────────────────────────────── */

static wr_status
copy_catalog(copy *c, wr_error *err)
{
    wr_text sql;
    WR_TRY(wr_store_read_catalog(c->from, c->to->arena, &sql, err));
    return c->from->has_catalog ? wr_store_insert_catalog(c->to, sql, err) : WR_OK;
}

/* wr_store_fill: all tables of the one store into the other, which is empty. */
static wr_status
copy_tables(wr_store *to, void *context, wr_error *err)
{
    copy *c = context;
    WR_TRY(wr_store_run(to, WR_SQL_BEGIN, NULL, 0, err));
    for (int table = 0; table < WR_STORE_LIST_COUNT; table++) {
        if (table != WR_STORE_OUTBOX || !c->forks) {
            WR_TRY(copy_table(c, (wr_store_table)table, err));
        }
    }
    WR_TRY(copy_letters(c, err));
    WR_TRY(c->forks ? WR_OK : copy_users(c, err));
    WR_TRY(copy_catalog(c, err));
    WR_TRY(wr_store_write_job(to, &to->job, &to->counts, err));
    return wr_store_run(to, WR_SQL_COMMIT, NULL, 0, err);
}

/* Who the copy is. */
static void
copy_identity(copy *c, const char *fork_name)
{
    wr_store *to = c->to;
    to->job = c->from->job;
    to->counts = c->from->counts;
    memset(to->counts.ledgers, 0, sizeof(to->counts.ledgers));
    c->forks = fork_name != NULL;
    if (c->forks) {
        to->job.name = wr_arena_text(to->arena, wr_text_from(fork_name));
        wr_store_new_uuid(to->arena, &to->job.uuid);
    }
}

/* Everything that `from` holds now, into a new file at `to`'s path, by way of a name beside it. */
static wr_status
copy_store(wr_store *from, wr_store *to, const char *fork_name, wr_error *err)
{
    copy c = {.from = from, .to = to};
    copy_identity(&c, fork_name);
    wr_buffer_init(&c.body);
    wr_status status = wr_store_create(to, copy_tables, &c, err);
    wr_buffer_fini(&c.body);
    return status;
}

wr_status
wr_store_savepoint(wr_store *store, const char *path, wr_error *err)
{
    wr_store *snapshot;
    WR_TRY(wr_store_open_file(store->path, &snapshot, err));
    wr_buffer dir;
    wr_buffer_init(&dir);
    const char *slash = strrchr(path, '/');
    wr_buffer_append(&dir, slash ? path : ".", slash && slash > path ? (size_t)(slash - path) : 1);
    wr_store *to = wr_store_new(wr_buffer_cstr(&dir), path);
    to->portable = true;
    wr_status status = copy_store(snapshot, to, NULL, err);
    wr_store_close(to);
    wr_store_close(snapshot);
    wr_buffer_fini(&dir);
    return status;
}

/* `to` is locked here, and is not to be there. */
static wr_status
restore_into(wr_store *to, const char *path, const char *fork_name, wr_error *err)
{
    WR_TRY(wr_store_make_dir(to->dir, err));
    WR_TRY(wr_store_lock(to, err));
    if (access(to->path, F_OK) == 0) {
        wr_status status =
            wr_error_set(err, WR_ERR_STATE, "E0905", "there is a state in %s", to->dir);
        wr_error_hint(err, "Restore into a directory that is new or empty.");
        return status;
    }
    wr_store *from;
    WR_TRY(wr_store_open_file(path, &from, err));
    wr_store_forget(to);
    wr_status status = copy_store(from, to, fork_name, err);
    if (status == WR_OK) {
        wr_store_record(to);
    }
    wr_store_close(from);
    return status;
}

wr_status
wr_store_restore(const char *dir, const char *path, const char *fork_name, wr_error *err)
{
    wr_buffer file;
    wr_buffer_init(&file);
    wr_buffer_printf(&file, "%s/weir.db", dir);
    wr_store *to = wr_store_new(dir, wr_buffer_cstr(&file));
    wr_status status = restore_into(to, path, fork_name, err);
    wr_store_close(to);
    wr_buffer_fini(&file);
    return status;
}
