/* The declarations that are kept beside a job's state: one row, the script that makes them.
 *
 *     weir_catalog   id   sql                                                   sum
 *                    1    CREATE STREAM cpu (…) WITH (…);\nCREATE VIEW v …;\n   …
 *
 * A state without the table has format version 1, one with it 2: an older weir reads the first and
 * refuses the second.
 *
 * 1. The row is all of it: an entry that is missing or added does not fit the checksum.
 * 2. It is written in a transaction of its own, durable when that returns; no checkpoint changes
 *    it. */
#include "exec/state/store_base.h"

#include "core/checksum.h"

/* Behind the seeds of the tables of store_row.c. */
enum { CATALOG_SEED = WR_STORE_TABLE_COUNT + 1 };

static uint64_t
catalog_sum(wr_text sql)
{
    return wr_checksum_more(CATALOG_SEED, sql.data, sql.size);
}

static wr_status
catalog_damaged(const wr_store *store, wr_error *err)
{
    return wr_store_damaged(store, err, "its declarations do not fit their checksum");
}

static wr_status
catalog_read(wr_store *store, wr_arena *arena, wr_text *sql, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_statement(store, WR_SQL_SELECT_CATALOG, &statement, err));
    wr_status status = wr_store_step(store, statement, err);
    if (status != WR_OK) {
        return status == WR_END ? catalog_damaged(store, err) : status;
    }
    const char *bytes = (const char *)sqlite3_column_text(statement, 0);
    wr_text text = {bytes ? bytes : "", (size_t)sqlite3_column_bytes(statement, 0)};
    bool fits = catalog_sum(text) == (uint64_t)sqlite3_column_int64(statement, 1);
    *sql = wr_arena_text(arena, text);
    fits = fits && wr_store_step(store, statement, err) == WR_END;
    sqlite3_reset(statement);
    return fits ? WR_OK : catalog_damaged(store, err);
}

wr_status
wr_store_read_catalog(wr_store *store, wr_arena *arena, wr_text *sql, wr_error *err)
{
    *sql = WR_TEXT("");
    if (!store->has_catalog) {
        return WR_OK;
    }
    pthread_mutex_lock(&store->mutex);
    wr_status status = catalog_read(store, arena, sql, err);
    pthread_mutex_unlock(&store->mutex);
    return status;
}

wr_status
wr_store_insert_catalog(wr_store *store, wr_text sql, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    WR_TRY(store->has_catalog ? WR_OK : wr_store_create_catalog(store, err));
    WR_TRY(wr_store_statement(store, WR_SQL_INSERT_CATALOG, &statement, err));
    sqlite3_bind_text64(statement, 1, sql.size ? sql.data : "", sql.size, SQLITE_STATIC,
                        SQLITE_UTF8);
    sqlite3_bind_int64(statement, 2, (int64_t)catalog_sum(sql));
    wr_status status = wr_store_step(store, statement, err);
    sqlite3_clear_bindings(statement);
    return status == WR_END ? WR_OK : status;
}

static wr_status
catalog_write(wr_store *store, wr_text sql, wr_error *err)
{
    WR_TRY(wr_store_run(store, WR_SQL_BEGIN, NULL, 0, err));
    WR_TRY(wr_store_insert_catalog(store, sql, err));
    return wr_store_run(store, WR_SQL_COMMIT, NULL, 0, err);
}

wr_status
wr_store_write_catalog(wr_store *store, wr_text sql, wr_error *err)
{
    pthread_mutex_lock(&store->mutex);
    wr_status status = catalog_write(store, sql, err);
    if (status == WR_OK) {
        store->has_catalog = true;
    } else {
        wr_store_rollback(store);
    }
    pthread_mutex_unlock(&store->mutex);
    return status;
}
