/* Tables and views of weir.db (docs/STATE.md says what each column is).
 *
 *   job ─ operator ─ segment        what operators hold
 *       ─ position                  how far sources are read
 *       ─ destination ─ outbox      what sinks have, and what they still get
 *       ─ dead_letter               rows that could not be used
 *
 * 1. Tables are for weir, views (weir_…) for people: only views keep their columns over versions.
 * 2. Doubles never lie in columns of their own: SQLite has no NaN and no −0.0. */
#include "exec/state/store_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define TIME_OF(column) \
    "strftime('%Y-%m-%dT%H:%M:%fZ', " column " / 1000000.0, 'unixepoch')"

/* Window bounds that stand for "none". */
#define BOUND_OF(column) \
    "CASE WHEN " column " IN (-9223372036854775808, 9223372036854775807) THEN NULL ELSE " \
    TIME_OF(column) " END"

static const char schema_sql[] =
    "CREATE TABLE job(id INTEGER PRIMARY KEY CHECK(id = 1), name TEXT NOT NULL,"
    " uuid TEXT NOT NULL, sql TEXT NOT NULL, epoch INTEGER NOT NULL, wall_us INTEGER NOT NULL,"
    " finished INTEGER NOT NULL, stats TEXT NOT NULL, dead_letters_removed INTEGER NOT NULL,"
    " version TEXT NOT NULL, manifest INTEGER NOT NULL) STRICT;"
    "CREATE TABLE operator(id INTEGER PRIMARY KEY, name TEXT NOT NULL, fingerprint TEXT NOT NULL,"
    " description TEXT NOT NULL, meta BLOB NOT NULL) STRICT;"
    "CREATE TABLE segment(id INTEGER PRIMARY KEY AUTOINCREMENT, epoch INTEGER,"
    " operator INTEGER NOT NULL, part INTEGER NOT NULL, start_us INTEGER NOT NULL,"
    " first_end_us INTEGER NOT NULL, last_end_us INTEGER NOT NULL, row_count INTEGER NOT NULL,"
    " size INTEGER NOT NULL, sum INTEGER NOT NULL, body BLOB NOT NULL) STRICT;"
    "CREATE TABLE position(operator INTEGER NOT NULL, partition TEXT NOT NULL,"
    " source TEXT NOT NULL, next_offset INTEGER NOT NULL, guard BLOB NOT NULL,"
    " max_event_us INTEGER NOT NULL, floor_us INTEGER NOT NULL,"
    " PRIMARY KEY(operator, partition)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE destination(number INTEGER PRIMARY KEY, name TEXT NOT NULL,"
    " last_epoch INTEGER NOT NULL, position INTEGER NOT NULL, identity BLOB NOT NULL,"
    " delivered_epoch INTEGER NOT NULL) STRICT;"
    "CREATE TABLE outbox(id INTEGER PRIMARY KEY, destination INTEGER NOT NULL,"
    " epoch INTEGER NOT NULL, seq INTEGER NOT NULL, position INTEGER NOT NULL,"
    " row_count INTEGER NOT NULL, size INTEGER NOT NULL, sum INTEGER NOT NULL,"
    " body BLOB NOT NULL) STRICT;"
    "CREATE TABLE dead_letter(id INTEGER PRIMARY KEY AUTOINCREMENT, at_us INTEGER NOT NULL,"
    " source TEXT NOT NULL, partition TEXT NOT NULL, \"offset\" INTEGER NOT NULL,"
    " byte INTEGER NOT NULL, reason TEXT NOT NULL, \"column\" TEXT NOT NULL, key BLOB,"
    " record BLOB NOT NULL, timestamp_us INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT;"
    "CREATE VIEW weir_jobs AS SELECT name, uuid, epoch, " TIME_OF("wall_us") " AS committed,"
    " finished, stats, version, sql FROM job;"
    "CREATE VIEW weir_operators AS SELECT id, name, fingerprint, description,"
    " length(meta) AS meta_bytes, (SELECT count(*) FROM segment WHERE operator = operator.id AND"
    " epoch IS NOT NULL) AS segments FROM operator;"
    "CREATE VIEW weir_segments AS SELECT id, epoch, operator, part, " BOUND_OF("start_us")
    " AS window_start, " BOUND_OF("first_end_us") " AS first_end, " BOUND_OF("last_end_us")
    " AS last_end, row_count, size AS bytes FROM segment;"
    "CREATE VIEW weir_positions AS SELECT operator, source, partition, next_offset, "
    BOUND_OF("max_event_us") " AS greatest_event_time FROM position;"
    "CREATE VIEW weir_outbox AS SELECT name AS destination, epoch, seq, outbox.position,"
    " row_count, size AS bytes, epoch <= delivered_epoch AS delivered FROM outbox"
    " JOIN destination ON number = destination;"
    "CREATE VIEW weir_dead_letters AS SELECT id, " TIME_OF("at_us") " AS at, source, partition,"
    " \"offset\", byte, reason, \"column\", key, record FROM dead_letter;";

static wr_status
uuid_make(char out[37], wr_error *err)
{
    unsigned char bytes[16];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        return wr_error_set(err, WR_ERR_RUNTIME, "E0910", "no random bytes: %s", strerror(errno));
    }
    bytes[6] = (unsigned char)((bytes[6] & 0x0F) | 0x40); /* version 4, RFC 4122 */
    bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80);
    char *at = out;
    for (int i = 0; i < 16; i++) {
        bool dash = i == 4 || i == 6 || i == 8 || i == 10;
        at += snprintf(at, 4, dash ? "-%02x" : "%02x", bytes[i]);
    }
    return WR_OK;
}

static wr_status
job_insert(wr_store *store, wr_text job_name, wr_error *err)
{
    char uuid[37];
    sqlite3_stmt *statement = NULL;
    WR_TRY(uuid_make(uuid, err));
    WR_TRY(wr_store_prepare(store,
                            "INSERT INTO job VALUES(1, ?, ?, '', 0, 0, 0, '{}', 0, ?, 0)",
                            &statement, err));
    wr_store_bind_text(statement, 1, job_name);
    wr_store_bind_text(statement, 2, wr_text_from(uuid));
    wr_store_bind_text(statement, 3, WR_TEXT(WEIR_VERSION));
    wr_status status = wr_store_run(store, statement, err);
    sqlite3_finalize(statement);
    uint64_t sum = 0;
    WR_TRY(status);
    WR_TRY(wr_store_manifest(store, &sum, err));
    char sql[80];
    snprintf(sql, sizeof sql, "UPDATE job SET manifest = %lld", (long long)sum);
    return wr_store_exec(store, sql, err);
}

wr_status
wr_store_create(wr_store *store, wr_text job_name, wr_error *err)
{
    char sql[160];
    snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d;",
             WR_STORE_APPLICATION, WR_STORE_VERSION);
    WR_TRY(wr_store_exec(store, "BEGIN IMMEDIATE", err));
    WR_TRY(wr_store_exec(store, schema_sql, err));
    WR_TRY(wr_store_exec(store, sql, err));
    WR_TRY(job_insert(store, job_name, err));
    return wr_store_exec(store, "COMMIT", err);
}
