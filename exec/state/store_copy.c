/* Savepoints: a store as one portable file, and back.
 *
 *   savepoint   VACUUM INTO a temporary name beside the target ─ fsync ─ rename
 *   restore     copy into DIR ─ open and verify ─ (another name and uuid for a fork)
 *
 * 1. What has the target's name is whole or was there before.
 * 2. A directory with a state is never written over. */
#include "exec/state/store_parts.h"

#include "core/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static wr_status
copy_failed(const char *path, wr_error *err)
{
    wr_error_set(err, WR_ERR_RUNTIME, "E0910", "cannot write \"%s\"", path);
    wr_error_detail(err, "%s", strerror(errno));
    return WR_ERR_RUNTIME;
}

/* Makes the name durable: of the directory that holds it. */
static void
directory_sync(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir = slash ? wr_strndup(path, (size_t)(slash - path) + 1) : wr_strndup(".", 1);
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    wr_free(dir);
}

static wr_status
file_settle(const char *made, const char *path, wr_error *err)
{
    int fd = open(made, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    bool ok = fd >= 0 && fchmod(fd, 0600) == 0 && fsync(fd) == 0;
    if (fd >= 0) {
        close(fd);
    }
    if (!ok || rename(made, path) != 0) {
        return copy_failed(path, err);
    }
    directory_sync(path);
    return WR_OK;
}

wr_status
wr_store_savepoint(wr_store *store, const char *path, wr_error *err)
{
    size_t size = strlen(path) + 32;
    char *made = wr_alloc(size);
    snprintf(made, size, "%s.%ld.part", path, (long)getpid());
    unlink(made);
    sqlite3_stmt *statement = NULL;
    wr_status status = wr_store_prepare(store, "VACUUM INTO ?", &statement, err);
    if (status == WR_OK) {
        wr_store_bind_text(statement, 1, wr_text_from(made));
        status = wr_store_run(store, statement, err);
        sqlite3_finalize(statement);
    }
    status = status == WR_OK ? file_settle(made, path, err) : status;
    unlink(made);
    wr_free(made);
    return status;
}

/* ── restoring ──────────────────────────────────────────────────────────────────────────────── */

static wr_status
file_copy(const char *from, const char *to, wr_error *err)
{
    char block[65536];
    ssize_t got = 0;
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0) {
        wr_error_set(err, WR_ERR_STATE, "E0906", "there is no savepoint \"%s\"", from);
        wr_error_detail(err, "%s", strerror(errno));
        return WR_ERR_STATE;
    }
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = out >= 0;
    while (ok && (got = read(in, block, sizeof block)) > 0) {
        for (ssize_t done = 0, put; ok && done < got; done += put) {
            put = write(out, block + done, (size_t)(got - done));
            ok = put > 0;
        }
    }
    ok = ok && got == 0 && fsync(out) == 0;
    wr_status status = ok ? WR_OK : copy_failed(to, err);
    if (out >= 0) {
        close(out);
    }
    close(in);
    return status;
}

/* The copy becomes another job: nothing of it has been delivered anywhere. */
static wr_status
store_rename(wr_store *store, const char *name, wr_error *err)
{
    static const char sql[] =
        "UPDATE job SET name = ?, uuid = lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) ||"
        " '-4' || substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' ||"
        " hex(randomblob(6)))";
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_exec(store, "BEGIN IMMEDIATE", err));
    WR_TRY(wr_store_prepare(store, sql, &statement, err));
    wr_store_bind_text(statement, 1, wr_text_from(name));
    wr_status status = wr_store_run(store, statement, err);
    sqlite3_finalize(statement);
    WR_TRY(status);
    WR_TRY(wr_store_exec(store, "DELETE FROM outbox; DELETE FROM destination;", err));
    uint64_t sum = 0;
    WR_TRY(wr_store_manifest(store, &sum, err));
    char update[80];
    snprintf(update, sizeof update, "UPDATE job SET manifest = %lld", (long long)sum);
    WR_TRY(wr_store_exec(store, update, err));
    return wr_store_exec(store, "COMMIT", err);
}

wr_status
wr_store_restore(const char *dir, const char *path, const char *fork_name, wr_error *err)
{
    size_t size = strlen(dir) + sizeof "/weir.db";
    char *target = wr_alloc(size);
    snprintf(target, size, "%s/weir.db", dir);
    struct stat there;
    wr_status status = WR_OK;
    if (stat(target, &there) == 0) {
        status = wr_error_set(err, WR_ERR_STATE, "E0910", "\"%s\" has a state already", dir);
        wr_error_hint(err, "restore into a new directory");
    } else {
        status = wr_store_make_directory(dir, err);
        status = status == WR_OK ? file_copy(path, target, err) : status;
        wr_store *store = NULL;
        wr_store_config config = {.dir = dir};
        status = status == WR_OK ? wr_store_open(&config, &store, err) : status;
        status = status == WR_OK && fork_name ? store_rename(store, fork_name, err) : status;
        wr_store_close(store);
        if (status != WR_OK) {
            unlink(target);
        }
    }
    wr_free(target);
    return status;
}
