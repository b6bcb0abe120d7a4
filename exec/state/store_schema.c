/* Tables and views of a store, and the connection that knows them (docs/STATE.md describes each).
 *
 *   job          one row: who, which epoch, the ledgers of the five lists below
 *   operator, position, destination, outbox, segment      small rows, each with its checksum
 *   body         the bytes of segments and frames, by id; nobody's, if no row names its id
 *   dead_letter  rows that could not be used; not in a ledger
 *   weir_catalog declarations; only in files of version 2, and anywhere behind the others
 *
 * 1. A file's schema is compared with these texts: a byte flipped in it is found. Behind them may
 *    stand tables of users, which a job fills.
 * 2. No index: a WITHOUT ROWID table is its own, and is verified as a whole when it is read.
 * 3. What text in a file could misuse is off: triggers, views, attached files. */
#include "core/uuid.h"
#include "exec/state/store_base.h"

#include "core/memory.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUM "sum INTEGER NOT NULL"
#define INTEGER_COLUMN(name) name " INTEGER NOT NULL, "
#define TEXT_COLUMN(name) name " TEXT NOT NULL, "
#define BYTES_COLUMN(name) name " BLOB NOT NULL, "
#define ISO(column) \
    "CASE WHEN " column " > -9000000000000000000 AND " column " < 9000000000000000000 THEN " \
    "strftime('%Y-%m-%dT%H:%M:%fZ', " column " / 1e6, 'unixepoch') END"

static const char *const schema_texts[] = {
    "CREATE TABLE job(id INTEGER PRIMARY KEY, " TEXT_COLUMN("name") TEXT_COLUMN("uuid")
        TEXT_COLUMN("sql") INTEGER_COLUMN("epoch") INTEGER_COLUMN("committed_us")
            INTEGER_COLUMN("finished") TEXT_COLUMN("stats") INTEGER_COLUMN("next_body")
                INTEGER_COLUMN("next_dead_letter") INTEGER_COLUMN("dead_letters")
                    INTEGER_COLUMN("dead_letters_removed") INTEGER_COLUMN("version")
                        BYTES_COLUMN("ledgers") SUM ") STRICT",
    "CREATE TABLE operator(number INTEGER PRIMARY KEY, " INTEGER_COLUMN("operator_id")
        TEXT_COLUMN("name") TEXT_COLUMN("fingerprint") TEXT_COLUMN("description")
            BYTES_COLUMN("meta") SUM ") STRICT",
    "CREATE TABLE position(number INTEGER PRIMARY KEY, " INTEGER_COLUMN("operator_id")
        TEXT_COLUMN("source") TEXT_COLUMN("partition") INTEGER_COLUMN("next_offset")
            BYTES_COLUMN("guard") INTEGER_COLUMN("max_event_us") INTEGER_COLUMN("floor_us") SUM
    ") STRICT",
    "CREATE TABLE destination(number INTEGER PRIMARY KEY, " TEXT_COLUMN("name")
        INTEGER_COLUMN("last_epoch") INTEGER_COLUMN("position") BYTES_COLUMN("identity")
            INTEGER_COLUMN("delivered_epoch") SUM ") STRICT",
    "CREATE TABLE outbox(" INTEGER_COLUMN("destination") INTEGER_COLUMN("seq")
        INTEGER_COLUMN("epoch") INTEGER_COLUMN("position") INTEGER_COLUMN("row_count")
            INTEGER_COLUMN("body") INTEGER_COLUMN("body_bytes") INTEGER_COLUMN("body_sum") SUM
    ", PRIMARY KEY(destination, seq)) STRICT, WITHOUT ROWID",
    "CREATE TABLE segment(" INTEGER_COLUMN("operator_id") INTEGER_COLUMN("start_us")
        INTEGER_COLUMN("first_end_us") INTEGER_COLUMN("last_end_us") INTEGER_COLUMN("part")
            INTEGER_COLUMN("id") INTEGER_COLUMN("is_base") INTEGER_COLUMN("row_count")
                INTEGER_COLUMN("epoch") INTEGER_COLUMN("body_bytes") INTEGER_COLUMN("body_sum") SUM
    ", PRIMARY KEY(operator_id, start_us, first_end_us, last_end_us, part, id)) "
    "STRICT, WITHOUT ROWID",
    "CREATE TABLE body(id INTEGER PRIMARY KEY, " SUM ", bytes BLOB NOT NULL) STRICT",
    "CREATE TABLE dead_letter(id INTEGER PRIMARY KEY, " INTEGER_COLUMN("at_us")
        TEXT_COLUMN("source") TEXT_COLUMN("partition") INTEGER_COLUMN("offset")
            INTEGER_COLUMN("byte") TEXT_COLUMN("reason")
                TEXT_COLUMN("column_name") "key BLOB, record BLOB, " INTEGER_COLUMN("timestamp_us")
                    INTEGER_COLUMN("operator_id") INTEGER_COLUMN("replay") SUM ") STRICT",
    "CREATE VIEW weir_jobs AS SELECT name, uuid, epoch, " ISO(
        "committed_us") " AS committed, finished, dead_letters, dead_letters_removed, stats, sql "
                        "FROM job",
    "CREATE VIEW weir_operators AS SELECT operator_id, name, fingerprint, description, "
    "length(meta) AS meta_bytes FROM operator ORDER BY number",
    "CREATE VIEW weir_segments AS SELECT operator_id, " ISO("start_us") " AS window_start, " ISO(
        "first_end_us") " AS first_end, " ISO("last_end_us") " AS last_end, part, id, is_base, "
                                                             "row_count, body_bytes, epoch FROM "
                                                             "segment",
    "CREATE VIEW weir_positions AS SELECT operator_id, source, partition, next_offset, " ISO(
        "max_event_us") " AS max_event_time, " ISO("floor_us") " AS watermark_floor "
                                                               "FROM position ORDER BY number",
    "CREATE VIEW weir_outbox AS SELECT d.name AS destination, d.last_epoch, d.delivered_epoch, "
    "o.epoch, o.seq, o.position, o.row_count, o.body_bytes, b.bytes "
    "FROM outbox o JOIN destination d ON d.number = o.destination JOIN body b ON b.id = o.body",
    "CREATE VIEW weir_dead_letters AS SELECT id, " ISO(
        "at_us") " AS at, source, partition, "
                 "\"offset\", byte, reason, column_name, CAST(key AS TEXT) AS key, "
                 "CAST(record AS TEXT) AS record, " ISO(
                     "timestamp_us") " AS timestamp, operator_id, replay FROM dead_letter",
};
enum { SCHEMA_COUNT = sizeof(schema_texts) / sizeof(schema_texts[0]) };

static const char catalog_text[] =
    "CREATE TABLE weir_catalog(id INTEGER PRIMARY KEY, " TEXT_COLUMN("sql") SUM ") STRICT";

/* The number of pages in the WAL, for wr_store_tidy. */
static int
wal_grown(void *context, sqlite3 *db, const char *schema, int page_count)
{
    (void)db;
    (void)schema;
    wr_store *store = context;
    store->wal_pages = page_count;
    return SQLITE_OK;
}

static void
connection_secure(sqlite3 *db)
{
    sqlite3_extended_result_codes(db, 1);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, WR_STORE_BODY_MAX + (1 << 20));
    sqlite3_busy_timeout(db, WR_STORE_BUSY_MS);
}

/* SQLite follows no link on the whole way, so links to directories are followed here. */
static void
path_resolve(const char *path, wr_buffer *real)
{
    const char *slash = strrchr(path, '/');
    char *dir = slash ? wr_strndup(path, (size_t)(slash - path) + 1) : wr_strndup(".", 1);
    char found[PATH_MAX];
    bool is_there = realpath(dir, found) != NULL;
    wr_buffer_printf(real, "%s/%s", is_there ? found : dir, slash ? slash + 1 : path);
    wr_free(dir);
}

/* file:/real/path?immutable=1 */
static void
path_to_uri(wr_buffer *path)
{
    wr_buffer uri;
    wr_buffer_init(&uri);
    wr_buffer_text(&uri, WR_TEXT("file:"));
    for (size_t i = 0; i < path->size; i++) {
        char c = path->data[i];
        bool is_plain = c != '%' && c != '?' && c != '#';
        wr_buffer_printf(&uri, is_plain ? "%c" : "%%%02x", c);
    }
    wr_buffer_text(&uri, WR_TEXT("?immutable=1"));
    wr_buffer_fini(path);
    *path = uri;
}

wr_status
wr_store_connect(wr_store *store, const char *path, int flags, wr_error *err)
{
    wr_buffer real;
    wr_buffer_init(&real);
    path_resolve(path, &real);
    if (flags & SQLITE_OPEN_URI) {
        path_to_uri(&real);
    }
    int rc = sqlite3_open_v2(wr_buffer_cstr(&real), &store->db,
                             flags | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX |
                                 SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE,
                             NULL);
    wr_buffer_fini(&real);
    if (rc != SQLITE_OK) {
        return wr_store_failed(store, rc, "open", err);
    }
    connection_secure(store->db);
    /* cache_size, in KiB, is turned into pages of the size that holds when it is set.
     * secure_delete, on where Debian builds SQLite, would write zeros over all that a checkpoint
     * replaces. */
    WR_TRY(wr_store_exec(store,
                         "PRAGMA page_size=32768; PRAGMA cache_size=-8192; PRAGMA mmap_size=0;"
                         "PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY;"
                         "PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=67108864;"
                         "PRAGMA foreign_keys=OFF; PRAGMA secure_delete=OFF",
                         err));
    sqlite3_wal_hook(store->db, wal_grown, store);
    return wr_store_exec(
        store, store->temporary ? "PRAGMA synchronous=OFF" : "PRAGMA synchronous=FULL", err);
}

void
wr_store_new_uuid(wr_arena *arena, wr_text *uuid)
{
    unsigned char bits[WR_UUID_BYTES];
    char text[WR_UUID_TEXT];
    wr_random_bytes(bits, sizeof(bits));
    wr_uuid_random(bits);
    wr_uuid_print(bits, text);
    *uuid = wr_arena_text(arena, (wr_text){text, sizeof(text)});
}

wr_status
wr_store_create_schema(wr_store *store, wr_error *err)
{
    /* 32-bit numbers of PRAGMAs cannot be bound; these are constants. */
    WR_TRY(wr_store_exec(store,
                         "PRAGMA auto_vacuum=NONE; BEGIN;"
                         "PRAGMA application_id=2003134834; PRAGMA user_version=1",
                         err));
    for (int i = 0; i < SCHEMA_COUNT; i++) {
        WR_TRY(wr_store_exec(store, schema_texts[i], err));
    }
    WR_TRY(wr_store_write_job(store, &store->job, &store->counts, err));
    return wr_store_exec(store, "COMMIT", err);
}

static wr_status
pragma_number(wr_store *store, const char *sql, int64_t *number, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        *number = sqlite3_column_int64(statement, 0);
        rc = SQLITE_OK;
    }
    wr_status status = rc == SQLITE_OK ? WR_OK : wr_store_failed(store, rc, "read", err);
    sqlite3_finalize(statement);
    return status;
}

bool
wr_store_is_reserved(const char *name)
{
    static const char *const prefixes[] = {"weir_", "sqlite_"};
    bool is_ours = sqlite3_stricmp(name, "body") == 0;
    for (int i = 0; i < WR_STORE_TABLE_COUNT; i++) {
        is_ours = is_ours || sqlite3_stricmp(name, wr_store_tables[i].name) == 0;
    }
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
        is_ours = is_ours || sqlite3_strnicmp(name, prefixes[i], (int)strlen(prefixes[i])) == 0;
    }
    return is_ours;
}

/* Behind weir's own: a table of a user, or an index of one. */
static bool
schema_is_users(sqlite3_stmt *statement)
{
    const char *type = (const char *)sqlite3_column_text(statement, 1);
    const char *table = (const char *)sqlite3_column_text(statement, 2);
    bool is_stored = sqlite3_column_int(statement, 3) > 0; /* others are views, triggers, virtual */
    return is_stored && type && (strcmp(type, "table") == 0 || strcmp(type, "index") == 0) &&
           table && !wr_store_is_reserved(table);
}

static wr_status
schema_compare(wr_store *store, sqlite3_stmt *statement, wr_error *err)
{
    int catalogs = 0;
    for (int i = 0;; i++) {
        wr_status status = wr_store_step(store, statement, err);
        if (status == WR_END && i >= SCHEMA_COUNT && catalogs == store->has_catalog) {
            return WR_OK;
        }
        if (status != WR_OK && status != WR_END) {
            return status;
        }
        const char *sql = status == WR_OK ? (const char *)sqlite3_column_text(statement, 0) : NULL;
        bool is_catalog = sql && i >= SCHEMA_COUNT && strcmp(sql, catalog_text) == 0;
        catalogs += is_catalog;
        bool fits = i < SCHEMA_COUNT ? sql && strcmp(sql, schema_texts[i]) == 0
                                     : sql && (is_catalog || schema_is_users(statement));
        if (!fits) {
            return wr_store_damaged(store, err, "its tables are not those of weir");
        }
    }
}

wr_status
wr_store_create_catalog(wr_store *store, wr_error *err)
{
    WR_TRY(wr_store_exec(store, catalog_text, err));
    char version[64];
    snprintf(version, sizeof(version), "PRAGMA user_version=%d", WR_STORE_VERSION_CATALOG);
    return wr_store_exec(store, version, err);
}

wr_status
wr_store_check_schema(wr_store *store, wr_error *err)
{
    int64_t application = 0, version = 0;
    WR_TRY(pragma_number(store, "PRAGMA application_id", &application, err));
    WR_TRY(pragma_number(store, "PRAGMA user_version", &version, err));
    if (application != WR_STORE_APPLICATION) {
        return wr_error_set(err, WR_ERR_STATE, "E0908", "%s is not a state of weir", store->path);
    }
    if (version > WR_STORE_VERSION_CATALOG) {
        wr_error_set(err, WR_ERR_STATE, "E0909", "%s has format version %lld; this weir knows %d",
                     store->path, (long long)version, WR_STORE_VERSION_CATALOG);
        wr_error_hint(err, "Run it with a weir at least as new as the one that wrote it.");
        return WR_ERR_STATE;
    }
    store->has_catalog = version == WR_STORE_VERSION_CATALOG;
    if (version != WR_STORE_VERSION && !store->has_catalog) {
        return wr_store_damaged(store, err, "there is no format version %lld", (long long)version);
    }
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(store->db,
                                "SELECT sql, type, tbl_name, rootpage FROM sqlite_schema "
                                "WHERE name NOT LIKE 'sqlite_%' ORDER BY rowid",
                                -1, &statement, NULL);
    if (rc != SQLITE_OK) {
        return wr_store_failed(store, rc, "read", err);
    }
    wr_status status = schema_compare(store, statement, err);
    sqlite3_finalize(statement);
    return status;
}

wr_status
wr_store_check_structure(wr_store *store, wr_error *err)
{
    sqlite3_stmt *statement;
    int rc = sqlite3_prepare_v2(store->db, "PRAGMA quick_check(1)", -1, &statement, NULL);
    if (rc != SQLITE_OK) {
        return wr_store_failed(store, rc, "read", err);
    }
    wr_status status = wr_store_step(store, statement, err);
    const char *found = status == WR_OK ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    if (status == WR_END || (found && strcmp(found, "ok") != 0)) {
        status = wr_store_damaged(store, err, "%s", found ? found : "it cannot be checked");
    }
    sqlite3_finalize(statement);
    return status;
}
