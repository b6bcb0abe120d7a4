/* The store's file: opening, locking, closing, and what SQLite's answers mean.
 *
 *   DIR/lock     flock: one process runs the job; released by the kernel, however it ends
 *   DIR/weir.db  SQLite, WAL, synchronous = FULL, one connection that writes
 *
 * 1. Who reads with the sqlite3 command is never in the way: the lock is not SQLite's.
 * 2. A file is made with mode 0600 before SQLite sees it; its WAL gets the same.
 * 3. Nothing is repaired and nothing is guessed: what does not verify is refused. */
#include "exec/state/store_parts.h"

#include "core/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STORE_PAGE_BYTES = 16384, STORE_BUSY_MS = 5000, STORE_WAL_PAGES = 4096 };

/* ── what SQLite says ───────────────────────────────────────────────────────────────────────── */

wr_status
wr_store_damaged(const wr_store *store, const char *what, wr_error *err)
{
    wr_error_set(err, WR_ERR_STATE, "E0904", "the state \"%s\" is damaged: %s", store->path, what);
    wr_error_hint(err, "restore a savepoint: weir run FILE --state NEW_DIR --restore SAVEPOINT");
    return WR_ERR_STATE;
}

wr_status
wr_store_failed(const wr_store *store, const char *what, wr_error *err)
{
    int code = sqlite3_errcode(store->db) & 0xFF;
    const char *reason = sqlite3_errmsg(store->db);
    if (code == SQLITE_CORRUPT || code == SQLITE_MISMATCH || code == SQLITE_ERROR) {
        return wr_store_damaged(store, reason, err);
    }
    if (code == SQLITE_NOTADB) {
        wr_error_set(err, WR_ERR_STATE, "E0908", "\"%s\" is no state of weir", store->path);
        return WR_ERR_STATE;
    }
    wr_error_set(err, WR_ERR_RUNTIME, "E0910", "cannot %s \"%s\"", what, store->path);
    wr_error_detail(err, "%s", reason);
    return WR_ERR_RUNTIME;
}

wr_status
wr_store_exec(wr_store *store, const char *sql, wr_error *err)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? WR_OK
               : wr_store_failed(store, "write the state", err);
}

wr_status
wr_store_prepare(wr_store *store, const char *sql, sqlite3_stmt **statement, wr_error *err)
{
    return sqlite3_prepare_v2(store->db, sql, -1, statement, NULL) == SQLITE_OK
               ? WR_OK
               : wr_store_failed(store, "read the state", err);
}

wr_status
wr_store_run(wr_store *store, sqlite3_stmt *statement, wr_error *err)
{
    int rc = sqlite3_step(statement);
    wr_status status =
        rc == SQLITE_DONE ? WR_OK : wr_store_failed(store, "write the state", err);
    sqlite3_reset(statement);
    return status;
}

wr_text
wr_store_column(sqlite3_stmt *statement, int column)
{
    const void *data = sqlite3_column_blob(statement, column);
    return (wr_text){data ? data : "", (size_t)sqlite3_column_bytes(statement, column)};
}

void
wr_store_bind_text(sqlite3_stmt *statement, int index, wr_text text)
{
    sqlite3_bind_text64(statement, index, text.data ? text.data : "", text.size, SQLITE_STATIC,
                        SQLITE_UTF8);
}

void
wr_store_bind_blob(sqlite3_stmt *statement, int index, const void *data, size_t size)
{
    sqlite3_bind_blob64(statement, index, data ? data : "", size, SQLITE_STATIC);
}

/* ── the directory ──────────────────────────────────────────────────────────────────────────── */

static wr_status
directory_failed(const char *dir, wr_error *err)
{
    wr_error_set(err, WR_ERR_RUNTIME, "E0910", "cannot use the state directory \"%s\"", dir);
    wr_error_detail(err, "%s", strerror(errno));
    return WR_ERR_RUNTIME;
}

/* Makes `dir` and what is missing above it. */
wr_status
wr_store_make_directory(const char *dir, wr_error *err)
{
    char *path = wr_strndup(dir, strlen(dir));
    wr_status status = WR_OK;
    for (char *at = path + 1; status == WR_OK; at++) {
        char c = *at;
        if (c == '/' || c == '\0') {
            *at = '\0';
            if (mkdir(path, 0700) != 0 && errno != EEXIST) {
                status = directory_failed(dir, err);
            }
            *at = c;
        }
        if (c == '\0') {
            break;
        }
    }
    wr_free(path);
    return status;
}

static wr_status
directory_lock(wr_store *store, const char *dir, wr_error *err)
{
    char *path = wr_alloc(strlen(dir) + sizeof "/lock");
    snprintf(path, strlen(dir) + sizeof "/lock", "%s/lock", dir);
    store->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    wr_free(path);
    if (store->lock_fd < 0) {
        return directory_failed(dir, err);
    }
    if (flock(store->lock_fd, LOCK_EX | LOCK_NB) == 0) {
        char pid[32];
        int size = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
        if (ftruncate(store->lock_fd, 0) != 0 || pwrite(store->lock_fd, pid, (size_t)size, 0) < 0) {
            return directory_failed(dir, err); /* a disk that is full will refuse more */
        }
        return WR_OK;
    }
    char holder[32] = "";
    ssize_t got = pread(store->lock_fd, holder, sizeof holder - 1, 0);
    wr_error_set(err, WR_ERR_STATE, "E0907", "the state \"%s\" is in use by process %.*s", dir,
                 got > 0 ? (int)strcspn(holder, "\n") : 1, got > 0 ? holder : "?");
    wr_error_hint(err, "weir status tells of it, weir stop ends it");
    return WR_ERR_STATE;
}

/* ── opening ────────────────────────────────────────────────────────────────────────────────── */

/* The file as it must be before SQLite opens it; *is_new: it has nothing in it. */
static wr_status
file_prepare(const wr_store *store, bool create, bool *is_new, wr_error *err)
{
    int flags = (store->is_read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOFOLLOW;
    int fd = open(store->path, flags | (create ? O_CREAT : 0), 0600);
    if (fd < 0 && errno == ENOENT) {
        wr_error_set(err, WR_ERR_STATE, "E0906", "there is no state \"%s\"", store->path);
        return WR_ERR_STATE;
    }
    if (fd < 0) {
        return directory_failed(store->path, err);
    }
    char magic[16];
    struct stat status;
    ssize_t got = pread(fd, magic, sizeof magic, 0);
    bool is_regular = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    close(fd);
    *is_new = got == 0;
    if (!is_regular || (got > 0 && (got < 16 || memcmp(magic, "SQLite format 3", 16) != 0))) {
        wr_error_set(err, WR_ERR_STATE, "E0908", "\"%s\" is no state of weir", store->path);
        return WR_ERR_STATE;
    }
    return WR_OK;
}

static wr_status
connection_open(wr_store *store, wr_error *err)
{
    int flags = store->is_read_only ? SQLITE_OPEN_READONLY
                                    : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const char *path = store->path ? store->path : ""; /* "": SQLite's own temporary file */
    if (sqlite3_open_v2(path, &store->db, flags, NULL) != SQLITE_OK) {
        return wr_store_failed(store, "open the state", err);
    }
    sqlite3_busy_timeout(store->db, STORE_BUSY_MS);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (store->is_read_only) {
        return wr_store_exec(store, "BEGIN", err); /* one state of it, whatever is written */
    }
    char sql[256];
    snprintf(sql, sizeof sql,
             "PRAGMA page_size = %d; PRAGMA journal_mode = %s; PRAGMA synchronous = %s;"
             "PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -8192;",
             STORE_PAGE_BYTES, store->is_temporary ? "OFF" : "WAL",
             store->is_temporary ? "OFF" : "FULL");
    return wr_store_exec(store, sql, err);
}

static wr_status
header_check(wr_store *store, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    int64_t application = 0, version = 0;
    WR_TRY(wr_store_prepare(store,
                            "SELECT application_id, user_version FROM pragma_application_id,"
                            " pragma_user_version",
                            &statement, err));
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) {
        application = sqlite3_column_int64(statement, 0);
        version = sqlite3_column_int64(statement, 1);
    }
    wr_status status = rc == SQLITE_ROW ? WR_OK : wr_store_failed(store, "read the state", err);
    sqlite3_finalize(statement);
    WR_TRY(status);
    if (application != WR_STORE_APPLICATION) {
        return wr_error_set(err, WR_ERR_STATE, "E0908", "\"%s\" is no state of weir", store->path);
    }
    if (version > WR_STORE_VERSION) {
        wr_error_set(err, WR_ERR_STATE, "E0909", "the state \"%s\" is of a newer weir",
                     store->path);
        wr_error_detail(err, "its version is %lld, this weir knows %d", (long long)version,
                        WR_STORE_VERSION);
        return WR_ERR_STATE;
    }
    return WR_OK;
}

static wr_status
job_check(const wr_store *store, wr_text wanted, wr_error *err)
{
    wr_text name = store->job.name;
    if (wanted.size == 0 || wr_text_equal(wanted, name)) {
        return WR_OK;
    }
    wr_error_set(err, WR_ERR_STATE, "E0905", "the state \"%s\" is that of job \"%.*s\"",
                 store->path, WR_TEXT_ARG(name));
    wr_error_hint(err, "give \"%.*s\" a directory of its own, or --name %.*s", WR_TEXT_ARG(wanted),
                  WR_TEXT_ARG(name));
    return WR_ERR_STATE;
}

static wr_status
store_open(wr_store *store, const wr_store_config *config, wr_error *err)
{
    bool is_new = true;
    if (!store->is_temporary) {
        if (!store->is_read_only) {
            WR_TRY(config->create ? wr_store_make_directory(config->dir, err) : WR_OK);
            WR_TRY(directory_lock(store, config->dir, err));
        }
        WR_TRY(file_prepare(store, config->create && !store->is_read_only, &is_new, err));
    }
    WR_TRY(connection_open(store, err));
    if (is_new) {
        WR_TRY(wr_store_create(store, config->job_name, err));
    }
    WR_TRY(header_check(store, err));
    WR_TRY(wr_store_load(store, err));
    WR_TRY(job_check(store, config->job_name, err));
    return store->is_read_only
               ? WR_OK
               : wr_store_exec(store, "DELETE FROM segment WHERE epoch IS NULL", err);
}

wr_status
wr_store_open(const wr_store_config *config, wr_store **out, wr_error *err)
{
    wr_store *store = wr_alloc(sizeof *store);
    store->lock_fd = -1;
    store->arena = wr_arena_new(0);
    store->is_temporary = config->temporary;
    store->is_read_only = config->read_only;
    if (!config->temporary) {
        size_t size = strlen(config->dir) + sizeof "/weir.db";
        store->path = wr_alloc(size);
        snprintf(store->path, size, "%s/weir.db", config->dir);
    }
    store->sql = wr_arena_text(store->arena, config->sql);
    wr_status status = store_open(store, config, err);
    if (status != WR_OK) {
        wr_store_close(store);
        store = NULL;
    }
    *out = store;
    return status;
}

void
wr_store_close(wr_store *store)
{
    if (!store) {
        return;
    }
    sqlite3_close_v2(store->db); /* folds the WAL in */
    if (store->lock_fd >= 0) {
        close(store->lock_fd);
    }
    wr_arena_free(store->arena);
    wr_free(store->path);
    wr_free(store);
}

const wr_store_job *
wr_store_job_of(const wr_store *store)
{
    return &store->job;
}

wr_status
wr_store_tidy(wr_store *store, wr_error *err)
{
    int log_pages = 0, moved_pages = 0;
    if (store->is_temporary || store->pages < STORE_WAL_PAGES) {
        return WR_OK;
    }
    int rc = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &log_pages,
                                       &moved_pages);
    store->pages = rc == SQLITE_OK ? log_pages - moved_pages : store->pages;
    return rc == SQLITE_OK || rc == SQLITE_BUSY ? WR_OK
                                                : wr_store_failed(store, "fold in", err);
}
