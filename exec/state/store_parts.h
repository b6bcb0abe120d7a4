/* What the files of the store share: the handle, statements, how SQLite's answers become ours. */
#ifndef WEIR_EXEC_STATE_STORE_PARTS_H
#define WEIR_EXEC_STATE_STORE_PARTS_H

#include "exec/state/store.h"

#include <sqlite3.h>

/* Written into the file's header: "weir" and the version of the schema. */
enum { WR_STORE_APPLICATION = 0x77656972, WR_STORE_VERSION = 1 };

struct wr_store {
    sqlite3 *db;
    int lock_fd; /* −1: none */
    char *path;
    wr_arena *arena;   /* of `job` */
    wr_store_job job;  /* as it was when the store was opened */
    wr_text sql;       /* to be recorded; empty: as it is */
    int64_t epoch;     /* of the last commit */
    int64_t pages;     /* of the WAL, as the last commit told */
    bool is_temporary, is_read_only;
};

/* The error of a failed SQLite call: damage is WR_ERR_STATE (E0904, E0908), what may pass by itself
 * (disk full, I/O) WR_ERR_RUNTIME E0910. `what`: "write the state". */
wr_status wr_store_failed(const wr_store *store, const char *what, wr_error *err);
/* E0904: what was read is not what was written. */
wr_status wr_store_damaged(const wr_store *store, const char *what, wr_error *err);
/* Statements without results. */
wr_status wr_store_exec(wr_store *store, const char *sql, wr_error *err);
wr_status wr_store_prepare(wr_store *store, const char *sql, sqlite3_stmt **statement,
                           wr_error *err);
/* One step of a statement that gives no rows; it is reset, its bindings stay. */
wr_status wr_store_run(wr_store *store, sqlite3_stmt *statement, wr_error *err);
/* A text or blob column, borrowed until the next step. */
wr_text wr_store_column(sqlite3_stmt *statement, int column);
void wr_store_bind_text(sqlite3_stmt *statement, int index, wr_text text);
void wr_store_bind_blob(sqlite3_stmt *statement, int index, const void *data, size_t size);

/* Makes `dir` (0700) and what is missing above it. */
wr_status wr_store_make_directory(const char *dir, wr_error *err);

/* store_schema.c: makes the tables of a new file. */
wr_status wr_store_create(wr_store *store, wr_text job_name, wr_error *err);

/* store_read.c: the checksum over all small rows, in a fixed order; *sum may then be compared with
 * or written to job.manifest. */
wr_status wr_store_manifest(wr_store *store, uint64_t *sum, wr_error *err);
/* Verifies the manifest and fills store->job. */
wr_status wr_store_load(wr_store *store, wr_error *err);

#endif
