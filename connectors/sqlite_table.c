/* A table that rows are put into.
 *
 *     INSERT INTO "t" ("host", "n") VALUES (?1, ?2)
 *     ON CONFLICT ("host") DO UPDATE SET "n" = excluded."n"      with key = host
 *     DELETE FROM "t" WHERE "host" IS ?1                         for a row that is no more
 *
 * Invariants
 * 1. A table that is there keeps its definition: it must have our columns, and what it has more
 *    must get along without a value.
 * 2. Names are quoted, values are bound: no text of a row or option becomes SQL.
 * 3. A key with a NULL in it is deleted before it is put, since NULLs never conflict.
 * 4. The file's triggers and views are not trusted: they may call no function that does anything
 *    but compute. */
#include "connectors/sqlite_table.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

enum { BUSY_MS = 5000, STATE_APPLICATION_ID = 0x77656972 /* "weir": a job's state */ };

/* ── errors ─────────────────────────────────────────────────────────────────────────────────── */

wr_status
wr_sqlite_failed(const wr_sqlite_table *table, wr_error *err)
{
    int code = sqlite3_extended_errcode(table->db) & 0xff;
    bool is_full = code == SQLITE_FULL;
    bool passes = is_full || code == SQLITE_BUSY || code == SQLITE_LOCKED || code == SQLITE_IOERR ||
                  code == SQLITE_NOMEM;
    wr_status status = passes ? WR_ERR_UNREACHABLE : WR_ERR_RUNTIME;
    wr_error_set(err, status, "E0704", is_full ? "cannot write \"%s\": the disk is full"
                                               : "cannot write \"%s\"", table->path);
    wr_error_detail(err, "%s", sqlite3_errmsg(table->db));
    if (is_full) {
        wr_error_hint(err, "make room: it is tried again and again");
    } else if (code == SQLITE_BUSY) {
        wr_error_hint(err, "another program has locked the database for more than %d s",
                      BUSY_MS / 1000);
    }
    return status;
}

wr_status
wr_sqlite_execute(const wr_sqlite_table *table, const char *sql, wr_error *err)
{
    return sqlite3_exec(table->db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? WR_OK
               : wr_sqlite_failed(table, err);
}

wr_status
wr_sqlite_prepare(const wr_sqlite_table *table, const char *sql, sqlite3_stmt **statement,
                  wr_error *err)
{
    return sqlite3_prepare_v3(table->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) ==
                   SQLITE_OK
               ? WR_OK
               : wr_sqlite_failed(table, err);
}

/* ── statements ─────────────────────────────────────────────────────────────────────────────── */

static void
name_append(wr_buffer *sql, wr_text name)
{
    wr_buffer_char(sql, '"');
    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] == '"') {
            wr_buffer_char(sql, '"');
        }
        wr_buffer_char(sql, name.data[i]);
    }
    wr_buffer_char(sql, '"');
}

static wr_text
column_name(const wr_sqlite_table *table, int column)
{
    return table->schema.columns[column].name;
}

static void
key_append(const wr_sqlite_table *table, wr_buffer *sql)
{
    for (int i = 0; i < table->key_count; i++) {
        wr_buffer_text(sql, i > 0 ? WR_TEXT(", ") : WR_TEXT(" ("));
        name_append(sql, column_name(table, table->key[i]));
    }
    wr_buffer_char(sql, ')');
}

static bool
is_key(const wr_sqlite_table *table, int column)
{
    for (int i = 0; i < table->key_count; i++) {
        if (table->key[i] == column) {
            return true;
        }
    }
    return false;
}

static void
put_append(const wr_sqlite_table *table, wr_buffer *sql)
{
    wr_buffer_text(sql, WR_TEXT("INSERT INTO "));
    name_append(sql, wr_text_from(table->name));
    for (int c = 0; c < table->schema.count; c++) {
        wr_buffer_text(sql, c > 0 ? WR_TEXT(", ") : WR_TEXT(" ("));
        name_append(sql, column_name(table, c));
    }
    for (int c = 0; c < table->schema.count; c++) {
        wr_buffer_printf(sql, "%s?%d", c > 0 ? ", " : ") VALUES (", c + 1);
    }
    wr_buffer_char(sql, ')');
    if (table->key_count == 0) {
        return;
    }
    wr_buffer_text(sql, WR_TEXT(" ON CONFLICT"));
    key_append(table, sql);
    const char *before = " DO UPDATE SET ";
    for (int c = 0; c < table->schema.count; c++) {
        if (!is_key(table, c)) {
            wr_buffer_text(sql, wr_text_from(before));
            name_append(sql, column_name(table, c));
            wr_buffer_text(sql, WR_TEXT(" = excluded."));
            name_append(sql, column_name(table, c));
            before = ", ";
        }
    }
    wr_buffer_text(sql, before[0] == ',' ? WR_TEXT("") : WR_TEXT(" DO NOTHING"));
}

static void
remove_append(const wr_sqlite_table *table, wr_buffer *sql)
{
    wr_buffer_text(sql, WR_TEXT("DELETE FROM "));
    name_append(sql, wr_text_from(table->name));
    for (int i = 0; i < table->key_count; i++) {
        wr_buffer_text(sql, i > 0 ? WR_TEXT(" AND ") : WR_TEXT(" WHERE "));
        name_append(sql, column_name(table, table->key[i]));
        wr_buffer_printf(sql, " IS ?%d", i + 1);
    }
}

static void
create_append(const wr_sqlite_table *table, wr_buffer *sql)
{
    wr_buffer_text(sql, WR_TEXT("CREATE TABLE IF NOT EXISTS "));
    name_append(sql, wr_text_from(table->name));
    for (int c = 0; c < table->schema.count; c++) {
        wr_buffer_text(sql, c > 0 ? WR_TEXT(", ") : WR_TEXT(" ("));
        name_append(sql, column_name(table, c));
        wr_buffer_printf(sql, " %s", wr_sqlite_type_name(table->schema.columns[c].type));
    }
    wr_buffer_char(sql, ')');
}

static void
index_append(const wr_sqlite_table *table, wr_buffer *sql)
{
    wr_buffer name;
    wr_buffer_init(&name);
    wr_buffer_printf(&name, "weir_key_%s", table->name);
    wr_buffer_text(sql, WR_TEXT("CREATE UNIQUE INDEX IF NOT EXISTS "));
    name_append(sql, (wr_text){name.data, name.size});
    wr_buffer_text(sql, WR_TEXT(" ON "));
    name_append(sql, wr_text_from(table->name));
    key_append(table, sql);
    wr_buffer_fini(&name);
}

static wr_status
table_run(const wr_sqlite_table *table, void (*append)(const wr_sqlite_table *, wr_buffer *),
          sqlite3_stmt **statement, wr_error *err)
{
    wr_buffer sql;
    wr_buffer_init(&sql);
    append(table, &sql);
    wr_status status = statement ? wr_sqlite_prepare(table, wr_buffer_cstr(&sql), statement, err)
                                 : wr_sqlite_execute(table, wr_buffer_cstr(&sql), err);
    wr_buffer_fini(&sql);
    return status;
}

/* ── open ───────────────────────────────────────────────────────────────────────────────────── */

/* Not there at start, whatever SQLite calls it. */
static wr_status
at_start(wr_status status, wr_error *err)
{
    if (status == WR_ERR_RUNTIME && err) {
        err->status = WR_ERR_UNREACHABLE;
    }
    return status == WR_ERR_RUNTIME ? WR_ERR_UNREACHABLE : status;
}

static wr_status
table_misfit(const wr_sqlite_table *table, wr_text column, const char *what, wr_error *err)
{
    wr_error_set(err, WR_ERR_UNREACHABLE, "E0704", "table \"%s\" of \"%s\" %s \"%.*s\"",
                 table->name, table->path, what, WR_TEXT_ARG(column));
    wr_error_hint(err, "name the columns with AS, or write to another table");
    return WR_ERR_UNREACHABLE;
}

/* Columns of a table that was there: ours, and others that need no value. */
static wr_status
columns_check(const wr_sqlite_table *table, wr_arena *arena, wr_error *err)
{
    sqlite3_stmt *statement;
    bool *found = WR_NEW_ARRAY(arena, bool, table->schema.count);
    wr_status status = WR_OK;
    WR_TRY(wr_sqlite_prepare(table, "SELECT name, \"notnull\" AND dflt_value IS NULL AND NOT pk "
                             "FROM pragma_table_info(?1)", &statement, err));
    sqlite3_bind_text(statement, 1, table->name, -1, SQLITE_STATIC);
    while (status == WR_OK && sqlite3_step(statement) == SQLITE_ROW) {
        wr_text name = wr_text_from((const char *)sqlite3_column_text(statement, 0));
        bool is_ours = false;
        for (int c = 0; c < table->schema.count; c++) {
            if (wr_text_equal_nocase(name, column_name(table, c))) {
                found[c] = is_ours = true;
            }
        }
        if (!is_ours && sqlite3_column_int(statement, 1)) {
            status = table_misfit(table, name, "wants a value for column", err);
        }
    }
    sqlite3_finalize(statement);
    for (int c = 0; c < table->schema.count && status == WR_OK; c++) {
        if (!found[c]) {
            status = table_misfit(table, column_name(table, c), "has no column", err);
        }
    }
    return status;
}

static wr_status
application_check(const wr_sqlite_table *table, wr_error *err)
{
    sqlite3_stmt *statement;
    WR_TRY(wr_sqlite_prepare(table, "PRAGMA application_id", &statement, err));
    bool is_state = sqlite3_step(statement) == SQLITE_ROW &&
                    sqlite3_column_int(statement, 0) == STATE_APPLICATION_ID;
    sqlite3_finalize(statement);
    if (is_state) {
        wr_error_set(err, WR_ERR_SQL, "E0704", "\"%s\" holds the state of a job", table->path);
        wr_error_hint(err, "a job can write into its own, with guarantee = 'exactly_once'; else "
                           "write to another file");
        return WR_ERR_SQL;
    }
    return WR_OK;
}

static wr_status
key_open(wr_sqlite_table *table, wr_error *err)
{
    if (table_run(table, put_append, &table->put, NULL) != WR_OK) { /* no such key yet */
        WR_TRY(table_run(table, index_append, NULL, err));
    }
    return table_run(table, remove_append, &table->remove, err);
}

static int64_t
path_inode(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (int64_t)status.st_ino : -1;
}

static wr_status
file_open(wr_sqlite_table *table, wr_error *err)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW;
    if (sqlite3_open_v2(table->path, &table->db, flags, NULL) != SQLITE_OK) {
        return wr_sqlite_failed(table, err);
    }
    sqlite3_busy_timeout(table->db, BUSY_MS);
    sqlite3_db_config(table->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(table->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    WR_TRY(application_check(table, err));
    return wr_sqlite_execute(table, "PRAGMA synchronous = FULL", err);
}

wr_status
wr_sqlite_table_open(wr_sqlite_table *table, wr_arena *arena, wr_error *err)
{
    table->cells = WR_NEW_ARRAY(arena, wr_sqlite_cell, table->schema.count);
    WR_TRY(table->is_inside ? WR_OK : at_start(file_open(table, err), err));
    WR_TRY(at_start(table_run(table, create_append, NULL, err), err));
    table->inode = path_inode(table->path);
    WR_TRY(at_start(columns_check(table, arena, err), err));
    if (table->key_count > 0) {
        WR_TRY(at_start(key_open(table, err), err));
    }
    return table->put ? WR_OK : at_start(table_run(table, put_append, &table->put, err), err);
}

void
wr_sqlite_table_close(wr_sqlite_table *table)
{
    sqlite3_finalize(table->put);
    sqlite3_finalize(table->remove);
    sqlite3_close(table->is_inside ? NULL : table->db);
    table->put = table->remove = NULL;
    table->db = NULL;
}

/* ── transactions ───────────────────────────────────────────────────────────────────────────── */

wr_status
wr_sqlite_table_begin(wr_sqlite_table *table, wr_error *err)
{
    int64_t inode = path_inode(table->path);
    if (inode != table->inode) {
        wr_error_set(err, WR_ERR_STATE, "E0911", "\"%s\" was %s while it was written to",
                     table->path, inode < 0 ? "removed" : "replaced");
        wr_error_detail(err, "it had inode %" PRId64, table->inode);
        wr_error_hint(err, "put the file back, and start again");
        return WR_ERR_STATE;
    }
    return wr_sqlite_execute(table, "BEGIN IMMEDIATE", err);
}

wr_status
wr_sqlite_table_commit(wr_sqlite_table *table, wr_error *err)
{
    return wr_sqlite_execute(table, "COMMIT", err);
}

void
wr_sqlite_table_rollback(wr_sqlite_table *table)
{
    if (table->db && !table->is_inside && !sqlite3_get_autocommit(table->db)) {
        (void)sqlite3_exec(table->db, "ROLLBACK", NULL, NULL, NULL);
    }
}

/* ── rows ───────────────────────────────────────────────────────────────────────────────────── */

static void
cell_bind(sqlite3_stmt *statement, int at, const wr_sqlite_cell *cell)
{
    double real;
    switch (cell->kind) {
    case WR_SQLITE_NULL_CELL: sqlite3_bind_null(statement, at); return;
    case WR_SQLITE_INTEGER_CELL: sqlite3_bind_int64(statement, at, cell->integer); return;
    case WR_SQLITE_REAL_CELL:
        memcpy(&real, &cell->integer, sizeof(real));
        sqlite3_bind_double(statement, at, real);
        return;
    case WR_SQLITE_TEXT_CELL:
        sqlite3_bind_text64(statement, at, cell->bytes.data, cell->bytes.size, SQLITE_STATIC,
                            SQLITE_UTF8);
        return;
    case WR_SQLITE_BLOB_CELL:
        sqlite3_bind_blob64(statement, at, cell->bytes.data, cell->bytes.size, SQLITE_STATIC);
        return;
    }
}

static wr_status
statement_run(const wr_sqlite_table *table, sqlite3_stmt *statement, wr_error *err)
{
    int code = sqlite3_step(statement);
    wr_status status = code == SQLITE_DONE || code == SQLITE_ROW ? WR_OK
                                                                 : wr_sqlite_failed(table, err);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return status;
}

static wr_status
row_remove(const wr_sqlite_table *table, wr_error *err)
{
    for (int i = 0; i < table->key_count; i++) {
        cell_bind(table->remove, i + 1, &table->cells[table->key[i]]);
    }
    return statement_run(table, table->remove, err);
}

static bool
key_has_null(const wr_sqlite_table *table)
{
    for (int i = 0; i < table->key_count; i++) {
        if (table->cells[table->key[i]].kind == WR_SQLITE_NULL_CELL) {
            return true;
        }
    }
    return false;
}

static wr_status
row_apply(const wr_sqlite_table *table, wr_sqlite_op op, wr_error *err)
{
    if (op == WR_SQLITE_DELETE) {
        return table->key_count > 0 ? row_remove(table, err) : WR_OK;
    }
    if (key_has_null(table)) {
        WR_TRY(row_remove(table, err));
    }
    for (int c = 0; c < table->schema.count; c++) {
        cell_bind(table->put, c + 1, &table->cells[c]);
    }
    return statement_run(table, table->put, err);
}

wr_status
wr_sqlite_table_apply(wr_sqlite_table *table, wr_text bytes, int64_t skip, wr_error *err)
{
    const char *begin = bytes.data;
    while (bytes.size > 0) {
        bool is_skipped = bytes.data - begin < skip;
        wr_sqlite_op op;
        WR_TRY(wr_sqlite_row_take(&bytes, &op, table->cells, table->schema.count, err));
        if (!is_skipped) {
            WR_TRY(row_apply(table, op, err));
        }
    }
    return WR_OK;
}
