/* One table of an SQLite file that a sink writes to. */
#ifndef WEIR_CONNECTORS_SQLITE_TABLE_H
#define WEIR_CONNECTORS_SQLITE_TABLE_H

#include "connectors/sqlite_row.h"

#include <sqlite3.h>

typedef struct wr_sqlite_table {
    sqlite3 *db; /* NULL: not open */
    const char *path, *name;
    wr_schema schema;
    int *key; /* columns of it */
    int key_count; /* 0: rows are only added */
    int64_t inode;
    bool is_inside;             /* db is the state's, borrowed; transactions are its owner's */
    sqlite3_stmt *put, *remove; /* prepared when first used; remove: only with a key */
    wr_sqlite_cell *cells;
} wr_sqlite_table;

/* Opens the file, unless it is_inside, and makes what is not there: file, table, index over the
 * key. Path, name, schema and key are set, and outlive it. E0704, E0501; close is safe after a
 * failure. */
wr_status wr_sqlite_table_open(wr_sqlite_table *table, wr_arena *arena, wr_error *err);
void wr_sqlite_table_close(wr_sqlite_table *table);

/* A transaction; the file must still be the one that was opened (E0911). WR_ERR_UNREACHABLE: locked
 * by somebody for long, disk full, I/O error. */
wr_status wr_sqlite_table_begin(wr_sqlite_table *table, wr_error *err);
wr_status wr_sqlite_table_commit(wr_sqlite_table *table, wr_error *err);
void wr_sqlite_table_rollback(wr_sqlite_table *table); /* also when there is none */

/* Puts or deletes all rows of `bytes` that begin at or behind byte `skip`. */
wr_status wr_sqlite_table_apply(wr_sqlite_table *table, wr_text bytes, int64_t skip,
                                wr_error *err);

/* What SQLite says, as an error. */
wr_status wr_sqlite_failed(const wr_sqlite_table *table, wr_error *err);
wr_status wr_sqlite_execute(const wr_sqlite_table *table, const char *sql, wr_error *err);
wr_status wr_sqlite_prepare(const wr_sqlite_table *table, const char *sql, sqlite3_stmt **statement,
                            wr_error *err);

#endif
