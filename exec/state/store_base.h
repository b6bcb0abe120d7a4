/* What the files of the store share (exec/state/store*.c, nobody else).
 *
 *   store_open.c    open and close            store_schema.c  tables, a new file, the check of both
 *   store_lock.c    directory, lock, record   store_sql.c     statements, what SQLite's errors mean
 *   store_load.c    verify and read the job   store_row.c     rows, their checksums, the ledgers
 *   store_commit.c  one transaction           store_read.c    segments, frames, dead letters
 *   store_spill.c   bodies without a name     store_held.c    … for which the disk has no room
 *   store_copy.c    savepoint, restore, fork  store_replay.c  dead letters to be read again
 *   store_catalog.c declarations
 *
 * A row is an array of values in the order of its columns; its last column, `sum`, is the checksum
 * of the others. A ledger is the count and the sum (mod 2^64) of the checksums of all rows of a
 * table: it is kept up to date by adding and subtracting, whatever the table's size, and the job's
 * row, written with every commit, holds the ledgers of all five lists. */
#ifndef WEIR_EXEC_STATE_STORE_BASE_H
#define WEIR_EXEC_STATE_STORE_BASE_H

#include "exec/state/store.h"

#include "connectors/connector.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

enum {
    WR_STORE_APPLICATION = 0x77656972, /* "weir" */
    WR_STORE_VERSION = 1,         /* of the rows, and of a file without declarations */
    WR_STORE_VERSION_CATALOG = 2, /* of a file with them: the newest */
    WR_STORE_COLUMNS_MAX = 16,
    WR_STORE_BODY_MAX = 256 << 20, /* of a body, a text: more is damage */
    WR_STORE_BUSY_MS = 2000
};

/* The lists come first: they have ledgers. */
typedef enum wr_store_table {
    WR_STORE_OPERATOR,
    WR_STORE_POSITION,
    WR_STORE_DESTINATION,
    WR_STORE_OUTBOX,
    WR_STORE_SEGMENT,
    WR_STORE_LIST_COUNT,
    WR_STORE_JOB = WR_STORE_LIST_COUNT,
    WR_STORE_DEAD_LETTER,
    WR_STORE_TABLE_COUNT
} wr_store_table;

/* kinds: a letter a column, i integer, t text, b bytes, n bytes or NULL; without `sum`. */
typedef struct wr_store_table_info {
    const char *name, *kinds;
} wr_store_table_info;
extern const wr_store_table_info wr_store_tables[WR_STORE_TABLE_COUNT];

typedef struct wr_store_value {
    int64_t number;
    wr_text bytes;
} wr_store_value;

typedef struct wr_store_ledger {
    int64_t row_count;
    uint64_t sum;
} wr_store_ledger;

/* What a commit changes besides rows; taken over when it is durable. */
typedef struct wr_store_counts {
    int64_t epoch, wall_us;
    bool finished;
    int64_t next_body, next_dead_letter; /* never given twice */
    int64_t dead_letters, dead_letters_removed;
    wr_store_ledger ledgers[WR_STORE_LIST_COUNT];
} wr_store_counts;

#define WR_STORE_STATEMENTS(X) \
    X(INSERT_OPERATOR, "INSERT INTO operator VALUES(?,?,?,?,?,?,?)") \
    X(INSERT_POSITION, "INSERT INTO position VALUES(?,?,?,?,?,?,?,?,?)") \
    X(INSERT_DESTINATION, "INSERT INTO destination VALUES(?,?,?,?,?,?,?)") \
    X(INSERT_OUTBOX, "INSERT INTO outbox VALUES(?,?,?,?,?,?,?,?,?)") \
    X(INSERT_SEGMENT, "INSERT INTO segment VALUES(?,?,?,?,?,?,?,?,?,?,?,?)") \
    X(INSERT_JOB, "INSERT OR REPLACE INTO job VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)") \
    X(INSERT_DEAD_LETTER, "INSERT INTO dead_letter VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)") \
    X(INSERT_BODY, "INSERT INTO body VALUES(?,?,?)") \
    X(SELECT_OPERATOR, "SELECT * FROM operator ORDER BY number") \
    X(SELECT_POSITION, "SELECT * FROM position ORDER BY number") \
    X(SELECT_DESTINATION, "SELECT * FROM destination ORDER BY number") \
    X(SELECT_OUTBOX, "SELECT * FROM outbox ORDER BY destination, seq") \
    X(SELECT_SEGMENT, "SELECT * FROM segment") \
    X(SELECT_JOB, "SELECT * FROM job") \
    X(SELECT_DEAD_LETTER, "SELECT * FROM dead_letter WHERE id > ?1 ORDER BY id LIMIT ?2") \
    X(SELECT_ONE_DEAD_LETTER, "SELECT * FROM dead_letter WHERE id = ?1") \
    X(SELECT_REPLAY, \
      "SELECT * FROM dead_letter WHERE replay = 1 AND operator_id = ?1 AND id > ?2 ORDER BY id") \
    X(UPDATE_REPLAY, "UPDATE dead_letter SET replay = 1, sum = ?2 WHERE id = ?1") \
    X(SELECT_OPERATOR_SEGMENTS, "SELECT * FROM segment WHERE operator_id = ?1 ORDER BY id") \
    X(SELECT_FRAME, "SELECT * FROM outbox WHERE destination = ?1 AND seq = ?2") \
    X(SELECT_BODY, "SELECT sum, bytes FROM body WHERE id = ?1") \
    X(SELECT_BODY_SIZE, "SELECT sum, length(bytes) FROM body WHERE id = ?1") \
    X(SELECT_BODY_IDS, "SELECT id FROM body ORDER BY id") \
    X(DELETE_OPERATORS, "DELETE FROM operator") \
    X(DELETE_POSITIONS, "DELETE FROM position") \
    X(DELETE_DESTINATIONS, "DELETE FROM destination") \
    X(DELETE_FRAMES, \
      "DELETE FROM outbox WHERE destination = ?1 AND epoch <= ?2 RETURNING body, sum") \
    X(DELETE_SEGMENTS, \
      "DELETE FROM segment WHERE operator_id = ?1 AND start_us = ?2 AND first_end_us = ?3 " \
      "AND last_end_us = ?4 AND (?5 < 0 OR part = ?5) AND id < ?6 RETURNING id, sum") \
    X(DELETE_BODY, "DELETE FROM body WHERE id = ?1") \
    X(DELETE_DEAD_LETTER, "DELETE FROM dead_letter WHERE id = ?1") \
    X(DELETE_OLD_DEAD_LETTERS, \
      "DELETE FROM dead_letter WHERE id IN (SELECT id FROM dead_letter ORDER BY id LIMIT ?1)") \
    X(COUNT_DEAD_LETTERS, "SELECT count(*) FROM dead_letter") \
    X(SELECT_CATALOG, "SELECT sql, sum FROM weir_catalog") \
    X(INSERT_CATALOG, "INSERT OR REPLACE INTO weir_catalog VALUES(1,?,?)") \
    X(BEGIN, "BEGIN IMMEDIATE") \
    X(BEGIN_READ, "BEGIN") \
    X(COMMIT, "COMMIT") \
    X(ROLLBACK, "ROLLBACK")

typedef enum wr_store_sql {
#define X(name, sql) WR_SQL_##name,
    WR_STORE_STATEMENTS(X)
#undef X
        WR_SQL_COUNT
} wr_store_sql;

struct wr_store {
    pthread_mutex_t mutex; /* of everything below; recursive: a commit that delivers reads frames */
    sqlite3 *db;
    int lock_fd; /* −1: not locked */
    char *dir, *path;
    bool temporary, read_only;
    bool portable;   /* a savepoint: no WAL */
    bool has_catalog; /* declarations are kept in it */
    wr_arena *arena; /* of `job` */
    wr_store_job job;
    wr_store_counts counts;
    sqlite3_stmt *statements[WR_SQL_COUNT]; /* prepared when first used */
    wr_buffer scratch;                      /* of checksums */
    int wal_pages;
    int64_t hold_bytes, held_bytes; /* what may be held, what is */
    wr_segment *held;               /* id and body: to be inserted with the next commit */
    int held_count, held_capacity;
    int64_t *doomed; /* ids of bodies to be deleted with it */
    int doomed_count, doomed_capacity;
    wr_sink_state sink; /* for those who write into this file */
    atomic_bool owes; /* either of them is not empty; any thread */
};

/* ── store_sql.c ─────────────────────────────────────────────────────────────────────────────── */
/* E0904 or E0910 with SQLite's reason, whichever `rc` means; `what` was tried: "commit". */
wr_status wr_store_failed(wr_store *store, int rc, const char *what, wr_error *err);
/* E0904: `format` says what is wrong. */
wr_status wr_store_damaged(const wr_store *store, wr_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
wr_status wr_store_exec(wr_store *store, const char *sql, wr_error *err);
/* The statement, reset and without bindings. */
wr_status wr_store_statement(wr_store *store, wr_store_sql sql, sqlite3_stmt **statement,
                             wr_error *err);
/* One row: WR_OK; none (any more): WR_END, and the statement is reset. */
wr_status wr_store_step(wr_store *store, sqlite3_stmt *statement, wr_error *err);
/* Runs a statement that has no rows; `count` numbers are bound to ?1 … */
wr_status wr_store_run(wr_store *store, wr_store_sql sql, const int64_t *numbers, int count,
                       wr_error *err);
void wr_store_rollback(wr_store *store);

/* ── store_row.c ─────────────────────────────────────────────────────────────────────────────── */
uint64_t wr_store_row_sum(wr_store *store, wr_store_table table, const wr_store_value *values);
wr_status wr_store_insert(wr_store *store, wr_store_table table, const wr_store_value *values,
                          wr_store_ledger *ledger, wr_error *err);
/* The row that the statement stands on, types and checksum compared. Views until the next step.
 * `ledger` may be NULL. */
wr_status wr_store_fetch(wr_store *store, wr_store_table table, sqlite3_stmt *statement,
                         wr_store_value *values, wr_store_ledger *ledger, wr_error *err);
void wr_store_ledger_add(wr_store_ledger *ledger, uint64_t row_sum);
void wr_store_ledger_take(wr_store_ledger *ledger, uint64_t row_sum);
/* A checksum of a body: another body's bytes do not fit its id. */
uint64_t wr_store_body_sum(int64_t id, wr_text bytes);
wr_status wr_store_insert_body(wr_store *store, int64_t id, wr_text bytes, uint64_t *sum,
                               wr_error *err);

/* What lies in which column. */
enum { WR_OUTBOX_BODY = 5, WR_OUTBOX_BODY_SUM = 7 };
enum { WR_SEGMENT_ID = 5, WR_SEGMENT_BODY_SUM = 10 };
enum { WR_LETTER_OPERATOR = 11, WR_LETTER_REPLAY = 12 };
void wr_store_job_values(const wr_store_job *job, const wr_store_counts *counts, wr_text ledgers,
                         wr_store_value *values);
void wr_store_operator_values(const wr_operator_state *state, int number, wr_store_value *values);
void wr_store_position_values(const wr_position *position, int number, wr_store_value *values);
void wr_store_destination_values(const wr_destination_state *state, wr_store_value *values);
void wr_store_segment_from(const wr_store_value *values, wr_segment *segment);

/* ── store_schema.c ──────────────────────────────────────────────────────────────────────────── */
/* Opens `path` with our settings; `flags` are SQLite's. Directories on the way may be links, the
 * file may not. SQLITE_OPEN_URI: nobody can write there, and nothing but the file is looked at. */
wr_status wr_store_connect(wr_store *store, const char *path, int flags, wr_error *err);
/* Tables, views and the first row of the job into the empty file that is connected. */
wr_status wr_store_create_schema(wr_store *store, wr_error *err);
/* Is it ours, of a version that we know, with the very tables that we make? */
wr_status wr_store_check_schema(wr_store *store, wr_error *err);
/* Within a transaction: the table of declarations, and the version that has it. */
wr_status wr_store_create_catalog(wr_store *store, wr_error *err);

/* ── store_catalog.c ─────────────────────────────────────────────────────────────────────────── */
/* Within a transaction. */
wr_status wr_store_insert_catalog(wr_store *store, wr_text sql, wr_error *err);
/* Is each page of the file used once? A page that is both free and in use would be written over by
 * a later commit. Reads the whole file, at about 3 GB/s. */
wr_status wr_store_check_structure(wr_store *store, wr_error *err);
/* One of weir's own tables and views, or a name that could become one. */
bool wr_store_is_reserved(const char *name);
void wr_store_new_uuid(wr_arena *arena, wr_text *uuid);

/* ── store_lock.c ────────────────────────────────────────────────────────────────────────────── */
/* `dir` and what is missing above it. */
wr_status wr_store_make_dir(const char *dir, wr_error *err);
wr_status wr_store_lock(wr_store *store, wr_error *err);
/* Notes uuid and epoch of what is durable in DIR/lock, and compares them at open: a state that
 * is older than what was acknowledged (weir.db-wal taken away, an old copy put back) is refused. */
void wr_store_record(wr_store *store);
void wr_store_forget(wr_store *store); /* before another state comes here */
wr_status wr_store_check_record(wr_store *store, bool exists, wr_error *err);
/* SQLite would open what is read-only and fail at the first commit; E0910. */
wr_status wr_store_check_writable(const wr_store *store, wr_error *err);
wr_status wr_store_sync_dir(const char *dir, wr_error *err);

/* ── store_load.c ────────────────────────────────────────────────────────────────────────────── */
/* Verifies all but bodies and dead letters, and fills job and counts. */
wr_status wr_store_load(wr_store *store, wr_error *err);

/* ── store_open.c ────────────────────────────────────────────────────────────────────────────── */
wr_store *wr_store_new(const char *dir, const char *path);
/* A complete store at store->path, written aside and renamed into place: empty, or what `fill` puts
 * in. Not connected afterwards. */
typedef wr_status wr_store_fill(wr_store *store, void *context, wr_error *err);
wr_status wr_store_create(wr_store *store, wr_store_fill *fill, void *context, wr_error *err);
/* A snapshot of a store's file for reading: verified, without lock and record. */
wr_status wr_store_open_file(const char *path, wr_store **store, wr_error *err);

/* ── store_read.c ────────────────────────────────────────────────────────────────────────────── */
void wr_store_letter_from(const wr_store_value *values, wr_arena *arena, wr_dead_letter *letter);
wr_status wr_store_read_body(wr_store *store, int64_t id, uint64_t named_sum, bool is_named,
                             wr_buffer *body, wr_error *err);

/* ── store_spill.c ───────────────────────────────────────────────────────────────────────────── */
/* Copies the WAL into the file now, as far as readers let it. */
wr_status wr_store_fold(wr_store *store, wr_error *err);

/* ── store_held.c ────────────────────────────────────────────────────────────────────────────── */
/* Keeps copies of bodies that have their ids; false: they are more than may be held. */
bool wr_store_hold(wr_store *store, const wr_segment *segments, int count);
/* Borrowed until the next change; NULL: it is not held. */
const wr_buffer *wr_store_held(const wr_store *store, int64_t id);
/* Forgets a body that is not wanted any more; false: it is not held. */
bool wr_store_let_go(wr_store *store, int64_t id);
void wr_store_doom(wr_store *store, int64_t id);
/* In a transaction: what is held goes in, what is doomed goes out. */
wr_status wr_store_write_held(wr_store *store, wr_error *err);
/* That transaction is durable, or the store is being closed. */
void wr_store_forget_held(wr_store *store);

/* ── store_commit.c ──────────────────────────────────────────────────────────────────────────── */
wr_status wr_store_write_job(wr_store *store, const wr_store_job *job,
                             const wr_store_counts *counts, wr_error *err);

#endif
