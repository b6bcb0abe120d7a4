/* Opening and closing a store, and making an empty one.
 *
 *   lock ─▶ is it there? ─ no ─▶ weir.db.new: tables, job row ─▶ sync ─▶ rename to weir.db
 *             │ yes                                                        │
 *             └────────▶ connect ─▶ verify (store_load.c) ◀────────────────┘
 *
 * 1. weir.db is there whole or not at all: whenever the process is killed, a run after it finds no
 *    half-made file under that name.
 * 2. Until it is verified nothing is written to it, and a store that did not open is left as it is:
 *    its WAL stays beside it. */
#include "exec/state/store_base.h"

#include "core/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADER_SIZE = 100, STORE_ARENA_BYTES = 16 * 1024 };

wr_store *
wr_store_new(const char *dir, const char *path)
{
    wr_store *store = wr_alloc(sizeof(*store));
    pthread_mutexattr_t recursive;
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&store->mutex, &recursive);
    pthread_mutexattr_destroy(&recursive);
    store->lock_fd = -1;
    store->dir = wr_strndup(dir, strlen(dir));
    store->path = wr_strndup(path, strlen(path));
    store->arena = wr_arena_new(STORE_ARENA_BYTES);
    store->counts.next_body = store->counts.next_dead_letter = 1;
    wr_buffer_init(&store->scratch);
    return store;
}

/* Ends the connection; sqlite3 copies the WAL into the file unless the store did not open. */
static void
store_disconnect(wr_store *store)
{
    for (int i = 0; i < WR_SQL_COUNT; i++) {
        sqlite3_finalize(store->statements[i]);
        store->statements[i] = NULL;
    }
    sqlite3_close(store->db);
    store->db = NULL;
}

void
wr_store_close(wr_store *store)
{
    if (!store) {
        return;
    }
    store_disconnect(store);
    if (store->lock_fd >= 0) {
        close(store->lock_fd);
    }
    wr_store_forget_held(store);
    wr_buffer_fini(&store->scratch);
    wr_arena_free(store->arena);
    wr_free(store->dir);
    wr_free(store->path);
    pthread_mutex_destroy(&store->mutex);
    wr_free(store);
}

/* An empty file of mode 0600 that did not exist. */
static wr_status
file_make(const char *path, wr_error *err)
{
    unlink(path);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return wr_error_set(err, WR_ERR_RUNTIME, "E0910", "cannot make %s: %s", path,
                            strerror(errno));
    }
    close(fd);
    return WR_OK;
}

static wr_status
store_write_new(wr_store *store, const char *path, wr_store_fill *fill, void *context,
                wr_error *err)
{
    WR_TRY(file_make(path, err));
    WR_TRY(wr_store_connect(store, path, SQLITE_OPEN_READWRITE, err));
    WR_TRY(wr_store_create_schema(store, err));
    if (fill) {
        WR_TRY(fill(store, context, err));
    }
    return store->portable ? WR_OK : wr_store_exec(store, "PRAGMA journal_mode=WAL", err);
}

wr_status
wr_store_create(wr_store *store, wr_store_fill *fill, void *context, wr_error *err)
{
    wr_buffer aside;
    wr_buffer_init(&aside);
    wr_buffer_printf(&aside, "%s.new", store->path);
    const char *path = wr_buffer_cstr(&aside);
    if (!store->job.uuid.size) {
        wr_store_new_uuid(store->arena, &store->job.uuid);
    }
    wr_status status = store_write_new(store, path, fill, context, err);
    store_disconnect(store);
    if (status == WR_OK && rename(path, store->path) != 0) {
        status = wr_error_set(err, WR_ERR_RUNTIME, "E0910", "cannot make %s: %s", store->path,
                              strerror(errno));
    }
    if (status == WR_OK) {
        status = wr_store_sync_dir(store->dir, err);
    } else {
        unlink(path);
    }
    wr_buffer_fini(&aside);
    return status;
}

/* What is at the path: WR_END when nothing is. */
static wr_status
file_examine(const wr_store *store, wr_error *err)
{
    char header[HEADER_SIZE];
    int fd = open(store->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        return WR_END;
    }
    if (fd < 0 && errno != ELOOP) {
        return wr_error_set(err, WR_ERR_RUNTIME, "E0910", "cannot open %s: %s", store->path,
                            strerror(errno));
    }
    struct stat file = {0};
    ssize_t size = fd < 0 || fstat(fd, &file) != 0 ? -1 : pread(fd, header, sizeof(header), 0);
    if (fd >= 0) {
        close(fd);
    }
    if (!S_ISREG(file.st_mode)) {
        return wr_error_set(err, WR_ERR_STATE, "E0908", "%s is no regular file", store->path);
    }
    if (size < HEADER_SIZE) {
        return wr_store_damaged(store, err, "it has only %lld bytes", (long long)file.st_size);
    }
    if (memcmp(header, "SQLite format 3", 16) != 0) {
        return wr_error_set(err, WR_ERR_STATE, "E0908", "%s is not a state of weir", store->path);
    }
    return WR_OK;
}

static wr_status
store_missing(const wr_store *store, wr_error *err)
{
    return wr_error_set(err, WR_ERR_STATE, "E0906", "there is no %s", store->path);
}

static wr_status
name_check(wr_store *store, const wr_store_config *config, wr_error *err)
{
    if (config->sql.size) {
        store->job.sql = wr_arena_text(store->arena, config->sql);
    }
    if (!config->job_name.size || wr_text_equal(store->job.name, config->job_name)) {
        return WR_OK;
    }
    if (!store->job.name.size) {
        store->job.name = wr_arena_text(store->arena, config->job_name);
        return WR_OK;
    }
    return wr_error_set(err, WR_ERR_STATE, "E0905", "%s is the state of job \"%.*s\", not \"%.*s\"",
                        store->path, WR_TEXT_ARG(store->job.name), WR_TEXT_ARG(config->job_name));
}

static wr_status
store_verify(wr_store *store, int flags, wr_error *err)
{
    WR_TRY(wr_store_connect(store, store->path, flags, err));
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return wr_store_load(store, err);
}

static wr_status
store_open_job(wr_store *store, const wr_store_config *config, wr_error *err)
{
    if (config->create) {
        WR_TRY(wr_store_make_dir(store->dir, err));
    } else if (access(store->dir, F_OK) != 0) {
        return store_missing(store, err);
    }
    wr_status there = file_examine(store, err);
    if (there == WR_END && !config->create) {
        return store_missing(store, err);
    }
    WR_TRY(wr_store_lock(store, err));
    WR_TRY(wr_store_check_writable(store, err));
    there = file_examine(store, err); /* again: now nobody else makes it */
    if (there == WR_END) {
        WR_TRY(wr_store_check_record(store, false, err));
        store->job.name = wr_arena_text(store->arena, config->job_name);
        there = wr_store_create(store, NULL, NULL, err);
    }
    WR_TRY(there);
    WR_TRY(store_verify(store, SQLITE_OPEN_READWRITE, err));
    WR_TRY(wr_store_check_record(store, true, err));
    WR_TRY(name_check(store, config, err));
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    wr_store_record(store);
    store->sink = (wr_sink_state){store->path, store->db, wr_store_is_reserved};
    return WR_OK;
}

/* No WAL beside it, and none can come: a state on a read-only medium. SQLite would want to make one
 * only to read. */
static bool
file_is_still(const wr_store *store)
{
    struct stat wal;
    wr_buffer path;
    wr_buffer_init(&path);
    wr_buffer_printf(&path, "%s-wal", store->path);
    bool has_wal = stat(wr_buffer_cstr(&path), &wal) == 0 && wal.st_size > 0;
    wr_buffer_reset(&path);
    const char *slash = strrchr(store->path, '/');
    wr_buffer_append(&path, store->path, slash ? (size_t)(slash - store->path) + 1 : 0);
    wr_buffer_text(&path, WR_TEXT("."));
    bool can_write = faccessat(AT_FDCWD, wr_buffer_cstr(&path), W_OK, AT_EACCESS) == 0;
    wr_buffer_fini(&path);
    return !has_wal && !can_write && errno == EROFS;
}

static wr_status
file_open(wr_store *store, wr_error *err)
{
    store->read_only = true;
    wr_status there = file_examine(store, err);
    if (there == WR_END) {
        return store_missing(store, err);
    }
    WR_TRY(there);
    int flags = SQLITE_OPEN_READONLY | (file_is_still(store) ? SQLITE_OPEN_URI : 0);
    return store_verify(store, flags, err);
}

static wr_status
store_open_reader(wr_store *store, const wr_store_config *config, wr_error *err)
{
    WR_TRY(file_open(store, err));
    WR_TRY(wr_store_check_record(store, true, err));
    return name_check(store, config, err);
}

wr_status
wr_store_open_file(const char *path, wr_store **result, wr_error *err)
{
    wr_store *store = wr_store_new("", path);
    wr_status status = file_open(store, err);
    if (status != WR_OK) {
        wr_store_close(store);
        return status;
    }
    *result = store;
    return WR_OK;
}

/* The file has no name any more when this returns: it ends with the process. */
static wr_status
store_open_temporary(wr_store *store, wr_error *err)
{
    store->temporary = true;
    wr_store_new_uuid(store->arena, &store->job.uuid);
    WR_TRY(file_make(store->path, err));
    wr_status status = wr_store_connect(store, store->path, SQLITE_OPEN_READWRITE, err);
    if (status == WR_OK) {
        status = wr_store_exec(store, "PRAGMA journal_mode=MEMORY", err);
    }
    if (status == WR_OK) {
        status = wr_store_create_schema(store, err);
    }
    unlink(store->path);
    return status;
}

static wr_store *
store_for(const wr_store_config *config)
{
    const char *dir = config->dir;
    if (!dir) {
        const char *set = getenv("TMPDIR");
        dir = set && *set ? set : "/tmp";
    }
    wr_buffer path;
    wr_buffer_init(&path);
    if (config->temporary) {
        wr_arena *arena = wr_arena_new(0);
        wr_text unique;
        wr_store_new_uuid(arena, &unique);
        wr_buffer_printf(&path, "%s/weir-spill-%.*s", dir, WR_TEXT_ARG(unique));
        wr_arena_free(arena);
    } else {
        wr_buffer_printf(&path, "%s/weir.db", dir);
    }
    wr_store *store = wr_store_new(dir, wr_buffer_cstr(&path));
    wr_buffer_fini(&path);
    store->hold_bytes = config->hold_bytes;
    return store;
}

wr_status
wr_store_open(const wr_store_config *config, wr_store **result, wr_error *err)
{
    *result = NULL;
    wr_store *store = store_for(config);
    wr_status status = config->temporary   ? store_open_temporary(store, err)
                       : config->read_only ? store_open_reader(store, config, err)
                                           : store_open_job(store, config, err);
    if (status != WR_OK) {
        wr_store_close(store);
        return status;
    }
    *result = store;
    return WR_OK;
}

const wr_sink_state *
wr_store_as_sink(const wr_store *store)
{
    return &store->sink;
}

const wr_store_job *
wr_store_job_of(const wr_store *store)
{
    return &store->job;
}
