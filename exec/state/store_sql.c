/* Statements of the store, and what SQLite's results mean to a job.
 *
 *   CORRUPT, NOTADB, a row that a table of ours cannot have    the state is damaged     E0904
 *   FULL, IOERR, READONLY, BUSY …                              the disk refuses, now    E0910
 *
 * 1. Every text of SQL is a constant of store_base.h or store_schema.c; values are bound.
 * 2. A statement is prepared once and kept until the store is closed. */
#include "exec/state/store_base.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const statement_texts[WR_SQL_COUNT] = {
#define X(name, sql) sql,
    WR_STORE_STATEMENTS(X)
#undef X
};

/* Does `rc` speak of what is in the file, not of the disk under it? */
static bool
result_is_damage(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_SCHEMA:
    case SQLITE_TOOBIG:
    case SQLITE_FORMAT: return true;
    default: return rc == SQLITE_IOERR_CORRUPTFS || rc == SQLITE_IOERR_DATA;
    }
}

wr_status
wr_store_failed(wr_store *store, int rc, const char *what, wr_error *err)
{
    const char *reason = store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(rc);
    if (result_is_damage(rc)) {
        return wr_store_damaged(store, err, "%s: %s", what, reason);
    }
    int os_error = store->db ? sqlite3_system_errno(store->db) : 0;
    wr_status status =
        wr_error_set(err, WR_ERR_RUNTIME, "E0910", "cannot %s %s: %s", what, store->path, reason);
    if (os_error) {
        wr_error_detail(err, "%s (SQLite %d)", strerror(os_error), rc);
    }
    return status;
}

wr_status
wr_store_damaged(const wr_store *store, wr_error *err, const char *format, ...)
{
    char text[WR_ERROR_MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    wr_status status = wr_error_set(err, WR_ERR_STATE, "E0904", "the state in %s is damaged: %s",
                                    store->path, text);
    wr_error_hint(err, "Start from a savepoint with --restore FILE, in a new directory.");
    return status;
}

wr_status
wr_store_exec(wr_store *store, const char *sql, wr_error *err)
{
    int rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? WR_OK : wr_store_failed(store, rc, "open", err);
}

wr_status
wr_store_statement(wr_store *store, wr_store_sql sql, sqlite3_stmt **statement, wr_error *err)
{
    sqlite3_stmt **kept = &store->statements[sql];
    if (!*kept) {
        int rc = sqlite3_prepare_v3(store->db, statement_texts[sql], -1, SQLITE_PREPARE_PERSISTENT,
                                    kept, NULL);
        if (rc != SQLITE_OK) {
            return wr_store_failed(store, rc, "use", err);
        }
    }
    sqlite3_reset(*kept);
    *statement = *kept;
    return WR_OK;
}

wr_status
wr_store_step(wr_store *store, sqlite3_stmt *statement, wr_error *err)
{
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) {
        return WR_OK;
    }
    wr_status status = WR_END;
    if (rc != SQLITE_DONE) {
        status = wr_store_failed(store, rc, store->read_only ? "read" : "write", err);
    }
    sqlite3_reset(statement);
    return status;
}

wr_status
wr_store_run(wr_store *store, wr_store_sql sql, const int64_t *numbers, int count, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_statement(store, sql, &statement, err));
    for (int i = 0; i < count; i++) {
        sqlite3_bind_int64(statement, i + 1, numbers[i]);
    }
    wr_status status = wr_store_step(store, statement, err);
    sqlite3_reset(statement);
    return status == WR_END ? WR_OK : status;
}

void
wr_store_rollback(wr_store *store)
{
    for (int i = 0; i < WR_SQL_COUNT; i++) {
        sqlite3_reset(store->statements[i]);
    }
    if (!sqlite3_get_autocommit(store->db)) {
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    }
}
